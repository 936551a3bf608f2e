//! `mailgun_key`: Mailgun API key.
//!
//! **Format.** `key-` and 32 hexadecimal digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Mailgun, "API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "mailgun_key",
    name: "Mailgun API key",
    summary: "Mailgun API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["mailgun"],
    pattern: alone!("key-[0-9a-f]{32}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: Bearer key-5abe26a0fa038c0527e23188152d748b",
            &["key-5abe26a0fa038c0527e23188152d748b"],
        ),
        example(
            r#"token = "key-ebc3eed7d53a7b07176c06fdc1e5e0b8""#,
            &["key-ebc3eed7d53a7b07176c06fdc1e5e0b8"],
        ),
        example("cut short key-5abe26a0fa038c", &[]),
        example("a placeholder key-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
