//! `zuplo_key`: Zuplo API key.
//!
//! **Format.** `zpka_`, 32 small letters or digits, `_` and eight hexadecimal digits of checksum.
//! No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The last eight digits are the CRC-32 of the 32 characters before them. Where they
//! are not, what follows the prefix must look random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `zuplo.yml`, with the checksum.
//!
//! **Confidence.** High with a checksum. Low where the checksum is wrong: Zuplo made no such key,
//! but a person may have changed a real one.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::crc32;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "zuplo_key",
    name: "Zuplo API key",
    summary: "Zuplo API key, by prefix, length, alphabet and checksum",
    category: Category::Credentials,
    keywords: &["zuplo"],
    pattern: r"zpka_[0-9a-z]{32}_[0-9a-f]{8}\b{end-half}",
    match_bytes_max: 64,
    validators: &["crc32", "random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Authorization: Bearer zpka_d031c41885221c25f6aaf76fdc6c369a_3ad07e41",
            &["zpka_d031c41885221c25f6aaf76fdc6c369a_3ad07e41"],
        ),
        example(
            "export TOKEN=zpka_lrcwwmdgmeam9gxsijvf6u4hib0iqrxx_be15349d\n",
            &["zpka_lrcwwmdgmeam9gxsijvf6u4hib0iqrxx_be15349d"],
        ),
        example(
            "wrong checksum zpka_d031c41885221c25f6aaf76fdc6c369a_3ad07e40",
            &["zpka_d031c41885221c25f6aaf76fdc6c369a_3ad07e40"],
        ),
        example("cut short zpka_d031c41885221c25f6a", &[]),
        example("a placeholder zpka_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_xxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let confidence = if is_checked(sample.matched) { Confidence::High } else { Confidence::Low };
    token(sample, PREFIX, confidence)
}

/// Whether the digits at the end are the CRC-32 of what stands before them.
fn is_checked(key: &[u8]) -> bool {
    let Some((front, checksum)) = key.split_last_chunk::<8>() else { return false };
    let told = str::from_utf8(checksum).ok().and_then(|hex| u32::from_str_radix(hex, 16).ok());
    let body = front.get(PREFIX..front.len().saturating_sub(1));
    told.is_some() && told == body.map(crc32)
}
