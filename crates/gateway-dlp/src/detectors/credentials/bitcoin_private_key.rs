//! `bitcoin_private_key`: private keys of Bitcoin in wallet import format.
//!
//! **Format.** `5` and 50, or `K` or `L` and 51 letters or digits of base 58. No ASCII letter,
//! digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The key is base58check of version 128 and 32 bytes, or 33 of which the last is 1.
//!
//! **Source.** Bitcoin Wiki, "Wallet import format".
//!
//! **Confidence.** High: the checksum passes by chance once in four billion.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::base58check;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "bitcoin_private_key",
    name: "Bitcoin private key (WIF)",
    summary: "Private keys of Bitcoin in wallet import format, by length, alphabet and base58check",
    category: Category::Credentials,
    keywords: &["bitcoin", "private key", "wif"],
    pattern: alone!("(?:5[1-9A-HJ-NP-Za-km-z]{50}|[KL][1-9A-HJ-NP-Za-km-z]{51})"),
    match_bytes_max: 64,
    validators: &["base58check"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"wif = "5K5ESYkRwJSqq4S8LwoYjb3Ua52UJuiaBrTw4k2XdJ2Wyrk7qDP""#,
            &["5K5ESYkRwJSqq4S8LwoYjb3Ua52UJuiaBrTw4k2XdJ2Wyrk7qDP"],
        ),
        example(
            "key: L2DHanqwsfP1MB7bB4wUWrRgm8iWKkEupQhmQ5YVxYByZpxDn1Uh",
            &["L2DHanqwsfP1MB7bB4wUWrRgm8iWKkEupQhmQ5YVxYByZpxDn1Uh"],
        ),
        example("wrong checksum 5K5ESYkRwJSqq4S8LwoYjb3Ua52UJuiaBrTw4k2XdJ2Wyrk7qD2", &[]),
        example("cut short L2DHanqwsfP1MB7bB4wUWrRgm8iWKkEupQhmQ5YV", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let key = base58check(sample.matched.get(lead..)?)?;
    let real = matches!(key.as_slice(), [0x80, rest @ ..] if rest.len() == 32)
        || matches!(key.as_slice(), [0x80, rest @ .., 1] if rest.len() == 32);
    real.then_some(Judgement { confidence: Confidence::High, lead, trail: 0 })
}
