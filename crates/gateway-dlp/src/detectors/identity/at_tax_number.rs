//! `at_tax_number`: Austrian tax number.
//!
//! **Format.** Two digits for the tax office, three, a slash and four, with a dash or a space after
//! the office. Without the slash it may be anything: it is found where one of its names stands
//! before it, at most 48 bytes before on the same line. No ASCII letter, digit or `_` may touch it;
//! an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The tax office exists, and the last digit is the Luhn check digit.
//!
//! **Source.** Bundesministerium fuer Finanzen, "Steuernummer". Compared with python-stdnum,
//! `stdnum.at.tin`.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::at_tax;

/// Names of it.
const NAMES: &[&str] = &["abgabenkontonummer", "st.nr", "steuernummer"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "at_tax_number",
    name: "Austrian tax number",
    summary: "Austrian tax number: by form and check digits",
    category: Category::Identity,
    keywords: NAMES,
    pattern: alone!("[0-9]{2}(?: ?- ?| )?[0-9]{3}[ /]?[0-9]{4}"),
    match_bytes_max: 32,
    validators: &["at_tax"],
    test: Test::Told(Named { anywhere: slashed, form: judge, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("Steuernummer: 98 7120441", &["98 7120441"]),
        example("no name for 98 7120441", &[]),
        example("abgabenkontonummer: 12630/9756.", &["12630/9756"]),
        example(r#"{"id":"61-505/0267"}"#, &["61-505/0267"]),
        example("wrong 12630/9753", &[]),
        example("part of more 712630/9756 12630/97567", &[]),
    ],
};

fn slashed(sample: &Sample<'_>) -> Option<Judgement> {
    if sample.matched.contains(&b'/') { judge(sample) } else { None }
}

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, at_tax)
}
