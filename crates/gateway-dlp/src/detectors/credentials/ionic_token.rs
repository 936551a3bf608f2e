//! `ionic_token`: Ionic personal access token.
//!
//! **Format.** `ion_` and 42 letters or digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `ionic.go`. On the kind: Ionic Appflow, "Personal access tokens".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ionic_token",
    name: "Ionic personal access token",
    summary: "Ionic personal access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["ionic"],
    pattern: alone!("ion_[0-9A-Za-z]{42}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "key: ion_1teuHuhiMEc0MKLt0cJ8ck1BGbDdJ0SsTqKrqUoDUJ, and more",
            &["ion_1teuHuhiMEc0MKLt0cJ8ck1BGbDdJ0SsTqKrqUoDUJ"],
        ),
        example(
            "Authorization: Bearer ion_mtMKoUD2rZGPQ9wnVxrgRX1fnbjRQxvdqzDNFXvTUr",
            &["ion_mtMKoUD2rZGPQ9wnVxrgRX1fnbjRQxvdqzDNFXvTUr"],
        ),
        example("cut short ion_1teuHuhiMEc0MKLt0cJ", &[]),
        example("a placeholder ion_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
