//! `jina_key`: Jina AI API key.
//!
//! **Format.** `jina_`, 32 hexadecimal digits and 28 letters, digits, `-` or `_`. No ASCII letter,
//! digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Jina AI, "API".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "jina_key",
    name: "Jina AI API key",
    summary: "Jina AI API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["jina"],
    pattern: r"jina_[0-9a-f]{32}[0-9A-Za-z_-]{28}\b{end-half}",
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"jina_b8cc0676b6d93a766700f775f999a838nukLhVQZEikl1RSjUxFTEBTqwGpD","id":7}"#,
            &["jina_b8cc0676b6d93a766700f775f999a838nukLhVQZEikl1RSjUxFTEBTqwGpD"],
        ),
        example(
            "key: jina_e1e12b5663e8977fcaddc8a9c14abc78LfH05_kpNSqgqlNsd8zx8768Myfb, and more",
            &["jina_e1e12b5663e8977fcaddc8a9c14abc78LfH05_kpNSqgqlNsd8zx8768Myfb"],
        ),
        example("cut short jina_b8cc0676b6d93a766700f775f999a838nukL", &[]),
        example(
            "a placeholder jina_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
