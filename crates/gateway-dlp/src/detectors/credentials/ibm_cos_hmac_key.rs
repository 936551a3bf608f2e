//! `ibm_cos_hmac_key`: IBM Cloud Object Storage HMAC key.
//!
//! **Format.** 48 hexadecimal digits, assigned to a name of at most 30 more characters; the
//! name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** IBM Cloud, "Using HMAC credentials".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ibm_cos_hmac_key",
    name: "IBM Cloud Object Storage HMAC key",
    summary: "IBM Cloud Object Storage HMAC key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["cos", "hmac", "ibm"],
    pattern: assigned!("(?:cos|ibm)[_. -]?(?:hmac|secret)", "[0-9a-f]{48}"),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"COS_HMAC_SECRET = "e4d58fed8a728e7eca0fa5f6b8a880627df7ffe0297c79bf""#,
            &["e4d58fed8a728e7eca0fa5f6b8a880627df7ffe0297c79bf"],
        ),
        example(
            r#"{"ibm_secret_access_key": "bdabe898736a3566f893697b590481194f309ffea518f32c"}"#,
            &["bdabe898736a3566f893697b590481194f309ffea518f32c"],
        ),
        example("no name before it: e4d58fed8a728e7eca0fa5f6b8a880627df7ffe0297c79bf", &[]),
        example(r#"COS_HMAC_SECRET = "000000000000000000000000000000000000000000000000""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
