//! `nylas_api_key`: Nylas API key.
//!
//! **Format.** `nyk_` or `nyk_v0_` and 64 to 67 letters or digits. No ASCII letter, digit or `_`
//! may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `nylas.go`. On the kind: Nylas documentation, "API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "nylas_api_key",
    name: "Nylas API key",
    summary: "Nylas API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["nylas"],
    pattern: alone!("nyk_(?:v0_)?[0-9A-Za-z]{64,67}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"nyk_6B0ZCkfRh293RL8SBW2JbK2r7u7ypMmU3Bzj6goDHv2KPoRpCMLNYjpi5N2me9Ghmz","id":7}"#,
            &["nyk_6B0ZCkfRh293RL8SBW2JbK2r7u7ypMmU3Bzj6goDHv2KPoRpCMLNYjpi5N2me9Ghmz"],
        ),
        example(
            "key: nyk_r0OSu0cLVR7urIti70Nk34WLnBGVsaMxbBQWBeF6qgcbgtnWxtTStbw8pXGatvOq, and more",
            &["nyk_r0OSu0cLVR7urIti70Nk34WLnBGVsaMxbBQWBeF6qgcbgtnWxtTStbw8pXGatvOq"],
        ),
        example("cut short nyk_6B0ZCkfRh293RL8SBW2JbK2r7u7ypMmU3Bzj6go", &[]),
        example(
            "a placeholder nyk_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
