//! `se_personal_number`: Swedish personal number.
//!
//! **Format.** Six or, with the century, eight digits for the date of birth, to whose day 60 is
//! added in numbers of coordination, a dash or plus or nothing, and four. No ASCII letter, digit or
//! `_` may touch it, but a word of small letters may touch one with the century in front; an escape
//! such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The first digits are a date, and the last is the Luhn check digit.
//!
//! **Source.** Skatteverket, "Personnummer". Compared with python-stdnum, `stdnum.se.personnummer`.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred. Low for
//! ten plain digits, of which tables and logs are full.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::{glued, glued_number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::se_personnummer;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "se_personal_number",
    name: "Swedish personal number",
    summary: "Swedish personal number: by form and check digits",
    category: Category::Identity,
    keywords: &["personnummer"],
    pattern: glued!("(?:18|19|20)?[0-9]{2}[01][0-9][0-36-9][0-9][-+]?[0-9]{4}"),
    match_bytes_max: 32,
    validators: &["se_personnummer"],
    test: Test::Judge(judge),
    examples: &[
        example("samordningsnummer 880772-2387", &["880772-2387"]),
        example("personnummer: 890704-7305.", &["890704-7305"]),
        example(r#"{"id":"860306-2392"}"#, &["860306-2392"]),
        example("my code is198712202384.", &["198712202384"]),
        example("wrong 890734-7305", &[]),
        example("part of more 7890704-7305 890704-73057", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let is_glued = sample.matched.first().is_some_and(u8::is_ascii_lowercase);
    let own = sample.matched.get(lead_in_len(sample.matched)..)?;
    let is_plain = own.len() == 10 && own.iter().all(u8::is_ascii_digit);
    let confidence = if is_plain { Confidence::Low } else { Confidence::Medium };
    glued_number(sample, confidence, |number| {
        (!is_glued || number.len() == 12) && se_personnummer(number)
    })
}
