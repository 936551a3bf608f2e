//! `phone_number`: phone number.
//!
//! **Format.** `+` and the code of a country, and 6 to 13 digits more, in groups or not, with
//! spaces, points, dashes or brackets between them; or 7 to 15 digits, in groups or not, right behind
//! a name such as `phone:`, `Tel.` or `call me on`. No ASCII letter, digit or `_` may touch it; an escape such as
//! `\n` or `%20` may come right before it.
//!
//! **Validator.** With `+` the number has at most 15 digits, of which the first is not 0.
//!
//! **Source.** ITU-T E.164.
//!
//! **Confidence.** Low: the form is common.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "phone_number",
    name: "Phone number",
    summary: "Phone numbers of all countries, by the plus or a name before them",
    category: Category::Personal,
    keywords: &["call", "cell", "fax", "mobile", "phone", "tel", "whatsapp"],
    pattern: concat!(
        "(?:",
        lead_in!(),
        r"[+][1-9][0-9]{0,2}[ .-]?(?:\(0?[0-9]{1,4}\)|[0-9]{1,5})(?:[ ./-]?[0-9]{2,5}){1,5}",
        r"|\b{start-half}(?i:call|cell|fax|handy|mob(?:ile)?|phone|tel|whatsapp)(?i:[a-z]{0,5})",
        r#"(?i:[ _-]?(?:n[or]|num|number)\.?| (?:her|him|me|us) (?:at|on))?[ \t"'.:=>-]{1,6}"#,
        r"(?:(?:is|ist|on)[ \t]{1,3})?",
        r"(?:\(0?[0-9]{1,5}\)|[0-9]{2,5})(?:[ ./-]{0,2}[0-9]{2,5}){1,5}",
        r")\b{end-half}",
    ),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example("reach me at +44 (0)20 7946 0958.", &["+44 (0)20 7946 0958"]),
        example("Tel. 030 901820", &["030 901820"]),
        example("+1 415-555-0132", &["+1 415-555-0132"]),
        example(r#"{"phone":"01 23 45 67 89"}"#, &["01 23 45 67 89"]),
        example("call me on 0412 345 678", &["0412 345 678"]),
        example("Mob: 98765 43210", &["98765 43210"]),
        example("unnamed 030 901820", &[]),
        example("phone 12345", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = match sample.matched.iter().position(|byte| b"+(0123456789".contains(byte))? {
        // What begins with an escape, whose digits are none of the number.
        at if sample.matched.starts_with(b"%") => at.max(3),
        at => at,
    };
    let number = sample.matched.get(lead..)?;
    let least = if number.starts_with(b"+") { 8 } else { 7 };
    let digits = number.iter().filter(|byte| byte.is_ascii_digit()).count();
    let is_tail = lead == 0 && matches!(sample.before.last(), Some(b'+' | b'.' | b'-'));
    let real = (least..=15).contains(&digits) && !is_tail;
    real.then_some(Judgement { confidence: Confidence::Low, lead, trail: 0 })
}
