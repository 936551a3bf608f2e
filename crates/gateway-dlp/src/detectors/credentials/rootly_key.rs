//! `rootly_key`: Rootly API key.
//!
//! **Format.** `rootly_` and 64 hexadecimal digits. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `rootly.yml`. On the kind: Rootly documentation, "API: authentication".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "rootly_key",
    name: "Rootly API key",
    summary: "Rootly API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["rootly"],
    pattern: r"rootly_[0-9a-f]{64}\b{end-half}",
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"rootly_acca14f512c228e33015812d5291df7cdae886ba26cf396cfe0ebfd42aafdf27","id":7}"#,
            &["rootly_acca14f512c228e33015812d5291df7cdae886ba26cf396cfe0ebfd42aafdf27"],
        ),
        example(
            "key: rootly_a7cb76ed556371d54c8251e71f4f36a4c6dc7cb61994b9d8fb903f9745ca273b, and more",
            &["rootly_a7cb76ed556371d54c8251e71f4f36a4c6dc7cb61994b9d8fb903f9745ca273b"],
        ),
        example("cut short rootly_acca14f512c228e33015812d5291df7cdae886", &[]),
        example(
            "a placeholder rootly_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
