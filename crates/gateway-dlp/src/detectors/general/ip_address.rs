//! `ip_address`: iP address.
//!
//! **Format.** An address of IPv4, or of IPv6 with or without `::`, a zone behind `%` and an IPv4
//! address at its end; the length of a prefix behind a slash is part of it. No letter, digit, `_`
//! or point may touch it in front, and of IPv6 no colon.
//!
//! **Validator.** The groups are as many as an address has, and none is too large; of a number with
//! more than four parts only a date or version is left.
//!
//! **Source.** RFC 791; RFC 4291 section 2.2; RFC 4632.
//!
//! **Confidence.** Low: addresses are on many pages.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::{is_lead_in, lead_in, lead_in_len};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::is_address;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ip_address",
    name: "IP address",
    summary: "Addresses of IPv4 and IPv6, by form",
    category: Category::General,
    keywords: &["address", "host", "ip", "ip address", "server"],
    pattern: concat!(
        lead_in!(),
        r"(?:(?:[0-9]{1,3}[.]){3}[0-9]{1,3}(?:/[0-9]{1,2})?\b{end-half}",
        r"|(?:[0-9A-Fa-f]{1,4}:|::)(?:[0-9A-Fa-f]{0,4}:){0,7}",
        r"(?:[0-9A-Fa-f]{1,4}|(?:[0-9]{1,3}[.]){3}[0-9]{1,3})?(?:%[0-9A-Za-z]{1,15})?",
        r"(?:/[0-9]{1,3})?(?:[.](?:[^0-9]|\z)|[^0-9A-Za-z_.:]|\z))",
    ),
    match_bytes_max: 80,
    validators: &[],
    test: Test::Whole(judge, is_end),
    examples: &[
        example("my ip: 192.168.0.1.", &["192.168.0.1"]),
        example("http://[2001:db8::1]:80/", &["2001:db8::1"]),
        example("fe80::1%eth0/64", &["fe80::1%eth0/64"]),
        example("src=:: dst=::1", &["::", "::1"]),
        example("::ffff:192.0.2.1 10.0.0.0/8", &["::ffff:192.0.2.1", "10.0.0.0/8"]),
        example("it is 2001:db8::1. No", &["2001:db8::1"]),
        example("too much ::ffff:256.0.0.1", &[]),
        example("version 1.2.3, 300.168.1.1", &[]),
        example("std::cout, 12:34:56, 2001::db8::1", &[]),
        example("MAC aa:bb:cc:dd:ee:ff", &[]),
        example("text192.168.1.1", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let all = sample.matched.get(lead..)?;
    let trail = match all {
        [.., b'.'] => 1,
        [.., b'.', other] if !other.is_ascii_digit() => 2,
        // What parts an address of IPv6 from what follows is in the match, so that it ends nowhere else.
        [.., other] if *other != b':' && !other.is_ascii_alphanumeric() => 1,
        _ => 0,
    };
    let text = all.get(..all.len() - trail)?;
    // A point ends a sentence, or begins the next part of what is no address.
    let is_six = text.contains(&b':');
    let is_tail = is_six && lead == 0 && sample.before.last() == Some(&b':');
    let goes_on = trail == 0 && sample.after == Some(b':');
    let real = !is_tail && !goes_on && is_address(text);
    real.then_some(Judgement { confidence: Confidence::Low, lead, trail })
}

/// Behind a colon, digits may begin an address of IPv4.
fn is_end(before: &[u8], first: u8) -> bool {
    match before.last() {
        Some(b'.') => !is_lead_in(first),
        Some(b':') => !is_lead_in(first) && !first.is_ascii_digit(),
        _ => false,
    }
}
