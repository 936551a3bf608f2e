//! `deno_deploy_token`: Deno Deploy token.
//!
//! **Format.** `ddp_` or `ddo_` and 36 letters or digits. No ASCII letter, digit or `_` may touch
//! it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `deno-account-token`. On the kind: Deno
//! Deploy, "Access tokens".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "deno_deploy_token",
    name: "Deno Deploy token",
    summary: "Deno Deploy token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["deno"],
    pattern: alone!("dd[op]_[0-9A-Za-z]{36}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: Bearer ddp_y35ad12EWb0CSh416CscW16J3OpTPvcoiv6z",
            &["ddp_y35ad12EWb0CSh416CscW16J3OpTPvcoiv6z"],
        ),
        example(
            r#"{"key":"ddp_IwK8TTTEvJWPk8tZcUZrMXbJwwGcfMcTxSnK","id":7}"#,
            &["ddp_IwK8TTTEvJWPk8tZcUZrMXbJwwGcfMcTxSnK"],
        ),
        example("cut short ddp_y35ad12EWb0CSh41", &[]),
        example("a placeholder ddp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
