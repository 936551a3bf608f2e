//! `wundergraph_key`: WunderGraph Cosmo API key.
//!
//! **Format.** `cosmo_` and 32 hexadecimal digits. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** WunderGraph Cosmo documentation, "API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "wundergraph_key",
    name: "WunderGraph Cosmo API key",
    summary: "WunderGraph Cosmo API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["cosmo", "wundergraph"],
    pattern: r"cosmo_[0-9a-f]{32}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"cosmo_7d7fa653eebd63747ae5eebfdcf7c5a0","id":7}"#,
            &["cosmo_7d7fa653eebd63747ae5eebfdcf7c5a0"],
        ),
        example(
            "key: cosmo_bca873c77b064bbe5119344439e98619, and more",
            &["cosmo_bca873c77b064bbe5119344439e98619"],
        ),
        example("cut short cosmo_7d7fa653eebd63747ae", &[]),
        example("a placeholder cosmo_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
