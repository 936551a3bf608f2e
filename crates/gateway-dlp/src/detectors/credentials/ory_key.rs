//! `ory_key`: Ory API key or token.
//!
//! **Format.** `ory_`, `apikey`, `pat`, `wak` (keys), `ac`, `at`, `rt` (OAuth) or `st` (session),
//! `_` and 24 to 90 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may touch it, but
//! an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Ory documentation, "API keys" and "Token formats".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ory_key",
    name: "Ory API key or token",
    summary: "Ory API key or token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["ory"],
    pattern: alone!("ory_(?:apikey|pat|wak|ac|at|rt|st)_[0-9A-Za-z_-]{24,90}"),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"ory_wak_F2AEI_jRMxZ_hK9DIztm_i0xq9AMvETN4wlL7","id":7}"#,
            &["ory_wak_F2AEI_jRMxZ_hK9DIztm_i0xq9AMvETN4wlL7"],
        ),
        example(
            "key: ory_apikey_cP7l_0HsGaDuxQO4Dh2JPCu3NonN5pTCvo, and more",
            &["ory_apikey_cP7l_0HsGaDuxQO4Dh2JPCu3NonN5pTCvo"],
        ),
        example("cut short ory_wak_F2AEI_jRMxZ_hK9DIztm", &[]),
        example("a placeholder ory_wak_xxxxx_xxxxx_xxxxxxxx_xxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
