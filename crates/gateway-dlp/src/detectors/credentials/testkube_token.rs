//! `testkube_token`: Testkube API token.
//!
//! **Format.** `tkcapi_` and 30 to 64 small letters or digits. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Testkube documentation, "API tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "testkube_token",
    name: "Testkube API token",
    summary: "Testkube API token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["testkube"],
    pattern: r"tkcapi_[0-9a-z]{30,64}\b{end-half}",
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"tkcapi_x1fy9ota39ajmo3dxib4cl5lnqi5wrepy05xq2zp","id":7}"#,
            &["tkcapi_x1fy9ota39ajmo3dxib4cl5lnqi5wrepy05xq2zp"],
        ),
        example(
            "key: tkcapi_mw8zfc0fwdc93bslbdpxuvh8rkpzbl51ib7nf, and more",
            &["tkcapi_mw8zfc0fwdc93bslbdpxuvh8rkpzbl51ib7nf"],
        ),
        example("cut short tkcapi_x1fy9ota39ajmo3dxib4cl5l", &[]),
        example("a placeholder tkcapi_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
