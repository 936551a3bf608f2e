//! `gitter_token`: Gitter access token.
//!
//! **Format.** 40 small letters, digits, `-` or `_`, assigned to a name of at most 30 more
//! characters; the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `gitter-access-token`. On the kind: Gitter,
//! "Authentication".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gitter_token",
    name: "Gitter access token",
    summary: "Gitter access token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["gitter"],
    pattern: assigned!("gitter", "[0-9a-z_-]{40}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"GITTER_TOKEN = "wtd88f7mx24ph842y03gxkh5os6uqv4xuobcb9pb""#,
            &["wtd88f7mx24ph842y03gxkh5os6uqv4xuobcb9pb"],
        ),
        example(
            r#"{"gitter_access_token": "1fn1o5ptvphv55lz40jlbcdkbx5q936fr18g3cix"}"#,
            &["1fn1o5ptvphv55lz40jlbcdkbx5q936fr18g3cix"],
        ),
        example("no name before it: wtd88f7mx24ph842y03gxkh5os6uqv4xuobcb9pb", &[]),
        example(r#"GITTER_TOKEN = "wtd8xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
