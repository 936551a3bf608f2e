//! `hubspot_token`: HubSpot private app token.
//!
//! **Format.** `pat-`, `na` or `eu` and a digit, a dash and a UUID. No ASCII letter, digit or `_`
//! may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** HubSpot developer documentation, "Private apps".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "hubspot_token",
    name: "HubSpot private app token",
    summary: "HubSpot private app token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["hubspot"],
    pattern: alone!("pat-(?:na|eu|ap)[0-9]-[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"pat-na8-f1fc1111-Cf49-7E6D-bE63-4E6FB0AACD59","id":7}"#,
            &["pat-na8-f1fc1111-Cf49-7E6D-bE63-4E6FB0AACD59"],
        ),
        example(
            "key: pat-na8-3EeA233c-9DAD-dEcc-BF9a-A1F20675ecdB, and more",
            &["pat-na8-3EeA233c-9DAD-dEcc-BF9a-A1F20675ecdB"],
        ),
        example("cut short pat-na8-f1fc1111-Cf49-", &[]),
        example("a placeholder pat-na8-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 8;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
