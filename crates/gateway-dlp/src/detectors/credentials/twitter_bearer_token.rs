//! `twitter_bearer_token`: X (Twitter) bearer token of an application.
//!
//! **Format.** 18 to 26 times `A` and 80 to 200 letters, digits or escapes such as `%2B`. No ASCII
//! letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the front looks random: enough entropy, no long run, no word that
//! marks a placeholder; and there is a `%`, which base64 in text has not.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `twitter-bearer-token`. On the kind: X developer
//! platform, "OAuth 2.0 bearer token".
//!
//! **Confidence.** Medium: the front and the escapes are telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::secret::is_end_of_token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::is_random;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "twitter_bearer_token",
    name: "X bearer token",
    summary: "X (Twitter) bearer token, by its front, length and alphabet",
    category: Category::Credentials,
    keywords: &["bearer", "twitter"],
    pattern: alone!("A{18}[0-9A-Za-z%]{80,}"),
    match_bytes_max: 240,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: Bearer AAAAAAAAAAAAAAAAAAAAAAPEPFaEbqI%2BMfvg7b8BT77x%3DS67TalxwxLvRr9u6V5877qykM0oQt169IffQEeYfRmhwy3uo2p",
            &[
                "AAAAAAAAAAAAAAAAAAAAAAPEPFaEbqI%2BMfvg7b8BT77x%3DS67TalxwxLvRr9u6V5877qykM0oQt169IffQEeYfRmhwy3uo2p",
            ],
        ),
        example(
            "TWITTER_BEARER_TOKEN=AAAAAAAAAAAAAAAAAAAAAb1iJqZJzk%2F1Pa3vumyrFVYlk4TLY4QbQdjctwEjdisPwLqpu7pdpqB7h0MfZJlaOLRmuFyxiN13Xon7B0GDrA934",
            &[
                "AAAAAAAAAAAAAAAAAAAAAb1iJqZJzk%2F1Pa3vumyrFVYlk4TLY4QbQdjctwEjdisPwLqpu7pdpqB7h0MfZJlaOLRmuFyxiN13Xon7B0GDrA934",
            ],
        ),
        example(
            "no escape AAAAAAAAAAAAAAAAAAAAAAPEPFaEbqI2BMfvg7b8BT77x3DS67TalxwxLvRr9u6V5877qykM0oQt169IffQEeYfRmhwy3uo2p",
            &[],
        ),
        example("cut short AAAAAAAAAAAAAAAAAAAAAAPEPFaEbqI%2BMfvg7b8BT77x%3DS67TalxwxLv", &[]),
        example(
            "a placeholder AAAAAAAAAAAAAAAAAAAAAA%xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let token = sample.matched.get(lead..)?;
    let front = token.iter().take_while(|byte| **byte == b'A').count();
    let body = token.get(front..)?;
    let is_one = front <= 26 && body.contains(&b'%') && is_random(body);
    is_one.then_some(Judgement { confidence: Confidence::Medium, lead, trail: 0 })
}
