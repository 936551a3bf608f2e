//! `aikido_token`: Aikido token.
//!
//! **Format.** `AIK_CI_` and 20 to 44 letters or digits, or `AIK_SECRET_` (of a client) and 64. No
//! ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `aikido.yml`. On the kind: Aikido documentation, "API" and "CI
//! integration".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "aikido_token",
    name: "Aikido token",
    summary: "Aikido token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["aikido"],
    pattern: r"AIK_(?:CI_[0-9A-Za-z]{20,44}|SECRET_[0-9A-Za-z]{64})\b{end-half}",
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"AIK_SECRET_lDJtGXJnHtLz6gAmrvvgFLFF64FgZ6OEF8sRB1353GZSpgwwn8bUd0WF4hlQLAzJ","id":7}"#,
            &["AIK_SECRET_lDJtGXJnHtLz6gAmrvvgFLFF64FgZ6OEF8sRB1353GZSpgwwn8bUd0WF4hlQLAzJ"],
        ),
        example(
            "key: AIK_CI_48jrRbrcB0OSbaOMh4ZQ8iVzeS, and more",
            &["AIK_CI_48jrRbrcB0OSbaOMh4ZQ8iVzeS"],
        ),
        example("cut short AIK_SECRET_lDJtGXJnHtLz6gAmrvvgFLFF64FgZ6OEF8sR", &[]),
        example(
            "a placeholder AIK_SECxxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
