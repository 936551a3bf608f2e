//! `pinecone_api_key`: Pinecone API key.
//!
//! **Format.** `pcsk_`, five or six letters or digits, `_` and 62 to 65 more. No ASCII letter,
//! digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Pinecone, "Manage API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "pinecone_api_key",
    name: "Pinecone API key",
    summary: "Pinecone API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["pinecone"],
    pattern: r"pcsk_[0-9A-Za-z]{5,6}_[0-9A-Za-z]{62,65}\b{end-half}",
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "key: pcsk_mzG6D_GZg1sPMU4xbOaR1szkqhyBOcCoSYYxEkvTzx0ur8Oc5DuT9e3k9HM1UsyveUqcr, and more",
            &["pcsk_mzG6D_GZg1sPMU4xbOaR1szkqhyBOcCoSYYxEkvTzx0ur8Oc5DuT9e3k9HM1UsyveUqcr"],
        ),
        example(
            r#"{"key":"pcsk_lJByY_r1r8H1xwO1C1eTA7WPgq2vEIWfNCUk2WKwMKp3UoL4HERWDuIK7zVRRpYJ5BPfTF","id":7}"#,
            &["pcsk_lJByY_r1r8H1xwO1C1eTA7WPgq2vEIWfNCUk2WKwMKp3UoL4HERWDuIK7zVRRpYJ5BPfTF"],
        ),
        example("cut short pcsk_mzG6D_GZg1sPMU4xbOaR1szkqhyBOcCo", &[]),
        example(
            "a placeholder pcsk_xxxxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
