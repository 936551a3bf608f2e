//! `slack_token`: Slack token.
//!
//! **Format.** `xoxb` (bot), `xoxp` (user), `xoxc` (a session of a browser), `xoxa`, `xoxe`,
//! `xoxr`, `xoxs` or `xoxo`, for some `2`, one to three numbers of 6 to 14 digits and 10 to 64
//! letters or digits, parted by dashes. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The last part looks random: enough entropy, no long run, no word that marks a
//! placeholder. The numbers before it are those of a workspace and of a user.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `slack-bot-token`; betterleaks,
//! `config/betterleaks.toml`, `slack-session-token`. On the kind: Slack, "Token types".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::is_random;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "slack_token",
    name: "Slack token",
    summary: "Slack token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["slack"],
    pattern: r"xox[abceoprs](?:-2)?(?:-[0-9]{6,14}){1,3}-[0-9A-Za-z]{10,64}\b{end-half}",
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"token":"xoxc-468995699713-9924431333292-8836563131181-d8ddf782cf1e067cb90312fec64233035c1fdf47c8f026782561587c6f37c6cc"}"#,
            &[
                "xoxc-468995699713-9924431333292-8836563131181-d8ddf782cf1e067cb90312fec64233035c1fdf47c8f026782561587c6f37c6cc",
            ],
        ),
        example(
            "key: xoxs-9106095248-7585239570-56851669288425-hXEISqZ6H8ATmfI29MDj, and more",
            &["xoxs-9106095248-7585239570-56851669288425-hXEISqZ6H8ATmfI29MDj"],
        ),
        example(
            "Authorization: Bearer xoxb-4774905443895-336702040-Qfsh2X65vshiGuZrJ0Sz",
            &["xoxb-4774905443895-336702040-Qfsh2X65vshiGuZrJ0Sz"],
        ),
        example(
            "SLACK_TOKEN='xoxp-730164-298513-402877-b81f0a94e3c7d25f'",
            &["xoxp-730164-298513-402877-b81f0a94e3c7d25f"],
        ),
        example(
            "one of 2015 xoxs-416843729158-132049654-5609968301-e708ba56e1",
            &["xoxs-416843729158-132049654-5609968301-e708ba56e1"],
        ),
        example("cut short xoxs-9106095248-7585239570-5685", &[]),
        example(
            "a placeholder xoxs-xxxxxxxxxx-xxxxxxxxxx-xxxxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let secret = sample.matched.rsplit(|byte| *byte == b'-').next()?;
    // Fewer are those of old tokens, which are hexadecimal, or digits of a token that was cut.
    let is_whole = secret.len() >= 16 || secret.iter().any(u8::is_ascii_alphabetic);
    if is_whole && is_random(secret) { Judgement::whole(Confidence::High) } else { None }
}
