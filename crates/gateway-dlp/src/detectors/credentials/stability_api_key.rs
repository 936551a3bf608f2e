//! `stability_api_key`: Stability AI API key.
//!
//! **Format.** `sk-` and 48 letters or digits, assigned to a name of at most 30 more
//! characters; the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `stability-ai-api-key`. On the kind:
//! Stability AI, REST API, "Authentication".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "stability_api_key",
    name: "Stability AI API key",
    summary: "Stability AI API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["stability"],
    pattern: assigned!("stability", "sk-[0-9A-Za-z]{48}"),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"STABILITY_API_KEY = "sk-XT9FtY6AhnOIEHeWlHQQa8fUTsHqvr3dc9pHJ1CTGABUdaFi""#,
            &["sk-XT9FtY6AhnOIEHeWlHQQa8fUTsHqvr3dc9pHJ1CTGABUdaFi"],
        ),
        example(
            r#"{"stability_key": "sk-cPkPTrcgbUGh6CvjJKL8IjfhrNkF9K3WMLU4mTDbCYXX9LGr"}"#,
            &["sk-cPkPTrcgbUGh6CvjJKL8IjfhrNkF9K3WMLU4mTDbCYXX9LGr"],
        ),
        example("no name before it: sk-XT9FtY6AhnOIEHeWlHQQa8fUTsHqvr3dc9pHJ1CTGABUdaFi", &[]),
        example(
            r#"STABILITY_API_KEY = "sk-Xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#,
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
