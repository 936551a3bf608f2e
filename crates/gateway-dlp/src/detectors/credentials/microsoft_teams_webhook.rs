//! `microsoft_teams_webhook`: Microsoft Teams webhook.
//!
//! **Format.** The URL of an incoming webhook at `webhook.office.com`, or of the older ones at
//! `outlook.office.com`: two UUIDs joined by `@`,
//! `/IncomingWebhook/`, 32 hexadecimal digits, `/` and a UUID. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `microsoft-teams-webhook`. On the kind: Microsoft
//! Teams, "Create incoming webhooks".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "microsoft_teams_webhook",
    name: "Microsoft Teams webhook",
    summary: "Microsoft Teams webhook, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["teams", "webhook"],
    pattern: r"(?:webhook\.office\.com/webhookb2|outlook\.office(?:365)?\.com/webhook)/[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}@[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}/IncomingWebhook/[0-9a-f]{32}/[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b{end-half}",
    match_bytes_max: 192,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "url: https://outlook.office.com/webhook/8a67639f-7408-0f56-c5aa-328f676226e2@36a23e23-8e3b-1c77-fc4c-011f1bd38f1f/IncomingWebhook/34920fbd01f40072e3cf347862554017/cdf83fd9-89e6-0f21-0402-362d53c9efc6",
            &[
                "outlook.office.com/webhook/8a67639f-7408-0f56-c5aa-328f676226e2@36a23e23-8e3b-1c77-fc4c-011f1bd38f1f/IncomingWebhook/34920fbd01f40072e3cf347862554017/cdf83fd9-89e6-0f21-0402-362d53c9efc6",
            ],
        ),
        example(
            "Authorization: Bearer webhook.office.com/webhookb2/a45e2056-3E66-0BE9-b8b9-aDC65FFe6BF8@C86CD2a4-fBef-BdbE-cCdf-f0ff4D63b81B/IncomingWebhook/116d94cff0deeb7f49b4f91d4414c567/cA4FE78b-5fB6-9D19-eB1d-35bcf9a9dB9A",
            &[
                "webhook.office.com/webhookb2/a45e2056-3E66-0BE9-b8b9-aDC65FFe6BF8@C86CD2a4-fBef-BdbE-cCdf-f0ff4D63b81B/IncomingWebhook/116d94cff0deeb7f49b4f91d4414c567/cA4FE78b-5fB6-9D19-eB1d-35bcf9a9dB9A",
            ],
        ),
        example(
            r#"token = "webhook.office.com/webhookb2/7bDa607b-cba6-f7c3-ae7f-E8Fd3A0FfB88@9BF50d34-C867-1Cde-4EeC-FfDFaA9B5bEf/IncomingWebhook/6b56e57a8b7861e4a62f172182818083/4b7E48Ba-DDF6-D7dF-8d0A-de2b40c759Bf""#,
            &[
                "webhook.office.com/webhookb2/7bDa607b-cba6-f7c3-ae7f-E8Fd3A0FfB88@9BF50d34-C867-1Cde-4EeC-FfDFaA9B5bEf/IncomingWebhook/6b56e57a8b7861e4a62f172182818083/4b7E48Ba-DDF6-D7dF-8d0A-de2b40c759Bf",
            ],
        ),
        example(
            "another host webhook-office.com/webhookb2/a45e2056-3E66-0BE9-b8b9-aDC65FFe6BF8@C86CD2a4-fBef-BdbE-cCdf-f0ff4D63b81B/IncomingWebhook/116d94cff0deeb7f49b4f91d4414c567/cA4FE78b-5fB6-9D19-eB1d-35bcf9a9dB9A",
            &[],
        ),
        example(
            "cut short webhook.office.com/webhookb2/a45e2056-3E66-0BE9-b8b9-aDC65FFe6BF8@C86CD2a4-fBef-BdbE-cCdf-f0ff",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 29;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
