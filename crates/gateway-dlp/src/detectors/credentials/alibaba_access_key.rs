//! `alibaba_access_key`: Alibaba Cloud access key id.
//!
//! **Format.** `LTAI` and 12 to 21 letters or digits. No ASCII letter, digit or `_` may touch it,
//! but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `alibaba-access-key-id`.
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "alibaba_access_key",
    name: "Alibaba Cloud access key id",
    summary: "Alibaba Cloud access key id, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["accesskeyid", "alibaba", "aliyun"],
    pattern: alone!("LTAI[0-9A-Za-z]{12,21}"),
    match_bytes_max: 32,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example("key: LTAIPfmXv1yjb9A5N0, and more", &["LTAIPfmXv1yjb9A5N0"]),
        example("export TOKEN=LTAI1vilANTCgMq19d\n", &["LTAI1vilANTCgMq19d"]),
        example("cut short LTAIPfmXv", &[]),
        example("a placeholder LTAIxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
