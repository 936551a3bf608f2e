//! `notion_token`: Notion integration token.
//!
//! **Format.** `ntn_`, 11 digits and 35 letters or digits; or `secret_` and 43 letters or digits.
//! No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come right
//! before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `notion-api-token`. On the kind: Notion developer
//! documentation, "Authorization".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "notion_token",
    name: "Notion integration token",
    summary: "Notion integration token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["notion"],
    pattern: alone!("(?:ntn_[0-9]{11}[0-9A-Za-z]{35}|secret_[0-9A-Za-z]{43})"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"secret_7iKH9m1WCT47AcqYY5oDyoLjKs0heqwta58UDksoroe","id":7}"#,
            &["secret_7iKH9m1WCT47AcqYY5oDyoLjKs0heqwta58UDksoroe"],
        ),
        example(
            "export TOKEN=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\n",
            &["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"],
        ),
        example("cut short secret_7iKH9m1WCT47AcqYY5", &[]),
        example("a placeholder secret_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
