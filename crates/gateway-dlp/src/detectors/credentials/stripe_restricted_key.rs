//! `stripe_restricted_key`: Stripe restricted key.
//!
//! **Format.** `rk_live_` or `rk_test_` and 24 to 247 letters or digits. No ASCII letter, digit or
//! `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `stripe-access-token`. On the kind: Stripe, "API
//! keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "stripe_restricted_key",
    name: "Stripe restricted key",
    summary: "Stripe restricted key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["stripe"],
    pattern: alone!("rk_(?:live|test)_[0-9A-Za-z]{24,}"),
    match_bytes_max: 272,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: Bearer rk_test_sTTs8JKmNCtcbRRbz8sA7swY0A9",
            &["rk_test_sTTs8JKmNCtcbRRbz8sA7swY0A9"],
        ),
        example(
            "export TOKEN=rk_live_v8wA77e8KPZvmP0eGD0vByu2Z\n",
            &["rk_live_v8wA77e8KPZvmP0eGD0vByu2Z"],
        ),
        example("cut short rk_test_sTTs8JKmN", &[]),
        example("a placeholder rk_test_xxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 8;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
