//! `nuget_api_key`: NuGet API key.
//!
//! **Format.** `oy2` and 43 letters or digits in lower case. No ASCII letter, digit or `_` may
//! touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** NuGet, "Publish a package", API keys.
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "nuget_api_key",
    name: "NuGet API key",
    summary: "NuGet API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["nuget"],
    pattern: alone!("oy2[0-9a-z]{43}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"token = "oy2oj2qwprtxfh6jjjrua96r9iurjmpbzzpj28tsfzr3l2""#,
            &["oy2oj2qwprtxfh6jjjrua96r9iurjmpbzzpj28tsfzr3l2"],
        ),
        example(
            "Authorization: Bearer oy2bqgoi2au7ouv6q8hklxb3xq57w9nuxykydszniu6nk9",
            &["oy2bqgoi2au7ouv6q8hklxb3xq57w9nuxykydszniu6nk9"],
        ),
        example("cut short oy2oj2qwprtxfh6jjjrua96", &[]),
        example("a placeholder oy2xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
