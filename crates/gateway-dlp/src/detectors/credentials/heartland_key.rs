//! `heartland_key`: Heartland secret key.
//!
//! **Format.** `skapi_cert_` or `skapi_prod_` and 34 to 42 letters, digits, `-` or `_`. No ASCII
//! letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `heartland.yml`. On the kind: Heartland developer portal, "API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "heartland_key",
    name: "Heartland secret key",
    summary: "Heartland secret key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["heartland"],
    pattern: r"skapi_(?:cert|prod)_[0-9A-Za-z_-]{34,42}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"skapi_prod_rw0lfgV8XsDeJXw1_PXUvb82zDPRK-YR5V3kufv9u","id":7}"#,
            &["skapi_prod_rw0lfgV8XsDeJXw1_PXUvb82zDPRK-YR5V3kufv9u"],
        ),
        example(
            "key: skapi_cert_xEcljuK8Hq4ThXy3ng_a8dS6ps52fnV3rAVWwO, and more",
            &["skapi_cert_xEcljuK8Hq4ThXy3ng_a8dS6ps52fnV3rAVWwO"],
        ),
        example("cut short skapi_prod_rw0lfgV8XsDeJXw1_PXUvb82", &[]),
        example("a placeholder skapi_prod_xxxxxxxxxxxxxxxx_xxxxxxxxxxxx-xxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 11;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
