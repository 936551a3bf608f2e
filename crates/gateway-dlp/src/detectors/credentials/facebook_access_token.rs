//! `facebook_access_token`: Facebook access token.
//!
//! **Format.** `EAA`, a letter and 80 to 300 letters or digits; or, as applications have it, their
//! number of 15 to 17 digits, `|` and 27 or 28 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `facebook-page-access-token`. On the kind: Meta
//! for Developers, "Access tokens".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::is_random;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "facebook_access_token",
    name: "Facebook access token",
    summary: "Facebook access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["access_token", "facebook", "meta"],
    pattern: alone!(r"(?:EAA[A-Z][0-9A-Za-z]{80,}|[1-9][0-9]{14,16}\|[0-9A-Za-z_-]{27,28})"),
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
        example(
            "access_token=482917360518274|Zk3vQ9-tWm7Lr0XcB5nHs2DyUe8",
            &["482917360518274|Zk3vQ9-tWm7Lr0XcB5nHs2DyUe8"],
        ),
        example("a table 482917360518274|what-is-told-of-this-number", &[]),
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
    if let Some(bar) = sample.matched.iter().position(|byte| *byte == b'|') {
        let secret = sample.matched.get(bar + 1..)?;
        let has = |is: fn(&u8) -> bool| secret.iter().any(is);
        let is_mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase);
        let lead = lead_in_len(sample.matched);
        let is_token = is_mixed && is_random(secret);
        return is_token.then_some(Judgement { confidence: Confidence::Medium, lead, trail: 0 });
    }
    token_alone(sample, PREFIX, Confidence::Medium)
}
