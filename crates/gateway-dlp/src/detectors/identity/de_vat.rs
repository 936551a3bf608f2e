//! `de_vat`: German VAT number.
//!
//! **Format.** `DE` and nine digits, plain or in threes parted by spaces, points or dashes. No
//! ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right before
//! it.
//!
//! **Validator.** The last digit is the check digit of ISO 7064 MOD 11,10.
//! Behind one of its names, at most 48 bytes before on the same line, or where it is all that a
//! field holds, a number with another one is found with low confidence.
//!
//! **Source.** European Commission, VIES, structure of VAT numbers. Compared with python-stdnum,
//! `stdnum.de.vat`.
//!
//! **Confidence.** High: the letters and the check digit together are telling.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::mod_11_10;

/// Names behind which a number is found whatever its check digit is.
const NAMES: &[&str] = &["umsatzsteuer", "ust-id", "ust-idnr", "vat"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "de_vat",
    name: "German VAT number",
    summary: "German VAT number: by form and check digits",
    category: Category::Identity,
    keywords: NAMES,
    pattern: alone!("(?i:DE)[ .-]?[1-9][0-9]{2}[ .-]?[0-9]{3}[ .-]?[0-9]{3}"),
    match_bytes_max: 32,
    validators: &["mod_11_10"],
    test: Test::Named(Named { right: judge, alone: form, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("umsatzsteuer: DE-502214.409.", &["DE-502214.409"]),
        example(r#"{"id":"DE840 108994"}"#, &["DE840 108994"]),
        example("DE.502.214.409", &["DE.502.214.409"]),
        example("wrong DE-502214.809", &[]),
        example("part of more 7DE-502214.409 DE-502214.4097", &[]),
        example("VAT: DE123456789", &["DE123456789"]),
        example("a;DE 123 456 789;b", &["DE 123 456 789"]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::High, |number| mod_11_10(number.get(2..).unwrap_or_default()))
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |_| true)
}
