//! `gb_postcode`: uK postcode.
//!
//! **Format.** A British postcode: the district, a space and the rest in capitals; or in small
//! letters or without a space, behind one of its names, at most 48 bytes before on the same line,
//! or where it is all that a field holds. No ASCII letter, digit or `_` may touch it; an escape
//! such as `\n` or `%20` may come right before it.
//!
//! **Validator.** Each letter is one that may stand there.
//!
//! **Source.** Royal Mail, "Programmers' Guide to PAF".
//!
//! **Confidence.** Low: the form is short.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};

/// Names of it.
const NAMES: &[&str] = &["post code", "postcode"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gb_postcode",
    name: "UK postcode",
    summary: "British postcodes, by form",
    category: Category::Personal,
    keywords: &["address", "post code", "postcode"],
    pattern: alone!(
        "(?i:(?:[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9]{1,2}|[0-9][A-HJKPSTUW]|[A-HK-Y][0-9][ABEHMNPRV-Y])",
        "[ ]?[0-9]|GIR ?0)[ABD-HJLNP-UW-Z]{2})"
    ),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Told(Named { anywhere: spaced, alone: form, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("From SW1A 1AA to EC1A 1BB", &["SW1A 1AA", "EC1A 1BB"]),
        example("postcode m60 1nw", &["m60 1nw"]),
        example("a,DN551PT,b", &["DN551PT"]),
        example("GIR 0AA", &["GIR 0AA"]),
        example("no such letter QA1 1AA, M1 1CA", &[]),
        example("the part M11AA of it", &[]),
        example("postcode ABCM11AADEF", &[]),
    ],
};

fn spaced(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let code = sample.matched.get(lead..)?;
    let plain = code.contains(&b' ') && !code.iter().any(u8::is_ascii_lowercase);
    plain.then(|| number(sample, Confidence::Low, |_| true))?
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |_| true)
}
