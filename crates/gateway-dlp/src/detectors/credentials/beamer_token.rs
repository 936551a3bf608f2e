//! `beamer_token`: Beamer API key.
//!
//! **Format.** `b_` and 44 characters of base64, assigned to a name of at most 30 more characters;
//! the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `beamer-api-token`.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "beamer_token",
    name: "Beamer API key",
    summary: "Beamer API key, by the name that it is assigned to, prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["beamer"],
    pattern: assigned!("beamer", "b_[0-9A-Za-z+/_-]{43}[0-9A-Za-z=]"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "BEAMER_API_KEY=b_W5xgBbwERmqMpA8BP9Qz7oWCoKJQmF5hr4HB6k0C57a=",
            &["b_W5xgBbwERmqMpA8BP9Qz7oWCoKJQmF5hr4HB6k0C57a="],
        ),
        example(
            r#"{"beamer": "b_sVPGm55abwJRBX6txmSkDCwvlPtK9V6fcpp4iXIHadEA"}"#,
            &["b_sVPGm55abwJRBX6txmSkDCwvlPtK9V6fcpp4iXIHadEA"],
        ),
        example("no name before it: b_W5xgBbwERmqMpA8BP9Qz7oWCoKJQmF5hr4HB6k0C57a=", &[]),
        example(r#"beamer = "b_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
