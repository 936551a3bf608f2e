//! `virustotal_key`: VirusTotal API key.
//!
//! **Format.** 64 hexadecimal digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** betterleaks, `virustotal.go`. On the kind: VirusTotal, "Authentication".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "virustotal_key",
    name: "VirusTotal API key",
    summary: "VirusTotal API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["virustotal"],
    pattern: assigned!("virus[_-]?total|vt_?api", "[0-9a-f]{64}"),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"virustotal = "366151e27f026aa6972d932c8302ac9fabe43c293fc6501c099c8af821e6347f""#,
            &["366151e27f026aa6972d932c8302ac9fabe43c293fc6501c099c8af821e6347f"],
        ),
        example(
            r#"{"virustotal": "7b83387b6f875ebe9c1df3af8755546a743efcba51ce6c9e00c38fcc75ad4235"}"#,
            &["7b83387b6f875ebe9c1df3af8755546a743efcba51ce6c9e00c38fcc75ad4235"],
        ),
        example(
            "no name before it: 366151e27f026aa6972d932c8302ac9fabe43c293fc6501c099c8af821e6347f",
            &[],
        ),
        example(
            r#"virustotal = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#,
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
