//! Deciding with 10, 100 and 1,000 rules: none that matches, and the last one that does.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput};
use gateway_benches::{CpuTime, Dice, criterion};
use gateway_rules::{
    Act, Action, Facts, Gate, Layer, Options, Phase, Rule, RuleSet, Scheme, Value, field,
};

/// A mix as administrators write it: hosts and domains, paths, methods, addresses, words.
fn filter(dice: &mut Dice, number: usize) -> String {
    let (a, b) = (dice.below(256), dice.below(256));
    match number % 10 {
        0..=3 => format!(r#"http.request.host == "host-{number}.example""#),
        4 | 5 => format!(r#"any(http.request.domains[*] == "domain-{number}.example")"#),
        6 => format!(r#"http.request.uri.path contains "/private-{number}/""#),
        7 => format!(r#"http.conn.src_ip in {{10.{a}.{b}.0/24 192.168.{b}.0/24}}"#),
        8 => format!(
            r#"http.request.method == "PUT" and http.request.host == "up-{number}.example""#
        ),
        _ => format!(r#"http.request.uri.path matches "^/v{number}/[a-z]+/[0-9]+$""#),
    }
}

fn rules(scheme: &Arc<Scheme>, count: usize) -> RuleSet {
    let mut dice = Dice::new(3);
    let rule = |number| {
        let filter = filter(&mut dice, number);
        Rule::new(format!("r{number}"), Layer::Http, Action::Block, filter)
    };
    let mut rules: Vec<Rule> = (0..count - 1).map(rule).collect();
    let last = r#"http.request.host == "last.example""#;
    rules.push(Rule::new("last", Layer::Http, Action::Block, last));
    RuleSet::compile(scheme, rules, &Options::default()).expect("valid rules")
}

fn facts(scheme: &Arc<Scheme>, host: &str) -> Facts {
    let mut facts = Facts::new(scheme);
    facts.set(field::HTTP_CONN_SRC_IP, Value::Ip([192, 0, 2, 7].into()));
    facts.close(Phase::Connect);
    facts.close(Phase::ClientHello);
    facts.set(field::HTTP_REQUEST_HOST, host);
    facts.set(field::HTTP_REQUEST_DOMAINS, [host, "example"].into_iter().collect::<Value>());
    facts.set(field::HTTP_REQUEST_METHOD, "GET");
    facts.set(field::HTTP_REQUEST_URI_PATH, "/media/gallery/2025/06/harbour.jpg");
    facts.close(Phase::RequestHead);
    facts
}

fn deciding(criterion: &mut Criterion<CpuTime>) {
    let scheme = Scheme::gateway();
    let (none, last) = (facts(&scheme, "www.example"), facts(&scheme, "last.example"));
    let mut group = criterion.benchmark_group("decide");
    for count in [10, 100, 1_000] {
        let rules = rules(&scheme, count);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::new("no match", count), |bencher| {
            bencher.iter(|| {
                let decision = rules.decide(black_box(&none), Gate::RequestHead);
                assert!(matches!(decision.act(), Act::Proceed));
            });
        });
        group.bench_function(BenchmarkId::new("the last matches", count), |bencher| {
            bencher.iter(|| {
                let decision = rules.decide(black_box(&last), Gate::RequestHead);
                assert!(matches!(decision.act(), Act::Block(_)));
            });
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = criterion().configure_from_args();
    deciding(&mut criterion);
    criterion.final_summary();
}
