//! `unkey_root_key`: Unkey root key.
//!
//! **Format.** `unkey_` and 22 to 30 letters or digits of base 58. No ASCII letter, digit or `_`
//! may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `unkey.yml`. On the kind: Unkey, "Root keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "unkey_root_key",
    name: "Unkey root key",
    summary: "Unkey root key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["unkey"],
    pattern: r"unkey_[1-9A-HJ-NP-Za-km-z]{22,30}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "export TOKEN=unkey_dia7SsCh6bkvWU94k8hCHALQRA\n",
            &["unkey_dia7SsCh6bkvWU94k8hCHALQRA"],
        ),
        example(
            "key: unkey_LvmHdmXRpG5RjpPrzxMUHYDjyvbt, and more",
            &["unkey_LvmHdmXRpG5RjpPrzxMUHYDjyvbt"],
        ),
        example("cut short unkey_dia7SsCh6b", &[]),
        example("a placeholder unkey_xxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
