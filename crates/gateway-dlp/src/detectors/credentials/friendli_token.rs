//! `friendli_token`: Friendli access token.
//!
//! **Format.** `flp_` and 46 letters or digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `friendli.yml`. On the kind: Friendli documentation, "Personal access
//! tokens".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "friendli_token",
    name: "Friendli access token",
    summary: "Friendli access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["friendli"],
    pattern: alone!("flp_[0-9A-Za-z]{46}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"flp_XIH422d1NIJJTvAfhXgjnyiJk8ZLKTggEBZmPbbwnV02Pl","id":7}"#,
            &["flp_XIH422d1NIJJTvAfhXgjnyiJk8ZLKTggEBZmPbbwnV02Pl"],
        ),
        example(
            "key: flp_SiYugeIsoX0IQ6Gw7lKl67cNoyMA3GQ7jgS7F3EMbgxCd4, and more",
            &["flp_SiYugeIsoX0IQ6Gw7lKl67cNoyMA3GQ7jgS7F3EMbgxCd4"],
        ),
        example("cut short flp_XIH422d1NIJJTvAfhXgjnyiJk8Z", &[]),
        example("a placeholder flp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
