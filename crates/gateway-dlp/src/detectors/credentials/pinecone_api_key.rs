//! `pinecone_api_key`: Pinecone API key.
//!
//! **Format.** `pcsk_`, five or six letters or digits, `_` and 62 to 65 more; or, for older ones, a
//! UUID, assigned to a name with `pinecone` and, for example, `key` in it, which is no part of the
//! finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix, or the value, looks random: enough entropy, no long run,
//! no word that marks a placeholder.
//!
//! **Source.** kingfisher, `pinecone.yml`.
//!
//! **Confidence.** High for the prefix: no other text has this form. Medium for a value that a name
//! tells.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, token, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "pinecone_api_key",
    name: "Pinecone API key",
    summary: "Pinecone API key, by prefix or the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["pinecone"],
    pattern: concat!(
        r"pcsk_[0-9A-Za-z]{5,6}_[0-9A-Za-z]{62,65}\b{end-half}",
        "|",
        assigned!(
            "pinecone[_. -]?(?:api[_. -]?)?key",
            "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
        ),
    ),
    match_bytes_max: 112,
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
        example(
            "PINECONE_API_KEY=6745d5a6-82dd-c40b-4b03-7ae50d4b699b",
            &["6745d5a6-82dd-c40b-4b03-7ae50d4b699b"],
        ),
        example(r#"pinecone_index = "6745d5a6-82dd-c40b-4b03-7ae50d4b699b""#, &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    if let [b'p', b'c', b's', b'k', b'_', ..] = sample.matched {
        token(sample, PREFIX, Confidence::High)
    } else {
        value(sample, Confidence::Medium)
    }
}
