//! `vercel_token`: Vercel access token.
//!
//! **Format.** `vcp_` (personal), `vci_` (integration), `vca_` and `vcr_` (access and refresh of an
//! app) or `vck_` (AI gateway) and 56 letters or digits; or 24 of them that are assigned to a name
//! with `vercel` in it and at most 30 more characters, which is no part of the finding. No ASCII
//! letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix, or the value, looks random: enough entropy, no long run,
//! no word that marks a placeholder.
//!
//! **Source.** Vercel, "Access tokens".
//!
//! **Confidence.** Medium: the prefix is telling but there is no checksum; without it the name
//! tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::secret::{assigned, token, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "vercel_token",
    name: "Vercel access token",
    summary: "Vercel access token, by prefix or the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["vercel"],
    pattern: concat!(
        alone!("vc[acikpr]_[0-9A-Za-z]{56}"),
        "|",
        assigned!("vercel", "[0-9A-Za-z]{24}"),
    ),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "VERCEL_TOKEN=vcp_QJovskSlWcFA4tKo4MksZguh2mte5w7dl8j3iGl88hsueNCTiUUghSem",
            &["vcp_QJovskSlWcFA4tKo4MksZguh2mte5w7dl8j3iGl88hsueNCTiUUghSem"],
        ),
        example(
            r#"{"a":"\nvck_vsmESL29vLRBirAEII8os4aGvknepepJrwUBMMbL6xE5u01XMgy7WlZn"}"#,
            &["vck_vsmESL29vLRBirAEII8os4aGvknepepJrwUBMMbL6xE5u01XMgy7WlZn"],
        ),
        example(r#"vercel = "Cqy807op43kF65DqjTQUbhfR""#, &["Cqy807op43kF65DqjTQUbhfR"]),
        example(r#"{"vercel": "kxjx5dgN4q5j4cLmbjGy7KRT"}"#, &["kxjx5dgN4q5j4cLmbjGy7KRT"]),
        example("no name before it: Cqy807op43kF65DqjTQUbhfR", &[]),
        example(r#"vercel = "xxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

/// Bytes of a prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let begin = sample.matched.get(lead_in_len(sample.matched)..)?;
    if let [b'v', b'c', _, b'_', ..] = begin {
        token(sample, PREFIX, Confidence::Medium)
    } else {
        value(sample, Confidence::Medium)
    }
}
