//! Rules with hours, ends and changes of header fields.

use super::*;
use crate::explain::Reason;
use crate::field;
use crate::headers::{HeaderChange, HeaderChanges, HeaderOperation, HeaderSide};
use crate::options::{Indexing, Options};
use crate::rule::{Layer, OutOfTime, Rule};
use crate::ruleset::CompileError;
use crate::schedule::{Schedule, unix_seconds};
use crate::scheme::Scheme;
use crate::value::Value;

fn compile(rules: Vec<Rule>, indexing: Indexing) -> RuleSet {
    let options = Options { indexing, ..Options::default() };
    RuleSet::compile(&Scheme::gateway(), rules, &options).expect("sound rules")
}

/// Facts of a connection to a port, and of a request, at a time; of none if that is not known.
fn facts(time: Option<&str>) -> Facts {
    let mut facts = Facts::new(&Scheme::gateway());
    facts.set(field::NET_DST_PORT, 443_i64);
    if let Some(time) = time {
        facts.set(field::TIME_UNIX, unix_seconds(time).expect(time));
    }
    facts.close(Phase::Connect);
    facts.close(Phase::ClientHello);
    facts.set(field::HTTP_REQUEST_HOST, "a.example");
    facts.close(Phase::RequestHead);
    facts
}

fn monday_morning() -> Schedule {
    Schedule::parse("Europe/Berlin", [("mon", "08:00-12:00")]).expect("sound")
}

const WITHIN: &str = "2026-01-26T08:00:00Z";
const BEYOND: &str = "2026-01-26T11:00:00Z";

