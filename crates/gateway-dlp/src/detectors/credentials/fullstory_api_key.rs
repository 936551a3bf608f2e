//! `fullstory_api_key`: FullStory API key.
//!
//! **Format.** `na1.` or `eu1.` and 100 characters of base64. No ASCII letter, digit or `_` may
//! touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `fullstory.go`. On the kind: FullStory developer documentation,
//! "Authentication".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "fullstory_api_key",
    name: "FullStory API key",
    summary: "FullStory API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["fullstory"],
    pattern: alone!(r"(?:na1|eu1)\.[0-9A-Za-z+/]{80,}={0,2}"),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: Bearer eu1.zyc7c2ZtISgIh12Ny3/zql7OboGFBLjCHp/kGZyEcY2uJr0utbXZTB4CPzFiizeIK/+Z3XWivs8IApfWb8C",
            &[
                "eu1.zyc7c2ZtISgIh12Ny3/zql7OboGFBLjCHp/kGZyEcY2uJr0utbXZTB4CPzFiizeIK/+Z3XWivs8IApfWb8C",
            ],
        ),
        example(
            "key: eu1.Q3DvV9LT+aae23RXyMxhy9bqKjmMF4rbSzH+UfS4dZYw0/lpd+v3hCrbfrvD6n1XmrJ6ElI1oohegXJ0UR==, and more",
            &[
                "eu1.Q3DvV9LT+aae23RXyMxhy9bqKjmMF4rbSzH+UfS4dZYw0/lpd+v3hCrbfrvD6n1XmrJ6ElI1oohegXJ0UR==",
            ],
        ),
        example("cut short eu1.zyc7c2ZtISgIh12Ny3/zql7OboGFBLjCHp/kGZy", &[]),
        example(
            "a placeholder eu1.xxxxxxxxxxxxxxxxxx/xxxxxxxxxxxxxxx/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/+xxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
