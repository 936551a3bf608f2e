//! `vercel_token`: Vercel access token.
//!
//! **Format.** 24 letters or digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** Vercel, "Access tokens".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "vercel_token",
    name: "Vercel access token",
    summary: "Vercel access token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["vercel"],
    pattern: assigned!("vercel", "[0-9A-Za-z]{24}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(r#"vercel = "Cqy807op43kF65DqjTQUbhfR""#, &["Cqy807op43kF65DqjTQUbhfR"]),
        example(r#"{"vercel": "kxjx5dgN4q5j4cLmbjGy7KRT"}"#, &["kxjx5dgN4q5j4cLmbjGy7KRT"]),
        example("no name before it: Cqy807op43kF65DqjTQUbhfR", &[]),
        example(r#"vercel = "xxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
