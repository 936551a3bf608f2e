//! `weblate_token`: Weblate token.
//!
//! **Format.** `wlu_` (user) or `wlp_` (project) and 36 letters or digits. No ASCII letter, digit
//! or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Weblate, "REST API", authentication.
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "weblate_token",
    name: "Weblate token",
    summary: "Weblate token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["weblate"],
    pattern: alone!("wl[pu]_[0-9A-Za-z]{36}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: Bearer wlu_pIq8iRa1SCuAN3wfZ1sbRBHvexnLGMct1chU",
            &["wlu_pIq8iRa1SCuAN3wfZ1sbRBHvexnLGMct1chU"],
        ),
        example(
            r#"token = "wlu_NnDILWaH9ZN1VQCtDIpOKpFuAuJm0NQWdZfO""#,
            &["wlu_NnDILWaH9ZN1VQCtDIpOKpFuAuJm0NQWdZfO"],
        ),
        example("cut short wlu_pIq8iRa1SCuAN3wf", &[]),
        example("a placeholder wlu_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
