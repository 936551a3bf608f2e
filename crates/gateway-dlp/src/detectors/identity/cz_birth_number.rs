//! `cz_birth_number`: Birth number of Czechia and Slovakia.
//!
//! **Format.** Ten digits as six and four with a slash between them; behind a name, at most 48
//! bytes before on the same line, plain as well. No ASCII letter, digit or `_` may touch it; an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The first six are a date, to whose month 50 is added for women, and the
//! number can be divided by 11.
//!
//! **Source.** Czech act 133/2000, Slovak act 301/1995, rodné číslo. Compared with python-stdnum,
//! `stdnum.cz.rc`.
//!
//! **Confidence.** Medium with the slash: date and check pass by chance once in a hundred. Low
//! without.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::cz_rc;

/// Names of it.
const NAMES: &[&str] = &["birth number", "rodne cislo", "rodné číslo"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "cz_birth_number",
    name: "Birth number of Czechia and Slovakia",
    summary: "Birth number of Czechia and Slovakia: by form and check digits",
    category: Category::Identity,
    keywords: NAMES,
    pattern: alone!("[0-9]{6}/?[0-9]{4}"),
    match_bytes_max: 32,
    validators: &["cz_rc"],
    test: Test::Told(Named { right: judge, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("narozena, r. č. 836207/1751.", &["836207/1751"]),
        example("rodné číslo 9953215228", &["9953215228"]),
        example("no name 9953215228", &[]),
        example("wrong 836203/1751", &[]),
        example("part of more 750920/41421", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    if sample.matched.contains(&b'/') { number(sample, Confidence::Medium, cz_rc) } else { None }
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, cz_rc)
}
