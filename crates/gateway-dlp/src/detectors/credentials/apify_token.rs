//! `apify_token`: Apify API token.
//!
//! **Format.** `apify_api_` and 34 to 38 letters or digits. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `apify.yml`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "apify_token",
    name: "Apify API token",
    summary: "Apify API token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["apify"],
    pattern: r"apify_api_[0-9A-Za-z]{34,38}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"token = "apify_api_lT5Tg5kT5rfgVZ4CYVqL8n88jOKwotACsR""#,
            &["apify_api_lT5Tg5kT5rfgVZ4CYVqL8n88jOKwotACsR"],
        ),
        example(
            "export TOKEN=apify_api_DpNet8x3jYekYivWI4YcbDqjmTWWzVWwx6\n",
            &["apify_api_DpNet8x3jYekYivWI4YcbDqjmTWWzVWwx6"],
        ),
        example("cut short apify_api_lT5Tg5kT5rfg", &[]),
        example("a placeholder apify_api_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 10;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
