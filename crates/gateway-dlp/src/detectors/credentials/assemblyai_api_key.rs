//! `assemblyai_api_key`: AssemblyAI API key.
//!
//! **Format.** 32 hexadecimal digits, assigned to a name of at most 30 more characters; the
//! name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `assemblyai-api-key`. On the kind:
//! AssemblyAI, "Authentication".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "assemblyai_api_key",
    name: "AssemblyAI API key",
    summary: "AssemblyAI API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["assemblyai"],
    pattern: assigned!("assembly_?ai", "[0-9a-f]{32}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"ASSEMBLYAI_API_KEY = "30877432d1026706d7e805da846a32c3""#,
            &["30877432d1026706d7e805da846a32c3"],
        ),
        example(
            r#"{"assembly_ai_key": "bb81e3c29b62179273c8eb5bb682575e"}"#,
            &["bb81e3c29b62179273c8eb5bb682575e"],
        ),
        example("no name before it: 30877432d1026706d7e805da846a32c3", &[]),
        example(r#"ASSEMBLYAI_API_KEY = "00000000000000000000000000000000""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
