//! `discord_bot_token`: tokens of Discord bots.
//!
//! **Format.** The number of a user of 17 to 20 digits in base64 (23 to 28 characters), a point,
//! six letters, digits, `-` or `_`, a point and 27 to 45 more. No ASCII letter, digit or `_` may
//! touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The first part is base64 of digits alone. Where it is not, behind a name such as
//! `discord` or `bot`, at most 48 bytes before on the same line, or where it is all that a field
//! holds, the parts must look random and have capitals, small letters and digits.
//!
//! **Source.** Discord developer documentation, "Authentication".
//!
//! **Confidence.** High: the first part is digits in base64 by chance once in a billion. Low where it is
//! not.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::{base64_bytes, is_random};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "discord_bot_token",
    name: "Discord bot token",
    summary: "Tokens of Discord bots, by the number of the bot in base64 and by length",
    category: Category::Credentials,
    keywords: &["bot", "discord"],
    pattern: alone!(r"[MNO][0-9A-Za-z]{22,27}\.[0-9A-Za-z_-]{6}\.[0-9A-Za-z_-]{27,45}"),
    match_bytes_max: 96,
    validators: &["base64"],
    test: Test::Named(Named {
        right: judge,
        alone: form,
        form,
        names: &["bot", "discord"],
        ..Named::NOTHING
    }),
    examples: &[
        example(
            r#"token = "MTY0MzQyNDM2NTcxNzIwNTIw.WgJe04.5AJuxJbf2IZHospHd1Yw1B82sl0f4foZ1Yvf7R""#,
            &["MTY0MzQyNDM2NTcxNzIwNTIw.WgJe04.5AJuxJbf2IZHospHd1Yw1B82sl0f4foZ1Yvf7R"],
        ),
        example(
            "Bot OTAyNDIyNzA5MTgwNzYwMzYz.pKalOH.24MC5ySqUBxZGLpEwNKAouLPiQDH2iIYsjGUYA",
            &["OTAyNDIyNzA5MTgwNzYwMzYz.pKalOH.24MC5ySqUBxZGLpEwNKAouLPiQDH2iIYsjGUYA"],
        ),
        example(
            "first part is not digits MTIzmzqyQQzzAbCdEfGhIjKlMnO.WgJe04.5AJuxJbf2IZHospHd1Yw1B82sl0f4foZ1Yvf7R",
            &[],
        ),
        example(
            "discord: MZ8wHtRqkE4pD1xLs6Vn0bYu.gQ2mTz.Kc7Rj3-vXw9Bf5NlA1hSgo8PdEy",
            &["MZ8wHtRqkE4pD1xLs6Vn0bYu.gQ2mTz.Kc7Rj3-vXw9Bf5NlA1hSgo8PdEy"],
        ),
        example("Bot.NotificationListenerOfBots.create.somethingThatListensToMany", &[]),
        example("cut short MTY0MzQyNDM2NTcxNzIwNTIw.WgJe04.5AJuxJbf", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let user = sample.matched.get(lead..)?.split(|byte| *byte == b'.').next()?;
    let digits = base64_bytes(user).filter(u8::is_ascii_digit).count();
    let real = (17..=20).contains(&digits) && digits == base64_bytes(user).count();
    real.then_some(Judgement { confidence: Confidence::High, lead, trail: 0 })
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let token = sample.matched.get(lead..)?;
    let is_drawn = |part: &[u8]| {
        let has = |is: fn(&u8) -> bool| part.iter().any(is);
        let is_mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
        is_mixed && has(u8::is_ascii_digit) && is_random(part)
    };
    let mut parts = token.split(|byte| *byte == b'.');
    let drawn = is_drawn(parts.next()?) && is_drawn(parts.next_back()?);
    drawn.then_some(Judgement { confidence: Confidence::Low, lead, trail: 0 })
}
