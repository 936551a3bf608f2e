//! `nightfall_key`: Nightfall API key.
//!
//! **Format.** `NF-` and 32 letters or digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Nightfall developer documentation, "API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "nightfall_key",
    name: "Nightfall API key",
    summary: "Nightfall API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["nightfall"],
    pattern: alone!("NF-[0-9A-Za-z]{32}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "key: NF-8otMIrebfxBfL49l1DMChXy56U2OsO1k, and more",
            &["NF-8otMIrebfxBfL49l1DMChXy56U2OsO1k"],
        ),
        example(
            "export TOKEN=NF-JVdK5eQUD8UXrh9NKc3OlwI5nfpTP0Au\n",
            &["NF-JVdK5eQUD8UXrh9NKc3OlwI5nfpTP0Au"],
        ),
        example("cut short NF-8otMIrebfxBfL4", &[]),
        example("a placeholder NF-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
