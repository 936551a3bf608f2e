//! `facebook_access_token`: Facebook access token.
//!
//! **Format.** `EAA`, a letter and 80 to 300 letters or digits. No ASCII letter, digit or `_` may
//! touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Meta for Developers, "Access tokens".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "facebook_access_token",
    name: "Facebook access token",
    summary: "Facebook access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["access_token", "facebook", "meta"],
    pattern: alone!("EAA[A-Z][0-9A-Za-z]{80,}"),
    match_bytes_max: 320,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"EAACz9aD5o5k0LwoNpqw6kVBFxVyE8FlGRLlbThANaVg7y15DAbwnIYEQfs06dYwqOwzbPKwBptt5khVzfrCSFt","id":7}"#,
            &[
                "EAACz9aD5o5k0LwoNpqw6kVBFxVyE8FlGRLlbThANaVg7y15DAbwnIYEQfs06dYwqOwzbPKwBptt5khVzfrCSFt",
            ],
        ),
        example(
            r#"token = "EAAHqKgCZHIvnmUgkqam4kUKx3hZgMj6OBwHjoWGJVk1Xcm13nwcqp0S7ZdyX93LaZpprRvbQqST9UOBZFjaO6S4""#,
            &[
                "EAAHqKgCZHIvnmUgkqam4kUKx3hZgMj6OBwHjoWGJVk1Xcm13nwcqp0S7ZdyX93LaZpprRvbQqST9UOBZFjaO6S4",
            ],
        ),
        example("cut short EAACz9aD5o5k0LwoNpqw6kVBFxVyE8FlGRLlbThANaV", &[]),
        example(
            "a placeholder EAACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
