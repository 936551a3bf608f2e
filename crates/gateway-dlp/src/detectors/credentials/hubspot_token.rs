//! `hubspot_token`: HubSpot private app token.
//!
//! **Format.** `pat-`, `na`, `eu` or `ap` and a digit, a dash and a UUID; or, for older ones, a
//! UUID that is assigned to a name with `hapikey`, or with `hubspot` and `key`, which is no part of
//! the finding. No ASCII letter, digit or `_` may follow, nor stand before a prefix but for an
//! escape such as `\n` or `%20`.
//!
//! **Validator.** What follows the prefix, or the value, looks random: enough entropy, no long run,
//! no word that marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `hubspot-api-key`, for the older kind; HubSpot
//! developer documentation, "Private apps".
//!
//! **Confidence.** High for the prefix: no other text has this form. Medium for a value that a name
//! tells.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::secret::{assigned, token_alone, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "hubspot_token",
    name: "HubSpot private app token",
    summary: "HubSpot private app token, by prefix or the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["hubspot"],
    pattern: concat!(
        alone!("pat-(?:na|eu|ap)[0-9]-[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
        "|",
        assigned!(
            "(?:hubspot[_. -]?(?:api[_. -]?)?key|hapikey)",
            "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
        ),
    ),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
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
        example(
            "https://api.hubapi.com/contacts/v1/lists?hapikey=7cd5b324-8907-baf4-a7db-ebce8c859301",
            &["7cd5b324-8907-baf4-a7db-ebce8c859301"],
        ),
        example(r#"hubspot_portal = "7cd5b324-8907-baf4-a7db-ebce8c859301""#, &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 8;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let begin = sample.matched.get(lead_in_len(sample.matched)..)?;
    if let [b'p', b'a', b't', b'-', ..] = begin {
        token_alone(sample, PREFIX, Confidence::High)
    } else {
        value(sample, Confidence::Medium)
    }
}
