//! `redirect_pizza_token`: Redirect.pizza API token.
//!
//! **Format.** `rpa_` and 30 letters or digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `redirectpizza.go`. On the kind: Redirect.pizza documentation, "API".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "redirect_pizza_token",
    name: "Redirect.pizza API token",
    summary: "Redirect.pizza API token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["redirect"],
    pattern: alone!("rpa_[0-9A-Za-z]{30}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"rpa_VJcte2gxPG30Occwb2Wgm0z0MqQldf","id":7}"#,
            &["rpa_VJcte2gxPG30Occwb2Wgm0z0MqQldf"],
        ),
        example(
            "key: rpa_5Lo21LTlEP3mCsvvWdwWvVc2JdOayk, and more",
            &["rpa_5Lo21LTlEP3mCsvvWdwWvVc2JdOayk"],
        ),
        example("cut short rpa_VJcte2gxPG30Occwb2", &[]),
        example("a placeholder rpa_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
