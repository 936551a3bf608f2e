//! `ethereum_address`: addresses of Ethereum.
//!
//! **Format.** `0x` and 40 hexadecimal digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** Where capitals and small letters are mixed, they are those of the EIP-55
//! checksum.
//!
//! **Source.** EIP-55.
//!
//! **Confidence.** High with the checksum; low where all letters are of one case, which may be any
//! number of 20 bytes.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::{distinct, eip55};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ethereum_address",
    name: "Ethereum address",
    summary: "Addresses of Ethereum, by length and the checksum in the case of letters",
    category: Category::Financial,
    keywords: &["eth", "ethereum", "wallet"],
    pattern: alone!("0x[0-9A-Fa-f]{40}"),
    match_bytes_max: 48,
    validators: &["distinct_characters", "eip55"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "to 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed.",
            &["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"],
        ),
        example(
            r#"{"a":"0xde709f2102306220921060314715629080e2fb77"}"#,
            &["0xde709f2102306220921060314715629080e2fb77"],
        ),
        example("wrong 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed", &[]),
        example("cut 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA", &[]),
        example("a placeholder 0x0000000000000000000000000000000000000000", &[]),
    ],
};

/// Bytes of `0x`.
const PREFIX: usize = 2;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let address = sample.matched.get(lead + PREFIX..)?;
    let is_mixed =
        address.iter().any(u8::is_ascii_uppercase) && address.iter().any(u8::is_ascii_lowercase);
    let confidence = if is_mixed { Confidence::High } else { Confidence::Low };
    let real = distinct(address) >= 6 && (!is_mixed || eip55(address));
    real.then_some(Judgement { confidence, lead, trail: 0 })
}
