//! `aiven_password`: Aiven service password.
//!
//! **Format.** `AVNS_` and 19 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Aiven documentation, "Service users".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "aiven_password",
    name: "Aiven service password",
    summary: "Aiven service password, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["aiven"],
    pattern: r"AVNS_[0-9A-Za-z_-]{19}\b{end-half}",
    match_bytes_max: 32,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(r#"{"key":"AVNS_d4ULrSvD0tqukBfoq2q","id":7}"#, &["AVNS_d4ULrSvD0tqukBfoq2q"]),
        example("key: AVNS_1vhjJyomOPx-ulnjKJp, and more", &["AVNS_1vhjJyomOPx-ulnjKJp"]),
        example("cut short AVNS_d4ULrSvD0tq", &[]),
        example("a placeholder AVNS_xxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
