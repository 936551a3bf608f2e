//! `trigger_dev_key`: Trigger.dev key.
//!
//! **Format.** `tr_dev_`, `tr_stg_`, `tr_prod_` or `tr_pat_` (personal) and 20 to 44 letters or
//! digits. No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may
//! come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Trigger.dev documentation, "API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "trigger_dev_key",
    name: "Trigger.dev key",
    summary: "Trigger.dev key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["trigger"],
    pattern: alone!("tr_(?:dev|pat|prod|stg)_[0-9A-Za-z]{20,44}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"tr_dev_G22heOvQp2ha7XBWjXA0Hs1C4NQ4XUU1x","id":7}"#,
            &["tr_dev_G22heOvQp2ha7XBWjXA0Hs1C4NQ4XUU1x"],
        ),
        example(
            "key: tr_prod_Pziy4TynXekR10mrZRCWCnHp, and more",
            &["tr_prod_Pziy4TynXekR10mrZRCWCnHp"],
        ),
        example("cut short tr_dev_G22heOvQp2ha7XBWjXA", &[]),
        example("a placeholder tr_dev_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
