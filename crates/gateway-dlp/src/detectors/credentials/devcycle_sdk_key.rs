//! `devcycle_sdk_key`: DevCycle SDK key.
//!
//! **Format.** `dvc_client_`, `dvc_mobile_` or `dvc_server_` and 16 to 72 letters, digits, `-` or
//! `_`. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** DevCycle documentation, "Environments and keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "devcycle_sdk_key",
    name: "DevCycle SDK key",
    summary: "DevCycle SDK key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["devcycle"],
    pattern: r"dvc_(?:client|mobile|server)_[0-9A-Za-z_-]{16,72}\b{end-half}",
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"dvc_mobile_HmJiVuTqK4vWecOx03OJwvbsRZcp6bgwVjQ4jkS3KAgBhmPuS","id":7}"#,
            &["dvc_mobile_HmJiVuTqK4vWecOx03OJwvbsRZcp6bgwVjQ4jkS3KAgBhmPuS"],
        ),
        example(
            "key: dvc_client_VkQOcl4adrrVgTG3yxqtix0tXo, and more",
            &["dvc_client_VkQOcl4adrrVgTG3yxqtix0tXo"],
        ),
        example("cut short dvc_mobile_HmJiVuTqK4vWecO", &[]),
        example("a placeholder dvc_mobile_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 11;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
