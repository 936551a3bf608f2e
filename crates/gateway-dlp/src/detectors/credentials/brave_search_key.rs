//! `brave_search_key`: Brave Search API key.
//!
//! **Format.** `BSA` and 27 or 28 letters, digits, `-` or `_`. No ASCII letter, digit or `_`
//! may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word
//! that marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `brave-search-api-key`. On the kind: Brave
//! Search API, "Authentication".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "brave_search_key",
    name: "Brave Search API key",
    summary: "Brave Search API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["brave", "x-subscription-token"],
    pattern: alone!("BSA[0-9A-Za-z_-]{27,28}"),
    match_bytes_max: 40,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(r#"key = "BSAj7Gt2h2HSFwKRc5gJ1bF86O0c4W7""#, &["BSAj7Gt2h2HSFwKRc5gJ1bF86O0c4W7"]),
        example(
            "Authorization: BSABaDZgXPYFXOBU7G1tpVyJICS61es\n",
            &["BSABaDZgXPYFXOBU7G1tpVyJICS61es"],
        ),
        example("cut short BSAj7Gt2h2HSFwK", &[]),
        example("a placeholder BSAxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
