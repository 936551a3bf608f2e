//! `zapier_webhook`: Zapier webhook.
//!
//! **Format.** The URL of a catch hook at `hooks.zapier.com`: a number of 5 to 9 digits and 6 to 12
//! letters or digits. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Zapier, "Webhooks by Zapier".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "zapier_webhook",
    name: "Zapier webhook",
    summary: "Zapier webhook, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["webhook", "zapier"],
    pattern: r"hooks\.zapier\.com/hooks/catch/[0-9]{5,9}/[0-9a-z]{6,12}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Authorization: Bearer hooks.zapier.com/hooks/catch/187455/nyn32qe",
            &["hooks.zapier.com/hooks/catch/187455/nyn32qe"],
        ),
        example(
            r#"token = "hooks.zapier.com/hooks/catch/018722248/o27o64""#,
            &["hooks.zapier.com/hooks/catch/018722248/o27o64"],
        ),
        example("another host hooks-zapier.com/hooks/catch/187455/nyn32qe", &[]),
        example("cut short hooks.zapier.com/hooks/catch/", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 29;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::Medium)
}
