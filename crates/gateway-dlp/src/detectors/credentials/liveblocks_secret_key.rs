//! `liveblocks_secret_key`: Liveblocks secret key.
//!
//! **Format.** `sk_dev_` or `sk_prod_` and 64 letters, digits, `-` or `_`. No ASCII letter, digit
//! or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `liveblocks.yml`. On the kind: Liveblocks documentation, "API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "liveblocks_secret_key",
    name: "Liveblocks secret key",
    summary: "Liveblocks secret key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["liveblocks"],
    pattern: r"sk_(?:dev|prod)_[0-9A-Za-z_-]{64}\b{end-half}",
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"sk_dev_xzIyskDhwPmu1mkr0ZSpOQbVPl3H3bz6HuHZFk0ERNwkZ9y9fi7izSE7yuDPFh-A","id":7}"#,
            &["sk_dev_xzIyskDhwPmu1mkr0ZSpOQbVPl3H3bz6HuHZFk0ERNwkZ9y9fi7izSE7yuDPFh-A"],
        ),
        example(
            "key: sk_prod_2s2zBdtAhmVu5L47GT-7cqzxxYddgWUEUUzyVUUOdX0RG4eAncFoiSIOZf1Ws_st, and more",
            &["sk_prod_2s2zBdtAhmVu5L47GT-7cqzxxYddgWUEUUzyVUUOdX0RG4eAncFoiSIOZf1Ws_st"],
        ),
        example("cut short sk_dev_xzIyskDhwPmu1mkr0ZSpOQbVPl3H3bz6HuHZFk", &[]),
        example(
            "a placeholder sk_dev_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-x",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
