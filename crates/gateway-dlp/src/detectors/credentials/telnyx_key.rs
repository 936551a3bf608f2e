//! `telnyx_key`: Telnyx API key.
//!
//! **Format.** `KEY`, 32 hexadecimal digits in capitals, `_` and 22 letters or digits. No ASCII
//! letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before
//! it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `telnyx.yml`. On the kind: Telnyx documentation, "API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "telnyx_key",
    name: "Telnyx API key",
    summary: "Telnyx API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["telnyx"],
    pattern: alone!("KEY[0-9A-F]{32}_[0-9A-Za-z]{22}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"KEYF9D1A9EB16639FD5B57C5C45B77263C8_0Dvd6XERZMSuYTiM2KwzBr","id":7}"#,
            &["KEYF9D1A9EB16639FD5B57C5C45B77263C8_0Dvd6XERZMSuYTiM2KwzBr"],
        ),
        example(
            "key: KEY5511D90EE27F94EFC299134565E381FC_FRuc0i5MqUumitXHkNWSii, and more",
            &["KEY5511D90EE27F94EFC299134565E381FC_FRuc0i5MqUumitXHkNWSii"],
        ),
        example("cut short KEYF9D1A9EB16639FD5B57C5C45B77263C8", &[]),
        example("a placeholder KEYxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_xxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
