//! `mandrill_key`: Mandrill API key.
//!
//! **Format.** 22 letters, digits, `-` or `_`, for some `md-` before them, assigned to a name of at
//! most 30 more characters; the name is no part of the finding. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** trufflehog, `mandrill.go`; kingfisher, `mandrill.yml`.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "mandrill_key",
    name: "Mandrill API key",
    summary: "Mandrill API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["mandrill"],
    pattern: assigned!("mandrill", "(?:md-)?[0-9A-Za-z_-]{22}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example("MANDRILL_API_KEY=dRrxHnJgkkmafX8OrwXedq", &["dRrxHnJgkkmafX8OrwXedq"]),
        example(r#"{"mandrill_key": "md-ByyXFZOYIltKAEiE7Ddd6y"}"#, &["md-ByyXFZOYIltKAEiE7Ddd6y"]),
        example("no name before it: dRrxHnJgkkmafX8OrwXedq", &[]),
        example(r#"mandrill = "xxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
