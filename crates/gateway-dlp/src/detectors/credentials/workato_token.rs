//! `workato_token`: Workato API token.
//!
//! **Format.** `wrka`, for some the two letters of a region, `-` and a JSON web token. No ASCII
//! letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `workato.go`. On the kind: Workato developer documentation, "API
//! clients".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "workato_token",
    name: "Workato API token",
    summary: "Workato API token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["workato"],
    pattern: r"wrka(?:[a-z]{2})?-eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{43,}\b{end-half}",
    match_bytes_max: 2048,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"wrka-eyJ93Ts_kPrrnIlmH.-YTAmxpZoIGL26RKmmm7JBB.kirysJPVygYriCNiL8avP8kgef0y87QYyjSG-G8QsgbFnX","id":7}"#,
            &[
                "wrka-eyJ93Ts_kPrrnIlmH.-YTAmxpZoIGL26RKmmm7JBB.kirysJPVygYriCNiL8avP8kgef0y87QYyjSG-G8QsgbFnX",
            ],
        ),
        example(
            "key: wrka-eyJy5-eyu9gERYmvhYn.IStLWqoVIbwx3e8ZQXc.Iu4FvJAShrsXC1zhfmWdE9P37LykkFIL_i9-w00CcH8xQNIL9Q, and more",
            &[
                "wrka-eyJy5-eyu9gERYmvhYn.IStLWqoVIbwx3e8ZQXc.Iu4FvJAShrsXC1zhfmWdE9P37LykkFIL_i9-w00CcH8xQNIL9Q",
            ],
        ),
        example("cut short wrka-eyJ93Ts_kPrrnIlmH.-YTAmxpZoIGL26RKmmm7JBB.kirysJPVyg", &[]),
        example(
            "a placeholder wrka-xxxxxxx_xxxxxxxxx.-xxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
