//! `linkedin_client_secret`: LinkedIn client secret.
//!
//! **Format.** 16 letters or digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `linkedin-client-secret`. On the kind: Microsoft
//! Learn, LinkedIn API, "Client credentials flow".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "linkedin_client_secret",
    name: "LinkedIn client secret",
    summary: "LinkedIn client secret, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["linkedin"],
    pattern: assigned!("linked[_-]?in", "[0-9A-Za-z]{16}"),
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(r#"linkedin = "LAr14EFdZRr8d4NI""#, &["LAr14EFdZRr8d4NI"]),
        example(r#"{"linkedin": "Xiz5nJ28C6MtYJog"}"#, &["Xiz5nJ28C6MtYJog"]),
        example("no name before it: LAr14EFdZRr8d4NI", &[]),
        example(r#"linkedin = "xxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
