//! `postman_api_key`: Postman API key.
//!
//! **Format.** `PMAK-`, 24 hexadecimal digits, a dash and 34 more; or `PMAT-`, which opens a
//! collection, and 26 capitals or digits. No ASCII letter, digit or `_`
//! may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `postman-api-token`. On the kind: Postman Learning
//! Center, "Postman API".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "postman_api_key",
    name: "Postman API key",
    summary: "Postman API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["postman"],
    pattern: r"(?:PMAK-[0-9a-f]{24}-[0-9a-f]{34}|PMAT-[0-9A-HJKMNP-TV-Z]{26})\b{end-half}",
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "?access_key=PMAT-01KM3Y0G26WBFKJPRE3K3XVAJN",
            &["PMAT-01KM3Y0G26WBFKJPRE3K3XVAJN"],
        ),
        example(
            r#"{"key":"PMAK-c59181e784a841d6e67e83fd-044bd8ee514402d098e93ea35861ac8c13","id":7}"#,
            &["PMAK-c59181e784a841d6e67e83fd-044bd8ee514402d098e93ea35861ac8c13"],
        ),
        example(
            "export TOKEN=PMAK-da547880efd4eecd54f1d7d9-e3fc0170b4862f16e5cbf370f0a0a15cdb\n",
            &["PMAK-da547880efd4eecd54f1d7d9-e3fc0170b4862f16e5cbf370f0a0a15cdb"],
        ),
        example("cut short PMAK-c59181e784a841d6e67e83fd-04", &[]),
        example(
            "a placeholder PMAK-xxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
