//! `kraken_private_key`: Kraken private key.
//!
//! **Format.** 86 characters of base64 and its padding, assigned to a name of at most 30 more
//! characters; the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `kraken-access-token`. On the kind: Kraken, "API
//! keys".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "kraken_private_key",
    name: "Kraken private key",
    summary: "Kraken private key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["kraken"],
    pattern: assigned!("kraken", "[0-9A-Za-z+/]{86}=="),
    match_bytes_max: 160,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"kraken = "8TEVYNUcHzRYfFBN/rO7jg5W8AsE2JIAA3QgrrcqKIcVYrn8NC6pYXd1hNBv1TBmNfB1J44be8kNjbXj7EtO+A==""#,
            &[
                "8TEVYNUcHzRYfFBN/rO7jg5W8AsE2JIAA3QgrrcqKIcVYrn8NC6pYXd1hNBv1TBmNfB1J44be8kNjbXj7EtO+A==",
            ],
        ),
        example(
            r#"{"kraken": "s7GswazuY12ZWZ9eg+2V9RC6fhgOIsKzmIlNlv6SDZ9cGjqRVPOvV97JOVfo1rY0dWoEmRIofOrjRBueh7o8+w=="}"#,
            &[
                "s7GswazuY12ZWZ9eg+2V9RC6fhgOIsKzmIlNlv6SDZ9cGjqRVPOvV97JOVfo1rY0dWoEmRIofOrjRBueh7o8+w==",
            ],
        ),
        example(
            "no name before it: 8TEVYNUcHzRYfFBN/rO7jg5W8AsE2JIAA3QgrrcqKIcVYrn8NC6pYXd1hNBv1TBmNfB1J44be8kNjbXj7EtO+A==",
            &[],
        ),
        example(
            r#"kraken = "xxxxxxxxxxxxxxxx/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx+x==""#,
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
