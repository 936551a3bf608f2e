//! `bitcoin_extended_key`: extended private keys of hierarchical wallets.
//!
//! **Format.** `xprv`, `yprv` or `zprv` and 107 letters or digits of base 58. No ASCII letter,
//! digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The key is base58check of 78 bytes.
//!
//! **Source.** BIP 32, "Serialization format"; SLIP 132.
//!
//! **Confidence.** High: the checksum passes by chance once in four billion.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::base58check;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "bitcoin_extended_key",
    name: "Bitcoin extended private key",
    summary: "Extended private keys of hierarchical wallets, by prefix, length and base58check",
    category: Category::Credentials,
    keywords: &["bip32", "bitcoin", "wallet"],
    pattern: alone!("[xyz]prv[1-9A-HJ-NP-Za-km-z]{107}"),
    match_bytes_max: 128,
    validators: &["base58check"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"root = "xprvEb6nbMRE3v68tKw6bZ56TPnhUrUiAyPBQfDCC6TNuiwSB3XV2yqBqUpkn6eWGV95Ygcj6bygVEsd7Md7g7mqbU7mX1X7i9GfnaRj3nSt3Fh""#,
            &[
                "xprvEb6nbMRE3v68tKw6bZ56TPnhUrUiAyPBQfDCC6TNuiwSB3XV2yqBqUpkn6eWGV95Ygcj6bygVEsd7Md7g7mqbU7mX1X7i9GfnaRj3nSt3Fh",
            ],
        ),
        example(
            "key: xprvANrmBTmj2njXwVKmwKpk3kFQ9uznZLNAnCuQvUufTAXNw8jmzek4LArdEcTsB2vtVHUSPy6cWrCviVjW31sjwCJ6NWZMoifjgxVNUgAnYrW",
            &[
                "xprvANrmBTmj2njXwVKmwKpk3kFQ9uznZLNAnCuQvUufTAXNw8jmzek4LArdEcTsB2vtVHUSPy6cWrCviVjW31sjwCJ6NWZMoifjgxVNUgAnYrW",
            ],
        ),
        example(
            "wrong checksum xprvEb6nbMRE3v68tKw6bZ56TPnhUrUiAyPBQfDCC6TNuiwSB3XV2yqBqUpkn6eWGV95Ygcj6bygVEsd7Md7g7mqbU7mX1X7i9GfnaRj3nSt3F2",
            &[],
        ),
        example("cut short xprvANrmBTmj2njXwVKmwKpk3kFQ9uznZLNAnCuQvUufTAXNw8jmzek4LArd", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let real = base58check(sample.matched.get(lead..)?)?.len() == 78;
    real.then_some(Judgement { confidence: Confidence::High, lead, trail: 0 })
}
