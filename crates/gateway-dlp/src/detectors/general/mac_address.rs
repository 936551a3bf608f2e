//! `mac_address`: mAC address.
//!
//! **Format.** Six pairs of hexadecimal digits parted by colons or by dashes, or three groups of
//! four parted by points. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or
//! `%20` may come right before it.
//!
//! **Validator.** Not all digits are 0, and not all F; it is no part of a longer row.
//!
//! **Source.** IEEE 802-2014 section 8.2.
//!
//! **Confidence.** Medium: the form is rare, but a pattern of bytes may have it. Low, where it is
//! parted by points, as weights, versions and offsets are in tables.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::{is_lead_in, lead_in_len};
use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "mac_address",
    name: "MAC address",
    summary: "Hardware addresses of network devices, by form",
    category: Category::General,
    keywords: &["ethernet", "hardware address", "mac", "mac address", "physical address"],
    pattern: alone!(
        "(?i:[0-9A-F]{2}(?:(?::[0-9A-F]{2}){5}|(?:-[0-9A-F]{2}){5})|[0-9A-F]{4}[.][0-9A-F]{4}[.][0-9A-F]{4})"
    ),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Whole(judge, is_end),
    examples: &[
        example(
            "MACs: 00:11:22:33:44:55 and AA-BB-CC-DD-EE-FF",
            &["00:11:22:33:44:55", "AA-BB-CC-DD-EE-FF"],
        ),
        example("Cisco 0012.3456.789a.", &["0012.3456.789a"]),
        example("all of them FF:FF:FF:FF:FF:FF", &[]),
        example("mixed 10:2F:33-AC-29-C3", &[]),
        example("a fingerprint 00:11:22:33:44:55:66:77", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let goes_on = matches!(sample.after, Some(b':' | b'-'));
    if goes_on && lead_in_len(sample.matched) == 0 {
        return None;
    }
    let is_dotted = sample.matched.contains(&b'.');
    if is_dotted && sample.before.last() == Some(&b'.') && lead_in_len(sample.matched) == 0 {
        return None;
    }
    let confidence = if is_dotted { Confidence::Low } else { Confidence::Medium };
    number(sample, confidence, |digits| {
        let all = |one| digits.iter().all(|digit| *digit == one);
        !all(b'0') && !all(b'F')
    })
}

fn is_end(before: &[u8], first: u8) -> bool {
    matches!(before, [.., b':' | b'-']) && !is_lead_in(first)
}
