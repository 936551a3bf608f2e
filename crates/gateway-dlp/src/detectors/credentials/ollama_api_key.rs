//! `ollama_api_key`: Ollama API key.
//!
//! **Format.** 32 hexadecimal digits, a point and 24 letters, digits, `-` or `_`, assigned to a
//! name of at most 30 more characters; the name is no part of the finding. No ASCII letter,
//! digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `ollama-api-key`. On the kind: Ollama,
//! "Authentication".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ollama_api_key",
    name: "Ollama API key",
    summary: "Ollama API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["ollama"],
    pattern: assigned!("ollama", "[0-9a-f]{32}[.][0-9A-Za-z_-]{24}"),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"OLLAMA_API_KEY = "e535893b80598e7d8a50f510dc6c4393.1V6TNold5PiRrZGIqxBHglBI""#,
            &["e535893b80598e7d8a50f510dc6c4393.1V6TNold5PiRrZGIqxBHglBI"],
        ),
        example(
            r#"{"ollama_key": "9d3e8474f2a7dccc06616cd334b459e4.5EiEEAaxzy7RZSJ6hOv5d0Ba"}"#,
            &["9d3e8474f2a7dccc06616cd334b459e4.5EiEEAaxzy7RZSJ6hOv5d0Ba"],
        ),
        example(
            "no name before it: e535893b80598e7d8a50f510dc6c4393.1V6TNold5PiRrZGIqxBHglBI",
            &[],
        ),
        example(
            r#"OLLAMA_API_KEY = "000000000000000000000000000000000000000000000000000000000""#,
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
