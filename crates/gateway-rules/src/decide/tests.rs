//! Decisions of small rule sets over the gateway's own scheme.

use std::sync::Arc;

use super::*;
use crate::action::{KeepPath, Redirect};
use crate::decision::TrailEntry;
use crate::field;
use crate::needs::Ids;
use crate::options::{Options, ParseOptions};
use crate::rule::{Layer, Rule};
use crate::ruleset::CompileError;
use crate::scheme::{FieldId, Scheme};
use crate::value::Value;

fn http(id: &str, action: Action, filter: &str) -> Rule {
    Rule::new(id, Layer::Http, action, filter)
}

fn compile(rules: Vec<Rule>) -> RuleSet {
    RuleSet::compile(&Scheme::gateway(), rules, &Options::default()).expect("sound rules")
}

fn refused(rule: Rule) -> String {
    let filter = rule.filter.clone();
    let CompileError { diagnostics } =
        RuleSet::compile(&Scheme::gateway(), vec![rule], &Options::default()).expect_err("unsound");
    let [(0, diagnostic)] = diagnostics.as_slice() else { panic!("{diagnostics:?}") };
    format!("{diagnostic} @ {}", &filter[diagnostic.span()])
}

fn redirect() -> Action {
    Action::Redirect(Redirect { to: "https://a.example/".into(), keep: KeepPath::Nothing })
}

fn forward(worker: &str) -> Action {
    Action::Forward(worker.into())
}

/// Facts at the gate of the request head, for a request to this host.
fn request(host: &str) -> Facts {
    let mut facts = Facts::new(&Scheme::gateway());
    facts.set(field::NET_DST_PORT, 443_i64);
    facts.close(Phase::Connect);
    facts.close(Phase::ClientHello);
    facts.set(field::HTTP_REQUEST_HOST, host);
    facts.close(Phase::RequestHead);
    facts
}

/// The act in short: its kind and the id of the rule.
fn act(decision: &Decision<'_>) -> String {
    match decision.act() {
        Act::Proceed => "proceed".into(),
        Act::Wait => "wait".into(),
        Act::Block(rule) => format!("block {}", rule.id),
        Act::Redirect(rule, _) => format!("redirect {}", rule.id),
        Act::DoNotInspect(rule) => format!("off {}", rule.id),
    }
}

fn profiles(ids: &[&str]) -> Value {
    ids.iter().copied().collect()
}

#[test]
fn rules_find_their_tiers() {
    for (rule, tier) in [
        (Rule::new("r", Layer::Network, Action::Block, "net.dst.port == 1"), Tier::Network),
        (http("r", Action::DoNotInspect, "net.sni.host == \"a\""), Tier::Inspect),
        (http("r", Action::Block, "net.dst.port == 1"), Tier::Http),
        (http("r", Action::NoScan, "http.response.status_code == 1"), Tier::Http),
        (http("r", Action::Allow, "net.dst.port == 1 or dlp.count > 1"), Tier::Body),
        (http("r", Action::Log, "av.infected"), Tier::Body),
        (http("r", forward("w"), "http.request.host == \"a\""), Tier::Forward),
    ] {
        let text = rule.filter.clone();
        let rules = compile(vec![rule]);
        assert_eq!(rules.tier(RuleIndex(0)), Some(tier), "{text}");
        assert_eq!(rules.tier(RuleIndex(1)), None);
    }
}

