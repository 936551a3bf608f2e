//! `crates_io_token`: crates.io API token.
//!
//! **Format.** `cio` and 32 letters or digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder; it has a digit, a capital and a small letter.
//!
//! **Source.** kingfisher, `crates.io.yml`. On the kind: The Cargo Book, "Publishing on crates.io".
//!
//! **Confidence.** Medium: the prefix is short, but little else has the length behind it.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "crates_io_token",
    name: "crates.io API token",
    summary: "crates.io API token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["cargo", "crates"],
    pattern: alone!("cio[0-9A-Za-z]{32}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "cargo login cio4sZJsshFBZecwkMRu2vQuZ19cy0rNoJj",
            &["cio4sZJsshFBZecwkMRu2vQuZ19cy0rNoJj"],
        ),
        example(
            r#"{"token":"cioSRbW38sVzAGT5XolHAdnpPqk1KgBaK8b"}"#,
            &["cioSRbW38sVzAGT5XolHAdnpPqk1KgBaK8b"],
        ),
        example("cut short cio4sZJsshFBZecwkMRu2vQuZ19cy0", &[]),
        example("one case cion3tn3tn3tn3tn3tn3tn3tn3tn3tn3tn3", &[]),
        example("a placeholder cioxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let has = |kind: fn(&u8) -> bool| sample.matched.iter().skip(PREFIX).any(kind);
    let is_mixed =
        has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    if is_mixed { token_alone(sample, PREFIX, Confidence::Medium) } else { None }
}
