//! `discord_webhook`: Discord webhook.
//!
//! **Format.** The URL of a webhook at `discord.com` or `discordapp.com`: a number of 17 to 20
//! digits and a token of 60 to 72 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Discord developer documentation, "Webhook resource".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "discord_webhook",
    name: "Discord webhook",
    summary: "Discord webhook, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["discord", "webhook"],
    pattern: r"discord(?:app)?\.com/api/(?:v[0-9]{1,2}/)?webhooks/[0-9]{17,20}/[0-9A-Za-z_-]{60,72}\b{end-half}",
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"token = "discord.com/api/webhooks/899586993528044808/gruLGIjYuxUJQ2UWYC8b7kScnjazf6OMLLNTf3rE_u_J2pkBUtouFgbpXbx_jwSs""#,
            &[
                "discord.com/api/webhooks/899586993528044808/gruLGIjYuxUJQ2UWYC8b7kScnjazf6OMLLNTf3rE_u_J2pkBUtouFgbpXbx_jwSs",
            ],
        ),
        example(
            "Authorization: Bearer discord.com/api/v36/webhooks/468873090404226468/l-qPiQmopHzp7AwWTipSsmLjgvFERWUoio1T90cv4uXCLMGSEioHZyA-yh6vGyoM",
            &[
                "discord.com/api/v36/webhooks/468873090404226468/l-qPiQmopHzp7AwWTipSsmLjgvFERWUoio1T90cv4uXCLMGSEioHZyA-yh6vGyoM",
            ],
        ),
        example(
            "another host discord-com/api/webhooks/899586993528044808/gruLGIjYuxUJQ2UWYC8b7kScnjazf6OMLLNTf3rE_u_J2pkBUtouFgbpXbx_jwSs",
            &[],
        ),
        example("cut short discord.com/api/webhooks/899586993528044808/gruLGIjYux", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 20;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
