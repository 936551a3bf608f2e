//! `it_fiscal_code`: Italian fiscal code.
//!
//! **Format.** 16 characters: six letters for the name, two digits, a letter and two digits for
//! birth and sex, a letter and three digits for the place, and a check letter. No ASCII letter,
//! digit or `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The date is one, and the check letter is right. With another letter it is found with
//! low confidence, since little else has the form.
//!
//! **Source.** Decree of the Italian Ministry of Finance of 23 December 1976. Compared with
//! python-stdnum, `stdnum.it.codicefiscale`.
//!
//! **Confidence.** High: form and check letter together pass by chance once in many thousand.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::{it_fiscal_code, it_fiscal_form};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "it_fiscal_code",
    name: "Italian fiscal code",
    summary: "Italian fiscal code: by form and check digits",
    category: Category::Identity,
    keywords: &["codice fiscale"],
    pattern: alone!(
        "[A-Za-z]{6}[0-9L-NP-Vl-np-v]{2}[A-EHLMPR-Ta-ehlmpr-t][0-9L-NP-Vl-np-v]{2}[A-Za-z][0-9L-NP-Vl-np-v]{3}[A-Za-z]"
    ),
    match_bytes_max: 32,
    validators: &["it_fiscal_code"],
    test: Test::Named(Named { right: judge, anywhere: form, ..Named::NOTHING }),
    examples: &[
        example("codice fiscale: DFZHNU84E26B189F.", &["DFZHNU84E26B189F"]),
        example(r#"{"id":"WZRGVP43H88R016U"}"#, &["WZRGVP43H88R016U"]),
        example("a wrong letter DFZHNU84E06B189F", &["DFZHNU84E06B189F"]),
        example("no such day DFZHNU84E00B189F", &[]),
        example("part of more 7DFZHNU84E26B189F DFZHNU84E26B189F7", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::High, it_fiscal_code)
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, it_fiscal_form)
}
