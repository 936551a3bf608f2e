//! `instagram_access_token`: Instagram access token.
//!
//! **Format.** `IGQV` and 96 to 250 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Meta, "Instagram API with Instagram login".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "instagram_access_token",
    name: "Instagram access token",
    summary: "Instagram access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["instagram"],
    pattern: alone!("IGQV[0-9A-Za-z_-]{96,250}"),
    match_bytes_max: 320,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"IGQVrIdYo8UK2boFWDE48HXv2ojwhfSpeHbPUr0gW9_iO36OKJFhXilXJd88xIzv_eVI3rbJBmI-Tm5DYb5QhqpHi69_6xu_lkVgf","id":7}"#,
            &[
                "IGQVrIdYo8UK2boFWDE48HXv2ojwhfSpeHbPUr0gW9_iO36OKJFhXilXJd88xIzv_eVI3rbJBmI-Tm5DYb5QhqpHi69_6xu_lkVgf",
            ],
        ),
        example(
            "key: IGQVhXuyU89V5WILMG_uZjv6_szZldr0_iWblOZyzXr-RGSU5nvBgBeW7IbmodiEY5Geja2YTTG_uawDQP5bDeGVmBeJhjEp5X_FL3r, and more",
            &[
                "IGQVhXuyU89V5WILMG_uZjv6_szZldr0_iWblOZyzXr-RGSU5nvBgBeW7IbmodiEY5Geja2YTTG_uawDQP5bDeGVmBeJhjEp5X_FL3r",
            ],
        ),
        example("cut short IGQVrIdYo8UK2boFWDE48HXv2ojwhfSpeHbPUr0gW9_iO36OKJFhXilXJd88xI", &[]),
        example(
            "a placeholder IGQVxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_xxxxxxxxxxxxxxxxxxxxx_xxxxxxxxxx-xxxxxxxxxxxxxxx_xxx_xxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
