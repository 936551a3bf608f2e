//! `dropbox_app_secret`: Dropbox app secret.
//!
//! **Format.** 15 letters in lower case or digits, assigned to a name of at most 30 more
//! characters; the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `dropbox-api-token`. On the kind: Dropbox
//! developer documentation, "App console".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "dropbox_app_secret",
    name: "Dropbox app secret",
    summary: "Dropbox app secret, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["dropbox"],
    pattern: assigned!("dropbox", "[0-9a-z]{15}"),
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(r#"dropbox = "vd1c41uvomfalak""#, &["vd1c41uvomfalak"]),
        example(r#"{"dropbox": "p2exjw6dxx9t0kf"}"#, &["p2exjw6dxx9t0kf"]),
        example("no name before it: vd1c41uvomfalak", &[]),
        example(r#"dropbox = "xxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
