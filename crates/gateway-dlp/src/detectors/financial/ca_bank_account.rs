//! `ca_bank_account`: Canadian bank accounts.
//!
//! **Format.** Five digits for the branch, a dash, three for the institution, a dash or a space,
//! and 7 to 12 for the account. No ASCII letter, digit or `_` may touch it, but an escape such as
//! `\n` or `%20` may come right before it.
//!
//! **Validator.** The institution is one of the larger ones.
//!
//! **Source.** Microsoft Purview, "Canada bank account number". On the kind: Payments Canada,
//! Standard 006.
//!
//! **Confidence.** Medium: form and institution are telling.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ca_bank_account",
    name: "Canadian bank account",
    summary: "Canadian bank accounts with branch and institution, by form and institution",
    category: Category::Financial,
    keywords: &["account", "bank", "transit"],
    pattern: alone!("[0-9]{5}-[0-9]{3}[ -][0-9]{7,12}"),
    match_bytes_max: 48,
    validators: &[],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("account 10202-003-1234567", &["10202-003-1234567"]),
        example(r#"{"acc":"00012-010 123456789012"}"#, &["00012-010 123456789012"]),
        example("no such institution 10202-999-1234567", &[]),
        example("cut 10202-003-123456", &[]),
        example("part of more 110202-003-1234567", &[]),
    ],
};

/// Numbers of institutions, as they stand behind the branch.
const INSTITUTIONS: &[&[u8]] = &[
    b"001", b"002", b"003", b"004", b"006", b"010", b"016", b"030", b"039", b"117", b"127", b"177",
    b"219", b"241", b"260", b"269", b"270", b"308", b"309", b"310", b"315", b"320", b"338", b"340",
    b"509", b"540", b"568", b"607", b"608", b"614", b"621", b"623", b"809", b"815", b"819", b"828",
    b"829", b"837", b"839", b"849", b"865", b"879", b"889", b"890", b"899",
];

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, |number| {
        number.get(5..8).is_some_and(|institution| INSTITUTIONS.contains(&institution))
    })
}
