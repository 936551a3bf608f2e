//! `canva_client_secret`: Canva client secret.
//!
//! **Format.** `cnvca` and 51 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may touch
//! it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `canva.yml`. On the kind: Canva Connect API, "Authentication".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "canva_client_secret",
    name: "Canva client secret",
    summary: "Canva client secret, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["canva"],
    pattern: alone!("cnvca[0-9A-Za-z_-]{51}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"cnvcayeTF381p6qX42wo5WI1221y9peqzlBX8b_0NaQHgJxvCmfr94do","id":7}"#,
            &["cnvcayeTF381p6qX42wo5WI1221y9peqzlBX8b_0NaQHgJxvCmfr94do"],
        ),
        example(
            "key: cnvcabgJbwf0u6_zQZZ4_Yro3OVEuuP9YZ_HiCmf6f5QNmrnKBV12hbz, and more",
            &["cnvcabgJbwf0u6_zQZZ4_Yro3OVEuuP9YZ_HiCmf6f5QNmrnKBV12hbz"],
        ),
        example("cut short cnvcayeTF381p6qX42wo5WI1221y9peqzlB", &[]),
        example("a placeholder cnvcaxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_xxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
