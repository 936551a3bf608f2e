//! `paypal_braintree_token`: Braintree access token.
//!
//! **Format.** `access_token$production$` or `access_token$sandbox$`, 16 letters or digits in lower
//! case, `$` and 32 hexadecimal digits. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** PayPal Braintree, "Access tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "paypal_braintree_token",
    name: "Braintree access token",
    summary: "Braintree access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["braintree", "paypal"],
    pattern: r"access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}\b{end-half}",
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Authorization: Bearer access_token$production$dxtxvsd7bg8xx0pr$7715a461d89d86b4e3a50922f0b5062f",
            &["access_token$production$dxtxvsd7bg8xx0pr$7715a461d89d86b4e3a50922f0b5062f"],
        ),
        example(
            "export TOKEN=access_token$sandbox$gdzrfvnnrgmom07s$23b1eba3138f9a7ddd0dd4582a8232aa\n",
            &["access_token$sandbox$gdzrfvnnrgmom07s$23b1eba3138f9a7ddd0dd4582a8232aa"],
        ),
        example("cut short access_token$production$dxtxvsd7bg8x", &[]),
        example(
            "a placeholder access_token$productixx$xxxxxxxxxxxxxxxx$xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 21;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
