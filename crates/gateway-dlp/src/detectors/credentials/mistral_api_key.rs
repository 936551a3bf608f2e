//! `mistral_api_key`: Mistral API key.
//!
//! **Format.** 32 letters or digits, assigned to a name of at most 30 more characters; the name
//! is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `mistral-api-key`. On the kind: Mistral AI
//! API documentation.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "mistral_api_key",
    name: "Mistral API key",
    summary: "Mistral API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["mistral"],
    pattern: assigned!("mistral", "[0-9A-Za-z]{32}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"MISTRAL_API_KEY = "f7tSgtRa1eePdjJYM6mgv4I3ERxy2aV7""#,
            &["f7tSgtRa1eePdjJYM6mgv4I3ERxy2aV7"],
        ),
        example(
            r#"{"mistral_key": "ygR0ASuT1llqf3JcieWVjwiYd7U3MsPk"}"#,
            &["ygR0ASuT1llqf3JcieWVjwiYd7U3MsPk"],
        ),
        example("no name before it: f7tSgtRa1eePdjJYM6mgv4I3ERxy2aV7", &[]),
        example(r#"MISTRAL_API_KEY = "f7tSxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
