//! `grafana_service_account_token`: Grafana service account token.
//!
//! **Format.** `glsa_`, 32 letters or digits, `_` and eight hexadecimal digits. No ASCII letter,
//! digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `grafana-service-account-token`. On the kind:
//! Grafana, "Service accounts".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "grafana_service_account_token",
    name: "Grafana service account token",
    summary: "Grafana service account token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["grafana"],
    pattern: r"glsa_[0-9A-Za-z]{32}_[0-9A-Fa-f]{8}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"glsa_bjZ2qrReB3GRQtVRGiwHjjeYn3tjstUn_5db8d655","id":7}"#,
            &["glsa_bjZ2qrReB3GRQtVRGiwHjjeYn3tjstUn_5db8d655"],
        ),
        example(
            "key: glsa_LiC4EOeIQFx30Autm6PLfr7BpCPvOgeW_6feca722, and more",
            &["glsa_LiC4EOeIQFx30Autm6PLfr7BpCPvOgeW_6feca722"],
        ),
        example("cut short glsa_bjZ2qrReB3GRQtVRGi", &[]),
        example("a placeholder glsa_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_xxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
