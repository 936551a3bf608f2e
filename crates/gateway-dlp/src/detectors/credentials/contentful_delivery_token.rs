//! `contentful_delivery_token`: Contentful delivery token.
//!
//! **Format.** 43 letters, digits, `-` or `_`, assigned to a name of at most 30 more
//! characters; the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `contentful-delivery-api-token`. On the kind:
//! Contentful, "Authentication", Content Delivery API.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "contentful_delivery_token",
    name: "Contentful delivery token",
    summary: "Contentful delivery token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["contentful", "delivery"],
    pattern: assigned!("contentful", "[0-9A-Za-z_-]{43}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"CONTENTFUL_DELIVERY_TOKEN = "lfECBvJAFq4GgNrFxbKG8qYSd4fis0-xZM41pb2QS35""#,
            &["lfECBvJAFq4GgNrFxbKG8qYSd4fis0-xZM41pb2QS35"],
        ),
        example(
            r#"{"contentful_access_token": "3F2hUU6MxRXwurevxxphZgiZ3QYv4j-1tqT7FRrGJIX"}"#,
            &["3F2hUU6MxRXwurevxxphZgiZ3QYv4j-1tqT7FRrGJIX"],
        ),
        example("no name before it: lfECBvJAFq4GgNrFxbKG8qYSd4fis0-xZM41pb2QS35", &[]),
        example(
            r#"CONTENTFUL_DELIVERY_TOKEN = "lfECxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#,
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
