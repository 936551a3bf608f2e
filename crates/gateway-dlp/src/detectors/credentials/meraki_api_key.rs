//! `meraki_api_key`: Cisco Meraki API key.
//!
//! **Format.** 40 hexadecimal digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `cisco-meraki-api-key`. On the kind: Cisco Meraki,
//! "Dashboard API".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "meraki_api_key",
    name: "Cisco Meraki API key",
    summary: "Cisco Meraki API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["cisco", "meraki"],
    pattern: assigned!(r"(?:\b{start-half}|_)(?:cisco_)?meraki", "[0-9a-f]{40}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"meraki_api_key = "aa4cd52871cfcede58bfde27fb81c847e3534d79""#,
            &["aa4cd52871cfcede58bfde27fb81c847e3534d79"],
        ),
        example(
            r#"{"MERAKI_DASHBOARD_API_KEY": "f604024dbfc979767e106e4019c2fff99d2e30e9"}"#,
            &["f604024dbfc979767e106e4019c2fff99d2e30e9"],
        ),
        example("no name before it: aa4cd52871cfcede58bfde27fb81c847e3534d79", &[]),
        example(r#"meraki_api_key = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
