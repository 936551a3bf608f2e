//! `grafana_api_key`: Grafana API key.
//!
//! **Format.** `eyJrIjoi`, which is base64 of `{"k":"`, and 64 to 400 characters of base64, which
//! is what a key of 32 characters and a name of one make. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `grafana-api-key`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "grafana_api_key",
    name: "Grafana API key",
    summary: "Grafana API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["grafana"],
    pattern: r"eyJrIjoi[0-9A-Za-z+/]{64,}={0,3}\b{end-half}",
    match_bytes_max: 416,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "key: eyJrIjoiyvOBP/cutgy/VspxitF5W4T9xQmVYcD2xORbTEmchmnCjbA6764VHZL1z3w838SwxmINcbEJx===, and more",
            &[
                "eyJrIjoiyvOBP/cutgy/VspxitF5W4T9xQmVYcD2xORbTEmchmnCjbA6764VHZL1z3w838SwxmINcbEJx===",
            ],
        ),
        example(
            r#"token = "eyJrIjoiDrmm5+SftCaOospx4IhAsMqigRYDnc9Sjr1VEMrpDp02wcGY2QEE9dNkafjTRFIXrXnoBG/g9PW===""#,
            &[
                "eyJrIjoiDrmm5+SftCaOospx4IhAsMqigRYDnc9Sjr1VEMrpDp02wcGY2QEE9dNkafjTRFIXrXnoBG/g9PW===",
            ],
        ),
        example("cut short eyJrIjoiyvOBP/cutgy/VspxitF5W4T9xQmVYcD2xO", &[]),
        example(
            "a placeholder eyJrIjoixxxxx/xxxxx/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx===",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 8;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
