//! `deepgram_api_key`: Deepgram API key.
//!
//! **Format.** 40 hexadecimal digits, assigned to a name of at most 30 more characters; the
//! name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `deepgram-api-key`. On the kind: Deepgram,
//! "Authentication".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "deepgram_api_key",
    name: "Deepgram API key",
    summary: "Deepgram API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["deepgram"],
    pattern: assigned!("deepgram", "[0-9a-f]{40}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"DEEPGRAM_API_KEY = "d03241b4d419b1b673bd4755d05ad7853c1f76eb""#,
            &["d03241b4d419b1b673bd4755d05ad7853c1f76eb"],
        ),
        example(
            r#"{"deepgram_key": "97706ca828bca0385813dbad3c681d06bd2aa399"}"#,
            &["97706ca828bca0385813dbad3c681d06bd2aa399"],
        ),
        example("no name before it: d03241b4d419b1b673bd4755d05ad7853c1f76eb", &[]),
        example(r#"DEEPGRAM_API_KEY = "0000000000000000000000000000000000000000""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
