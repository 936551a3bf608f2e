//! `gcp_oauth_refresh_token`: Google OAuth refresh token.
//!
//! **Format.** `1//0`, a letter or digit and 38 to 120 letters, digits, `-` or `_`. No ASCII
//! letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Google Identity, "Using OAuth 2.0".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gcp_oauth_refresh_token",
    name: "Google OAuth refresh token",
    summary: "Google OAuth refresh token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["google", "refresh_token"],
    pattern: alone!("1//0[0-9A-Za-z][0-9A-Za-z_-]{38,}"),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"1//0wABFkcdMS1J-FvwjIEPugXn9sxTWiObvpq3nc3WPCYNs","id":7}"#,
            &["1//0wABFkcdMS1J-FvwjIEPugXn9sxTWiObvpq3nc3WPCYNs"],
        ),
        example(
            "Authorization: Bearer 1//0utl_nucgGoSIgXsPFBn97MfRcP6uUJ4SqUkgWehOzf_",
            &["1//0utl_nucgGoSIgXsPFBn97MfRcP6uUJ4SqUkgWehOzf_"],
        ),
        example("cut short 1//0wABFkcdMS1J-FvwjIEPu", &[]),
        example("a placeholder 1//0xxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
