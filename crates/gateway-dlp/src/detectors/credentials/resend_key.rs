//! `resend_key`: Resend API key.
//!
//! **Format.** `re_`, eight letters or digits, `_` and 24 more. No ASCII letter, digit or `_` may
//! touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `resend.go`. On the kind: Resend, "API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "resend_key",
    name: "Resend API key",
    summary: "Resend API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["resend"],
    pattern: alone!("re_[0-9A-Za-z]{8}_[0-9A-Za-z]{24}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "key: re_gvIlsLnK_qI3E6OdNfXdv2YHke6wBcm7r, and more",
            &["re_gvIlsLnK_qI3E6OdNfXdv2YHke6wBcm7r"],
        ),
        example(
            "export TOKEN=re_4dvaSAxx_Vt1QTwsETyuruxfSM1YHuKiU\n",
            &["re_4dvaSAxx_Vt1QTwsETyuruxfSM1YHuKiU"],
        ),
        example("cut short re_gvIlsLnK_qI3E6O", &[]),
        example("a placeholder re_xxxxxxxx_xxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
