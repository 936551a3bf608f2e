//! `frameio_token`: Frame.io token.
//!
//! **Format.** `fio-u-` and 64 letters, digits, `-`, `_` or `=`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `frameio-api-token`. On the kind: Frame.io
//! developer documentation, "Developer tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "frameio_token",
    name: "Frame.io token",
    summary: "Frame.io token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["frame.io"],
    pattern: r"fio-u-[0-9A-Za-z_=-]{64}\b{end-half}",
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "key: fio-u-j_s6TrCc7_Yw-7bRewrYzGbj4WBXSCr_XkMwHUJbdU2g=0sIk5C10Tld8e5cO=1d, and more",
            &["fio-u-j_s6TrCc7_Yw-7bRewrYzGbj4WBXSCr_XkMwHUJbdU2g=0sIk5C10Tld8e5cO=1d"],
        ),
        example(
            r#"{"key":"fio-u-znRKa0HGpHGcHLGpNMZ2xxPTP3nWYLmxLn5XIZVjJTnJTI1hJrS4Fkx4Zv_VtRnH","id":7}"#,
            &["fio-u-znRKa0HGpHGcHLGpNMZ2xxPTP3nWYLmxLn5XIZVjJTnJTI1hJrS4Fkx4Zv_VtRnH"],
        ),
        example("cut short fio-u-j_s6TrCc7_Yw-7bRewrYzGbj4WBXS", &[]),
        example(
            "a placeholder fio-u-x_xxxxxxx_xx-xxxxxxxxxxxxxxxxxx_xxxxxxxxxxxx=xxxxxxxxxxxxxxxx=xx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
