//! `us_bank_account`: uS bank account number.
//!
//! **Format.** 8 to 17 digits. No ASCII letter, digit or `_` may touch it; an escape such as `\n`
//! or `%20` may come right before it. It is found behind one of its names, at most 48 bytes before
//! on the same line, or where it is all that a field holds.
//!
//! **Validator.** At least four different digits, which do not only count up: `111122223333` and
//! `123456789012` stand for accounts in manuals.
//!
//! **Source.** Nacha Operating Rules, entry detail record.
//!
//! **Confidence.** Low: the form tells nothing.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::distinct;

/// Names of it.
const NAMES: &[&str] =
    &["account", "account no", "account number", "acct", "bank account", "checking", "savings"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "us_bank_account",
    name: "US bank account number",
    summary: "US bank account numbers, by a name near them",
    category: Category::Financial,
    keywords: &[
        "account",
        "account no",
        "account number",
        "acct",
        "bank",
        "bank account",
        "checking",
        "savings",
    ],
    pattern: alone!("[0-9]{8,17}"),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Told(Named { alone: form, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("bank account: 945456787654", &["945456787654"]),
        example("a,945456787654,b", &["945456787654"]),
        example("unnamed 945456787654 here", &[]),
        example("account 1234567", &[]),
    ],
};

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |digits| {
        let counts = |[one, two]: &[u8; 2]| (two + 10 - one) % 10 == 1;
        distinct(digits) >= 4 && !digits.array_windows().all(counts)
    })
}
