//! `dub_key`: Dub API key.
//!
//! **Format.** `dub_` and 24 letters or digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Dub documentation, "API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "dub_key",
    name: "Dub API key",
    summary: "Dub API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["dub"],
    pattern: alone!("dub_[0-9A-Za-z]{24}"),
    match_bytes_max: 32,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"dub_2QJAW4csTEI2uADImiUiYFBy","id":7}"#,
            &["dub_2QJAW4csTEI2uADImiUiYFBy"],
        ),
        example("key: dub_ST4UsAcN1tN8WM6PlA83Oagg, and more", &["dub_ST4UsAcN1tN8WM6PlA83Oagg"]),
        example("cut short dub_2QJAW4csTEI2uA", &[]),
        example("a placeholder dub_xxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
