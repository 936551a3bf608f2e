//! `e2b_key`: E2B API key.
//!
//! **Format.** `e2b_` and 40 hexadecimal digits. No ASCII letter, digit or `_` may touch it, but
//! an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `e2b.yml`. On the kind: E2B documentation, "API key".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "e2b_key",
    name: "E2B API key",
    summary: "E2B API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["e2b"],
    pattern: alone!("e2b_[0-9a-f]{40}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"e2b_f36ccc886f840c4f8fb3d4f95ecfde96a20ba149","id":7}"#,
            &["e2b_f36ccc886f840c4f8fb3d4f95ecfde96a20ba149"],
        ),
        example(
            "key: e2b_e11e667c6a2b8c995faa63242ad9c6ea38bc97d9, and more",
            &["e2b_e11e667c6a2b8c995faa63242ad9c6ea38bc97d9"],
        ),
        example("cut short e2b_f36ccc886f840c4f8fb3d4f9", &[]),
        example("a placeholder e2b_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
