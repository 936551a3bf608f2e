//! `openweather_api_key`: OpenWeather API key.
//!
//! **Format.** 32 hexadecimal digits, assigned to a name of at most 30 more characters; the
//! name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** betterleaks, `openweather.go`. On the kind: OpenWeather, "How to get an API key".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "openweather_api_key",
    name: "OpenWeather API key",
    summary: "OpenWeather API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["openweather", "owm"],
    pattern: assigned!("(?:open_?weather|owm)", "[0-9a-f]{32}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"OPENWEATHER_API_KEY = "edc8b137913993ed6da209da99098b26""#,
            &["edc8b137913993ed6da209da99098b26"],
        ),
        example(
            r#"{"owm_key": "0ff3ac1c97570cf1dcb92107c907cbea"}"#,
            &["0ff3ac1c97570cf1dcb92107c907cbea"],
        ),
        example("no name before it: edc8b137913993ed6da209da99098b26", &[]),
        example(r#"OPENWEATHER_API_KEY = "00000000000000000000000000000000""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
