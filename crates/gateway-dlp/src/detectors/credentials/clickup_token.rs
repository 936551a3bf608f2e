//! `clickup_token`: ClickUp personal token.
//!
//! **Format.** `pk_`, the six to nine digits of a user, `_` and 32 capital letters or digits. No
//! ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come right
//! before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `clickup-personal-api-token`. On the kind:
//! ClickUp API, "Authentication".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "clickup_token",
    name: "ClickUp personal token",
    summary: "ClickUp personal token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["clickup"],
    pattern: alone!("pk_[0-9]{6,9}_[0-9A-Z]{32}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"pk_988539_UHU9355V4UM2E1WE18R4JLRVKIA6JMVA","id":7}"#,
            &["pk_988539_UHU9355V4UM2E1WE18R4JLRVKIA6JMVA"],
        ),
        example(
            "key: pk_0389998_GTTRRCEJOYEUPOEBMVU84VCDV6WYTJ8T, and more",
            &["pk_0389998_GTTRRCEJOYEUPOEBMVU84VCDV6WYTJ8T"],
        ),
        example("cut short pk_988539_UHU9355V4UM2E1WE", &[]),
        example("a placeholder pk_xxxxxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
