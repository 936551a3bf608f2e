//! `npm_token`: npm access token.
//!
//! **Format.** `npm_` and 36 letters or digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** High where the last six characters are the CRC-32 of the thirty before them, in
//! base 62; else what follows the prefix must look random
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `npm-access-token`. On the kind: npm, "About
//! access tokens"; GitHub blog, "npm has a new access token format" (2021).
//!
//! **Confidence.** High: with the checksum; medium without.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::checked;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "npm_token",
    name: "npm access token",
    summary: "npm access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["npm"],
    pattern: alone!("npm_[0-9A-Za-z]{36}"),
    match_bytes_max: 48,
    validators: &["crc32", "random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "export TOKEN=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\n",
            &["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"],
        ),
        example(
            "Authorization: Bearer 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",
            &["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"],
        ),
        example("cut short npm_vBj0jxjQhxqtFvPU", &[]),
        example("a placeholder npm_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    checked(sample, PREFIX, Confidence::Medium)
}
