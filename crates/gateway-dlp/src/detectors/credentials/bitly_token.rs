//! `bitly_token`: Bitly access token.
//!
//! **Format.** 40 hexadecimal digits, assigned to a name of at most 30 more characters; the
//! name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `bitly-access-token`. On the kind: Bitly
//! API, "Authentication".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "bitly_token",
    name: "Bitly access token",
    summary: "Bitly access token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["bitly"],
    pattern: assigned!("bitly", "[0-9a-f]{40}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"BITLY_TOKEN = "c87a171ac826a6fce48478dcb74f21345d2cce80""#,
            &["c87a171ac826a6fce48478dcb74f21345d2cce80"],
        ),
        example(
            r#"{"bitly_access_token": "38a39d5e0853964b50af03b971722f244f58d669"}"#,
            &["38a39d5e0853964b50af03b971722f244f58d669"],
        ),
        example("no name before it: c87a171ac826a6fce48478dcb74f21345d2cce80", &[]),
        example(r#"BITLY_TOKEN = "0000000000000000000000000000000000000000""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
