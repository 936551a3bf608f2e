//! `finnhub_token`: Finnhub API key.
//!
//! **Format.** 20 small letters or digits, assigned to a name of at most 30 more characters; the
//! name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `finnhub-access-token`.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "finnhub_token",
    name: "Finnhub API key",
    summary: "Finnhub API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["finnhub"],
    pattern: assigned!("finnhub", "[0-9a-z]{20}"),
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example("FINNHUB_API_KEY=727llgw2yzvdfaszdi87", &["727llgw2yzvdfaszdi87"]),
        example(r#"{"finnhub": "18z8tpona0q5s6ufnr5q"}"#, &["18z8tpona0q5s6ufnr5q"]),
        example("no name before it: 727llgw2yzvdfaszdi87", &[]),
        example(r#"finnhub = "xxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
