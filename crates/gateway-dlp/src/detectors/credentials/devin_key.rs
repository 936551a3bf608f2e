//! `devin_key`: Devin API key.
//!
//! **Format.** `apk_`, for persons `apk_user_`, and 80 to 180 letters, digits, `+` or `/`; or
//! `cog_` (of a service user) and 52 digits of base32 in small letters. No ASCII letter, digit or
//! `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `devin-personal-api-key`. On the kind: Devin
//! documentation, "API: authentication".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "devin_key",
    name: "Devin API key",
    summary: "Devin API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["cognition", "devin"],
    pattern: alone!("(?:apk_(?:user_)?[0-9A-Za-z+/]{80,180}|cog_[2-7a-z]{52})"),
    match_bytes_max: 192,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"apk_NAXbO5twuTd0F8zETfZU3bZoJQCAV+lGyyle4UXgSCSTemvHn6mZUH7unDmm5NLJ7P1spkYU56UtdVOSKUtlbpvECKV","id":7}"#,
            &[
                "apk_NAXbO5twuTd0F8zETfZU3bZoJQCAV+lGyyle4UXgSCSTemvHn6mZUH7unDmm5NLJ7P1spkYU56UtdVOSKUtlbpvECKV",
            ],
        ),
        example(
            "key: cog_k2qisehzp7jdclqssfyahgeafjohmja6yqyj5g5lmpihx33vp4hp, and more",
            &["cog_k2qisehzp7jdclqssfyahgeafjohmja6yqyj5g5lmpihx33vp4hp"],
        ),
        example("cut short apk_NAXbO5twuTd0F8zETfZU3bZoJQCAV+lGyyle4UXgSCSTemvHn6mZUH", &[]),
        example(
            "a placeholder apk_xxxxxxxxxxxxxxxxxxxxxxxxxxxxx+xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
