//! `pyx_token`: Token of the package registry pyx.
//!
//! **Format.** `sk-pyx-` (users) or `tp-pyx-` (trusted publishing) and 64 letters or digits; or `2`
//! and 45 letters. No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20`
//! may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** noseyparker, `pyx.yml`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "pyx_token",
    name: "pyx token",
    summary: "Token of the package registry pyx, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["pyx"],
    pattern: alone!("(?:sk|tp)-pyx-(?:[0-9A-Za-z]{64}|2[A-Za-z]{45})"),
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "UV_PUBLISH_TOKEN=sk-pyx-Jt3Y6ADt8QGRhfBcGUWJsP5yv6d90sAnFY7GZFVzmC7VCm8ZEiNLnVrdS8jXC7cd",
            &["sk-pyx-Jt3Y6ADt8QGRhfBcGUWJsP5yv6d90sAnFY7GZFVzmC7VCm8ZEiNLnVrdS8jXC7cd"],
        ),
        example(
            r#"password="tp-pyx-2FKmPwVGZvzmqxMoeEmXjWmEnhWalENzlzHRHsPuuoAPjV""#,
            &["tp-pyx-2FKmPwVGZvzmqxMoeEmXjWmEnhWalENzlzHRHsPuuoAPjV"],
        ),
        example(
            "PYX_API_KEY=sk-pyx-2zCMiaupAPIwenNDSrLaQqfqwkrGaUcSbfoJcqhtzQGxua",
            &["sk-pyx-2zCMiaupAPIwenNDSrLaQqfqwkrGaUcSbfoJcqhtzQGxua"],
        ),
        example("cut short sk-pyx-Jt3Y6ADt8QGRhfBcGUWJsP5", &[]),
        example(
            "a placeholder sk-pyx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