#[test]
fn rules_that_cannot_be_enforced_are_refused() {
    let network = |action, filter| Rule::new("r", Layer::Network, action, filter);
    assert_eq!(
        refused(network(Action::Block, "net.dst.port == 1 and http.request.host == \"a\"")),
        "an `l4` rule cannot use `http.request.host`, which is known only in the phase request head \
         @ http.request.host == \"a\""
    );
    assert_eq!(
        refused(http("r", Action::DoNotInspect, "http.request.uri.path == \"/\"")),
        "the action `off` cannot use `http.request.uri.path`, which is known only in the phase \
         request head @ http.request.uri.path == \"/\""
    );
    assert_eq!(
        refused(http("r", Action::NoScan, "av.infected")),
        "the action `noscan` cannot use `av.infected`, which is known only in the phase request \
         body, response body @ av.infected"
    );
    assert_eq!(
        refused(http("r", forward("w"), "http.response.status_code == 200")),
        "the action `forward` cannot use `http.response.status_code`, which is known only in the \
         phase response head @ http.response.status_code == 200"
    );
    assert_eq!(
        refused(network(forward("w"), "net.dst.port == 1")),
        "the action `forward` is not one of `l4` rules @ net.dst.port == 1"
    );
    assert_eq!(
        refused(network(redirect(), "net.dst.port == 1")),
        "the action `redirect` is not one of `l4` rules @ net.dst.port == 1"
    );
    let nowhere = Redirect { to: "nowhere".into(), keep: KeepPath::Nothing };
    assert_eq!(
        refused(http("r", Action::Redirect(nowhere), "av.infected")),
        "`nowhere` cannot be redirected to @ av.infected"
    );
    assert_eq!(
        refused(http("r", Action::Block, "net.sni.domains[*] == \"a\"")),
        "expected one truth value, found a value of type Array<Bool> @ net.sni.domains[*] == \"a\""
    );
}

#[test]
fn every_faulty_rule_is_named() {
    let rules = vec![
        http("a", Action::Block, "x"),
        http("b", Action::Block, "av.infected"),
        http("c", Action::Block, "y or z"),
    ];
    let error = RuleSet::compile(&Scheme::gateway(), rules, &Options::default());
    let error = error.expect_err("faulty");
    let places: Vec<usize> = error.diagnostics.iter().map(|(rule, _)| *rule).collect();
    assert_eq!(places, [0, 2, 2]);
    assert_eq!(error.to_string(), "3 faults in the rules, the first in rule 1");
    let few = Options { rules_max: 1, ..Options::default() };
    let two = vec![http("a", Action::Block, "true"), http("b", Action::Block, "true")];
    let error = RuleSet::compile(&Scheme::gateway(), two, &few).expect_err("too many");
    assert_eq!(error.diagnostics[0].1.to_string(), "a rule set holds at most 1 rules");
}

/// Whichever of two turns away is certain first does so: neither lets anything pass.
#[test]
fn to_quarantine_is_to_block() {
    assert!(
        refused(Rule::new("r", Layer::Network, Action::Quarantine, "net.dst.port == 1"))
            .contains("quarantine")
    );
    let above = |action| http("above", action, "any(dlp.upload.profiles[*] == \"cards\")");
    let below = |action| http("below", action, "av.upload.infected");
    for (first, second) in
        [(Action::Block, Action::Quarantine), (Action::Quarantine, Action::Block)]
    {
        let rules = compile(vec![above(first.clone()), below(second.clone())]);
        let mut facts = request("b");
        assert_eq!(act(&rules.decide(&facts, Gate::RequestBody)), "proceed");
        facts.set(field::AV_UPLOAD_INFECTED, true);
        let decision = rules.decide(&facts, Gate::RequestBody);
        assert_eq!(act(&decision), "block below", "{first} {second}");
        assert!(matches!(decision.act(), Act::Block(rule) if rule.action == second));
    }
}

/// A Worker gets what the HTTP tier lets pass, whatever body rules are still open; the first
/// `forward` that matches names it.
#[test]
fn only_what_earlier_tiers_let_pass_is_forwarded() {
    let rules = compile(vec![
        http("none", forward("none"), "http.request.host == \"z\""),
        http("one", forward("one"), "http.request.host in {\"a\" \"b\"}"),
        http("two", forward("two"), "true"),
        http("shadow", forward("shadow"), "true").log_only(),
        http("block", Action::Block, "http.request.host == \"b\""),
        http("dlp", Action::Block, "any(dlp.profiles[*] == \"cards\")"),
    ]);
    for (host, expected) in [("a", Some(("one", "one"))), ("b", None), ("c", Some(("two", "two")))]
    {
        let facts = request(host);
        let decision = rules.decide(&facts, Gate::RequestHead);
        let found = decision.forward().map(|(rule, worker)| (rule.id.as_str(), worker));
        assert_eq!(found, expected, "{host}");
        assert_eq!(decision.needs_enforcing().is_empty(), host == "b", "{host}");
    }
    let rules = compile(vec![
        http("wait", Action::Block, "net.dst.ip == 192.0.2.1"),
        http("go", forward("w"), "true"),
    ]);
    let decision = |facts: &Facts| {
        let decision = rules.decide(facts, Gate::RequestHead);
        (act(&decision), decision.forward().is_some())
    };
    let mut facts = Facts::new(&Scheme::gateway());
    assert_eq!(decision(&facts), ("wait".into(), false));
    facts.set(field::NET_DST_IP, "192.0.2.2".parse::<std::net::IpAddr>().unwrap());
    assert_eq!(decision(&facts), ("proceed".into(), true));
}

