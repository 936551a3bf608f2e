//! `email_address`: e-mail addresses.
//!
//! **Format.** A local part of at most 64 letters, digits and `. _ % + -` that begins with one of
//! the first two, `@` and a host name of at most 190 characters that ends with a name of two or
//! more letters, or with one of other scripts as `xn--`. No ASCII letter, digit or any of these
//! signs may touch it, but an escape such as ` ` or `%20` may come right before it.
//!
//! **Validator.** Neither part has two points in a row or one at its end, and the host is no ending
//! of a file such as in `icon@2x.png`.
//!
//! **Source.** RFC 5322 section 3.4.1; RFC 1035.
//!
//! **Confidence.** Medium: the form is certain, but addresses are on many pages.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::{is_lead_in, lead_in_len};
use crate::detectors::number::alone;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "email_address",
    name: "E-mail address",
    summary: "E-mail addresses, by form",
    category: Category::Personal,
    keywords: &["contact", "e-mail", "email", "mail"],
    pattern: alone!(
        r"[0-9A-Za-z_][0-9A-Za-z._%+-]{0,63}@[0-9A-Za-z][0-9A-Za-z.-]*\.(?:[A-Za-z]{2,24}|xn--[0-9a-z-]{2,59})"
    ),
    match_bytes_max: 288,
    validators: &[],
    test: Test::Whole(judge, is_end),
    examples: &[
        example("mail to ann.lee+x@corp.example.org.", &["ann.lee+x@corp.example.org"]),
        example(r#"{"to":"info@presidio.site"}"#, &["info@presidio.site"]),
        example(r"to:\nbob@corp.example\n", &["bob@corp.example"]),
        example("a@xn--d1acufc.xn--p1ai", &["a@xn--d1acufc.xn--p1ai"]),
        example("no host info@presidio.", &[]),
        example("two points a..b@x..org", &[]),
        example("an image icon@2x.png", &[]),
    ],
};

/// Bytes of the longest local part.
const LOCAL_MAX: usize = 64;
/// Bytes of the longest host name.
const HOST_MAX: usize = 190;
/// Endings of the names of files, which hosts do not have.
const FILES: &[&[u8]] = &[b"css", b"gif", b"jpeg", b"jpg", b"js", b"png", b"svg", b"webp"];

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let address = sample.matched.get(lead..)?;
    let at = address.iter().position(|byte| *byte == b'@')?;
    let (local, host) = (address.get(..at)?, address.get(at + 1..)?);
    let is_even = |part: &[u8]| part.split(|byte| *byte == b'.').all(|label| !label.is_empty());
    let end = host.rsplit(|byte| *byte == b'.').next()?;
    let real = local.len() <= LOCAL_MAX
        && host.len() <= HOST_MAX
        && is_even(local)
        && is_even(host)
        && !FILES.contains(&end);
    real.then_some(Judgement { confidence: Confidence::Medium, lead, trail: 0 })
}

fn is_end(before: &[u8], first: u8) -> bool {
    matches!(before, [.., b'.' | b'%' | b'+' | b'-' | b'@']) && !is_lead_in(first)
}
