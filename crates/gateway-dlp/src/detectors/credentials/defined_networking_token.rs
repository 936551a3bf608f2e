//! `defined_networking_token`: Defined Networking API token.
//!
//! **Format.** `dnkey-`, 26 capitals or digits, a dash and 52 more. No ASCII letter, digit or `_`
//! may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `defined-networking-api-token`. On the kind:
//! Defined Networking, "API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "defined_networking_token",
    name: "Defined Networking API token",
    summary: "Defined Networking API token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["defined", "nebula"],
    pattern: r"dnkey-[0-9A-Z]{26}-[0-9A-Z]{52}\b{end-half}",
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Authorization: Bearer dnkey-MNY74DXMDWS81KDJR7428PX76N-FD6NAK79LN8DAMIO2K3QHQLH9H7IYXT439M2KJVHIMUHMKPM6ZKA",
            &[
                "dnkey-MNY74DXMDWS81KDJR7428PX76N-FD6NAK79LN8DAMIO2K3QHQLH9H7IYXT439M2KJVHIMUHMKPM6ZKA",
            ],
        ),
        example(
            r#"token = "dnkey-FCGATKIB9TMY5MUIIFNX3N9G03-B2JZRKQB07VJN92IEZ5S5ZEFOX6DQC98QIBNJB2WE1M88U9FUSJI""#,
            &[
                "dnkey-FCGATKIB9TMY5MUIIFNX3N9G03-B2JZRKQB07VJN92IEZ5S5ZEFOX6DQC98QIBNJB2WE1M88U9FUSJI",
            ],
        ),
        example("cut short dnkey-MNY74DXMDWS81KDJR7428PX76N-FD6NAK79L", &[]),
        example(
            "a placeholder dnkey-xxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
