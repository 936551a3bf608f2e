//! `nats_nkey_seed`: NATS NKey seed.
//!
//! **Format.** `S`, `A`, `C`, `N`, `O`, `U` or `X` for the kind, and 56 characters of base 32.
//! No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come
//! right before it.
//!
//! **Validator.** The last two of the 36 bytes are the CRC-16 of the others, of which the first
//! is that of seeds.
//!
//! **Source.** NATS, "NKeys", specification of keys and seeds.
//!
//! **Confidence.** High: the checksum passes by chance once in 65,536.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::nkey_seed;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "nats_nkey_seed",
    name: "NATS NKey seed",
    summary: "Seeds of NATS keys, by alphabet, length and checksum",
    category: Category::Credentials,
    keywords: &["nats", "nkey", "seed"],
    pattern: alone!("S[ACNOUX][A-Z2-7]{56}"),
    match_bytes_max: 64,
    validators: &["nkey_seed"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"seed = "SUAEP4HFAIUATA3OJTMDRE3ZTI7BQ6WW5IQDR7YIPNEZLWYAWR55KX7ZOE""#,
            &["SUAEP4HFAIUATA3OJTMDRE3ZTI7BQ6WW5IQDR7YIPNEZLWYAWR55KX7ZOE"],
        ),
        example(
            "nkey: SAACXOBCBLD7AFWGX6AQRNRCWB5TLKSEC22K2WPN6VOUKIHKCKLGOFWVHA",
            &["SAACXOBCBLD7AFWGX6AQRNRCWB5TLKSEC22K2WPN6VOUKIHKCKLGOFWVHA"],
        ),
        example("wrong checksum SUAEP4HFAIUATA3OJTMDRE3ZTI7BQ6WW5IQDR7YIPNEZLWYAWR55KX7ZAQ", &[]),
        example("cut short SOAGMFNBT3F7FAISMGJLMGFJRM73ZX6M4HC22X76", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let real = nkey_seed(sample.matched.get(lead..)?);
    real.then_some(Judgement { confidence: Confidence::High, lead, trail: 0 })
}
