//! `cloudant_password`: Cloudant password.
//!
//! **Format.** 64 hexadecimal digits, assigned to a name of at most 30 more characters; the
//! name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** IBM Cloud, "Cloudant, legacy credentials".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "cloudant_password",
    name: "Cloudant password",
    summary: "Cloudant password, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["cloudant", "ibm"],
    pattern: assigned!("cloudant", "[0-9a-f]{64}"),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"CLOUDANT_PASSWORD = "f7fd633dbdde131ca3766e4d58e72e310275dff6c15c0c8e9df469611a11f512""#,
            &["f7fd633dbdde131ca3766e4d58e72e310275dff6c15c0c8e9df469611a11f512"],
        ),
        example(
            r#"{"cloudant_pw": "5227c3712da86a78c49ea20e32684b27b95e909348334896a68f812d810a485e"}"#,
            &["5227c3712da86a78c49ea20e32684b27b95e909348334896a68f812d810a485e"],
        ),
        example(
            "no name before it: f7fd633dbdde131ca3766e4d58e72e310275dff6c15c0c8e9df469611a11f512",
            &[],
        ),
        example(
            r#"CLOUDANT_PASSWORD = "0000000000000000000000000000000000000000000000000000000000000000""#,
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
