//! `xendit_key`: Xendit secret API key.
//!
//! **Format.** `xnd_development_` or `xnd_production_` and 56 to 72 letters or digits. No ASCII
//! letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `xendit.go`. On the kind: Xendit documentation, "API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "xendit_key",
    name: "Xendit secret API key",
    summary: "Xendit secret API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["xendit"],
    pattern: r"xnd_(?:development|production)_[0-9A-Za-z]{56,72}\b{end-half}",
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"xnd_development_IRZh74MnkaGnHQoIGLlXoh4QIGqWErxRsRJgjApBTElPfv2eiU54yrmRmX8B6","id":7}"#,
            &["xnd_development_IRZh74MnkaGnHQoIGLlXoh4QIGqWErxRsRJgjApBTElPfv2eiU54yrmRmX8B6"],
        ),
        example(
            "key: xnd_production_XVyTWdYimwZxNDJpezYQB3RTgXome5Wi4zto4NJye0xR5FHtPE1UjGX9uJPGQd2HNeXUE5, and more",
            &[
                "xnd_production_XVyTWdYimwZxNDJpezYQB3RTgXome5Wi4zto4NJye0xR5FHtPE1UjGX9uJPGQd2HNeXUE5",
            ],
        ),
        example("cut short xnd_development_IRZh74MnkaGnHQoIGLlXoh4QIGqWErxRsRJg", &[]),
        example(
            "a placeholder xnd_development_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 15;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
