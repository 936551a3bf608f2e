//! `elevenlabs_key`: ElevenLabs API key.
//!
//! **Format.** `sk_` and 48 hexadecimal digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `elevenlabs-api-key`. On the kind:
//! ElevenLabs, "Authentication".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "elevenlabs_key",
    name: "ElevenLabs API key",
    summary: "ElevenLabs API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["elevenlabs", "xi-api-key"],
    pattern: alone!("sk_[0-9a-f]{48}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"sk_e60599585622b14aac6faa4d82961cda1f38ace8bb97696c","id":7}"#,
            &["sk_e60599585622b14aac6faa4d82961cda1f38ace8bb97696c"],
        ),
        example(
            r#"token = "sk_7e046bf18558789f3f1460af7fe6bd82cff4659501bc5519""#,
            &["sk_7e046bf18558789f3f1460af7fe6bd82cff4659501bc5519"],
        ),
        example("cut short sk_e60599585622b14aac6faa", &[]),
        example("a placeholder sk_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
