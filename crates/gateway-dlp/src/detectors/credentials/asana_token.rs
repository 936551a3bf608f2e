//! `asana_token`: Asana personal access token.
//!
//! **Format.** `1/` or `2/`, one or two numbers of 13 to 19 digits parted by `/`, a colon and 32
//! hexadecimal digits. No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or
//! `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Asana developer documentation, "Personal access token".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "asana_token",
    name: "Asana personal access token",
    summary: "Asana personal access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["asana"],
    pattern: alone!("[12]/[0-9]{13,19}(?:/[0-9]{13,19})?:[0-9a-f]{32}"),
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"token = "2/2820072331166972679:62f7cece94febcf225d46cd392fac8d7""#,
            &["2/2820072331166972679:62f7cece94febcf225d46cd392fac8d7"],
        ),
        example(
            "Authorization: Bearer 2/141150861248593:cdb57e51c335dad982f1b047e695fce9",
            &["2/141150861248593:cdb57e51c335dad982f1b047e695fce9"],
        ),
        example("cut short 2/2820072331166972679:62f7c", &[]),
        example("a placeholder 2/xxxxxxxxxxxxxxxxxxx:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 2;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
