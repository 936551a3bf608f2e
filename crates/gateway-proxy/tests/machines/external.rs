//! Scanners outside: what they are given, what waits for their verdict, and what no verdict means.

use std::sync::Arc;
use std::time::Duration;

use gateway_h1h2::{BodySize, StreamId};
use gateway_inspect::HoldPolicy;
use gateway_proxy::transaction::Leg;
use gateway_proxy::{
    External, Gets, Input, OnFailure, Opinion, Policy, ScanFailure, ScanGroup, ScanId, ScanInput,
    ScanMember, ScanReport, Takes, Verdict, Within,
};
use gateway_rules::{Action, Layer, Rule};

use crate::scene::{GET, Scene, policy, post};

const DOWN: ScanId = ScanId { leg: Leg::Origin, scanner: 0 };
const UP: ScanId = ScanId { leg: Leg::Client, scanner: 0 };

fn external(name: &str) -> External {
    External {
        name: name.into(),
        gets: Gets::Body,
        takes: Takes::Both,
        hold: HoldPolicy::Tail(8),
        on_failure: OnFailure::Block,
        bytes_max: 1 << 20,
        opinion: Opinion::Any,
    }
}

fn scanned_by(on_failure: OnFailure, bytes_max: u64, rules: Vec<Rule>) -> Arc<Policy> {
    policy(rules, |settings| {
        settings.external = vec![External { on_failure, bytes_max, ..external("clamd") }];
    })
}

fn malware() -> Vec<Rule> {
    vec![Rule::new("av", Layer::Http, Action::Block, "av.infected")]
}

fn scene(on_failure: OnFailure) -> Scene {
    Scene::new(scanned_by(on_failure, 1 << 20, malware()))
}

fn report(scene: &mut Scene, scan: ScanId, report: ScanReport) {
    scene.give(Input::Scan(StreamId::new(0), scan, report));
}

fn says(scene: &mut Scene, scan: ScanId, verdict: Verdict) {
    report(scene, scan, ScanReport::Verdict(verdict));
}

