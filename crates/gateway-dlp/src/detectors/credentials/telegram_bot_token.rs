//! `telegram_bot_token`: Telegram bot token.
//!
//! **Format.** A number of 8 to 10 digits, a colon, `AA` and 33 letters, digits, `-` or `_`. No
//! ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come right
//! before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Telegram Bot API, "Authorizing your bot".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "telegram_bot_token",
    name: "Telegram bot token",
    summary: "Telegram bot token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["bot", "telegram"],
    pattern: alone!("[0-9]{8,10}:AA[0-9A-Za-z_-]{33}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: Bearer 3722125878:AA97XYIknoX7l71G5IWO0syMLedLkg-NyVH",
            &["3722125878:AA97XYIknoX7l71G5IWO0syMLedLkg-NyVH"],
        ),
        example(
            r#"{"key":"839723198:AAd59wIasTseOt7bkcTQReq1xnnDOOHYD5C","id":7}"#,
            &["839723198:AAd59wIasTseOt7bkcTQReq1xnnDOOHYD5C"],
        ),
        example("cut short 3722125878:AA97XYIknoX7", &[]),
        example("a placeholder 3722125878:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 11;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
