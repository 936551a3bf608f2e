//! `deepseek_api_key`: DeepSeek API key.
//!
//! **Format.** `sk-` and 32 hexadecimal digits, assigned to a name of at most 30 more
//! characters; the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `deepseek-api-key`. On the kind: DeepSeek
//! API documentation.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "deepseek_api_key",
    name: "DeepSeek API key",
    summary: "DeepSeek API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["deepseek"],
    pattern: assigned!("deep_?seek", "sk-[0-9a-f]{32}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"DEEPSEEK_API_KEY = "sk-dac946dc59c0996daeee6f529a279764""#,
            &["sk-dac946dc59c0996daeee6f529a279764"],
        ),
        example(
            r#"{"deepseek_key": "sk-017f2ed6cfc7403d75e173e4eaede5fe"}"#,
            &["sk-017f2ed6cfc7403d75e173e4eaede5fe"],
        ),
        example("no name before it: sk-dac946dc59c0996daeee6f529a279764", &[]),
        example(r#"DEEPSEEK_API_KEY = "sk-dxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
