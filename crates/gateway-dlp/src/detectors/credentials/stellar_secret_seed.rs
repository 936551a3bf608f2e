//! `stellar_secret_seed`: secret seeds of Stellar accounts.
//!
//! **Format.** `S` and 55 capitals or digits of base 32. No ASCII letter, digit or `_` may touch
//! it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The last two bytes are the CRC-16 (XMODEM) of those before, of which the first is
//! the version of a seed.
//!
//! **Source.** Stellar SEP 23, "Strkeys".
//!
//! **Confidence.** High: version and checksum pass by chance once in a million.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::strkey;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "stellar_secret_seed",
    name: "Stellar secret seed",
    summary: "Secret seeds of Stellar accounts, by alphabet, length and checksum",
    category: Category::Credentials,
    keywords: &["seed", "stellar"],
    pattern: alone!("S[A-Z2-7]{55}"),
    match_bytes_max: 64,
    validators: &["strkey"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"seed = "SAH27YCOM24ATIJHE7SMO64MS7XT2YWS44WYY6UGDSKPHVJ4DQGAZVMQ""#,
            &["SAH27YCOM24ATIJHE7SMO64MS7XT2YWS44WYY6UGDSKPHVJ4DQGAZVMQ"],
        ),
        example(
            "secret: SCTJLEDB43K6ZFFKMOYRZV2SBMT3LNVG5ZFB6CCD5NFM45O5U4GVMJTG",
            &["SCTJLEDB43K6ZFFKMOYRZV2SBMT3LNVG5ZFB6CCD5NFM45O5U4GVMJTG"],
        ),
        example("wrong checksum SAH27YCOM24ATIJHE7SMO64MS7XT2YWS44WYY6UGDSKPHVJ4DQGAZAAA", &[]),
        example("cut short SCTJLEDB43K6ZFFKMOYRZV2SBMT3LNVG5ZFB6CCD", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let real = strkey(sample.matched.get(lead..)?);
    real.then_some(Judgement { confidence: Confidence::High, lead, trail: 0 })
}
