//! `iban`: IBAN.
//!
//! **Format.** Two capitals for the country, two digits, for some behind a space, and 11 to 30
//! capitals or digits, plain or in groups parted by single spaces, dashes or points. No ASCII letter, digit or `_` may touch it; an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The length and form are those of the country, and the number is right by ISO 7064
//! MOD 97-10.
//!
//! **Source.** ISO 13616; SWIFT, IBAN registry. Compared with python-stdnum, `stdnum.iban`.
//!
//! **Confidence.** High: form and check digits together pass by chance once in many thousand.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::{iban, iban_len};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "iban",
    name: "IBAN",
    summary: "IBAN: by form and check digits",
    category: Category::Financial,
    keywords: &["account", "bank", "iban"],
    pattern: alone!("[A-Z]{2} ?[0-9]{2}(?:[ .-]?[0-9A-Z]){11,30}"),
    match_bytes_max: 80,
    validators: &["iban_mod_97"],
    test: Test::Sized(judge, is_end_of_number, iban_len),
    examples: &[
        example("IBAN: RS97907116243303453613.", &["RS97907116243303453613"]),
        example(r#"{"iban":"GB66KNDW39054768530526"}"#, &["GB66KNDW39054768530526"]),
        example("konto NO 13 4731.05.28964, og", &["NO 13 4731.05.28964"]),
        example("no such country QQ82 WEST 1234 5698 7654 32", &[]),
        example("wrong RS97907116443303453613", &[]),
        example("part of more 7RS97907116243303453613 RS979071162433034536137", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::High, iban)
}
