//! `stytch_secret`: Stytch secret.
//!
//! **Format.** `secret-live-` or `secret-test-` and 35 digits of base64 for URLs, with or without
//! the padding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Stytch documentation, "Project ID and secret".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "stytch_secret",
    name: "Stytch secret",
    summary: "Stytch secret, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["stytch"],
    pattern: r"secret-(?:live|test)-[0-9A-Za-z_-]{35}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"secret-live-ZywnjO9qsXluIAbGB0JBN3ZIrnlIvFDdzmk","id":7}"#,
            &["secret-live-ZywnjO9qsXluIAbGB0JBN3ZIrnlIvFDdzmk"],
        ),
        example(
            "key: secret-test-Q5MpcFfgcKJSeXRSxMCzQVMLxThoD287_D4, and more",
            &["secret-test-Q5MpcFfgcKJSeXRSxMCzQVMLxThoD287_D4"],
        ),
        example("cut short secret-live-ZywnjO9qsXluIAbGB0JBN", &[]),
        example("a placeholder secret-live-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 12;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
