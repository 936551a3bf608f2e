//! `age_secret_key`: secret keys of age.
//!
//! **Format.** `AGE-SECRET-KEY-1`, or `AGE-SECRET-KEY-PQ-1` for hybrid keys, and 58 capitals or
//! digits of the bech32 alphabet. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The last six characters are the bech32 checksum.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `age-secret-key`. On the kind: C2SP, "The age file
//! encryption format"; BIP 173 (bech32).
//!
//! **Confidence.** High: the checksum passes by chance once in a billion.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::bech32;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "age_secret_key",
    name: "age secret key",
    summary: "Secret keys of age, by prefix, alphabet and bech32 checksum",
    category: Category::Credentials,
    keywords: &["age", "identity"],
    pattern: r"AGE-SECRET-KEY-(?:PQ-)?1[02-9AC-HJ-NP-Z]{58}\b{end-half}",
    match_bytes_max: 80,
    validators: &["bech32"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "identity AGE-SECRET-KEY-PQ-1T9YZCYT7D557WVLMCVEXDN44MVKDSKW2KFSUJNL0X7Y3JTQJ6MMSSDCR42",
            &["AGE-SECRET-KEY-PQ-1T9YZCYT7D557WVLMCVEXDN44MVKDSKW2KFSUJNL0X7Y3JTQJ6MMSSDCR42"],
        ),
        example(
            "AGE-SECRET-KEY-1W77GPHHQZKG5NYFEDU79KTRDLE9HSXPJW74DSCXNJH455YZU3YGQS42T63\n",
            &["AGE-SECRET-KEY-1W77GPHHQZKG5NYFEDU79KTRDLE9HSXPJW74DSCXNJH455YZU3YGQS42T63"],
        ),
        example(
            "key: AGE-SECRET-KEY-1GH4KRA3QZR2MHC6ES7ADFJKCEJAPXX6P8FWEKR8UG8PVM2R04S6TP9Z5PN",
            &["AGE-SECRET-KEY-1GH4KRA3QZR2MHC6ES7ADFJKCEJAPXX6P8FWEKR8UG8PVM2R04S6TP9Z5PN"],
        ),
        example(
            "wrong checksum AGE-SECRET-KEY-1W77GPHHQZKG5NYFEDU79KTRDLE9HSXPJW74DSCXNJH455YZU3YGQS42T6Q",
            &[],
        ),
        example("cut short AGE-SECRET-KEY-1W77GPHHQZKG5NYFEDU79KTRDLE9HSXPJW74DSCXNJH45", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    if bech32(sample.matched).is_some() { Judgement::whole(Confidence::High) } else { None }
}
