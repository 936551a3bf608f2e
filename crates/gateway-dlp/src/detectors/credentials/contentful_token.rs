//! `contentful_token`: Contentful personal access token.
//!
//! **Format.** `CFPAT-` and 43 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Contentful, "Personal access tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "contentful_token",
    name: "Contentful personal access token",
    summary: "Contentful personal access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["contentful"],
    pattern: r"CFPAT-[0-9A-Za-z_-]{43}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"token = "CFPAT-AjUaQYfvPtaI9A7jL2K-L7N4MRKpmc8zU9WP9EODoa1""#,
            &["CFPAT-AjUaQYfvPtaI9A7jL2K-L7N4MRKpmc8zU9WP9EODoa1"],
        ),
        example(
            "export TOKEN=CFPAT-tUC5SOIrR69fve35GKBXTvKlPz9_lMQzWdad9XTGJow\n",
            &["CFPAT-tUC5SOIrR69fve35GKBXTvKlPz9_lMQzWdad9XTGJow"],
        ),
        example("cut short CFPAT-AjUaQYfvPtaI9A7jL2", &[]),
        example("a placeholder CFPAT-xxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