#[test]
fn the_first_match_wins_its_tier() {
    let rules = compile(vec![
        http("late", Action::Block, "http.request.host == \"c\""),
        http("allow", Action::Allow, "http.request.host in {\"a\" \"b\"}"),
        http("block", Action::Block, "http.request.host in {\"b\" \"c\" \"d\"}"),
        http("elsewhere", redirect(), "true"),
    ]);
    for (host, expected) in [
        ("a", "proceed"),
        ("b", "proceed"),
        ("c", "block late"),
        ("d", "block block"),
        ("e", "redirect elsewhere"),
    ] {
        assert_eq!(act(&rules.decide(&request(host), Gate::RequestHead)), expected, "{host}");
    }
    let allowed = rules.decide(&request("a"), Gate::RequestHead);
    assert_eq!(allowed.matched(Tier::Http).map(|rule| &*rule.id), Some("allow"));
    assert_eq!(allowed.standing(Tier::Body), Standing::NoMatch);
    assert!(allowed.needs().is_empty());
}

#[test]
fn a_network_rule_is_decided_before_the_dial() {
    let rules = compile(vec![
        Rule::new("sni", Layer::Network, Action::Allow, "net.sni.host == \"good\""),
        Rule::new("port", Layer::Network, Action::Block, "net.dst.port == 25"),
    ]);
    let mut facts = Facts::new(&Scheme::gateway());
    facts.set(field::NET_DST_PORT, 25_i64);
    facts.close(Phase::Connect);
    let decision = rules.decide(&facts, Gate::Dial);
    assert_eq!(act(&decision), "wait");
    assert_eq!(decision.standing(Tier::Network), Standing::Waiting);
    assert!(decision.needs_enforcing().wants_field(field::NET_SNI_HOST));
    facts.close(Phase::ClientHello);
    assert_eq!(act(&rules.decide(&facts, Gate::Dial)), "block port");
    facts.set(field::NET_SNI_HOST, "good");
    assert_eq!(act(&rules.decide(&facts, Gate::Dial)), "proceed");
}

#[test]
fn all_that_is_possible_blocks_at_once() {
    let rules = compile(vec![
        Rule::new("sni", Layer::Network, Action::Block, "net.sni.host == \"bad\""),
        Rule::new("port", Layer::Network, Action::Block, "net.dst.port == 25"),
    ]);
    let mut facts = Facts::new(&Scheme::gateway());
    facts.set(field::NET_DST_PORT, 25_i64);
    let decision = rules.decide(&facts, Gate::Dial);
    assert_eq!(act(&decision), "block port");
    assert!(decision.needs().is_empty());
    assert_eq!(decision.trail()[0].passed_over, []);
}

