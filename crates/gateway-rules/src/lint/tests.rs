//! Seeded defects, each found by its code at its place, and rules in which there is nothing to find.

use super::*;
use crate::{Action, Constants, KeepPath, Layer, List, ListKind, ListSeed, Lists, Options};

fn compile(rules: &[(Layer, Action, &str)]) -> RuleSet {
    let mut lists = Lists::default();
    let list = List::read(ListKind::Domain, ListSeed::new([1; 3]), ["a.example"]).expect("a list");
    lists.insert("hosts", list).expect("a name");
    let mut constants = Constants::default();
    constants.insert("ssh", 22_i64).expect("a constant");
    let parse =
        ParseOptions { lists: lists.into(), constants: constants.into(), ..Default::default() };
    let rules = (0..).zip(rules).map(|(number, (layer, action, filter)): (usize, _)| {
        Rule::new(format!("r{number}"), *layer, action.clone(), *filter)
    });
    let options = Options { parse, ..Options::default() };
    RuleSet::compile(&Scheme::gateway(), rules.collect(), &options).expect("sound rules")
}

/// Rule, code and text of each finding.
fn findings(rules: &RuleSet) -> Vec<(usize, &'static str, String)> {
    let text = |finding: &Finding| {
        let filter = rules.rule(finding.rule).map(|rule| rule.filter.as_str()).unwrap_or_default();
        filter.get(finding.span.clone()).unwrap_or_default().to_owned()
    };
    let findings = rules.lint();
    assert!(findings.iter().all(|finding| !finding.flaw.help().is_empty()));
    findings
        .iter()
        .map(|finding| (finding.rule.get(), finding.flaw.code(), text(finding)))
        .collect()
}

/// One rule that blocks; its only finding is `code` at `place`.
#[track_caller]
fn check(filter: &str, code: &str, place: &str) {
    let rules = compile(&[(Layer::Http, Action::Block, filter)]);
    let found = findings(&rules);
    let found: Vec<(&str, &str)> = found.iter().map(|(_, code, at)| (*code, at.as_str())).collect();
    assert_eq!(found, [(code, place)], "{filter}");
}

/// Rules of which the last has this finding, and there is no other.
#[track_caller]
fn check_rules(rules: &[(Layer, Action, &str)], code: &str) {
    let found = findings(&compile(rules));
    let found: Vec<(usize, &str)> = found.iter().map(|(rule, code, _)| (*rule, *code)).collect();
    assert_eq!(found, [(rules.len() - 1, code)], "{rules:?}");
}

#[test]
fn what_never_holds_is_found() {
    for never in [
        "net.dst.port == 1 and net.dst.port == 2",
        "net.dst.port > 5 and net.dst.port < 3",
        r#"http.request.host in {"a.example"} and http.request.host == "b.example""#,
        r#"http.request.host == "a.example" and not http.request.host contains "example""#,
        "net.src.ip in {10.0.0.0/8} and net.src.ip == 192.0.2.1",
        "net.src.ip in {10.0.0.0/8} and net.src.ip in {fc00::/7}",
        r#"lower(http.request.uri.path) == "/Admin""#,
        "len(http.request.uri.path) < 0",
        r#"any(dlp.profiles[*] == "a") and all(dlp.profiles[*] == "b")"#,
        "av.infected and not av.infected",
        r#"http.request.host in $hosts and not http.request.host in $hosts"#,
        "not (net.dst.port != 1 or net.dst.port != 2)",
    ] {
        check(never, "never-true", never);
    }
    let part = "(net.dst.port == 1 and net.dst.port == 2)";
    check(&format!("av.infected or {part}"), "never-true", part);
}

#[test]
fn what_always_holds_is_found() {
    for always in [
        "net.dst.port != 80 or net.dst.port != 443",
        "av.infected or not av.infected",
        "not (net.dst.port == 1 and net.dst.port == 2)",
        r#"http.request.host != "a.example" or not http.request.host contains "b""#,
    ] {
        check(always, "always-true", always);
    }
    let part = r#"(net.dst.host != "a.example" or net.dst.host != "b.example")"#;
    check(&format!("av.infected and {part}"), "always-true", part);
}

