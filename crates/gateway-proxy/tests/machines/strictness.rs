//! How strictly HTTP/1 is read: by settings, by rules, and what the record tells of it.

use gateway_h1h2::h1::{Check, Severity};
use gateway_log::{CheckFinding, Record};
use gateway_proxy::{Input, Settings};
use gateway_rules::{Action, Layer, Rule};

use crate::scene::{GET, OK, Scene, policy, text};
use crate::tunnels::hello;

/// A response with a folded field.
const FOLDED: &str = "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok";

fn scene(rules: Vec<Rule>) -> Scene {
    Scene::new(policy(rules, |_| {}))
}

fn set(change: impl FnOnce(&mut Settings)) -> Scene {
    Scene::new(policy(Vec::new(), change))
}

fn repairs(layer: Layer, filter: &str) -> Rule {
    Rule::new("old", layer, Action::Allow, filter).relaxing("field-folded", "repair")
}

fn finding(side: &'static str, check: Check, outcome: Severity) -> CheckFinding {
    CheckFinding { side, check: check.id(), outcome: outcome.name() }
}

fn warnings(record: &Record) -> Vec<&str> {
    record.warnings.iter().map(text).collect()
}

/// What the client gets for `GET` when the origin answers with a folded field.
fn folded(scene: &mut Scene, path: &str) -> String {
    scene.client(GET.replace("/x", path));
    scene.origin(FOLDED);
    scene.take_client()
}

#[test]
fn settings_relax_one_side() {
    let mut scene = set(|settings| {
        let checks = &mut settings.strictness.origin;
        checks.set(Check::FieldFolded, Severity::Repair).unwrap();
    });
    let answer = folded(&mut scene, "/x");
    assert!(answer.contains("\r\nX: a b\r\n") && answer.ends_with("ok"), "{answer}");
    let record = scene.requests()[0];
    let found = finding("origin", Check::FieldFolded, Severity::Repair);
    assert_eq!(record.http.checks, [found]);
    assert_eq!(warnings(record), ["origin: field-folded: repair"]);
    // Clients are held to what they were.
    scene.client(GET.replace("\r\n\r\n", "\r\nX: a\r\n b\r\n\r\n"));
    assert!(scene.take_client().starts_with("HTTP/1.1 400 "));
}

#[test]
fn what_is_refused_is_counted_where_there_is_no_request() {
    let mut scene = Scene::usual();
    scene.client(GET.replace("\r\n\r\n", "\r\nX: a\r\n b\r\n\r\n"));
    assert!(scene.take_client().starts_with("HTTP/1.1 400 "));
    scene.give(Input::Abort(gateway_log::CloseReason::ClientClosed));
    let record = scene.records.iter().find(|r| r.kind == gateway_log::RecordKind::Session).unwrap();
    let found = finding("client", Check::FieldFolded, Severity::Reject);
    assert_eq!(record.http.checks, [found]);
    assert!(warnings(record)[0].starts_with("field-folded at byte "), "{:?}", record.warnings);
}

#[test]
fn what_is_mended_by_default_is_counted_and_no_warning() {
    let mut scene = Scene::usual();
    scene.client(GET.replace("Host: a.test", "Host: b.test"));
    scene.origin("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n");
    assert!(scene.take_client().starts_with("HTTP/1.1 204 "));
    let record = scene.requests()[0];
    let mut found = record.http.checks.clone();
    found.sort_by_key(|found| found.side);
    assert_eq!(
        found,
        [
            finding("client", Check::HostNotTarget, Severity::Repair),
            finding("origin", Check::FramingInBodiless, Severity::Repair),
        ]
    );
    assert!(record.warnings.is_empty(), "{:?}", record.warnings);
}

#[test]
fn a_rule_relaxes_what_it_wins_and_nothing_else() {
    let mut scene = scene(vec![repairs(Layer::Http, r#"http.request.uri.path == "/old""#)]);
    assert!(folded(&mut scene, "/old").contains("\r\nX: a b\r\n"));
    // The same connection, another request.
    assert!(folded(&mut scene, "/new").starts_with("HTTP/1.1 502 "));
    assert_eq!(scene.asked, ["dial a.test:80"], "one connection served both");
    assert!(folded(&mut scene, "/old").contains("\r\nX: a b\r\n"));
    let told: Vec<usize> = scene.requests().iter().map(|r| r.http.checks.len()).collect();
    assert_eq!(told, [1, 1, 1]);
}

#[test]
fn a_rule_that_only_counts_relaxes_nothing() {
    let rule = repairs(Layer::Http, r#"http.request.host == "a.test""#).log_only();
    assert!(folded(&mut scene(vec![rule]), "/x").starts_with("HTTP/1.1 502 "));
}

#[test]
fn no_rule_relaxes_what_cannot_be_mended() {
    let rule = Rule::new("all", Layer::Http, Action::Allow, r#"http.request.host == "a.test""#)
        .relaxing("head-nul", "repair")
        .relaxing("no-such-check", "observe");
    let mut scene = scene(vec![rule]);
    scene.client(GET);
    scene.origin(OK.replace("200 OK", "200 OK\r\nX: \0"));
    assert!(scene.take_client().starts_with("HTTP/1.1 502 "));
}

#[test]
fn a_rule_for_a_tunnel_holds_for_what_is_in_it() {
    for (host, passes) in [("old.test", true), ("new.test", false)] {
        let mut scene = scene(vec![repairs(Layer::Network, r#"net.dst.host == "old.test""#)]);
        scene.client(format!("CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n"));
        scene.take_client();
        scene.client(hello(host));
        scene.client(format!("GET /x HTTP/1.1\r\nHost: {host}\r\nX: a\r\n b\r\n\r\n"));
        if !passes {
            assert!(scene.take_client().starts_with("HTTP/1.1 400 "));
            continue;
        }
        assert!(scene.at_origin().contains("\r\nX: a b\r\n"), "{}", scene.at_origin());
        scene.origin(FOLDED);
        assert!(scene.take_client().contains("\r\nX: a b\r\n"));
        let record = scene.requests()[0];
        let sides: Vec<_> = record.http.checks.iter().map(|found| found.side).collect();
        assert_eq!(sides, ["origin", "client"]);
        assert_eq!(record.warnings.len(), 2);
    }
}

#[test]
fn an_unknown_expectation_goes_on_where_a_setting_lets_it() {
    let request = GET.replace("\r\n\r\n", "\r\nExpect: 200-ok\r\n\r\n");
    let mut scene = set(|settings| {
        let checks = &mut settings.strictness.client;
        checks.set(Check::ExpectUnknown, Severity::Observe).unwrap();
    });
    scene.client(&request);
    assert!(scene.at_origin().contains("\r\nExpect: 200-ok\r\n"), "{}", scene.at_origin());
    let mut strict = Scene::usual();
    strict.client(&request);
    assert!(strict.take_client().starts_with("HTTP/1.1 417 "));
}
