//! `aws_appsync_api_key`: AWS AppSync API key.
//!
//! **Format.** `da2-` and 26 small letters or digits. No ASCII letter, digit or `_` may touch
//! it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word
//! that marks a placeholder.
//!
//! **Source.** AWS AppSync, "API_KEY authorization".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "aws_appsync_api_key",
    name: "AWS AppSync API key",
    summary: "AWS AppSync API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["appsync", "aws", "x-api-key"],
    pattern: alone!("da2-[0-9a-z]{26}"),
    match_bytes_max: 40,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(r#"key = "da2-if3xbxtlnv7moijesgcviyjklk""#, &["da2-if3xbxtlnv7moijesgcviyjklk"]),
        example(
            "Authorization: da2-4c2xp4s4opt6mx45sy2kmiqd6x\n",
            &["da2-4c2xp4s4opt6mx45sy2kmiqd6x"],
        ),
        example("cut short da2-if3xbxtlnv7", &[]),
        example("a placeholder da2-xxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
