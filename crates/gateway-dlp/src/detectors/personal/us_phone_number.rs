//! `us_phone_number`: phone numbers of the North American plan.
//!
//! **Format.** For some `+1` or `1`, three digits for the area, three and four, with brackets,
//! spaces, points or dashes between them; area and exchange begin with 2 to 9. No ASCII letter,
//! digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before it. With
//! spaces alone and no `+` it is found behind a name, at most 48 bytes before on the same line, or
//! where it is all that a field holds; without separators behind a name alone.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** NANPA, ATIS-0300119.
//!
//! **Confidence.** Low: the form is common.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};

/// Names behind which plain digits are found.
const PLAIN_NAMES: &[&str] = &["cell", "fax", "mobile", "phone", "tel", "telephone"];
/// Names of it.
const NAMES: &[&str] = &["call", "cell", "fax", "mobile", "phone", "tel", "telephone"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "us_phone_number",
    name: "US phone number",
    summary: "Phone numbers of the North American plan with separators, by area and exchange",
    category: Category::Personal,
    keywords: NAMES,
    pattern: alone!(
        r"(?:\+?1[ .-]?)?(?:\([2-9][0-9]{2}\)[ .-]?[2-9][0-9]{2}[ .-]?",
        "|[2-9][0-9]{2}(?:[.-][2-9][0-9]{2}[.-]|[ ]?[2-9][0-9]{2}[ ]?))[0-9]{4}",
        "|[+]1[ .-]?[2-9][0-9]{2}[ .-]?[2-9][0-9]{2}[ .-]?[0-9]{4}"
    ),
    match_bytes_max: 32,
    validators: &[],
    test: Test::Told(Named { right: judge, alone, form, names: PLAIN_NAMES, ..Named::NOTHING }),
    examples: &[
        example("call 415-555-0132.", &["415-555-0132"]),
        example("tel: (212) 555-0198, or", &["(212) 555-0198"]),
        example("+1 646.555.0111", &["+1 646.555.0111"]),
        example("+1 646 555 0111, or", &["+1 646 555 0111"]),
        example("write to (646)5550111 or", &["(646)5550111"]),
        example("mobile 646 555 0111, or 6465550112", &["646 555 0111", "6465550112"]),
        example("a,646 555 0111,b,6465550112,c", &["646 555 0111"]),
        example("a row of 646 555 0111 and more", &[]),
        example("no such area 115-555-0132", &[]),
        example("no separators 4155550132", &[]),
        example("part of more 1415-555-01329", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let own = |byte: &u8| b"+(.-".contains(byte);
    if own_bytes(sample)?.iter().any(own) { form(sample) } else { None }
}

fn alone(sample: &Sample<'_>) -> Option<Judgement> {
    if own_bytes(sample)?.contains(&b' ') { form(sample) } else { None }
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    Some(Judgement { confidence: Confidence::Low, lead: lead_in_len(sample.matched), trail: 0 })
}

/// What was matched behind a lead-in.
fn own_bytes<'a>(sample: &Sample<'a>) -> Option<&'a [u8]> {
    sample.matched.get(lead_in_len(sample.matched)..)
}
