//! Files of every format, as people publish them.

use proptest::prelude::*;

use super::*;
use crate::lists::hash::SEED;
use crate::lists::{List, ListKind};
use crate::value::Value;

/// Reads a file; gives the list, the faults as text and what was passed over.
fn read(kind: ListKind, format: ListFormat, file: &str) -> (List, Vec<String>, Vec<String>) {
    let mut builder = ListBuilder::new(kind, SEED);
    let report = builder.read(format, file.as_bytes());
    assert_eq!(report.entries, builder.len());
    assert_eq!(report.faults_count, report.faults.len());
    let faults = report.faults.iter().map(ToString::to_string).collect();
    let passed = report.passed_over.iter();
    let passed = passed.map(|p| format!("{}x {} from {}", p.lines, p.what, p.first_line)).collect();
    (builder.build(), faults, passed)
}

fn check(list: &List, values: &[(&str, bool)]) {
    for (text, is_listed) in values {
        let value = match list.kind() {
            ListKind::Ip => Value::Ip(text.parse().expect(text)),
            ListKind::Number => Value::Int(text.parse().expect(text)),
            _ => Value::from(*text),
        };
        assert_eq!(list.holds(&value), *is_listed, "{text}");
    }
}

#[test]
fn plain_text() {
    let file = "\u{feff}# ours\r\na.example\r\n\n  b.example  # why\nb c\n=c.example\n*.d.example";
    let (list, faults, passed) = read(ListKind::Domain, ListFormat::Plain, file);
    check(&list, &[("x.a.example", true), ("b.example", true), ("c.example", true)]);
    check(&list, &[("x.c.example", false), ("d.example", false), ("x.d.example", true)]);
    assert_eq!(
        faults,
        ["line 5: `b c` is no name of a host: expected letters, digits, `-`, `_` and dots"]
    );
    assert!(passed.is_empty());
    let (list, ..) = read(ListKind::Text, ListFormat::Plain, "#no\nc # d\n");
    check(&list, &[("c # d", true), ("#no", false)]);
    let (list, faults, _) =
        read(ListKind::Ip, ListFormat::Plain, "192.0.2.0/24 # x\n::1\n192.0.2.1/8\n");
    check(&list, &[("192.0.2.9", true), ("::1", true), ("::2", false)]);
    assert_eq!(faults, ["line 3: the network `192.0.2.1/8` has host bits set"]);
}

#[test]
fn comma_separated_values() {
    let file = "value,description\na.example,first\n\"b.example\",\"two\nlines, \"\"quoted\"\"\"\n\
        c.example\r\n,empty\n\n\"d.example\" x,y\n e.example , y\n\"open,\n";
    let (list, faults, passed) = read(ListKind::Domain, ListFormat::Csv, file);
    check(&list, &[("a.example", true), ("b.example", true), ("c.example", true)]);
    check(&list, &[("d.example", false), ("e.example", true)]);
    assert_eq!(
        faults,
        [
            "line 6: expected an entry in the first field, found ``",
            "line 8: expected a comma behind the quote, found `d.example`",
            "line 10: expected a closing quote, found `\"open`",
        ]
    );
    assert_eq!(passed, ["1x names of columns from 1"]);
    let (list, ..) = read(ListKind::Text, ListFormat::Csv, "\"a, \"\"b\"\"\"\nvalue\n");
    check(&list, &[("a, \"b\"", true), ("value", true)]);
}

#[test]
fn hosts_files() {
    let file = "# hosts\n127.0.0.1 localhost\n::1%lo0 localhost\n0.0.0.0 a.example b.example # two\n\
        0.0.0.0 0.0.0.0\n:: c.example\na.example\n0.0.0.0\n0.0.0.0 d..example";
    let (list, faults, passed) = read(ListKind::Domain, ListFormat::Hosts, file);
    check(&list, &[("a.example", true), ("b.example", true), ("c.example", true)]);
    check(&list, &[("x.a.example", false), ("localhost", false)]);
    assert_eq!(
        faults,
        [
            "line 7: expected an address and names, found `a.example`",
            "line 8: expected a name behind the address, found `0.0.0.0`",
            "line 9: `d..example` is no name of a host: two dots stand together, or one in front",
        ]
    );
    assert_eq!(passed, ["3x names of the machine itself from 2"]);
}

#[test]
fn rules_of_ad_blockers() {
    let file = "[Adblock Plus 2.0]\n! Title: x\n||a.example^\n||b.example^$important\n\
        ||c.example^$third-party\n@@||d.example^\nexample##.ad\n/banner/*\n||e.example/ads/\n\
        ||f.*^\n||g.example\n||bad_é^\n";
    let (list, faults, passed) = read(ListKind::Domain, ListFormat::AdBlock, file);
    check(&list, &[("x.a.example", true), ("b.example", true), ("c.example", false)]);
    check(&list, &[("d.example", false), ("e.example", false), ("g.example", false)]);
    assert_eq!(
        faults,
        [
            "line 12: `bad_é` is no name of a host: expected ASCII: write international names as xn--…"
        ]
    );
    assert_eq!(
        passed,
        [
            "1x rules for some requests alone from 5",
            "1x exceptions from 6",
            "1x rules for parts of pages from 7",
            "3x patterns that are no domain from 8",
            "1x URLs, which are no domains from 9",
        ]
    );
    let (list, ..) = read(ListKind::Url, ListFormat::AdBlock, file);
    check(&list, &[("http://x.e.example/ads/1", true), ("https://a.example/x", true)]);
    check(&list, &[("http://e.example/", false)]);
}

