//! `sentry_user_token`: Sentry user token.
//!
//! **Format.** `sntryu_` and 64 hexadecimal digits. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Sentry, "Auth tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "sentry_user_token",
    name: "Sentry user token",
    summary: "Sentry user token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["sentry"],
    pattern: r"sntryu_[0-9a-f]{64}\b{end-half}",
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "key: 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, and more",
            &["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"],
        ),
        example(
            "Authorization: Bearer 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",
            &["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"],
        ),
        example("cut short sntryu_8dee296e2eabbb58b01f3d8c60fe", &[]),
        example(
            "a placeholder sntryu_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
