//! `sentry_dsn`: Sentry client key (DSN).
//!
//! **Format.** A URL with 32 hexadecimal digits as its user, for older ones a password of 32 more,
//! and a host at `sentry.io`. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `sentry.yml`. On the kind: Sentry, "Data source name".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "sentry_dsn",
    name: "Sentry client key (DSN)",
    summary: "Sentry client key (DSN), by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["dsn", "sentry"],
    pattern: r"https://[0-9a-f]{32}(?::[0-9a-f]{32})?@(?:o[0-9]{1,10}\.)?(?:ingest\.)?(?:(?:us|de)\.)?sentry\.io/[0-9]{1,16}\b{end-half}",
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"token = "https://066b6ab2fe57ba15b01975d5367898c8:85309a4acf117e1ce6c58c3c65e2f88c@o65798.ingest.sentry.io/836""#,
            &[
                "https://066b6ab2fe57ba15b01975d5367898c8:85309a4acf117e1ce6c58c3c65e2f88c@o65798.ingest.sentry.io/836",
            ],
        ),
        example(
            "Authorization: Bearer https://f3764b6ef42476b65561a8b9e2d0fa48@ingest.us.sentry.io/326",
            &["https://f3764b6ef42476b65561a8b9e2d0fa48@ingest.us.sentry.io/326"],
        ),
        example("cut short https://066b6ab2fe57ba15b01975d5367898c8:85309a4ac", &[]),
        example(
            "a placeholder https://xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx@xxxxxx.xxxxxx.xxxxxx.xx/xxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 8;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::Medium)
}
