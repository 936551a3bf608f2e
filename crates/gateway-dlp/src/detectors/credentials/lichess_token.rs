//! `lichess_token`: Lichess access token.
//!
//! **Format.** `lip_` and 17 to 30 letters, digits or `_`. No ASCII letter, digit or `_` may touch
//! it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `lichess.yml`. On the kind: Lichess API, "Authentication".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "lichess_token",
    name: "Lichess access token",
    summary: "Lichess access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["lichess"],
    pattern: alone!("lip_[0-9A-Za-z_]{17,30}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(r#"{"key":"lip_a1FWoUOeg1UmwcTQLrgPc","id":7}"#, &["lip_a1FWoUOeg1UmwcTQLrgPc"]),
        example("key: lip_Rn5rL_469I0aydx2xF, and more", &["lip_Rn5rL_469I0aydx2xF"]),
        example("cut short lip_a1FWoUOeg1Um", &[]),
        example("a placeholder lip_xxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
