//! Lists as filters meet them.

use super::hash::SEED;
use super::*;
use crate::{Facts, Filter, Scheme, Truth, field};

fn lists() -> Lists {
    let mut lists = Lists::default();
    for (name, kind, entries) in [
        ("paste", ListKind::Text, &["paste.example", "share.example"][..]),
        ("ports", ListKind::Number, &["80", "8000..8099"]),
        ("office", ListKind::Ip, &["192.0.2.0/24", "2001:db8::/32", "198.51.100.1..198.51.100.9"]),
        ("none", ListKind::Text, &[]),
        ("bad", ListKind::Domain, &["bad.example"]),
    ] {
        lists.insert(name, List::read(kind, SEED, entries.iter().copied()).unwrap()).unwrap();
    }
    lists
}

#[test]
fn a_list_is_what_it_would_be_in_braces() {
    let scheme = Scheme::gateway();
    let options = ParseOptions::default().with_lists(lists());
    let mut facts = Facts::new(&scheme);
    for (by_name, in_braces) in [
        (
            "any(http.request.domains[*] in $paste)",
            r#"any(http.request.domains[*] in {"paste.example" "share.example"})"#,
        ),
        ("not net.dst.port in $ports", "not net.dst.port in {80 8000..8099}"),
        (
            "net.src.ip in $office",
            "net.src.ip in {192.0.2.0/24 2001:db8::/32 198.51.100.1..198.51.100.9}",
        ),
        ("http.request.host in $none", "http.request.host in {}"),
    ] {
        let named = Filter::parse(&scheme, by_name, &options).unwrap();
        let braced = Filter::parse(&scheme, in_braces, &options).unwrap();
        assert_eq!(named.to_string(), by_name);
        for (host, port, address) in [
            ("paste.example", 80_i64, "192.0.2.7"),
            ("x.paste.example", 8_042, "2001:db8::7"),
            ("other.example", 8_100, "198.51.100.10"),
            ("", 0, "::"),
        ] {
            assert_eq!(named.truth(&facts), braced.truth(&facts), "{by_name}");
            facts.set(field::HTTP_REQUEST_HOST, host);
            facts
                .set(field::HTTP_REQUEST_DOMAINS, [host, "example"].into_iter().collect::<Value>());
            facts.set(field::NET_DST_PORT, port);
            facts.set(field::NET_SRC_IP, Value::Ip(address.parse().unwrap()));
            assert_eq!(named.truth(&facts), braced.truth(&facts), "{by_name} {host}");
        }
        facts.clear();
    }
}

#[test]
fn a_domain_of_a_list_is_found_by_the_host_below_it() {
    let scheme = Scheme::gateway();
    let options = ParseOptions::default().with_lists(lists());
    let filter = Filter::parse(&scheme, "http.request.host in $bad", &options).unwrap();
    let mut facts = Facts::new(&scheme);
    for (host, truth) in [("x.Bad.example", Truth::True), ("xbad.example", Truth::False)] {
        facts.set(field::HTTP_REQUEST_HOST, host);
        assert_eq!(filter.truth(&facts), truth, "{host}");
    }
}

#[test]
fn what_is_no_list_of_the_type_is_told() {
    let options = ParseOptions::default().with_lists(lists());
    for (text, says) in [
        ("net.dst.port in $port", "no list is called `$port`; did you mean `$ports`?"),
        ("net.dst.port in $x", "no list is called `$x`"),
        ("net.dst.port in $paste", "`$paste` is a list of Bytes, expected one of Int"),
    ] {
        let error = Filter::parse(&Scheme::gateway(), text, &options).unwrap_err();
        assert_eq!(error.to_string(), says, "{text}");
    }
}

#[test]
fn entries_are_read_strictly() {
    for (kind, good, bad) in [
        (ListKind::Ip, "192.0.2.0/24", &["192.0.2.1/24", "192.0.2.0/24 x", "a.example", ""][..]),
        (ListKind::Ip, "192.0.2.0..192.0.2.9", &["192.0.2.0/+24", "192.0.2.0/", "::/129"]),
        (ListKind::Number, "1", &["9..1", "1 2", "x"]),
        (ListKind::Hash, "d41d8cd98f00b204e9800998ecf8427e", &["d41d", "", &"x".repeat(32)]),
        (ListKind::Host, "a.example", &["*.a.example", "a b", ""]),
        (ListKind::Domain, "=a.example", &["a.*.example", "=", "**"]),
        (ListKind::Wildcard, "*.example", &["**", ""]),
        (ListKind::Url, "a.example/x", &["/x", ""]),
    ] {
        for entry in bad {
            let error = List::read(kind, SEED, [good, entry]).unwrap_err();
            assert!(matches!(error, ListError::Entry { index: 1, .. }), "{entry}: {error:?}");
        }
    }
    let mut lists = lists();
    for (name, error) in
        [("", ListError::Name), ("a b", ListError::Name), ("paste", ListError::Taken)]
    {
        let list = List::read(ListKind::Number, SEED, []).unwrap();
        assert_eq!(lists.insert(name, list), Err(error));
    }
}

#[test]
fn wildcard_lists_are_bounded() {
    let mut builder = ListBuilder::new(ListKind::Wildcard, SEED);
    assert_eq!(builder.add(&"x".repeat(4 << 20)), Ok(()));
    assert!(matches!(builder.add("x"), Err(EntryError::Bytes { .. })));
    let mut builder = ListBuilder::new(ListKind::Wildcard, SEED);
    for _ in 0..List::WILDCARDS_MAX {
        builder.add("x*").unwrap();
    }
    assert!(matches!(builder.add("x*"), Err(EntryError::TooMany { .. })));
    assert_eq!((builder.len(), builder.build().len()), (List::WILDCARDS_MAX, 1));
}

#[test]
fn every_kind_can_be_changed() {
    for (kind, before, added, removed) in [
        (ListKind::Domain, "a.example", "b.example", "a.example"),
        (ListKind::Host, "a.example", "b.example", "a.example"),
        (ListKind::Text, "a", "b", "a"),
        (ListKind::Url, "a.example/x", "b.example/x", "a.example/x"),
        (ListKind::Wildcard, "a*", "b*", "a*"),
        (ListKind::Ip, "192.0.2.1", "192.0.2.2", "192.0.2.1"),
        (ListKind::Number, "1", "2", "1"),
        (
            ListKind::Hash,
            "d41d8cd98f00b204e9800998ecf8427e",
            "D41D8CD98F00B204E9800998ECF8427F",
            "D41D8CD98F00B204E9800998ECF8427E",
        ),
    ] {
        let value = |text: &str| match kind {
            ListKind::Ip => Value::Ip(text.parse().unwrap()),
            ListKind::Number => Value::Int(text.parse().unwrap()),
            _ => Value::from(text),
        };
        let list = List::read(kind, SEED, [before]).unwrap();
        let changed = list.changed(&[added], &[removed]).unwrap();
        assert!(list.holds(&value(before)) && !list.holds(&value(added)), "{kind:?}");
        assert!(!changed.holds(&value(before)) && changed.holds(&value(added)), "{kind:?}");
        assert!(!changed.holds(&Value::Bool(true)));
        let error = list.changed(&[added], &[""]);
        assert!(kind == ListKind::Text || error.is_err_and(|(position, _)| position == 1));
    }
}