#[test]
fn hours_and_ends_belong_to_every_kind_of_rule() {
    let (port, host) = ("net.dst.port == 443", r#"http.request.host == "a.example""#);
    let to = crate::Redirect { to: "https://b.example/".into(), keep: crate::KeepPath::Nothing };
    let kinds = [
        (Rule::new("r", Layer::Network, Action::Block, port), Gate::Dial),
        (Rule::new("r", Layer::Http, Action::DoNotInspect, port), Gate::Tunnel),
        (Rule::new("r", Layer::Http, Action::Block, host), Gate::RequestHead),
        (Rule::new("r", Layer::Http, Action::Allow, host), Gate::RequestHead),
        (Rule::new("r", Layer::Http, Action::Redirect(to), host), Gate::RequestHead),
        (Rule::new("r", Layer::Http, Action::NoScan, host), Gate::RequestHead),
        (Rule::new("r", Layer::Http, Action::Forward("w".into()), host), Gate::RequestHead),
        (Rule::new("r", Layer::Http, Action::Log, host), Gate::RequestHead),
        (Rule::new("r", Layer::Http, Action::Block, host).log_only(), Gate::RequestHead),
        (Rule::new("r", Layer::Network, Action::Block, port).log_only(), Gate::Dial),
    ];
    let end = unix_seconds(BEYOND).expect("a time");
    for (rule, gate) in kinds {
        for indexing in [Indexing::Always, Indexing::ByCost] {
            let name = rule.action.api_name();
            let scheduled = compile(vec![rule.clone().scheduled(monday_morning())], indexing);
            let ending = compile(vec![rule.clone().expiring(end)], indexing);
            for (time, holds) in [(Some(WITHIN), true), (Some(BEYOND), false), (None, false)] {
                let facts = facts(time);
                let matched = |rules: &RuleSet| !rules.decide(&facts, gate).trail().is_empty();
                assert_eq!(matched(&scheduled), holds, "{name} {time:?}");
                assert_eq!(matched(&ending), holds || time.is_none(), "{name} {time:?}");
            }
            assert!(scheduled.uses(field::TIME_UNIX) && ending.uses(field::TIME_UNIX));
        }
    }
    let plain =
        compile(vec![Rule::new("r", Layer::Network, Action::Block, port)], Indexing::ByCost);
    assert!(!plain.uses(field::TIME_UNIX));
}

#[test]
fn a_rule_out_of_its_time_lets_others_win() {
    let host = r#"http.request.host == "a.example""#;
    let rules = compile(
        vec![
            Rule::new("day", Layer::Http, Action::Allow, host).scheduled(monday_morning()),
            Rule::new("night", Layer::Http, Action::Block, host),
        ],
        Indexing::ByCost,
    );
    let act =
        |time| matches!(rules.decide(&facts(Some(time)), Gate::RequestHead).act(), Act::Block(_));
    assert_eq!((act(WITHIN), act(BEYOND)), (false, true));
    let explained = |time| rules.explain(&facts(Some(time))).swap_remove(0).reason;
    assert!(matches!(explained(WITHIN), Reason::Matched(_)));
    assert_eq!(explained(BEYOND), Reason::OutOfTime(OutOfTime::Unscheduled));
    let again = rules.recompile(vec![
        Rule::new("day", Layer::Http, Action::Allow, host).expiring(0),
        Rule::new("night", Layer::Http, Action::Block, host),
    ]);
    let again = again.expect("sound");
    let explained = again.explain(&facts(Some(WITHIN))).swap_remove(0).reason;
    assert_eq!(explained, Reason::OutOfTime(OutOfTime::Expired));
}

fn setting(side: HeaderSide, name: &str, value: &str) -> HeaderChanges {
    let mut changes = HeaderChanges::default();
    let change = HeaderChange::new(HeaderOperation::Set, name, value);
    match side {
        HeaderSide::Request => changes.request.push(change),
        HeaderSide::Response => changes.response.push(change),
    }
    changes
}

#[test]
fn changes_belong_to_rules_that_let_traffic_pass_and_win_in_time() {
    use HeaderSide::{Request, Response};
    let status = "http.response.status_code == 200";
    let refused = |rule: Rule| {
        let compiled = RuleSet::compile(&Scheme::gateway(), vec![rule], &Options::default());
        compiled.err().map(|CompileError { diagnostics }| diagnostics[0].1.to_string())
    };
    for (layer, action, filter, side, expected) in [
        (Layer::Http, Action::Allow, "true", Request, None),
        (Layer::Http, Action::NoScan, status, Response, None),
        (Layer::Http, Action::Forward("w".into()), "true", Request, None),
        (Layer::Http, Action::Block, "true", Request, Some("only rules that let traffic pass")),
        (Layer::Http, Action::Log, "true", Request, Some("only rules that let traffic pass")),
        (Layer::Network, Action::Allow, "true", Request, Some("only rules that let traffic pass")),
        (
            Layer::Http,
            Action::Allow,
            status,
            Request,
            Some("a change of the request head cannot use `http.response.status_code`"),
        ),
        (
            Layer::Http,
            Action::Allow,
            "not av.infected",
            Response,
            Some("a change of the response head cannot use `av.infected`"),
        ),
    ] {
        let rule = Rule::new("r", layer, action, filter).changing(setting(side, "X-A", "1"));
        match (refused(rule), expected) {
            (None, None) => {}
            (Some(fault), Some(expected)) => assert!(fault.starts_with(expected), "{fault}"),
            (fault, expected) => panic!("{filter}: {fault:?}, not {expected:?}"),
        }
    }
    let unknown = Rule::new("r", Layer::Http, Action::Allow, "true").changing(setting(
        Request,
        "X-A",
        "@{identity.mail}",
    ));
    assert!(refused(unknown).is_some_and(|fault| fault.contains("did you mean `identity.email`")));
}

#[test]
fn what_values_name_is_read() {
    let changes = setting(HeaderSide::Request, "X-A", "@{identity.email}");
    let rule = Rule::new("r", Layer::Http, Action::Allow, "true").changing(changes);
    let rules = compile(vec![rule], Indexing::ByCost);
    assert!(rules.uses(field::IDENTITY_EMAIL));
    let mut facts = facts(None);
    facts.set(field::IDENTITY_EMAIL, "a@b.example");
    let due: Vec<_> =
        rules.due_changes(RuleIndex(0), HeaderSide::Request, "a.example", &facts).collect();
    assert_eq!((due[0].name, &*due[0].value.bytes), ("X-A", &b"a@b.example"[..]));
    assert_eq!(
        rules.due_changes(RuleIndex(0), HeaderSide::Response, "a.example", &facts).count(),
        0
    );
    assert_eq!(
        rules.due_changes(RuleIndex(9), HeaderSide::Request, "a.example", &facts).count(),
        0
    );
}

#[test]
fn what_nothing_gives_a_value_is_warned_of() {
    let text = r#"net.vnet_id == "v" or net.dst.port == 1"#;
    let rules = compile(vec![Rule::new("r", Layer::Http, Action::Block, text)], Indexing::ByCost);
    let [(0, warning)] = rules.warnings() else { panic!("{:?}", rules.warnings()) };
    assert_eq!(warning.to_string(), "`net.vnet_id` is never known here");
    assert_eq!(&text[warning.span()], r#"net.vnet_id == "v""#);
    assert!(warning.problem().help().is_some_and(|help| help.contains("compare addresses")));
}

#[test]
fn a_rule_on_the_body_phase_decides_on_that_body_alone() {
    let text = r#"http.body_phase == "upload" and any(dlp.profiles[*] == "cards")"#;
    let rules = compile(vec![Rule::new("r", Layer::Http, Action::Block, text)], Indexing::ByCost);
    assert!(rules.warnings().is_empty(), "{:?}", rules.warnings());
    let found = || ["cards"].into_iter().collect::<Value>();
    for (field, gate, is_blocked) in [
        (field::DLP_UPLOAD_PROFILES, Gate::RequestBody, true),
        (field::DLP_DOWNLOAD_PROFILES, Gate::ResponseBody, false),
    ] {
        let mut facts = Facts::new(rules.scheme());
        facts.set_partial(field, found());
        facts.set_partial(field::DLP_PROFILES, found());
        let decision = rules.decide(&facts, gate);
        assert_eq!(matches!(decision.act(), Act::Block(_)), is_blocked, "{gate}");
        assert!(!rules.uses(field::DLP_DOWNLOAD_PROFILES));
    }
    let late = Rule::new("r", Layer::Network, Action::Block, text);
    let error = RuleSet::compile(&Scheme::gateway(), vec![late], &Options::default());
    let error = error.expect_err("a body is not known there").diagnostics[0].1.to_string();
    assert!(error.contains("cannot use `http.body_phase`"), "{error}");
}
