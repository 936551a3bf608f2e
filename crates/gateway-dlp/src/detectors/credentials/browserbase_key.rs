//! `browserbase_key`: Browserbase API key.
//!
//! **Format.** `bb_live_` or `bb_test_` and 27 letters, digits, `-` or `_`. No ASCII letter, digit
//! or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `browserbase.yml`. On the kind: Browserbase documentation, "API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "browserbase_key",
    name: "Browserbase API key",
    summary: "Browserbase API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["browserbase"],
    pattern: r"bb_(?:live|test)_[0-9A-Za-z_-]{27}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"bb_live_HZf0uz6G6KYKUECs7K3VlxpYGaw","id":7}"#,
            &["bb_live_HZf0uz6G6KYKUECs7K3VlxpYGaw"],
        ),
        example(
            "key: bb_test_2O2Q7y_yo-3fOr5F6Alyj4v-Nqb, and more",
            &["bb_test_2O2Q7y_yo-3fOr5F6Alyj4v-Nqb"],
        ),
        example("cut short bb_live_HZf0uz6G6KYKUECs", &[]),
        example("a placeholder bb_live_xxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 8;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
