//! `postmark_token`: Postmark server token.
//!
//! **Format.** A UUID, assigned to a name of at most 30 more characters; the name is no part of the
//! finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** betterleaks, `postmark.go`. On the kind: Postmark, "API overview", authentication.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "postmark_token",
    name: "Postmark server token",
    summary: "Postmark server token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["postmark"],
    pattern: assigned!("postmark", "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"postmark = "5a4AEFb2-117B-9d82-36ee-762feFb6Cabd""#,
            &["5a4AEFb2-117B-9d82-36ee-762feFb6Cabd"],
        ),
        example(
            r#"{"postmark": "C34045f6-7193-f2Fc-568d-c1d714daECbd"}"#,
            &["C34045f6-7193-f2Fc-568d-c1d714daECbd"],
        ),
        example("no name before it: 5a4AEFb2-117B-9d82-36ee-762feFb6Cabd", &[]),
        example(r#"postmark = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
