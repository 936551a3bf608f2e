//! `nl_vat`: Dutch VAT number.
//!
//! **Format.** `NL`, nine digits, `B` and two digits. No ASCII letter, digit or `_` may touch it;
//! an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The nine digits are a citizen service number or that of a company, or the whole
//! is right by ISO 7064 MOD 97-10.
//!
//! **Source.** European Commission, VIES, structure of VAT numbers. Compared with python-stdnum,
//! `stdnum.nl.btw`.
//!
//! **Confidence.** High: form and check digits together are telling.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::nl_vat;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "nl_vat",
    name: "Dutch VAT number",
    summary: "Dutch VAT number: by form and check digits",
    category: Category::Identity,
    keywords: &["btw", "vat"],
    pattern: alone!("(?i:NL)[ ]?[0-9]{9}[ ]?[Bb][0-9]{2}"),
    match_bytes_max: 32,
    validators: &["nl_vat"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("btw: NL963244917B44.", &["NL963244917B44"]),
        example(r#"{"id":"NL534031353B46"}"#, &["NL534031353B46"]),
        example("wrong NL964244917B44", &[]),
        example("part of more 7NL963244917B44 NL963244917B447", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::High, |number| nl_vat(number.get(2..).unwrap_or_default()))
}
