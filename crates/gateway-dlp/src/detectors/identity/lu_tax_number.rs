//! `lu_tax_number`: Personal tax number of Luxembourg.
//!
//! **Format.** 13 digits: eight for the date of birth, three and two check digits, plain or parted
//! by spaces after the date. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or
//! `%20` may come right before it.
//!
//! **Validator.** The first eight are a date, and the last two are the Luhn and the Verhoeff check
//! digit of the others.
//!
//! **Source.** Centre des technologies de l'information de l'Etat, numero d'identification.
//!
//! **Confidence.** High: date and two check digits together pass by chance once in ten thousand.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::lu_id;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "lu_tax_number",
    name: "Personal tax number of Luxembourg",
    summary: "Personal tax number of Luxembourg: by form and check digits",
    category: Category::Identity,
    keywords: &["matricule", "numéro d'identification"],
    pattern: alone!("(?:1[89]|20)[0-9]{2}[ ]?[01][0-9][ ]?[0-3][0-9][ ]?[0-9]{3}[ ]?[0-9]{2}"),
    match_bytes_max: 32,
    validators: &["lu_id"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("matricule: 1957062840215.", &["1957062840215"]),
        example(r#"{"id":"2025110693973"}"#, &["2025110693973"]),
        example("wrong 1957062240215", &[]),
        example("part of more 71957062840215 19570628402157", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::High, lu_id)
}
