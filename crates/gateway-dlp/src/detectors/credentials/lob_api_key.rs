//! `lob_api_key`: Lob API key.
//!
//! **Format.** `live_` or `test_` and 35 hexadecimal digits. No ASCII letter, digit or `_` may
//! touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `lob-api-key`. On the kind: Lob, "API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "lob_api_key",
    name: "Lob API key",
    summary: "Lob API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["lob"],
    pattern: alone!("(?:live|test)_[0-9a-f]{35}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"token = "test_310974ef4edd9531cdfd26fa3cde1cb86e9""#,
            &["test_310974ef4edd9531cdfd26fa3cde1cb86e9"],
        ),
        example(
            r#"{"key":"live_43e3359222371a73fb3ce21ac4f80896dee","id":7}"#,
            &["live_43e3359222371a73fb3ce21ac4f80896dee"],
        ),
        example("cut short test_310974ef4edd953", &[]),
        example("a placeholder test_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
