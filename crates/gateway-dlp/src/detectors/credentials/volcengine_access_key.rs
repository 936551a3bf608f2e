//! `volcengine_access_key`: Volcengine access key id.
//!
//! **Format.** `AKLT` and 44 to 48 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `volcengine.yml`. On the kind: Volcengine documentation, "Access keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "volcengine_access_key",
    name: "Volcengine access key id",
    summary: "Volcengine access key id, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["volcengine"],
    pattern: alone!("AKLT[0-9A-Za-z_-]{44,48}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"AKLTzmEcs_Nz8xCkc0nJck1XL5PUIay351WmrVQS5o8XLqwG0W","id":7}"#,
            &["AKLTzmEcs_Nz8xCkc0nJck1XL5PUIay351WmrVQS5o8XLqwG0W"],
        ),
        example(
            "key: AKLTESJwhJbNpe_SsvX0AqG3pw4unTZ3TKyZ1nkYE-vVavxCa7G, and more",
            &["AKLTESJwhJbNpe_SsvX0AqG3pw4unTZ3TKyZ1nkYE-vVavxCa7G"],
        ),
        example("cut short AKLTzmEcs_Nz8xCkc0nJck1XL5PUIay", &[]),
        example("a placeholder AKLTxxxxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
