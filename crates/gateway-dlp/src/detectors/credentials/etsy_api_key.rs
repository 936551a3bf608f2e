//! `etsy_api_key`: Etsy API key.
//!
//! **Format.** 24 small letters or digits, assigned to a name of at most 30 more characters; the
//! name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `etsy-access-token`.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "etsy_api_key",
    name: "Etsy API key",
    summary: "Etsy API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["etsy"],
    pattern: assigned!(r"(?:\b{start-half}|_)etsy", "[0-9a-z]{24}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example("ETSY_API_KEY=d58i5tn31oues62t8n35yz61", &["d58i5tn31oues62t8n35yz61"]),
        example(r#"{"etsy_key": "xsrzgsfi0httfrdhnrylngiz"}"#, &["xsrzgsfi0httfrdhnrylngiz"]),
        example("no name before it: d58i5tn31oues62t8n35yz61", &[]),
        example(r#"betsy = "d58i5tn31oues62t8n35yz61""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
