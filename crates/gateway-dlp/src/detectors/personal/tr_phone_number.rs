//! `tr_phone_number`: turkish phone number.
//!
//! **Format.** For some `+90` or `0`, and ten digits that begin with 2 to 5, as three, three, two
//! and two, the first of them for some in brackets, with spaces, points or dashes between them;
//! without prefix and separators behind one of its names, at most 48 bytes before on the same line,
//! or where it is all that a field holds. No ASCII letter, digit or `_` may touch it; an escape
//! such as `\n` or `%20` may come right before it.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Bilgi Teknolojileri ve Iletisim Kurumu; ITU-T E.164.
//!
//! **Confidence.** Low: the form is common.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::is_digits;

/// Names of it.
const NAMES: &[&str] = &["cep", "cep no", "gsm", "phone", "tel", "telefon"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "tr_phone_number",
    name: "Turkish phone number",
    summary: "Turkish phone numbers, by form",
    category: Category::Personal,
    keywords: &["cep", "cep no", "gsm", "phone", "tel", "telefon"],
    pattern: alone!(
        r"(?:\+90[ -]?|0[ -]?)?(?:[2-5][0-9]{2}|\([2-5][0-9]{2}\))[ .-]?[0-9]{3}[ .-]?[0-9]{2}[ .-]?[0-9]{2}"
    ),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Told(Named { anywhere: parted, alone: form, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("Telefon numaram +90 (532) 123 45 67 olarak", &["+90 (532) 123 45 67"]),
        example("Phone: 5321234567", &["5321234567"]),
        example("0216 123 45 67", &["0216 123 45 67"]),
        example("unnamed 5321234567 here", &[]),
        example("no such area 6123456789", &[]),
        example("part of more 15053212345678", &[]),
    ],
};

fn parted(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let text = sample.matched.get(lead..)?;
    let is_plain = is_digits(text, 10);
    if is_plain { None } else { number(sample, Confidence::Low, |_| true) }
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |_| true)
}
