//! `warpstream_key`: WarpStream key.
//!
//! **Format.** `aks_` and 64 hexadecimal digits. No ASCII letter, digit or `_` may touch it, but
//! an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** WarpStream documentation, "API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "warpstream_key",
    name: "WarpStream key",
    summary: "WarpStream key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["warpstream"],
    pattern: alone!("aks_[0-9a-f]{64}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"aks_e3b2f329e4988e7b53ae1ffe0296c663832d2b55b84b82eb86bcb569428939c1","id":7}"#,
            &["aks_e3b2f329e4988e7b53ae1ffe0296c663832d2b55b84b82eb86bcb569428939c1"],
        ),
        example(
            "key: aks_e5ee76706e68cf89ffb735fe7b2bed3a54932519fd778ac2c1cb2c51d8db6a15, and more",
            &["aks_e5ee76706e68cf89ffb735fe7b2bed3a54932519fd778ac2c1cb2c51d8db6a15"],
        ),
        example("cut short aks_e3b2f329e4988e7b53ae1ffe0296c663832d2b", &[]),
        example(
            "a placeholder aks_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
