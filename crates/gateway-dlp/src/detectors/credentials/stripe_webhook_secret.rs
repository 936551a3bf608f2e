//! `stripe_webhook_secret`: Stripe webhook signing secret.
//!
//! **Format.** `whsec_` and 32 letters, digits, `+` or `/`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `stripe.yml`. On the kind: Stripe, "Resolve webhook signature
//! verification errors".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "stripe_webhook_secret",
    name: "Stripe webhook signing secret",
    summary: "Stripe webhook signing secret, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["stripe", "webhook"],
    pattern: r"whsec_[0-9A-Za-z+/]{32}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"token = "whsec_lxUB+1VZgqQgapu1rvYLK+/16iNY19Ks""#,
            &["whsec_lxUB+1VZgqQgapu1rvYLK+/16iNY19Ks"],
        ),
        example(
            "export TOKEN=whsec_nzPStdFHck1q4shKAFps27rqRl32Uknr\n",
            &["whsec_nzPStdFHck1q4shKAFps27rqRl32Uknr"],
        ),
        example("cut short whsec_lxUB+1VZgqQga", &[]),
        example("a placeholder whsec_xxxx+xxxxxxxxxxxxxxxx+/xxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
