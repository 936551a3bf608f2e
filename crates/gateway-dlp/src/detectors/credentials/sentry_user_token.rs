//! `sentry_user_token`: Sentry user token.
//!
//! **Format.** `sntryu_` and 64 hexadecimal digits; or, for older ones, the digits alone, assigned
//! to a name with `sentry` and, for example, `key` in it, which is no part of the finding. No ASCII
//! letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix, or the value, looks random: enough entropy, no long run,
//! no word that marks a placeholder.
//!
//! **Source.** sentry-cli, `auth_token/mod.rs`, for the prefix; gitleaks, `config/gitleaks.toml`,
//! `sentry-user-token` and `sentry-access-token`.
//!
//! **Confidence.** High for the prefix: no other text has this form. Medium for a value that a name
//! tells.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, token, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "sentry_user_token",
    name: "Sentry user token",
    summary: "Sentry user token, by prefix or the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["sentry"],
    pattern: concat!(
        r"sntryu_[0-9a-f]{64}\b{end-half}",
        "|",
        assigned!("sentry[_. -]?(?:(?:api|auth)[_. -]?)?(?:key|token)", "[0-9a-f]{64}"),
    ),
    match_bytes_max: 144,
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
        example(
            "SENTRY_AUTH_TOKEN=61d4c8b4ef198c7a7ea770718e83a41ca571e9101106b3ddd8b9dffba1e18edf",
            &["61d4c8b4ef198c7a7ea770718e83a41ca571e9101106b3ddd8b9dffba1e18edf"],
        ),
        example(
            "no name before it: 61d4c8b4ef198c7a7ea770718e83a41ca571e9101106b3ddd8b9dffba1e18edf",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    if let [b's', b'n', b't', b'r', b'y', b'u', b'_', ..] = sample.matched {
        token(sample, PREFIX, Confidence::High)
    } else {
        value(sample, Confidence::Medium)
    }
}
