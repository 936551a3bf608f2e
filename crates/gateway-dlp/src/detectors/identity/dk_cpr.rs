//! `dk_cpr`: Danish civil registration number.
//!
//! **Format.** Six digits for the date of birth, a dash and four. No ASCII letter, digit or `_` may
//! touch it; an escape such as `\n` or `%20` may come right before it. Without the dash it is found
//! behind a name, at most 48 bytes before on the same line, or where it is all that a field holds and
//! has the check digit that numbers had until 2007.
//!
//! **Validator.** The first six are a date, of which the seventh digit tells the century.
//!
//! **Source.** CPR-kontoret, "Personnummeret i CPR". Compared with python-stdnum, `stdnum.dk.cpr`.
//!
//! **Confidence.** Low: there is no check digit any more.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::{dk_cpr, dk_cpr_check};

/// Names of it.
const NAMES: &[&str] = &["cpr", "cpr-nr", "personnummer"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "dk_cpr",
    name: "Danish civil registration number",
    summary: "Danish civil registration number: by form and check digits",
    category: Category::Identity,
    keywords: NAMES,
    pattern: alone!("[0-3][0-9][01][0-9][0-9]{2}-?[0-9]{4}"),
    match_bytes_max: 32,
    validators: &["dk_cpr"],
    test: Test::Told(Named { right: judge, alone, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("cpr: 281079-4939.", &["281079-4939"]),
        example(r#"{"id":"081285-8587"}"#, &["081285-8587"]),
        example("CPR-nr. 2810794939", &["2810794939"]),
        example("a,2110625629,b,2110625628,c", &["2110625629"]),
        example("a row of 2110625629 and more", &[]),
        example("wrong 281879-4939", &[]),
        example("part of more 7281079-4939 281079-49397", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    if sample.matched.contains(&b'-') { form(sample) } else { None }
}

fn alone(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |number| dk_cpr(number) && dk_cpr_check(number))
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, dk_cpr)
}
