//! `cloudflare_legacy_key`: Cloudflare global API key without prefix.
//!
//! **Format.** 37 hexadecimal digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `cloudflare-global-api-key`. On the kind:
//! Cloudflare Fundamentals, "Get Global API key".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "cloudflare_legacy_key",
    name: "Cloudflare global API key without prefix",
    summary: "Cloudflare global API key without prefix, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["cloudflare", "x-auth-key"],
    pattern: assigned!("cloudflare|cf_(?:api_)?key|x-auth-key", "[0-9a-f]{37}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"cloudflare_api_key = "d737217babe770b3cb3a9189d7cdb34ab5ea4""#,
            &["d737217babe770b3cb3a9189d7cdb34ab5ea4"],
        ),
        example(
            r#"{"X-Auth-Key": "e6fdcd06180fa4c474a369e5e84215fa980b6"}"#,
            &["e6fdcd06180fa4c474a369e5e84215fa980b6"],
        ),
        example("no name before it: d737217babe770b3cb3a9189d7cdb34ab5ea4", &[]),
        example(r#"cloudflare_api_key = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
