//! `be_vat`: Belgian VAT number.
//!
//! **Format.** `BE` and ten digits, plain or as four, three and three parted by points or spaces;
//! or nine, without the 0 that older ones begin with since 2005. No ASCII letter, digit or `_` may
//! touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The last two digits check the others.
//!
//! **Source.** European Commission, VIES, structure of VAT numbers. Compared with python-stdnum,
//! `stdnum.be.vat`.
//!
//! **Confidence.** High: the letters and two check digits together are telling.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::be_vat;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "be_vat",
    name: "Belgian VAT number",
    summary: "Belgian VAT number: by form and check digits",
    category: Category::Identity,
    keywords: &["btw", "tva", "vat"],
    pattern: alone!("(?i:BE)[ ]?(?:[01][0-9]{3}|[2-9][0-9]{2})[. ]?[0-9]{3}[. ]?[0-9]{3}"),
    match_bytes_max: 32,
    validators: &["be_vat"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("TVA BE 427183545", &["BE 427183545"]),
        example("wrong BE 427183540", &[]),
        example("btw: BE1965242962.", &["BE1965242962"]),
        example(r#"{"id":"BE0964325399"}"#, &["BE0964325399"]),
        example("wrong BE1965242062", &[]),
        example("part of more 7BE1965242962 BE19652429627", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::High, |number| match number.get(2..) {
        Some(digits) if digits.len() == 9 => be_vat(&[b"0", digits].concat()),
        Some(digits) => be_vat(digits),
        None => false,
    })
}
