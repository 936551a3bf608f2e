//! `br_cpf`: Brazilian taxpayer number (CPF).
//!
//! **Format.** Eleven digits, plain or as three, three, three and two parted by points and a dash.
//! No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right
//! before it.
//!
//! **Validator.** The last two digits check the others, which are not all the same.
//!
//! **Source.** Receita Federal, CPF. Compared with python-stdnum, `stdnum.br.cpf`.
//!
//! **Confidence.** Medium: one number in a hundred passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::br_cpf;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "br_cpf",
    name: "Brazilian taxpayer number (CPF)",
    summary: "Brazilian taxpayer number (CPF): by form and check digits",
    category: Category::Identity,
    keywords: &["cpf"],
    pattern: alone!(r"(?:[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}|[0-9]{11})"),
    match_bytes_max: 32,
    validators: &["br_cpf"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("cpf: 15507816182.", &["15507816182"]),
        example(r#"{"id":"817.628.681-80"}"#, &["817.628.681-80"]),
        example("wrong 15507846182", &[]),
        example("part of more 715507816182 155078161827", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, br_cpf)
}
