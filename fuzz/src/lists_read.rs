//! Files of lists: every format is read in peace, a list holds what its entries hold one by one, and
//! without its entries nothing.

use std::net::IpAddr;

use gateway_rules::{List, ListBuilder, ListFormat, ListKind, ListSeed, Value};

/// Entries that are compared with lists of one.
const ENTRIES_MAX: usize = 64;

/// The first two bytes choose kind and format and seed the hashes; the file goes up to the first
/// NUL, behind which stand values, one a line.
pub fn lists_read(data: &[u8]) {
    let [choice, seed, rest @ ..] = data else { return };
    let kind = ListKind::ALL[usize::from(choice & 7)];
    let format = ListFormat::ALL[usize::from(choice >> 3) % ListFormat::ALL.len()];
    let seed = u64::from(*seed);
    let seed = ListSeed::new([seed << 55, !seed, seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)]);
    let cut = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
    let (file, values) = (&rest[..cut], rest.get(cut + 1..).unwrap_or_default());

    let mut builder = ListBuilder::new(kind, seed);
    let report = builder.read(format, file);
    assert_eq!(report.entries, builder.len());
    assert!(report.faults.len() <= report.faults_count);
    let lines = file.split(|byte| *byte == b'\n').count();
    assert!(report.faults.iter().all(|fault| (1..=lines).contains(&fault.line)));
    assert!(report.passed_over.iter().all(|passed| (1..=lines).contains(&passed.first_line)));
    let _: List = builder.build();

    one_by_one(kind, seed, file, values);
}

/// Every line as an entry: together they are what they are alone.
fn one_by_one(kind: ListKind, seed: ListSeed, file: &[u8], values: &[u8]) {
    let text = String::from_utf8_lossy(file);
    let alone = |entry| List::read(kind, seed, [entry]).ok().map(|list| (entry, list));
    let single: Vec<(&str, List)> = text.lines().filter_map(alone).take(ENTRIES_MAX).collect();
    let entries: Vec<&str> = single.iter().map(|(entry, _)| *entry).collect();
    let list = List::read(kind, seed, entries.iter().copied()).expect("entries that are sound");
    let none = list.changed(&[], &entries).expect("entries that are sound");
    let all = none.changed(&entries, &[]).expect("entries that are sound");
    let values = String::from_utf8_lossy(values);
    for value in values.lines().chain(entries.iter().copied()) {
        let Some(value) = typed(kind, value) else { continue };
        let expected = single.iter().any(|(_, list)| list.holds(&value));
        assert_eq!(list.holds(&value), expected, "{value:?} in {entries:?}");
        assert!(!none.holds(&value), "{value:?} is left of {entries:?}");
        assert_eq!(all.holds(&value), expected, "{value:?} in {entries:?}, added");
    }
}

fn typed(kind: ListKind, value: &str) -> Option<Value> {
    match kind {
        ListKind::Ip => value.parse::<IpAddr>().ok().map(Value::Ip),
        ListKind::Number => value.parse().ok().map(Value::Int),
        ListKind::Domain
        | ListKind::Hash
        | ListKind::Host
        | ListKind::Text
        | ListKind::Url
        | ListKind::Wildcard => Some(Value::from(value)),
    }
}
