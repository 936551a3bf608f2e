//! `inngest_signing_key`: Inngest signing key.
//!
//! **Format.** `signkey-`, the name of an environment, `-` and 64 hexadecimal digits. No ASCII
//! letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `inngest.yml`. On the kind: Inngest documentation, "Signing keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "inngest_signing_key",
    name: "Inngest signing key",
    summary: "Inngest signing key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["inngest"],
    pattern: r"signkey-[0-9a-z]{2,12}-[0-9a-f]{64}\b{end-half}",
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"signkey-k5-f235d7d51b648aa13c4fe6da908de5e156f9243e30dc30a4ffaba8b49390d5d8","id":7}"#,
            &["signkey-k5-f235d7d51b648aa13c4fe6da908de5e156f9243e30dc30a4ffaba8b49390d5d8"],
        ),
        example(
            "key: signkey-jn-9c706794f103a62ad0f9de5c73d2122b761b9964e9b34f4b7648ab40d44e8f35, and more",
            &["signkey-jn-9c706794f103a62ad0f9de5c73d2122b761b9964e9b34f4b7648ab40d44e8f35"],
        ),
        example("cut short signkey-k5-f235d7d51b648aa13c4fe6da908de5e156f92", &[]),
        example(
            "a placeholder signkey-xx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 8;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
