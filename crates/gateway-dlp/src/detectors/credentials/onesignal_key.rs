//! `onesignal_key`: OneSignal API key.
//!
//! **Format.** `os_v2_app_` or `os_v2_org_` and 103 digits of base32 in small letters. No ASCII
//! letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `onesignal.go`. On the kind: OneSignal documentation, "Keys and IDs".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "onesignal_key",
    name: "OneSignal API key",
    summary: "OneSignal API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["onesignal"],
    pattern: r"os_v2_(?:app|org)_[2-7a-z]{103}\b{end-half}",
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"os_v2_app_7a5aqvoggfstp52gsna576so3bxvs4knb4jtqz773xvwuv2r5zz6llqbiub46hxlkl33xuo65nh6impi7hjuxkfxyqmpgk7m4oho525","id":7}"#,
            &[
                "os_v2_app_7a5aqvoggfstp52gsna576so3bxvs4knb4jtqz773xvwuv2r5zz6llqbiub46hxlkl33xuo65nh6impi7hjuxkfxyqmpgk7m4oho525",
            ],
        ),
        example(
            "key: os_v2_org_6lbuwbx6es3i6ozk6tflxq34oh2dhmhtx7h35igem3sq3icog6wqke4fy6n6llujg3fxh3jcefnm7lhgsnhf3jzxjcny5jghnlueksm, and more",
            &[
                "os_v2_org_6lbuwbx6es3i6ozk6tflxq34oh2dhmhtx7h35igem3sq3icog6wqke4fy6n6llujg3fxh3jcefnm7lhgsnhf3jzxjcny5jghnlueksm",
            ],
        ),
        example(
            "cut short os_v2_app_7a5aqvoggfstp52gsna576so3bxvs4knb4jtqz773xvwuv2r5zz6llqbiub46",
            &[],
        ),
        example(
            "a placeholder os_v2_app_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 10;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
