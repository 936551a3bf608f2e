//! `email_address`: e-mail addresses.
//!
//! **Format.** A local part of at most 64 letters, digits and `. _ % + -`, `@` and a host name of
//! at most 190 characters that ends with a name of two or more letters, or with one of other
//! scripts as `xn--`. No ASCII letter or digit may follow.
//!
//! **Validator.** Neither part begins or ends with a point or has two in a row, and the host is no
//! placeholder name of a file such as `@2x.png`.
//!
//! **Source.** RFC 5322 section 3.4.1; RFC 1035.
//!
//! **Confidence.** Medium: the form is certain, but addresses are on many pages.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "email_address",
    name: "E-mail address",
    summary: "E-mail addresses, by form",
    category: Category::Personal,
    keywords: &["contact", "e-mail", "email", "mail"],
    pattern: r"[0-9A-Za-z_%+-][0-9A-Za-z._%+-]{0,63}@[0-9A-Za-z][0-9A-Za-z.-]{0,187}\.(?:[A-Za-z]{2,24}|xn--[0-9a-z-]{2,59})\b{end-half}",
    match_bytes_max: 320,
    test: Test::Judge(judge),
    examples: &[
        example("mail to ann.lee+x@corp.example.org.", &["ann.lee+x@corp.example.org"]),
        example(r#"{"to":"info@presidio.site"}"#, &["info@presidio.site"]),
        example("no host info@presidio.", &[]),
        example("two points a..b@x..org", &[]),
        example("an image icon@2x.png", &[]),
    ],
};

/// Endings of the names of files, which hosts do not have.
const FILES: &[&[u8]] = &[b"css", b"gif", b"jpeg", b"jpg", b"js", b"png", b"svg", b"webp"];

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let at = sample.matched.iter().position(|byte| *byte == b'@')?;
    let (local, host) = sample.matched.split_at_checked(at)?;
    let is_even = |part: &[u8]| part.split(|byte| *byte == b'.').all(|label| !label.is_empty());
    let end = host.rsplit(|byte| *byte == b'.').next()?;
    let is_tail = sample
        .before
        .last()
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || b"._%+-@".contains(byte));
    let is_file = FILES.contains(&end);
    let real = is_even(local) && is_even(host.get(1..)?) && !is_tail && !is_file;
    if real { Judgement::whole(Confidence::Medium) } else { None }
}
