//! `digitalocean_oauth_token`: DigitalOcean OAuth token.
//!
//! **Format.** `doo_v1_` and 64 hexadecimal digits. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `digitalocean-access-token`. On the kind:
//! DigitalOcean API reference, token prefixes.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "digitalocean_oauth_token",
    name: "DigitalOcean OAuth token",
    summary: "DigitalOcean OAuth token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["digitalocean"],
    pattern: r"doo_v1_[0-9a-f]{64}\b{end-half}",
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Authorization: Bearer doo_v1_6ee3571f1806aaa46c99f697ae553a0709413731d90fd99097eb893d08b9c28c",
            &["doo_v1_6ee3571f1806aaa46c99f697ae553a0709413731d90fd99097eb893d08b9c28c"],
        ),
        example(
            r#"token = "doo_v1_cc1f3e02fb29a66c56304af57e3eb59529ef351df5c984402135541651110e34""#,
            &["doo_v1_cc1f3e02fb29a66c56304af57e3eb59529ef351df5c984402135541651110e34"],
        ),
        example("cut short doo_v1_6ee3571f1806aaa46c99f697ae55", &[]),
        example(
            "a placeholder doo_v1_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
