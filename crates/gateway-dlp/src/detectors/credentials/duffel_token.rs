//! `duffel_token`: Duffel access token.
//!
//! **Format.** `duffel_test_` or `duffel_live_` and 43 letters, digits, `-` or `_`. No ASCII
//! letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `duffel-api-token`. On the kind: Duffel, "Access
//! tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "duffel_token",
    name: "Duffel access token",
    summary: "Duffel access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["duffel"],
    pattern: r"duffel_(?:test|live)_[0-9A-Za-z_-]{43}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "export TOKEN=duffel_live_11PGixc36mnLEO31oCP4_EgD9zq_DEqed5PWNKzKfEP\n",
            &["duffel_live_11PGixc36mnLEO31oCP4_EgD9zq_DEqed5PWNKzKfEP"],
        ),
        example(
            "Authorization: Bearer duffel_test_d8c1uTtZ1g9q6oz6zx0Z2vjRZJrgQB4jStqa49jQOn2",
            &["duffel_test_d8c1uTtZ1g9q6oz6zx0Z2vjRZJrgQB4jStqa49jQOn2"],
        ),
        example("cut short duffel_live_11PGixc36mnLEO3", &[]),
        example("a placeholder duffel_live_xxxxxxxxxxxxxxxxxxxx_xxxxxx_xxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 12;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
