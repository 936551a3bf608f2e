//! `linode_token`: Linode access token.
//!
//! **Format.** 64 hexadecimal digits, assigned to a name of at most 30 more characters; the
//! name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** Linode API, personal access tokens.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "linode_token",
    name: "Linode access token",
    summary: "Linode access token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["akamai", "linode"],
    pattern: assigned!("linode", "[0-9a-f]{64}"),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"LINODE_TOKEN = "f21449273d7cee9d9136682575250def91799e2786d3748421599e3e9c8fe21d""#,
            &["f21449273d7cee9d9136682575250def91799e2786d3748421599e3e9c8fe21d"],
        ),
        example(
            r#"{"linode_cli_token": "a80270815fe85df2fbdaa35adf9c1e2a8a3c0ed16bfe16849ef307590d273e34"}"#,
            &["a80270815fe85df2fbdaa35adf9c1e2a8a3c0ed16bfe16849ef307590d273e34"],
        ),
        example(
            "no name before it: f21449273d7cee9d9136682575250def91799e2786d3748421599e3e9c8fe21d",
            &[],
        ),
        example(
            r#"LINODE_TOKEN = "0000000000000000000000000000000000000000000000000000000000000000""#,
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
