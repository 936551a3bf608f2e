//! `in_gstin`: Indian goods and services tax number.
//!
//! **Format.** 15 digits and capitals: the state, a permanent account number, a digit or letter,
//! `Z` and a check character. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or
//! `%20` may come right before it.
//!
//! **Validator.** State and account number are well formed, and the check character is right.
//!
//! Behind `GST` or `GSTIN`, in the plural too, at most 48 bytes before on the same line, or where it
//! is all that a field holds, a number of a state that is not right is found with low confidence.
//!
//! **Source.** Goods and Services Tax Network. Compared with python-stdnum, `stdnum.in_.gstin`.
//!
//! **Confidence.** High: form and check character together pass by chance once in many thousand.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::{in_gstin, value};

/// Names behind which a number is found whatever its check character is.
const NAMES: &[&str] = &["gst", "gstin"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "in_gstin",
    name: "Indian goods and services tax number",
    summary: "Indian goods and services tax number: by form and check digits",
    category: Category::Identity,
    keywords: &["gst", "gstin"],
    pattern: alone!("[0-9]{2}[A-Za-z]{5}[0-9]{4}[A-Za-z][1-9A-Za-z][Zz][0-9A-Za-z]"),
    match_bytes_max: 32,
    validators: &["in_gstin"],
    test: Test::Named(Named { right: judge, alone: form, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("gst: 22GEEBG9766G4Z0.", &["22GEEBG9766G4Z0"]),
        example(r#"{"id":"14BSBGB4542K1ZL"}"#, &["14BSBGB4542K1ZL"]),
        example("a,27ABCDE1234F1Z5,b", &["27ABCDE1234F1Z5"]),
        example("GSTIN 38ABCDE1234F1Z5", &[]),
        example("wrong 21GEEBG9766G4Z0", &[]),
        example(
            "GSTINs: 21GEEBG9766G4Z0 and 13GEEBG9766G4Z0",
            &["21GEEBG9766G4Z0", "13GEEBG9766G4Z0"],
        ),
        example("part of more 722GEEBG9766G4Z0 22GEEBG9766G4Z07", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::High, in_gstin)
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |number| {
        matches!(value(number.get(..2).unwrap_or_default()), 1..=37 | 97 | 99)
    })
}
