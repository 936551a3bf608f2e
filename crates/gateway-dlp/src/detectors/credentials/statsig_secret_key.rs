//! `statsig_secret_key`: Statsig server secret key.
//!
//! **Format.** `secret-` and 40 to 48 letters or digits. No ASCII letter, digit or `_` may touch
//! it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Statsig documentation, "API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "statsig_secret_key",
    name: "Statsig server secret key",
    summary: "Statsig server secret key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["statsig"],
    pattern: alone!("secret-[0-9A-Za-z]{40,48}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"secret-lrmIWCwyDgyVpJnMbkRdMCyDHLmT3FguxVsadoffIjp","id":7}"#,
            &["secret-lrmIWCwyDgyVpJnMbkRdMCyDHLmT3FguxVsadoffIjp"],
        ),
        example(
            "key: secret-3OouldEJRvsg3cD5oqoHbPUGbHWDYHIgCK910yzi4ouHJ, and more",
            &["secret-3OouldEJRvsg3cD5oqoHbPUGbHWDYHIgCK910yzi4ouHJ"],
        ),
        example("cut short secret-lrmIWCwyDgyVpJnMbkRdMCyDH", &[]),
        example("a placeholder secret-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
