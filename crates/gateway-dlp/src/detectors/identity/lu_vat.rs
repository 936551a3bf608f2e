//! `lu_vat`: VAT number of Luxembourg.
//!
//! **Format.** `LU` and eight digits, plain or as three, three and two parted by spaces. No ASCII
//! letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The last two digits are the rest of the others by 89.
//!
//! **Source.** European Commission, VIES, structure of VAT numbers. Compared with python-stdnum,
//! `stdnum.lu.tva`.
//!
//! **Confidence.** High: the letters and two check digits together are telling.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::lu_vat;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "lu_vat",
    name: "VAT number of Luxembourg",
    summary: "VAT number of Luxembourg: by form and check digits",
    category: Category::Identity,
    keywords: &["tva", "vat"],
    pattern: alone!("(?i:LU)[ ]?[0-9]{3}[ ]?[0-9]{3}[ ]?[0-9]{2}"),
    match_bytes_max: 32,
    validators: &["lu_vat"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("TVA: LU 695 970 79", &["LU 695 970 79"]),
        example("tva: LU69597079.", &["LU69597079"]),
        example(r#"{"id":"LU62611084"}"#, &["LU62611084"]),
        example("wrong LU69597579", &[]),
        example("part of more 7LU69597079 LU695970797", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::High, |number| lu_vat(number.get(2..).unwrap_or_default()))
}
