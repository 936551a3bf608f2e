//! `url`: web addresses.
//!
//! **Format.** `http`, `https` or `ftp`, a host name that ends with a name of two or more letters
//! and, for some, a port, a path and the like; or without these a name under an ending that many
//! have, in small letters.
//!
//! **Validator.** The host has no empty part, and is behind no `@`; signs at the end that end a
//! sentence are no part of it.
//!
//! **Source.** RFC 3986; RFC 1035.
//!
//! **Confidence.** Low: they are on nearly every page.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "url",
    name: "URL",
    summary: "Web addresses, by form",
    category: Category::General,
    keywords: &["domain", "link", "site", "url", "website"],
    pattern: alone!(
        r"(?i:https?|ftp)://[0-9A-Za-z][0-9A-Za-z.-]{0,250}[.](?:[A-Za-z]{2,24}|xn--[0-9a-z-]{2,59})\b{end-half}(?::[0-9]{1,5})?(?:[/?#](?:[!-~]*[0-9A-Za-z/#_=&+~%$@*-])?)?",
        r"|(?:[0-9A-Za-z][0-9A-Za-z-]{0,62}[.]){1,8}(?:com|edu|gov|info|net|org|(?:co|com|org|ac|gov)[.](?:au|br|il|in|jp|kr|nz|uk|za))"
    ),
    match_bytes_max: 2048,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example(
            "see https://www.example.com/store/abc/?q=1&b=2.",
            &["https://www.example.com/store/abc/?q=1&b=2"],
        ),
        example("my domains: example.com example.co.il", &["example.com", "example.co.il"]),
        example("http://example.webcam", &["http://example.webcam"]),
        example("no end www.example, http://example", &[]),
        example("mail info@example.com", &[]),
        example("two points http://a..com", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let url = sample.matched.get(lead..)?;
    let has_scheme = url.windows(3).any(|three| three == b"://");
    let touches = |byte: &u8| b"@.-/:".contains(byte);
    let is_part = !has_scheme
        && ((lead == 0 && sample.before.last().is_some_and(touches))
            || matches!(sample.after, Some(b'@' | b'-' | b'(')));
    let behind = url.windows(3).position(|three| three == b"://").map_or(0, |at| at + 3);
    let host = url.get(behind..)?.split(|byte| b"/?#:".contains(byte)).next()?;
    let real = !is_part && !host.windows(2).any(|two| two == b"..");
    let confidence = if has_scheme { Confidence::Medium } else { Confidence::Low };
    real.then_some(Judgement { confidence, lead, trail: 0 })
}
