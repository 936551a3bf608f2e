//! `vultr_api_key`: Vultr API key.
//!
//! **Format.** 36 capitals or digits, assigned to a name of at most 30 more characters; the
//! name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** Vultr API documentation.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "vultr_api_key",
    name: "Vultr API key",
    summary: "Vultr API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["vultr"],
    pattern: assigned!("vultr", "[0-9A-Z]{36}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"VULTR_API_KEY = "JEL754UUJ4E64TRDWET54CDXSEFY5C4MU6JD""#,
            &["JEL754UUJ4E64TRDWET54CDXSEFY5C4MU6JD"],
        ),
        example(
            r#"{"vultr_key": "4GVFLCP44KXXSY2VDVEVGYSQJVFJWTZIFTYV"}"#,
            &["4GVFLCP44KXXSY2VDVEVGYSQJVFJWTZIFTYV"],
        ),
        example("no name before it: JEL754UUJ4E64TRDWET54CDXSEFY5C4MU6JD", &[]),
        example(r#"VULTR_API_KEY = "JEL7xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