fn response(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// What the scan was given, as one word each.
fn given(scene: &Scene, scan: ScanId) -> Vec<String> {
    scene
        .scanned
        .iter()
        .filter(|(of, _)| *of == scan)
        .map(|(_, input)| match input {
            ScanInput::Data(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            ScanInput::End => "<end>".into(),
            ScanInput::Cancel => "<cancel>".into(),
            other => format!("{other:?}"),
        })
        .collect()
}

#[test]
fn the_end_waits_for_the_verdict() {
    for (verdict, body_at_client) in [
        (Verdict::Clean, Some("0123456789abcdef")),
        (Verdict::Found("Worm".into()), None),
        (Verdict::Failed(ScanFailure::TimedOut), None),
    ] {
        let mut scene = scene(OnFailure::Block);
        scene.client(GET);
        scene.origin(response("0123456789abcdef"));
        assert_eq!(given(&scene, DOWN).concat(), "0123456789abcdef<end>");
        assert!(scene.at_client().ends_with("\r\n\r\n01234567"), "{}", scene.at_client());
        says(&mut scene, DOWN, verdict.clone());
        match body_at_client {
            Some(body) => assert!(scene.at_client().ends_with(body)),
            None => assert!(scene.at_client().ends_with("\r\n\r\n01234567"), "a cut"),
        }
        let log = scene.log();
        let action = if body_at_client.is_some() { "allow" } else { "block" };
        assert!(log.contains(&format!("\"Action\":\"{action}\"")), "{verdict:?}: {log}");
        assert!(
            log.contains("\"ExternalScans\":[{\"Direction\":\"download\",\"Scanner\":\"clamd\"")
        );
    }
}

#[test]
fn no_verdict_is_never_clean() {
    for failure in [
        ScanFailure::Broken,
        ScanFailure::Busy,
        ScanFailure::Garbled,
        ScanFailure::Refused,
        ScanFailure::TimedOut,
        ScanFailure::Unreachable,
    ] {
        let mut closed = scene(OnFailure::Block);
        closed.client(post("short"));
        says(&mut closed, UP, Verdict::Failed(failure));
        assert!(closed.at_client().starts_with("HTTP/1.1 403"), "{failure:?}");
        assert_eq!(closed.at_origin(), "", "{failure:?}");
        let log = closed.log();
        assert!(log.contains(&format!("No verdict of clamd: {}", failure.name())), "{log}");

        let mut open = scene(OnFailure::Allow);
        open.client(post("short"));
        says(&mut open, UP, Verdict::Failed(failure));
        assert!(open.at_origin().ends_with("\r\n\r\nshort"), "{failure:?}");

        let reason = failure.reason().name();
        let filter = format!("any(av.upload.unscannable[*] == \"{reason}\")");
        let mut rules = malware();
        rules.push(Rule::new("unscanned", Layer::Http, Action::Block, filter.as_str()));
        let mut ruled = Scene::new(scanned_by(OnFailure::Allow, 1 << 20, rules));
        ruled.client(post("short"));
        says(&mut ruled, UP, Verdict::Failed(failure));
        assert!(ruled.at_client().starts_with("HTTP/1.1 403"), "{failure:?}");
    }
}

#[test]
fn clean_before_the_end_is_no_verdict() {
    let mut scene = scene(OnFailure::Block);
    scene.client(GET);
    scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n0123456789");
    says(&mut scene, DOWN, Verdict::Clean);
    scene.origin("abcdef");
    assert!(!scene.at_client().contains("abcdef"), "{}", scene.at_client());
    assert!(scene.log().contains("garbled"), "{}", scene.log());
}

#[test]
fn a_finding_before_the_end_stops_what_has_not_left() {
    let mut scene = scene(OnFailure::Block);
    scene.client(GET);
    scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n012345");
    says(&mut scene, DOWN, Verdict::Found("Worm".into()));
    assert!(scene.at_client().starts_with("HTTP/1.1 403"), "{}", scene.at_client());
}

#[test]
fn what_is_larger_than_the_scanner_takes_is_not_scanned() {
    for (on_failure, passes) in [(OnFailure::Block, false), (OnFailure::Allow, true)] {
        let mut scene = Scene::new(scanned_by(on_failure, 10, malware()));
        scene.client(GET);
        scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n01234567");
        scene.origin("89abcdef");
        assert_eq!(given(&scene, DOWN), ["01234567", "<cancel>"]);
        assert_eq!(scene.at_client().ends_with("89abcdef"), passes, "{}", scene.at_client());
        assert!(scene.log().contains("too_large"), "{}", scene.log());
    }
}

#[test]
fn a_slow_scanner_slows_the_body_and_memory_stays_bounded() {
    let mut scene = scene(OnFailure::Block);
    scene.client(GET);
    let wire = gateway_proxy::Wire::Origin(scene.last_origin());
    scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n");
    let mut sent: u64 = 0;
    while scene.session.wants(wire) && sent < 900_000 {
        scene.origin(vec![b'a'; 10_000]);
        sent += 10_000;
    }
    assert!(sent < 600_000, "{sent}");
    let waiting = given(&scene, DOWN).concat().len() as u64;
    report(&mut scene, DOWN, ScanReport::Taken(waiting));
    assert!(scene.session.wants(wire));
}

#[test]
fn nobody_is_asked_where_no_enforcing_rule_wants_to_know() {
    let mut log_only = malware().remove(0);
    log_only.mode = gateway_rules::RuleMode::LogOnly;
    for rules in [vec![], vec![log_only]] {
        let mut scene = Scene::new(scanned_by(OnFailure::Block, 1 << 20, rules));
        scene.client(GET);
        scene.origin(response("0123456789abcdef"));
        assert!(scene.scanned.is_empty());
        assert!(scene.at_client().ends_with("0123456789abcdef"));
    }
}

#[test]
fn an_empty_body_needs_no_verdict() {
    let mut scene = scene(OnFailure::Block);
    scene.client(GET);
    scene.origin(response(""));
    assert!(scene.scanned.is_empty());
    assert!(scene.at_client().starts_with("HTTP/1.1 200"));
}

#[test]
fn a_scan_ends_with_its_request() {
    let mut scene = scene(OnFailure::Block);
    scene.client(GET);
    scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n0123456789");
    scene.give(Input::Gone(gateway_proxy::Wire::Client));
    assert_eq!(given(&scene, DOWN).last().map(String::as_str), Some("<cancel>"));
    says(&mut scene, DOWN, Verdict::Found("Worm".into()));
    assert_eq!(scene.requests().len(), 1);
    assert!(scene.log().contains("abandoned"), "{}", scene.log());
}

#[test]
fn the_copy_is_without_its_content_coding() {
    // "hello" in one stored block (RFC 1951 §3.2.4, RFC 1952).
    let gzip = b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x01\x05\0\xfa\xffhello\x86\xa6\x10\x36\x05\0\0\0";
    let mut scene = scene(OnFailure::Block);
    scene.client(GET);
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        gzip.len()
    );
    scene.origin([head.as_bytes(), gzip].concat());
    assert_eq!(given(&scene, DOWN).concat(), "hello<end>");
    says(&mut scene, DOWN, Verdict::Clean);
    assert!(scene.to_client.ends_with(gzip));
}

#[test]
fn the_scanner_has_time_outs_of_its_own() {
    let mut scene = scene(OnFailure::Block);
    scene.client(GET);
    scene.origin(response("0123456789abcdef"));
    // The time for which bytes may be held lets the tail go, but never the end.
    scene.after(Duration::from_secs(40));
    assert!(!scene.at_client().ends_with("f"), "{}", scene.at_client());
    says(&mut scene, DOWN, Verdict::Clean);
    assert!(scene.at_client().ends_with("0123456789abcdef"));
}

/// A scene with two scanners, of which the second has such an opinion.
fn two(opinion: Opinion) -> Scene {
    Scene::new(policy(malware(), |settings| {
        let scanner = |name, opinion| External { opinion, ..external(name) };
        settings.external = vec![scanner("one", Opinion::Any), scanner("two", opinion)];
    }))
}

const SECOND: ScanId = ScanId { leg: Leg::Origin, scanner: 1 };

#[test]
fn the_first_finding_is_enough_unless_all_are_to_speak() {
    for (opinion, last) in [(Opinion::Any, "abandoned"), (Opinion::All, "clean")] {
        let mut scene = two(opinion);
        scene.client(GET);
        scene.origin(response("0123456"));
        says(&mut scene, DOWN, Verdict::Found("Worm".into()));
        let waits = scene.at_client().is_empty();
        assert_eq!(waits, opinion == Opinion::All, "{opinion:?}: {}", scene.at_client());
        says(&mut scene, SECOND, Verdict::Clean);
        assert!(scene.at_client().starts_with("HTTP/1.1 403"), "{opinion:?}");
        let log = scene.log();
        for verdict in ["found", last] {
            assert!(log.contains(&format!("\"Verdict\":\"{verdict}\"")), "{opinion:?}: {log}");
        }
        // The other one's finding is no more and no less.
        let mut scene = two(opinion);
        scene.client(GET);
        scene.origin(response("0123456"));
        says(&mut scene, DOWN, Verdict::Clean);
        says(&mut scene, SECOND, Verdict::Found("Worm".into()));
        assert!(scene.at_client().starts_with("HTTP/1.1 403"), "{opinion:?}");
    }
}

#[test]
fn nobody_waits_for_a_second_opinion_but_it_is_told_when_it_comes() {
    for (verdict, found) in [
        (Verdict::Found("Worm".into()), true),
        (Verdict::Clean, false),
        (Verdict::Failed(ScanFailure::TimedOut), false),
    ] {
        let mut scene = two(Opinion::Second);
        scene.client(GET);
        scene.origin(response("0123456789abcdef"));
        says(&mut scene, DOWN, Verdict::Clean);
        assert!(scene.at_client().ends_with("0123456789abcdef"), "{}", scene.at_client());
        assert_eq!(given(&scene, SECOND), ["0123456789abcdef", "<end>"]);
        assert!(scene.log().contains("\"Verdict\":\"pending\""), "{}", scene.log());
        assert_eq!(scene.requests().len(), 1);

        let (scan, late) = scene.detached.remove(0);
        assert_eq!(scan, SECOND);
        let (scan, record) = late.conclude(&verdict, scene.now);
        assert_eq!(scan.scanner.as_bytes(), b"two");
        assert_eq!(record.is_some(), found, "{verdict:?}");
        if let Some(record) = record {
            scene.records.push(*record);
            let log = scene.log();
            assert!(log.contains("\"LateFinding\":true"), "{log}");
            assert!(log.contains("\"Detail\":\"Worm\""), "{log}");
        }
        // Whoever asks for it from then on does not get it.
        scene.to_client.clear();
        scene.client(GET);
        let refused = scene.at_client().starts_with("HTTP/1.1 403");
        assert_eq!(refused, found, "{verdict:?}: {}", scene.at_client());
    }
}

#[test]
fn a_second_opinion_in_time_counts_and_its_failure_does_not() {
    let whole = response("0123456789abcdef");
    let (first, rest) = whole.split_at(whole.len() - 2);
    for (verdict, passes) in
        [(Verdict::Found("Worm".into()), false), (Verdict::Failed(ScanFailure::Unreachable), true)]
    {
        let mut scene = two(Opinion::Second);
        scene.client(GET);
        scene.origin(first);
        says(&mut scene, SECOND, verdict.clone());
        if passes {
            scene.origin(rest);
            says(&mut scene, DOWN, Verdict::Clean);
        }
        assert_eq!(scene.at_client().ends_with("abcdef"), passes, "{verdict:?}");
        assert!(scene.detached.is_empty());
    }
}

/// What did not leave needs no second opinion.
#[test]
fn a_second_opinion_ends_with_what_is_refused() {
    let mut scene = two(Opinion::Second);
    scene.client(GET);
    scene.origin(response("0123456789abcdef"));
    says(&mut scene, DOWN, Verdict::Found("Worm".into()));
    assert_eq!(given(&scene, SECOND).last().map(String::as_str), Some("<cancel>"));
    assert!(scene.detached.is_empty() && scene.log().contains("abandoned"), "{}", scene.log());
}

/// The scanner "one", which fails closed, and "two"; and what rules may say besides: "deep" are both, of
/// which each is heard, "late" is "two" alone, for which nobody waits, and "open" is "one", failing open.
fn grouped(rules: Vec<Rule>) -> Scene {
    Scene::new(policy(rules, |settings| {
        settings.external = vec![external("one"), external("two")];
        let member = |scanner, opinion, on_failure| ScanMember { scanner, opinion, on_failure };
        for (name, members) in [
            (
                "deep",
                vec![
                    member(1, Opinion::All, OnFailure::Block),
                    member(0, Opinion::All, OnFailure::Block),
                ],
            ),
            ("late", vec![member(1, Opinion::Second, OnFailure::Block)]),
            ("open", vec![member(0, Opinion::Any, OnFailure::Allow)]),
        ] {
            let group = ScanGroup { name: name.into(), within: Within::Looks, members };
            settings.scan_groups.insert(name.into(), Arc::new(group));
        }
    }))
}

/// A rule that blocks malware from `host` and says who looks.
fn at(host: &str, group: &str) -> Rule {
    let filter = format!("http.request.host == \"{host}\" and av.infected");
    Rule::new(host, Layer::Http, Action::Block, filter).scanned_by(group)
}

fn get(host: &str) -> String {
    format!("GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n")
}

#[test]
fn a_rule_says_who_looks_and_what_their_words_count_for() {
    let rules = || [at("deep.test", "deep"), at("late.test", "late"), malware().remove(0)].into();
    // Both are heard, whoever finds something first.
    let mut scene = grouped(rules());
    scene.client(get("deep.test"));
    scene.origin(response("0123456"));
    says(&mut scene, DOWN, Verdict::Found("Worm".into()));
    assert_eq!(scene.at_client(), "");
    says(&mut scene, SECOND, Verdict::Clean);
    assert!(scene.at_client().starts_with("HTTP/1.1 403"), "{}", scene.at_client());
    let log = scene.log();
    assert_eq!(log.matches("\"Group\":\"deep\"").count(), 2, "{log}");
    // One is asked, later.
    let mut scene = grouped(rules());
    scene.client(get("late.test"));
    scene.origin(response("0123456789abcdef"));
    assert!(scene.at_client().ends_with("0123456789abcdef"), "{}", scene.at_client());
    assert_eq!(given(&scene, DOWN), [""; 0]);
    let (scan, late) = scene.detached.remove(0);
    assert_eq!(scan, SECOND);
    let (scan, record) = late.conclude(&Verdict::Found("Worm".into()), scene.now);
    assert_eq!((scan.group.as_bytes(), record.is_some()), (&b"late"[..], true));
    scene.to_client.clear();
    scene.client(get("late.test"));
    assert!(scene.at_client().starts_with("HTTP/1.1 403"), "{}", scene.at_client());
    // Where the rule that names none is the only one left, all look, and the first finding is enough.
    let mut scene = grouped(rules());
    scene.client(get("else.test"));
    scene.origin(response("0123456"));
    assert_eq!(given(&scene, DOWN).len() + given(&scene, SECOND).len(), 4);
    says(&mut scene, SECOND, Verdict::Found("Worm".into()));
    assert!(scene.at_client().starts_with("HTTP/1.1 403"), "{}", scene.at_client());
    assert!(!scene.log().contains("\"Group\""), "{}", scene.log());
}

#[test]
fn a_rule_says_what_a_failure_counts_for() {
    for (group, passes) in [("open", true), ("deep", false)] {
        let mut scene = grouped(vec![at("a.test", group)]);
        scene.client(get("a.test"));
        scene.origin(response("0123456"));
        says(&mut scene, SECOND, Verdict::Clean);
        says(&mut scene, DOWN, Verdict::Failed(ScanFailure::Unreachable));
        assert_eq!(scene.at_client().ends_with("0123456"), passes, "{}", scene.at_client());
    }
}

#[test]
fn a_rule_over_heads_says_it_for_what_it_lets_pass() {
    let host = "http.request.host == \"a.test\"";
    let allow = Rule::new("allow", Layer::Http, Action::Allow, host).scanned_by("open");
    let mut scene = grouped(vec![allow, malware().remove(0)]);
    scene.client("POST http://a.test/ HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nshort");
    assert_eq!(given(&scene, UP), ["short", "<end>"]);
    assert_eq!(given(&scene, ScanId { scanner: 1, ..UP }), [""; 0]);
}

#[test]
fn a_scanner_that_declines_has_neither_found_nor_failed() {
    let mut scene = scene(OnFailure::Block);
    scene.client(GET);
    scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n0123456789");
    says(&mut scene, DOWN, Verdict::Declined);
    scene.origin("abcdef");
    assert!(scene.at_client().ends_with("0123456789abcdef"), "{}", scene.at_client());
    assert!(scene.log().contains("\"Verdict\":\"declined\""), "{}", scene.log());
}

#[test]
fn the_message_comes_before_the_copy_where_it_is_wanted() {
    let gets = |takes| {
        Scene::new(policy(malware(), |settings| {
            let gets = Gets::Message;
            settings.external = vec![External { gets, takes, ..external("icap") }];
        }))
    };
    let mut scene = gets(Takes::Responses);
    scene.client(post("short"));
    assert!(scene.scanned.is_empty() && scene.at_origin().ends_with("short"));
    // "hello" in one stored block (RFC 1951 §3.2.4, RFC 1952).
    let gzip = b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x01\x05\0\xfa\xffhello\x86\xa6\x10\x36\x05\0\0\0";
    let head = "HTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\nContent-MD5: x\r\nX-A: b\r\n";
    let head = format!("{head}Content-Length: {}\r\n\r\n", gzip.len());
    scene.origin([head.as_bytes(), gzip].concat());
    let [(_, ScanInput::Message(offer)), (_, ScanInput::Data(data)), (_, ScanInput::End)] =
        &scene.scanned[..]
    else {
        panic!("{:?}", scene.scanned)
    };
    assert_eq!((&data[..], offer.request.method.as_str()), (&b"hello"[..], "POST"));
    assert!(offer.request.target.to_string().starts_with("http://"), "{}", offer.request.target);
    assert_eq!(offer.request.body, BodySize::Empty);
    let response = offer.response.as_ref().unwrap();
    assert_eq!((response.status.as_u16(), response.body), (201, BodySize::Unknown));
    assert_eq!(response.fields.get("x-a"), Some(&b"b"[..]));
    assert!(["content-encoding", "content-md5"].iter().all(|n| response.fields.get(n).is_none()));

    let mut scene = gets(Takes::Requests);
    scene.client(post("short"));
    let [(_, ScanInput::Message(offer)), ..] = &scene.scanned[..] else {
        panic!("{:?}", scene.scanned)
    };
    assert_eq!((offer.request.body, offer.response.is_none()), (BodySize::Length(5), true));
    assert!(offer.client.is_some());
}
