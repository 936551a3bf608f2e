//! `url`: web addresses.
//!
//! **Format.** `http`, `https` or `ftp`, or `www.` alone, a host name that ends with a name of two or
//! more letters and, for some, a port, a path and the like. No ASCII letter, digit or `_` may touch
//! it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** None beside the format: no part of the host is empty, and signs at the end that end a
//! sentence are no part of it.
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
        r"(?i:https?://|ftp://|www[.])[0-9A-Za-z][0-9A-Za-z-]*(?:[.][0-9A-Za-z-]+)*[.](?:[A-Za-z]{2,24}|xn--[0-9a-z-]{2,59})\b{end-half}(?::[0-9]{1,5})?(?:[/?#](?:[!-~]*[0-9A-Za-z/#_=&+~%$@*-])?)?"
    ),
    match_bytes_max: 2048,
    validators: &[],
    test: Test::Whole(judge, is_end),
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
    Some(Judgement { confidence: Confidence::Medium, lead, trail: 0 })
}

/// Whether `www.` stands in a longer name, or behind a scheme.
fn is_end(before: &[u8], first: u8) -> bool {
    matches!(before, [.., b'@' | b'.' | b'-' | b'/']) && matches!(first, b'w' | b'W')
}