#[test]
fn what_is_shadowed_is_found() {
    use Action::{Allow, Block};
    let http = Layer::Http;
    for rules in [
        [(http, Allow, "net.dst.port in {80 443}"), (http, Block, "net.dst.port == 443")],
        [(http, Allow, "true"), (http, Block, r#"http.request.host == "a.example""#)],
        [
            (http, Block, r#"http.request.uri contains "/a/""#),
            (http, Block, r#"http.request.uri contains "x/a/b" and net.dst.port == 80"#),
        ],
        [
            (http, Block, r#"any(http.request.domains[*] in {"a.example" "b.example"})"#),
            (http, Allow, r#"any(http.request.domains[*] == "b.example") and net.dst.port == 80"#),
        ],
        [
            (Layer::Network, Block, "net.dst.ip in {10.0.0.0/8 192.168.0.0/16}"),
            (Layer::Network, Allow, "net.dst.ip in {10.1.0.0/16} and net.dst.port == 22"),
        ],
        [
            (http, Block, r#"http.request.host strict wildcard "*.a.example""#),
            (http, Allow, r#"http.request.host == "www.a.example""#),
        ],
        [(http, Block, "dlp.count > 5"), (http, Allow, "dlp.count > 10")],
        [
            (http, Block, "http.request.host in $hosts"),
            (http, Block, "http.request.host in $hosts and net.dst.port == 80"),
        ],
        [(http, Block, "net.dst.port > 1023"), (http, Allow, "net.dst.port in {8080 8443}")],
    ] {
        check_rules(&rules, "unreachable");
    }
    let three = [
        (http, Block, "net.dst.port == 80"),
        (http, Block, "net.dst.port == 443"),
        (http, Allow, "net.dst.port == 80 or net.dst.port == 443"),
    ];
    check_rules(&three, "unreachable");
}

/// Several rules leave nothing to one below them, each for a part of it.
#[test]
fn what_is_shadowed_jointly_is_found() {
    use Action::{Allow, Block};
    let rules = |filters: &[&'static str]| -> Vec<(Layer, Action, &'static str)> {
        let last = filters.len() - 1;
        let action = |at: usize| if at == last { Allow } else { Block };
        (0..).zip(filters).map(|(at, filter)| (Layer::Http, action(at), *filter)).collect()
    };
    for filters in [
        &[
            r#"http.request.host == "a.example""#,
            r#"http.request.host == "b.example""#,
            r#"http.request.host in {"a.example" "b.example"}"#,
        ][..],
        &["net.dst.port < 1024", "net.dst.port in {1024..9999}", "net.dst.port in {80 8000..9000}"],
        &["net.dst.port in {1..50}", "net.dst.port in {51..99}", "net.dst.port in {40..60}"],
        &[
            "net.dst.ip in {10.0.0.0/9}",
            "net.dst.ip in {10.128.0.0/9 fc00::/7}",
            "net.dst.ip in {10.0.0.0/8 fd00::/8} and net.dst.port == 22",
        ],
        &[
            r#"http.request.host == "a.example" and http.request.method == "GET""#,
            r#"http.request.method == "GET" and http.request.host == "b.example""#,
            r#"http.request.host in {"a.example" "b.example"} and http.request.method == "GET""#,
        ],
        &[
            r#"http.request.host == "a.example" and http.request.method == "GET""#,
            r#"http.request.host == "b.example""#,
            r#"http.request.host in {"a.example" "b.example"} and http.request.method == "GET" and net.dst.port == 80"#,
        ],
        &[
            r#"any(dlp.profiles[*] == "cards")"#,
            r#"any(dlp.profiles[*] == "keys")"#,
            r#"any(dlp.profiles[*] in {"cards" "keys"}) and dlp.count > 3"#,
        ],
        &[
            "net.dst.port == 80",
            "net.dst.port == 81",
            r#"http.request.host == "a.example""#,
            r#"net.dst.port in {80 81} or http.request.host == "a.example""#,
        ],
    ] {
        check_rules(&rules(filters), "unreachable");
    }
    for filters in [
        // One value is left.
        &["net.dst.port == 80", "net.dst.port == 443", "net.dst.port in {80 443 8443}"][..],
        &["net.dst.port < 80", "net.dst.port > 80", "net.dst.port in {1..100}"],
        // What else is asked for is not there.
        &[
            r#"net.dst.port == 80 and http.request.host == "a.example""#,
            "net.dst.port == 81",
            "net.dst.port in {80 81}",
        ],
        // A missing value is nobody's.
        &["net.dst.port < 80", "net.dst.port > 80", "net.dst.port != 80"],
        // One element may be either, and both rules want all to be so.
        &[
            r#"all(dlp.profiles[*] == "cards")"#,
            r#"all(dlp.profiles[*] == "keys")"#,
            r#"all(dlp.profiles[*] in {"cards" "keys"})"#,
        ],
        // It may grow from the one into the other.
        &["dlp.count == 4", "dlp.count == 5", "dlp.count in {4 5}"],
        &[
            "net.dst.ip in {10.0.0.0/9}",
            "net.dst.ip in {10.128.0.0/10}",
            "net.dst.ip in {10.0.0.0/8}",
        ],
    ] {
        assert_eq!(findings(&compile(&rules(filters))), [], "{filters:?}");
    }
    let ports = [
        "net.dst.port == 80",
        "net.src.port == 9",
        "net.dst.port == 81",
        "net.dst.port in {80 81}",
    ];
    let by = compile(&rules(&ports));
    let flaw = by.lint().pop().map(|finding| finding.flaw);
    assert_eq!(flaw, Some(Flaw::Unreachable { by: vec!["r0".into(), "r2".into()] }));
}

#[test]
fn what_is_said_twice_is_found() {
    let block = |filter| (Layer::Http, Action::Block, filter);
    check_rules(
        &[
            block("net.dst.port == 80 and av.infected"),
            block("av.infected and (net.dst.port eq 80)"),
        ],
        "duplicate",
    );
    check("av.infected or net.dst.port == 80 or av.infected", "repeated", "av.infected");
    check("net.dst.port > 5 and net.dst.port > 3", "redundant", "net.dst.port > 3");
    check("net.dst.port in {80 443 80}", "redundant-member", "net.dst.port in {80 443 80}");
    let networks = "net.src.ip in {10.0.0.0/8 10.1.0.0/16}";
    check(networks, "redundant-member", networks);
}

#[test]
fn values_and_patterns_are_looked_at() {
    for (filter, code) in [
        (r#"http.request.host matches ".*evil""#, "regex-leading-star"),
        (r#"http.request.uri matches "^.*/evil[0-9]""#, "regex-leading-star"),
        (r#"http.request.uri matches "a{1,5000}b""#, "regex-repetition"),
        (r#"http.request.host matches "^www.example.com$""#, "regex-dot"),
        (r#"http.request.host matches "example\.com""#, "regex-unanchored"),
        (r#"http.request.uri matches "a*""#, "regex-all"),
        (r#"http.request.uri matches "malware""#, "regex-plain"),
        (r#"http.request.uri contains """#, "matches-all"),
        (r#"http.request.uri wildcard "*""#, "matches-all"),
        (r#"http.request.host == "WWW.example""#, "lower-case"),
        ("net.dst.port == 70000", "out-of-range"),
        ("http.response.status_code == 20", "out-of-range"),
        (r#"http.request.host == "https://a.example/""#, "host-value"),
        (r#"http.request.host == "*.a.example""#, "host-value"),
        (r#"http.request.host == "a.example:8080""#, "host-value"),
        (r#"http.request.host contains "example.com""#, "host-part"),
        (r#"http.request.method == "get""#, "method-case"),
    ] {
        check(filter, code, filter);
    }
}

#[test]
fn rules_that_no_index_finds_are_told_where_there_are_many() {
    let mut rules: Vec<(Layer, Action, &str)> = Vec::new();
    let texts: Vec<String> = (0..12).map(|port| format!("net.dst.port == {port}")).collect();
    rules.extend(texts.iter().map(|text| (Layer::Http, Action::Block, text.as_str())));
    assert_eq!(findings(&compile(&rules)), []);
    rules.push((Layer::Http, Action::Allow, r#"http.request.method != "GET""#));
    check_rules(&rules, "unindexable");
}

#[test]
fn what_nobody_names_is_found() {
    let mut lists = Lists::default();
    for name in ["a", "b"] {
        let list = List::read(ListKind::Number, ListSeed::new([1; 3]), ["1"]).expect("a list");
        lists.insert(name, list).expect("a name");
    }
    assert_eq!(unused_lists(&lists, ["net.dst.port in $a # $b"]), ["b"]);
    let mut constants = Constants::default();
    constants.insert("ssh", 22_i64).expect("sound");
    constants.insert("web", 80_i64).expect("sound");
    assert_eq!(unused_constants(&constants, ["net.dst.port == ssh"]), ["web"]);
}

#[test]
fn sound_rules_are_left_alone() {
    use Action::{Allow, Block, DoNotInspect, Forward, Log, NoScan};
    let http = Layer::Http;
    let keep = KeepPath::Nothing;
    let redirect = crate::Redirect { to: "https://b.example/".into(), keep };
    let rules = [
        (Layer::Network, Block, "net.dst.port in {22 23}"),
        (Layer::Network, Allow, "net.dst.ip in {10.0.0.0/8} or net.dst.port == 22"),
        (http, DoNotInspect, r#"net.sni.host == "bank.example""#),
        (http, DoNotInspect, r#"any(net.sni.domains[*] in {"bank.example" "health.example"})"#),
        (http, Log, "true"),
        (http, Allow, r#"http.request.host == "a.example" and http.request.method == "GET""#),
        (http, Block, r#"http.request.host == "a.example""#),
        (http, Block, r#"http.request.host matches "(^|\.)evil[0-9]+\.example$""#),
        (http, Block, r#"http.request.uri.path matches "(?i)\.(exe|msi)$""#),
        (
            http,
            Action::Redirect(redirect),
            r#"http.request.uri.path == "/go" and net.dst.port != 80"#,
        ),
        (http, NoScan, r#"http.response.mime wildcard "video/*""#),
        (http, Forward("w".into()), r#"http.request.uri.path wildcard "/api/*""#),
        (http, Block, "av.infected"),
        (http, Block, r#"any(dlp.upload.profiles[*] == "cards") and dlp.upload.count >= 5"#),
        (http, Block, r#"any(dlp.upload.profiles[*] == "cards")"#),
        (http, Block, r#"dlp.count > 10 and net.dst.port == ssh"#),
        (http, Block, "http.download.file.size > 100 or http.upload.file.size > 100"),
        (
            http,
            Block,
            r#"not any(identity.groups.name[*] == "staff") and http.request.host in $hosts"#,
        ),
        (http, Block, "true"),
    ];
    assert_eq!(findings(&compile(&rules)), []);
    let rules = [
        (http, Block, "len(http.request.uri.query) > 2000"),
        (http, Block, "http.request.host != net.sni.host"),
    ];
    assert_eq!(findings(&compile(&rules)), []);
}

/// Not a measure of speed: that a set of ten thousand rules is gone through at all, and what is
/// found does not depend on how many there are.
#[test]
fn many_rules_are_gone_through() {
    let hosts: Vec<String> = (0..2_000)
        .map(|n| format!("http.request.host == \"h{n}.example\" and net.dst.port in {{80 443}}"))
        .collect();
    let mut rules: Vec<_> =
        hosts.iter().map(|text| (Layer::Http, Action::Block, text.as_str())).collect();
    let last =
        r#"http.request.host == "h1000.example" and net.dst.port == 443 and net.src.port > 9"#;
    rules.push((Layer::Http, Action::Allow, last));
    check_rules(&rules, "unreachable");
}
