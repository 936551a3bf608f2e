//! `tencent_secret_id`: Tencent Cloud secret id.
//!
//! **Format.** `AKID` and 32 letters or digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Tencent Cloud, "Access key".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "tencent_secret_id",
    name: "Tencent Cloud secret id",
    summary: "Tencent Cloud secret id, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["secretid", "tencent"],
    pattern: alone!("AKID[0-9A-Za-z]{32}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "export TOKEN=AKIDHzHyFSBDfb5GHWo6LRexuuHBGl15aBDI\n",
            &["AKIDHzHyFSBDfb5GHWo6LRexuuHBGl15aBDI"],
        ),
        example(
            r#"{"key":"AKIDc3dQ4i75KrYGh764QaZUq4V4fDrvQnNF","id":7}"#,
            &["AKIDc3dQ4i75KrYGh764QaZUq4V4fDrvQnNF"],
        ),
        example("cut short AKIDHzHyFSBDfb5GHW", &[]),
        example("a placeholder AKIDxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
