//! `cloudflare_legacy_token`: Cloudflare API token without prefix.
//!
//! **Format.** 40 letters, digits, `-` or `_`, assigned to a name of at most 30 more characters;
//! the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `cloudflare-api-key`. On the kind: Cloudflare
//! Fundamentals, "Create API token".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "cloudflare_legacy_token",
    name: "Cloudflare API token without prefix",
    summary: "Cloudflare API token without prefix, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["cloudflare"],
    pattern: assigned!("cloudflare|cf_(?:api_)?token", "[0-9A-Za-z_-]{40}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"cloudflare_api_token = "-bFFw5E15Zzm9eyX13TsvspLZ6HQwp1CTxpYQaT2""#,
            &["-bFFw5E15Zzm9eyX13TsvspLZ6HQwp1CTxpYQaT2"],
        ),
        example(
            r#"{"CF_API_TOKEN": "uc9y5kt5m_NrW-lSJNZhXYEFkQ0RtAJ5GJidf48m"}"#,
            &["uc9y5kt5m_NrW-lSJNZhXYEFkQ0RtAJ5GJidf48m"],
        ),
        example("no name before it: -bFFw5E15Zzm9eyX13TsvspLZ6HQwp1CTxpYQaT2", &[]),
        example(r#"cloudflare_api_token = "-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
