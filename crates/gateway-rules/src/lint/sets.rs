//! Sets: members that another member makes needless.

use std::collections::BTreeSet;
use std::fmt::Display;

use super::finding::Flaw;
use super::values::{ends, moved};
use crate::ast::{AddressItem, Test};
use crate::value::Value;

/// The most members that are told.
const TOLD_MAX: usize = 8;

/// The members of a test's set that others of it hold already.
pub(super) fn flaws(test: &Test) -> Vec<Flaw> {
    match test {
        Test::InBytes(values) => {
            let mut seen = BTreeSet::new();
            let twice = values.iter().filter(|value| !seen.insert(*value));
            let text = |value: &bytes::Bytes| Value::Bytes(value.clone()).to_string();
            let flaw = |value| Flaw::RedundantMember { member: text(value), by: text(value) };
            twice.take(TOLD_MAX).map(flaw).collect()
        }
        Test::InInts(ranges) => {
            let member = |&(first, last): &(i64, i64)| {
                let text =
                    if first == last { first.to_string() } else { format!("{first}..{last}") };
                (moved(first), moved(last), text)
            };
            covered(ranges.iter().map(member).collect())
        }
        Test::InAddresses(items) => {
            let of_family = |is_v4: bool| {
                let member = |item: &AddressItem| {
                    let ((first, last), family) = ends(item)?;
                    (family == is_v4).then(|| (first, last, text(item)))
                };
                covered(items.iter().filter_map(member).collect())
            };
            let mut found = of_family(true);
            found.extend(of_family(false));
            found
        }
        _ => Vec::new(),
    }
}

fn text(item: &AddressItem) -> String {
    let joined = |a: &dyn Display, sign: &str, b: &dyn Display| format!("{a}{sign}{b}");
    match item {
        AddressItem::Network(address, bits) => {
            let all = if address.is_ipv4() { 32 } else { 128 };
            if *bits == all { address.to_string() } else { joined(address, "/", bits) }
        }
        AddressItem::Range(first, last) => joined(first, "..", last),
    }
}

/// The ranges that lie within one other.
fn covered(mut members: Vec<(u128, u128, String)>) -> Vec<Flaw> {
    // The larger of two that begin alike first.
    members.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
    let mut found = Vec::new();
    let mut widest: Option<(u128, String)> = None;
    for (_, last, text) in members {
        match &widest {
            Some((end, by)) if last <= *end => {
                found.push(Flaw::RedundantMember { member: text, by: by.clone() });
            }
            Some(_) | None => widest = Some((last, text)),
        }
    }
    found.truncate(TOLD_MAX);
    found
}
