//! `gocardless_token`: GoCardless access token.
//!
//! **Format.** `live_` and 40 letters, digits, `-` or `_`, assigned to a name of at most 30 more
//! characters; the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `gocardless-api-token`. On the kind: GoCardless,
//! "API keys".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gocardless_token",
    name: "GoCardless access token",
    summary: "GoCardless access token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["gocardless"],
    pattern: assigned!("gocardless", "live_[0-9A-Za-z_-]{40}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"gocardless = "live_5HGiIO0xN01iCuwu7QvUjn1918YrUfHtOpEsukO1""#,
            &["live_5HGiIO0xN01iCuwu7QvUjn1918YrUfHtOpEsukO1"],
        ),
        example(
            r#"{"gocardless": "live_KikhkyeDmLaLg1iBWbZsso1B-WrwDXCXHBke8r1P"}"#,
            &["live_KikhkyeDmLaLg1iBWbZsso1B-WrwDXCXHBke8r1P"],
        ),
        example("no name before it: live_5HGiIO0xN01iCuwu7QvUjn1918YrUfHtOpEsukO1", &[]),
        example(r#"gocardless = "xxxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