/// The worked example in Cloudflare's documentation of the order of enforcement, without its DNS
/// policies, and requests that go otherwise.
#[test]
fn policies_are_enforced_in_the_documented_order() {
    let network = |id: &str, action, filter: &str| Rule::new(id, Layer::Network, action, filter);
    let rules = compile(vec![
        http("http 1", Action::Block, r#"http.request.host == "example.com""#),
        http("http 2", Action::DoNotInspect, r#"net.sni.host == "test2.example.com""#),
        network("network 1", Action::Block, "net.dst.port == 80"),
        network("network 2", Action::Allow, "net.dst.port == 443"),
        network("network 3", Action::Block, r#"any(net.sni.domains[*] == "test.example.com")"#),
    ]);
    for (host, port, expected) in [
        // Network 2 matches, so that network 3 is not looked at; then nothing of HTTP matches.
        ("test.example.com", 443_i64, &["proceed: network 2", "proceed: network 2"][..]),
        ("test.example.com", 80, &["block network 1: network 1"]),
        // What is not inspected meets no other HTTP policy.
        ("test2.example.com", 443, &["off http 2: network 2, http 2"]),
        ("example.com", 443, &["proceed: network 2", "block http 1: network 2, http 1"]),
        ("test.example.com", 8443, &["block network 3: network 3"]),
        ("other.example", 8443, &["proceed: ", "proceed: "]),
    ] {
        let mut facts = Facts::new(rules.scheme());
        let said = |facts: &Facts, gate| {
            let decision = rules.decide(facts, gate);
            let ids =
                decision.trail().iter().map(|entry| rules.rules()[entry.rule.get()].id.as_str());
            format!("{}: {}", act(&decision), ids.collect::<Vec<_>>().join(", "))
        };
        facts.set(field::NET_DST_PORT, port);
        facts.close(Phase::Connect);
        facts.set(field::NET_SNI_HOST, host);
        facts.set(
            field::NET_SNI_DOMAINS,
            [host, "example.com", "com"].into_iter().collect::<Value>(),
        );
        facts.close(Phase::ClientHello);
        let mut answers = vec![said(&facts, Gate::Tunnel)];
        if answers[0].starts_with("proceed") {
            facts.set(field::HTTP_REQUEST_HOST, host);
            facts.close(Phase::RequestHead);
            answers.push(said(&facts, Gate::RequestHead));
        }
        assert_eq!(answers, expected, "{host}:{port}");
    }
}

/// Each field that is known too late for an action is told, wherever it stands in the filter; each
/// that is known in time is taken.
#[test]
fn an_action_takes_the_fields_that_are_known_before_it() {
    let scheme = Scheme::gateway();
    for (layer, action, gate) in [
        (Layer::Network, Action::Block, Gate::Dial),
        (Layer::Network, Action::Allow, Gate::Dial),
        (Layer::Http, Action::DoNotInspect, Gate::Tunnel),
        (Layer::Http, forward("w"), Gate::RequestHead),
        (Layer::Http, Action::NoScan, Gate::ResponseHead),
    ] {
        // What stands for the field of the body phase is known when that body is.
        let is_fact = |field: &&crate::Field| field.presence() != crate::Presence::BodyPhase;
        for declared in scheme.fields().map(|(_, field)| field).filter(is_fact) {
            let name = declared.name();
            let condition = match declared.ty() {
                crate::Type::Bool => name.to_owned(),
                crate::Type::Int => format!("{name} == 1"),
                crate::Type::Ip => format!("{name} == 192.0.2.1"),
                crate::Type::Bytes => format!("{name} == \"a\""),
                crate::Type::Array(element) => match **element {
                    crate::Type::Ip => format!("any({name}[*] == 192.0.2.1)"),
                    crate::Type::Int => format!("any({name}[*] == 1)"),
                    _ => format!("any({name}[*] == \"a\")"),
                },
                crate::Type::Map(element) => match **element {
                    crate::Type::Bytes => format!("{name}[\"a\"] == \"a\""),
                    crate::Type::Int => format!("{name}[\"a\"] == 1"),
                    _ => format!("any({name}[\"a\"][*] == \"a\")"),
                },
            };
            let in_time = declared.phases().is_subset(gate.before());
            for filter in [condition.clone(), format!("net.dst.port == 1 or not {condition}")] {
                let rule = Rule::new("r", layer, action.clone(), filter.clone());
                let compiled = RuleSet::compile(&scheme, vec![rule.clone()], &Options::default());
                assert_eq!(compiled.is_ok(), in_time, "{action} {filter}");
                if !in_time {
                    let told = refused(rule);
                    assert!(told.contains(&format!("cannot use `{name}`")), "{told}");
                }
            }
        }
    }
}

#[test]
fn not_inspecting_is_said_at_the_tunnel() {
    let rules = compile(vec![
        http("bank", Action::DoNotInspect, "any(net.sni.domains[*] == \"bank\")"),
        http("all", Action::Block, "true"),
    ]);
    let mut facts = Facts::new(&Scheme::gateway());
    facts.close(Phase::Connect);
    assert_eq!(act(&rules.decide(&facts, Gate::Dial)), "proceed");
    assert_eq!(act(&rules.decide(&facts, Gate::Tunnel)), "wait");
    facts.set(field::NET_SNI_DOMAINS, profiles(&["www.bank", "bank"]));
    let decision = rules.decide(&facts, Gate::Tunnel);
    assert_eq!(act(&decision), "off bank");
    assert!(decision.needs().is_empty());
    facts.set(field::NET_SNI_DOMAINS, profiles(&["shop"]));
    assert_eq!(act(&rules.decide(&facts, Gate::Tunnel)), "proceed");
    assert_eq!(act(&rules.decide(&facts, Gate::RequestHead)), "block all");
}

#[test]
fn what_lies_behind_the_gate_is_passed_over() {
    let rules = compile(vec![
        http("fine", Action::Allow, "http.response.status_code == 200"),
        http("host", Action::Block, "http.request.host == \"a\""),
    ]);
    let [(0, warning)] = rules.warnings() else { panic!("{:?}", rules.warnings()) };
    assert_eq!(
        warning.to_string(),
        "the rule is known only after the gate request head, where `host` below it acts"
    );
    let decision = rules.decide(&request("a"), Gate::RequestHead);
    assert_eq!(act(&decision), "block host");
    assert_eq!(decision.trail()[0].passed_over, [RuleIndex(0)]);
    let decision = rules.decide(&request("b"), Gate::RequestHead);
    assert_eq!(act(&decision), "proceed");
    assert!(decision.needs().wants_field(field::HTTP_RESPONSE_STATUS_CODE));
}

#[test]
fn warnings_are_of_rules_that_can_be_overtaken() {
    let late = |action| http("late", action, "http.response.status_code == 200");
    let early = |action| http("early", action, "http.request.host == \"a\"");
    let body = |action| http("body", action, "any(dlp.profiles[*] == \"a\")");
    let upload = |action| http("upload", action, "any(dlp.upload.profiles[*] == \"a\")");
    for (rules, expected) in [
        (vec![late(Action::Allow), early(Action::Block)], 1),
        (vec![late(Action::NoScan), early(redirect())], 1),
        (vec![late(Action::Block), early(redirect())], 1),
        (vec![late(Action::Block), early(Action::Block)], 0),
        (vec![late(Action::Block), early(Action::Allow)], 0),
        (vec![early(Action::Block), late(Action::Allow)], 0),
        (vec![late(Action::Allow), early(Action::Block).log_only()], 0),
        (vec![late(Action::Allow).log_only(), early(Action::Block)], 0),
        (vec![body(Action::Allow), early(Action::Block)], 0),
        (vec![body(Action::Allow), upload(Action::Block)], 1),
        (vec![upload(Action::Allow), body(Action::Block)], 0),
    ] {
        let text = format!("{rules:#?}");
        assert_eq!(compile(rules).warnings().len(), expected, "{text}");
    }
}

#[test]
fn body_rules_decide_while_the_body_streams() {
    let rules =
        compile(vec![http("cards", Action::Block, "any(dlp.upload.profiles[*] == \"cards\")")]);
    let mut facts = request("a");
    let head = rules.decide(&facts, Gate::RequestHead);
    assert_eq!(act(&head), "proceed");
    assert_eq!(head.standing(Tier::Body), Standing::Waiting);
    assert_eq!(
        head.needs_enforcing().ids(field::DLP_UPLOAD_PROFILES),
        Ids::Only(&["cards".into()])
    );
    facts.set_partial(field::DLP_UPLOAD_PROFILES, profiles(&["names"]));
    assert_eq!(act(&rules.decide(&facts, Gate::RequestBody)), "proceed");
    facts.set_partial(field::DLP_UPLOAD_PROFILES, profiles(&["names", "cards"]));
    let found = rules.decide(&facts, Gate::RequestBody);
    assert_eq!(act(&found), "block cards");
    assert_eq!(found.trail()[0].phase, Phase::RequestBody);
    facts.set_partial(field::DLP_UPLOAD_PROFILES, profiles(&["names"]));
    facts.close(Phase::RequestBody);
    let end = rules.decide(&facts, Gate::RequestBody);
    assert_eq!(act(&end), "proceed");
    assert!(end.needs().is_empty());
}

#[test]
fn a_body_that_only_an_exception_saves_is_held() {
    let rules = compile(vec![
        http("pdf", Action::Allow, "any(http.upload.file.types[*] == \"pdf\")"),
        http("host", Action::Block, "http.request.host == \"a\" and http.upload.file.size >= 0"),
    ]);
    let mut facts = request("a");
    facts.set_partial(field::HTTP_UPLOAD_FILE_SIZE, 0_i64);
    assert_eq!(act(&rules.decide(&facts, Gate::RequestHead)), "proceed");
    assert_eq!(act(&rules.decide(&facts, Gate::RequestBody)), "wait");
    let mut pdf = facts.clone();
    pdf.set_partial(field::HTTP_UPLOAD_FILE_TYPES, profiles(&["pdf"]));
    assert_eq!(act(&rules.decide(&pdf, Gate::RequestBody)), "proceed");
    facts.close(Phase::RequestBody);
    assert_eq!(act(&rules.decide(&facts, Gate::RequestBody)), "block host");
}

#[test]
fn noscan_spares_the_malware_scan_alone() {
    let rules = compile(vec![
        http("trusted", Action::NoScan, "http.request.host == \"a\""),
        http("malware", Action::Block, "av.infected"),
        http("cards", Action::Block, "any(dlp.profiles[*] == \"cards\")"),
    ]);
    let spared = rules.decide(&request("a"), Gate::RequestHead);
    assert_eq!(spared.noscan().map(|rule| &*rule.id), Some("trusted"));
    assert_eq!(act(&spared), "proceed");
    assert_eq!(spared.needs().fields().collect::<Vec<_>>(), [field::DLP_PROFILES]);
    let scanned = rules.decide(&request("b"), Gate::RequestHead);
    assert_eq!(scanned.noscan(), None);
    assert!(scanned.needs().wants_field(field::AV_INFECTED));
}

#[test]
fn counting_rules_count_and_never_hold() {
    let rules = compile(vec![
        http("shadow", Action::Block, "http.request.host == \"a\"").log_only(),
        http("log", Action::Log, "http.request.host == \"a\" or dlp.count > 3"),
        http("slow", Action::Block, "av.infected").log_only(),
        http("redirect", redirect(), "http.request.host == \"c\""),
    ]);
    let decision = rules.decide(&request("a"), Gate::RequestHead);
    assert_eq!(act(&decision), "proceed");
    assert_eq!(decision.log_matches().collect::<Vec<_>>(), [RuleIndex(0), RuleIndex(1)]);
    assert_eq!(decision.needs().fields().collect::<Vec<_>>(), [field::AV_INFECTED]);
    assert!(decision.needs_enforcing().is_empty());
    let refused = rules.decide(&request("c"), Gate::RequestHead);
    assert_eq!(act(&refused), "redirect redirect");
    assert!(refused.needs().is_empty());
}

#[test]
fn the_trail_names_what_matched() {
    let rules = compile(vec![http(
        "r",
        Action::Allow,
        "(net.dst.port == 1 or (http.request.host == \"a\" and net.dst.port == 443) or true)",
    )]);
    let decision = rules.decide(&request("a"), Gate::RequestHead);
    let [entry] = decision.trail() else { panic!("{:?}", decision.trail()) };
    assert_eq!(rules.predicate(entry), "(http.request.host == \"a\" and net.dst.port == 443)");
    let TrailEntry { tier, rule, phase, mode, .. } = entry;
    assert_eq!(
        (*tier, *rule, *phase, *mode),
        (Tier::Http, RuleIndex(0), Phase::RequestHead, RuleMode::Enforce)
    );
    let other = rules.decide(&request("b"), Gate::RequestHead);
    assert_eq!(rules.predicate(&other.trail()[0]), "true");
    let foreign = TrailEntry { rule: RuleIndex(9), ..entry.clone() };
    assert_eq!(rules.predicate(&foreign), "");
    let (trail, needs, enforcing) = decision.into_parts();
    assert_eq!((trail.len(), needs.is_empty(), enforcing.is_empty()), (1, true, true));
}

#[test]
fn an_earlier_tier_that_waits_holds_up_the_later() {
    let rules = compile(vec![
        Rule::new("net", Layer::Network, Action::Allow, "net.sni.host == \"a\""),
        Rule::new("port", Layer::Network, Action::Block, "net.dst.port == 443"),
        http("off", Action::DoNotInspect, "net.dst.port == 443"),
    ]);
    let mut facts = Facts::new(&Scheme::gateway());
    facts.set(field::NET_DST_PORT, 443_i64);
    assert_eq!(act(&rules.decide(&facts, Gate::Tunnel)), "wait");
    facts.set(field::NET_SNI_HOST, "a");
    assert_eq!(act(&rules.decide(&facts, Gate::Tunnel)), "off off");
}

#[test]
fn a_set_says_what_it_reads() {
    let rules = compile(vec![http("a", Action::Block, "any(dlp.profiles[*] == \"x\")")]);
    assert!(rules.uses(field::DLP_PROFILES) && !rules.uses(field::DLP_COUNT));
    assert!(Arc::ptr_eq(rules.scheme(), rules.scheme()));
    assert_eq!(rules.rules().len(), 1);
    let array = Options {
        parse: ParseOptions { yields: crate::Yields::BoolOrArray, ..ParseOptions::default() },
        ..Options::default()
    };
    let rule = vec![http("a", Action::Block, "dlp.profiles[*] == \"x\"")];
    assert!(RuleSet::compile(&Scheme::gateway(), rule, &array).is_err());
}

/// The groups that look for malware in a body that is known by this field, in the order of enforcement.
fn groups(rules: &RuleSet, facts: &Facts, gate: Gate, field: FieldId) -> Vec<String> {
    let decision = rules.decide(facts, gate);
    let speaks = |needs: &Option<Needs>| needs.as_ref().is_none_or(|n| n.wants_field(field));
    let of_body = decision.scans().iter().filter(|scanning| speaks(&scanning.wants));
    of_body.map(|scanning| scanning.group.to_owned()).collect()
}

#[test]
fn rules_say_who_looks_for_malware() {
    let at_a = r#"http.request.host == "a.example""#;
    let up = "av.upload.infected and http.request.host != \"c.example\"";
    let rules = compile(vec![
        http("up", Action::Block, up).scanned_by("up"),
        http("a", Action::Block, &format!("{at_a} and av.infected")).scanned_by("a"),
        http("counts", Action::Block, "av.infected").scanned_by("nobody").log_only(),
        http("all", Action::Block, "av.infected or http.response.status_code == 418")
            .scanned_by("all"),
        http("b", Action::Allow, r#"http.request.host == "b.example""#).scanned_by("b"),
        http("trusted", Action::NoScan, r#"http.request.host == "d.example""#),
    ]);
    for (host, field, expected) in [
        ("a.example", field::AV_INFECTED, &["a", "all"][..]),
        ("a.example", field::AV_UPLOAD_INFECTED, &["up"]),
        ("b.example", field::AV_INFECTED, &["b", "all"]),
        ("b.example", field::AV_UPLOAD_INFECTED, &["b", "up"]),
        ("c.example", field::AV_UPLOAD_INFECTED, &[]),
        ("c.example", field::AV_INFECTED, &["all"]),
        ("d.example", field::AV_INFECTED, &[]),
    ] {
        let found = groups(&rules, &request(host), Gate::RequestHead, field);
        assert_eq!(found, expected, "{host}");
    }
    // A rule that is decided has no say any more.
    let mut facts = request("c.example");
    facts.set(field::HTTP_RESPONSE_STATUS_CODE, 418_i64);
    facts.close(Phase::ResponseHead);
    assert_eq!(groups(&rules, &facts, Gate::ResponseHead, field::AV_INFECTED), [""; 0]);
}

#[test]
fn only_rules_that_have_a_say_name_scanners() {
    for rule in [
        http("r", Action::Block, r#"http.request.host == "a.example""#),
        http("r", Action::NoScan, "true"),
        http("r", redirect(), "true"),
        Rule::new("r", Layer::Network, Action::Allow, "true"),
    ] {
        let told = refused(rule.scanned_by("all"));
        assert!(told.contains("`scan` belongs to rules of the layer `http`"), "{told}");
    }
    compile(vec![http("r", forward("w"), "true").scanned_by("all")]);
    compile(vec![http("r", Action::Allow, "av.infected").scanned_by("all")]);
}
