//! `val_town_token`: Val Town API token.
//!
//! **Format.** `vtwn_` and 20 to 80 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `valtown.go`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "val_town_token",
    name: "Val Town API token",
    summary: "Val Town API token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["val town", "valtown"],
    pattern: r"vtwn_[0-9A-Za-z_-]{20,80}\b{end-half}",
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "VALTOWN_TOKEN=vtwn_Q58_fTil2HH7FlB_yy6Cu-CeACB_ePNkdHk1odclv9D7K6MnclkbeEem0IbEqTRl",
            &["vtwn_Q58_fTil2HH7FlB_yy6Cu-CeACB_ePNkdHk1odclv9D7K6MnclkbeEem0IbEqTRl"],
        ),
        example(
            r#"{"key":"vtwn_sXfVu211GwEkzxg_xjbEWj2TpQj6GI","id":7}"#,
            &["vtwn_sXfVu211GwEkzxg_xjbEWj2TpQj6GI"],
        ),
        example(
            "key: vtwn_5grNxHb1mulZJRoW8fLNt6VetkeX-AQAChyjnUKUOe, and more",
            &["vtwn_5grNxHb1mulZJRoW8fLNt6VetkeX-AQAChyjnUKUOe"],
        ),
        example("cut short vtwn_sXfVu211GwEkzxg_xj", &[]),
        example("a placeholder vtwn_xxxxxxxxxxxxxxx_xxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
