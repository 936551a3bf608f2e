//! `bitcoin_address`: addresses of Bitcoin.
//!
//! **Format.** `1` or `3` and 24 to 33 letters or digits of base 58; or `bc1` and 39 or 59 of
//! bech32, all in lower case or all in capitals. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The address is base58check of version 0 or 5 and 20 bytes, or a right bech32 or
//! bech32m text of a witness program.
//!
//! **Source.** Bitcoin Wiki, "Invoice address"; BIP 173; BIP 350.
//!
//! **Confidence.** High: the checksum passes by chance once in a billion.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::{base58check, is_witness_address};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "bitcoin_address",
    name: "Bitcoin address",
    summary: "Addresses of Bitcoin, by alphabet, length and checksum",
    category: Category::Financial,
    keywords: &["bitcoin", "btc", "wallet"],
    pattern: alone!(
        "(?:[13][1-9A-HJ-NP-Za-km-z]{24,33}",
        "|bc1[02-9ac-hj-np-z]{11,71}|BC1[02-9AC-HJ-NP-Z]{11,71})"
    ),
    match_bytes_max: 80,
    validators: &["base58check", "bech32"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "pay to 1LTPtfpm9MFyMg5ZvDu4CEBNH16AGjyUYd.",
            &["1LTPtfpm9MFyMg5ZvDu4CEBNH16AGjyUYd"],
        ),
        example(
            r#"{"a":"3Cyx22v4ttrAYLP49dRtAv6kSwt8uiY6es"}"#,
            &["3Cyx22v4ttrAYLP49dRtAv6kSwt8uiY6es"],
        ),
        example(
            "bitcoin:bc1qehzjtl0spyjs9atzfmvt59xuzvvw7ysju4enct?amount=1",
            &["bc1qehzjtl0spyjs9atzfmvt59xuzvvw7ysju4enct"],
        ),
        example(
            "taproot BC1PK8PEXXEH5KHA9N5RQ5CGL7QERT0MY6W6P9ZCRLR0Q5EKMKG5F7MQHN2JZC",
            &["BC1PK8PEXXEH5KHA9N5RQ5CGL7QERT0MY6W6P9ZCRLR0Q5EKMKG5F7MQHN2JZC"],
        ),
        example("wrong 1LTPtfpm9MFyMg5ZvDu4CEBNH16AGjyUY2", &[]),
        example("wrong bc1qehzjtl0spyjs9atzfmvt59xuzvvw7ysju4encq", &[]),
        example("cut 3Cyx22v4ttrAYLP49dRtAv6k", &[]),
        example("mixed case bc1qehzjtl0spyjs9atzFMVT59XUZVVW7YSJU4ENCT", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let address = sample.matched.get(lead..)?;
    let hashed = |address| {
        base58check(address)
            .is_some_and(|bytes| matches!(bytes.as_slice(), [0 | 5, hash @ ..] if hash.len() == 20))
    };
    let real = is_witness_address(address) || hashed(address);
    real.then_some(Judgement { confidence: Confidence::High, lead, trail: 0 })
}