#[test]
fn response_policy_zones() {
    let file = "$TTL 60\n$ORIGIN rpz.example.\n@ IN SOA ns.example. root.example. (\n  1 ; serial\n\
        60 60 60 60 )\n  IN NS ns.example.\na.example CNAME .\n*.a.example 300 IN CNAME .\n\
        b.example.rpz.example. IN CNAME *.\nc.example A 192.0.2.1\n  TXT \"x;y\"\nd.example CNAME rpz-passthru.\n\
        24.0.2.0.192.rpz-ip CNAME .\n48.zz.2.db8.2001.rpz-ip CNAME .\nx.rpz-nsdname CNAME .\n\
        e.other. CNAME .\nf.example MB\ng.example CNAME rpz-drop.\n";
    let (list, faults, passed) = read(ListKind::Domain, ListFormat::Rpz, file);
    check(&list, &[("a.example", true), ("x.a.example", true), ("b.example", true)]);
    check(&list, &[("x.b.example", false), ("c.example", true), ("d.example", false)]);
    check(&list, &[("g.example", true)]);
    assert_eq!(
        faults,
        [
            "line 16: expected an owner within the zone, found `e.other.`",
            "line 17: expected an owner, a type and what it answers with, found `f.example MB`",
        ]
    );
    assert_eq!(
        passed,
        [
            "1x exceptions from 12",
            "2x triggers by addresses in answers from 13",
            "1x triggers by name servers from 15",
        ]
    );
    let (list, ..) = read(ListKind::Ip, ListFormat::Rpz, file);
    check(&list, &[("192.0.2.9", true), ("2001:db8:2::1", true), ("2001:db8:3::1", false)]);
}

#[test]
fn networks_are_written_backwards() {
    for (text, expected) in [
        ("24.0.2.0.192", Some("192.0.2.0/24")),
        ("128.1.zz", Some("::1/128")),
        ("32.zz.db8.2001", Some("2001:db8::/32")),
        ("0.zz", None),
        ("x.0.2.0.192", None),
        ("24", None),
    ] {
        let mut builder = ListBuilder::new(ListKind::Ip, SEED);
        builder.read(ListFormat::Rpz, format!("{text}.rpz-ip CNAME .").as_bytes());
        let found = builder.build();
        match expected {
            Some(network) => assert_eq!(found, List::read(ListKind::Ip, SEED, [network]).unwrap()),
            None => assert!(found.is_empty(), "{text}"),
        }
    }
}

#[test]
fn categories_of_ut1() {
    let mut builder = ListBuilder::new(ListKind::Url, SEED);
    let domains = builder.read(ListFormat::Ut1Domains, b"a.example\n192.0.2.7\n");
    let urls = builder.read(ListFormat::Ut1Urls, b"b.example/x\n/y\n");
    assert_eq!((domains.entries, urls.entries, urls.faults_count), (2, 1, 1));
    let list = builder.build();
    check(&list, &[("http://x.a.example/", true), ("http://192.0.2.7/x", true)]);
    check(&list, &[("https://www.b.example/x/y", true), ("https://b.example/", false)]);
}

#[test]
fn faults_are_counted_to_the_end() {
    let mut builder = ListBuilder::new(ListKind::Ip, SEED);
    let report = builder.read(ListFormat::Plain, "x\n".repeat(100).as_bytes());
    assert_eq!((report.faults.len(), report.faults_count), (ReadReport::FAULTS_MAX, 100));
    let report = builder.read(ListFormat::Plain, b"::1\n\xFF\n::2");
    assert_eq!((report.entries, report.faults_count, builder.len()), (2, 1, 2));
    assert_eq!(report.faults[0], LineFault { line: 2, error: EntryError::Utf8 });
}

proptest! {
    /// Every line of a plain list is an entry, a comment, blank or a fault.
    #[test]
    fn every_line_is_accounted_for(lines in prop::collection::vec("[a.#* ]{0,6}", 0..20)) {
        let file = lines.join("\n");
        let mut builder = ListBuilder::new(ListKind::Host, SEED);
        let report = builder.read(ListFormat::Plain, file.as_bytes());
        let blank = lines.iter().filter(|l| without_comment(l.trim()).is_empty()).count();
        prop_assert_eq!(report.entries + report.faults_count + blank, lines.len());
    }

    #[test]
    fn any_bytes_at_all_are_read_in_peace(file in prop::collection::vec(any::<u8>(), 0..200)) {
        for kind in ListKind::ALL {
            for format in ListFormat::ALL {
                let mut builder = ListBuilder::new(kind, SEED);
                let report = builder.read(format, &file);
                prop_assert_eq!(report.entries, builder.len());
                let list = builder.build();
                prop_assert!(list.len() <= 2 * report.entries);
            }
        }
    }
}
