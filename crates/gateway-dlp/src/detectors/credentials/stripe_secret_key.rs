//! `stripe_secret_key`: Stripe secret key.
//!
//! **Format.** `sk_live_` or `sk_test_` and 24 to 247 letters or digits. No ASCII letter, digit or
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
    id: "stripe_secret_key",
    name: "Stripe secret key",
    summary: "Stripe secret key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["stripe"],
    pattern: alone!("sk_(?:live|test)_[0-9A-Za-z]{24,}"),
    match_bytes_max: 272,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "export TOKEN=sk_live_bYYq0uhPFAGzkhjbMFyOK7TV\n",
            &["sk_live_bYYq0uhPFAGzkhjbMFyOK7TV"],
        ),
        example(
            r#"{"key":"sk_live_lDny83ecEIIB7mVZGbaiF3qIeqS","id":7}"#,
            &["sk_live_lDny83ecEIIB7mVZGbaiF3qIeqS"],
        ),
        example("cut short sk_live_bYYq0uhP", &[]),
        example("a placeholder sk_live_xxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 8;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
