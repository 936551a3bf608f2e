//! `url`: web addresses.
//!
//! **Format.** `http`, `https` or `ftp`, or `www.` alone, a host name that ends with a name of two or
//! more letters and, for some, a port, a path and the like. No ASCII letter, digit or `_` may touch
//! it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The host has no empty part; signs at the end that end a sentence are no part of it.
//!
//! **Source.** RFC 3986; RFC 1035.
//!
//! **Confidence.** Medium: the form is certain, but addresses are on nearly every page.

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
        r"(?i:https?://|ftp://|www[.])[0-9A-Za-z][0-9A-Za-z.-]{0,250}[.](?:[A-Za-z]{2,24}|xn--[0-9a-z-]{2,59})\b{end-half}(?::[0-9]{1,5})?(?:[/?#](?:[!-~]*[0-9A-Za-z/#_=&+~%$@*-])?)?"
    ),
    match_bytes_max: 2048,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example(
            "see https://www.example.com/store/abc/?q=1&b=2.",
            &["https://www.example.com/store/abc/?q=1&b=2"],
        ),
        example("see www.example.co.il/a", &["www.example.co.il/a"]),
        example("http://example.webcam", &["http://example.webcam"]),
        example("no end www.example, http://example", &[]),
        example("a name alone example.com", &[]),
        example("two points http://a..com", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let url = sample.matched.get(lead..)?;
    let behind = url.windows(3).position(|three| three == b"://").map_or(0, |at| at + 3);
    let host = url.get(behind..)?.split(|byte| b"/?#:".contains(byte)).next()?;
    let is_part = behind == 0 && sample.before.last().is_some_and(|byte| b"@.-/".contains(byte));
    let real = !is_part && !host.windows(2).any(|two| two == b"..");
    real.then_some(Judgement { confidence: Confidence::Medium, lead, trail: 0 })
}
