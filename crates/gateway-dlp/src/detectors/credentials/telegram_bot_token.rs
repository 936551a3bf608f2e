//! `telegram_bot_token`: Telegram bot token.
//!
//! **Format.** A number of 8 to 10 digits, a colon, `AA` and 33 letters, digits, `-` or `_`. No
//! ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come right
//! before it. In URLs, behind `/bot`, and behind a name, at most 48 bytes before on the same line, a
//! number of 5 to 16 digits, a colon, `A` and 33 or 34 of them.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `telegram-bot-api-token`. On the kind: Telegram
//! Bot API, "Authorizing your bot".
//!
//! **Confidence.** High: no other text has this form. Low where a name tells it.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::secret::{token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "telegram_bot_token",
    name: "Telegram bot token",
    summary: "Telegram bot token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["bot", "telegram"],
    pattern: concat!(
        alone!("[0-9]{5,16}:A[0-9A-Za-z_-]{33,34}"),
        r"|/bot[0-9]{5,16}:A[0-9A-Za-z_-]{33,34}\b{end-half}",
    ),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Named(Named { right: judge, form, names: &["bot", "telegram"], ..Named::NOTHING }),
    examples: &[
        example(
            "Authorization: Bearer 3722125878:AA97XYIknoX7l71G5IWO0syMLedLkg-NyVH",
            &["3722125878:AA97XYIknoX7l71G5IWO0syMLedLkg-NyVH"],
        ),
        example(
            r#"{"key":"839723198:AAd59wIasTseOt7bkcTQReq1xnnDOOHYD5C","id":7}"#,
            &["839723198:AAd59wIasTseOt7bkcTQReq1xnnDOOHYD5C"],
        ),
        example(
            "GET https://api.telegram.org/bot482917:AbZ-Kq3Vt8wLr0XcB5nHs2DyUe8Gm4Pf7Jt/getMe",
            &["482917:AbZ-Kq3Vt8wLr0XcB5nHs2DyUe8Gm4Pf7Jt"],
        ),
        example(
            "telegram_key: 482917:AbZ-Kq3Vt8wLr0XcB5nHs2DyUe8Gm4Pf7Jt",
            &["482917:AbZ-Kq3Vt8wLr0XcB5nHs2DyUe8Gm4Pf7Jt"],
        ),
        example("no name 482917:AbZ-Kq3Vt8wLr0XcB5nHs2DyUe8Gm4Pf7Jt", &[]),
        example("bot 32947444:Auajgxjb6n6iidjlrp5anav_4jrs3dufxyu-and-more", &[]),
        example("cut short 3722125878:AA97XYIknoX7", &[]),
        example("a placeholder 3722125878:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 11;
/// What stands before a token in URLs.
const URL: &[u8] = b"/bot";

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    if goes_on(sample) {
        return None;
    }
    if sample.matched.starts_with(URL) {
        let judgement = token(sample, URL.len(), Confidence::High)?;
        return Some(Judgement { lead: URL.len(), ..judgement });
    }
    let number = sample.matched.get(lead_in_len(sample.matched)..)?;
    let (id, secret) = number.split_at_checked(number.iter().position(|byte| *byte == b':')?)?;
    let is_usual = matches!(id.len(), 8..=10) && secret.starts_with(b":AA") && secret.len() == 36;
    if is_usual { token_alone(sample, PREFIX, Confidence::High) } else { None }
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    if goes_on(sample) { None } else { token_alone(sample, PREFIX, Confidence::Low) }
}

/// Whether a dash, which tokens may have, stands behind what was matched.
fn goes_on(sample: &Sample<'_>) -> bool {
    sample.after == Some(b'-')
}
