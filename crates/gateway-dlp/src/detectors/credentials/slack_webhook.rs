//! `slack_webhook`: Slack webhook.
//!
//! **Format.** The URL of a webhook at `hooks.slack.com`: `T`, `B` and their ids, and 23 to 25
//! letters or digits; or of a trigger of a workflow. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `slack-webhook-url`. On the kind: Slack, "Sending
//! messages using incoming webhooks".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "slack_webhook",
    name: "Slack webhook",
    summary: "Slack webhook, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["slack", "webhook"],
    pattern: r"hooks\.slack\.com/(?:services/T[0-9A-Z]{8,12}/B[0-9A-Z]{8,12}/[0-9A-Za-z]{23,25}|(?:workflows|triggers)/[TE][0-9A-Z]{8,12}/(?:A[0-9A-Z]{8,12}/)?[0-9]{10,20}/[0-9A-Za-z]{24,32})\b{end-half}",
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "key: hooks.slack.com/workflows/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, and more",
            &["hooks.slack.com/workflows/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"],
        ),
        example(
            "export TOKEN=hooks.slack.com/triggers/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\n",
            &[
                "hooks.slack.com/triggers/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",
            ],
        ),
        example(
            "another host hooks-slack.com/workflows/TCYYDT0GCH/1269718701197439/wATpOEPnDcinmpwIICCyzPG5",
            &[],
        ),
        example("cut short hooks.slack.com/workflows/TCYYDT0GCH/12", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 26;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
