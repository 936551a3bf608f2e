//! `cursor_api_key`: Cursor API key.
//!
//! **Format.** `key_` and 64 hexadecimal digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `cursor.yml`; betterleaks, `config/betterleaks.toml`, `cursor-api-key`.
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "cursor_api_key",
    name: "Cursor API key",
    summary: "Cursor API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["cursor"],
    pattern: alone!("key_[0-9a-f]{64}"),
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "CURSOR_API_KEY=key_3f13c90335515c5d368d565a03f0ab4e9df161652e9639911b08fd8fc2244218",
            &["key_3f13c90335515c5d368d565a03f0ab4e9df161652e9639911b08fd8fc2244218"],
        ),
        example(
            "Authorization: Bearer key_bcf1986187d25fef061b71cae867d715976846b70cf3a1b6137f55e84f9681b9",
            &["key_bcf1986187d25fef061b71cae867d715976846b70cf3a1b6137f55e84f9681b9"],
        ),
        example("cut short key_3f13c90335515c5d368d565a03f0ab4e", &[]),
        example(
            "a placeholder key_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
