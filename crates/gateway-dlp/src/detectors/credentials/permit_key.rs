//! `permit_key`: Permit.io API key.
//!
//! **Format.** `permit_key_` and 85 or 86 letters or digits. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Permit.io documentation, "API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "permit_key",
    name: "Permit.io API key",
    summary: "Permit.io API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["permit"],
    pattern: r"permit_key_[0-9A-Za-z]{85,86}\b{end-half}",
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"permit_key_PXBs9tQlJnQPlytIJ9pezltP7jsB3HOHw3zmICOgP0LhbYkualfqpcnWcsr8lpTsJWD4uIw199Ug4RXvTbdCOt","id":7}"#,
            &[
                "permit_key_PXBs9tQlJnQPlytIJ9pezltP7jsB3HOHw3zmICOgP0LhbYkualfqpcnWcsr8lpTsJWD4uIw199Ug4RXvTbdCOt",
            ],
        ),
        example(
            "key: permit_key_Ct98fLwIi4WMLNPrQC5gzqJKZzjvHlyKtua6TEVadBn9uYSJdrueJNy9KWIxbVoim5LAlnhrF5owbMN6gvh0b, and more",
            &[
                "permit_key_Ct98fLwIi4WMLNPrQC5gzqJKZzjvHlyKtua6TEVadBn9uYSJdrueJNy9KWIxbVoim5LAlnhrF5owbMN6gvh0b",
            ],
        ),
        example("cut short permit_key_PXBs9tQlJnQPlytIJ9pezltP7jsB3HOHw3zmICOgP0LhbYkualf", &[]),
        example(
            "a placeholder permit_key_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 11;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
