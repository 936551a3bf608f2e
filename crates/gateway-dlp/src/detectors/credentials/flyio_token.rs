//! `flyio_token`: Fly.io access token.
//!
//! **Format.** `fo1_` and 43 letters, digits, `-` or `_`; or `fm1a_`, `fm1r_` or `fm2_` and 100 to
//! 700 characters of base64. No ASCII letter, digit or `_` may touch it, but an escape such as `\n`
//! or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `flyio-access-token`. On the kind: Fly.io, "Access
//! tokens".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "flyio_token",
    name: "Fly.io access token",
    summary: "Fly.io access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["fly"],
    pattern: alone!("(?:fo1_[0-9A-Za-z_-]{43}|fm(?:1[ar]|2)_[0-9A-Za-z+/]{100,}={0,3})"),
    match_bytes_max: 720,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: Bearer fo1_p0jcCQ_Cy9O8dbZP6aC1ZoF2pdQaEfy1W5TSrgzx1MM",
            &["fo1_p0jcCQ_Cy9O8dbZP6aC1ZoF2pdQaEfy1W5TSrgzx1MM"],
        ),
        example(
            "export TOKEN=fm1a_LlYxKjHHwlZKg/m+abp84c3h5kI8eQjaYC9ISjkDfacrNsB7tC0vrgOmxT5FWJliIY8Xpaxc3BPig1KCP14dztjuCna7rGk6KsnGzpyCl/===\n",
            &[
                "fm1a_LlYxKjHHwlZKg/m+abp84c3h5kI8eQjaYC9ISjkDfacrNsB7tC0vrgOmxT5FWJliIY8Xpaxc3BPig1KCP14dztjuCna7rGk6KsnGzpyCl/===",
            ],
        ),
        example("cut short fo1_p0jcCQ_Cy9O8dbZP6aC", &[]),
        example("a placeholder fo1_xxxxxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
