//! Deciding with 1 to 100,000 rules of which none matches, beside the same rules tried one by one:
//! by the rule set without its index, by filters that stand alone, and by `wirefilter-engine` 0.6.1.
//! Then the last rule matches; then what compiling takes.
#![expect(clippy::print_stdout, reason = "a bench tells its figures")]

use std::hint::black_box;
use std::net::IpAddr;
use std::sync::Arc;

use gateway_benches::{Dice, spent, spent_once};
use gateway_rules::{
    Act, Action, Facts, Filter, Gate, Indexing, Layer, Options, ParseOptions, Phase, Rule, RuleSet,
    Scheme, Truth, Value, field,
};
use wirefilter::ExecutionContext;

const HOST: &str = "www.wikipedia.org";
const URI: &str = "https://www.wikipedia.org/w/index.php?title=Special:Search&search=intrusion+detection&fulltext=1&ns0=1&profile=advanced";
const ADDRESS: [u8; 4] = [93, 184, 216, 34];
const EMAIL: &str = "alice@corp.example";

/// What the rules of a secure web gateway ask: 40 % for a host, 15 % for one of four hosts and the
/// method, 15 % for a domain, 10 % for a literal in the URL and 5 % for a pattern, 7 % for a network
/// and ports, 5 % for a user and methods, 3 % for nothing that many requests do not have.
fn filter(dice: &mut Dice, number: usize) -> String {
    let word = number as u64 * 2_654_435_761;
    match dice.below(100) {
        0..40 => format!(r#"http.request.host == "h{number}.site{}.example.com""#, number % 97),
        40..55 => {
            let hosts: Vec<String> =
                (0..4).map(|host| format!(r#""h{number}-{host}.corp.example.net""#)).collect();
            format!(
                r#"http.request.host in {{{}}} and http.request.method == "POST""#,
                hosts.join(" ")
            )
        }
        55..70 => format!(r#"any(http.request.domains[*] == "dom{number}.org")"#),
        70..80 => format!(r#"http.request.uri contains "/tok{word:x}/""#),
        80..85 => format!(r#"http.request.uri matches "(?i)exfil{word:x}[a-z]+/\d{{2,}}""#),
        85..92 => format!(
            "net.dst.ip in {{10.{}.{}.0/24}} and net.dst.port in {{443 8443 9000..9010}}",
            number >> 8 & 0xFF,
            number & 0xFF
        ),
        92..97 => format!(
            r#"identity.email == "user{number}@corp.example" and not (http.request.method in {{"GET" "HEAD"}})"#
        ),
        _ => format!(
            r#"http.upload.file.size > {} and http.request.method == "PUT" and net.dst.port != {}"#,
            1_000 + number,
            10_000 + number % 5_000
        ),
    }
}

fn filters(count: usize) -> Vec<String> {
    let mut dice = Dice::new(3);
    let mut filters: Vec<String> = (1..count).map(|number| filter(&mut dice, number)).collect();
    filters.push(r#"http.request.host == "last.example""#.to_owned());
    filters
}

/// What rules ask of values that functions make: in equal parts for a host whatever its case, for its
/// beginning and its end, for a domain whatever its case, and for a literal in the decoded URL.
fn calling(number: usize) -> String {
    match number % 5 {
        0 => format!(r#"lower(http.request.host) == "h{number}.example.com""#),
        1 => format!(r#"starts_with(lower(http.request.host), "h{number}.example")"#),
        2 => format!(r#"ends_with(http.request.host, ".h{number}.example.com")"#),
        3 => format!(r#"any(lower(http.request.domains[*])[*] == "dom{number}.org")"#),
        _ => format!(r#"url_decode(http.request.uri) contains "/tok{number}/""#),
    }
}

fn of_calls(facts: &Facts) {
    for count in [1_000, 10_000] {
        let lengths = |number| format!("len(http.request.uri) > {}", 10_000 + number);
        for (name, filters) in [
            ("over functions", (0..count).map(calling).collect::<Vec<_>>()),
            ("over lengths", (0..count).map(lengths).collect()),
        ] {
            let [ours, linear] = [Indexing::ByCost, Indexing::Never]
                .map(|indexing| decided(&compile(&filters, indexing), facts, false));
            println!("{count:>6} {name} {ours:>11.0} {linear:>14.0}");
        }
    }
}

fn rules(filters: &[String]) -> Vec<Rule> {
    let numbered = filters.iter().enumerate();
    numbered
        .map(|(n, filter)| Rule::new(format!("r{n}"), Layer::Http, Action::Block, filter))
        .collect()
}

fn facts(scheme: &Arc<Scheme>, host: &str) -> Facts {
    let mut facts = Facts::new(scheme);
    facts.set(field::NET_DST_IP, Value::Ip(IpAddr::from(ADDRESS)));
    facts.set(field::NET_DST_PORT, 443_i64);
    facts.set(field::IDENTITY_EMAIL, EMAIL);
    facts.set(field::HTTP_REQUEST_HOST, host);
    let domains = [host, "wikipedia.org", "org"].into_iter().collect::<Value>();
    facts.set(field::HTTP_REQUEST_DOMAINS, domains);
    facts.set(field::HTTP_REQUEST_METHOD, "GET");
    facts.set(field::HTTP_REQUEST_URI, URI);
    facts.set(field::HTTP_UPLOAD_FILE_SIZE, 0_i64);
    for phase in Phase::ALL {
        facts.close(phase);
    }
    facts
}

fn compile(filters: &[String], indexing: Indexing) -> RuleSet {
    let options = Options { indexing, ..Options::default() };
    RuleSet::compile(&Scheme::gateway(), rules(filters), &options).expect("sound")
}

/// Least nanoseconds of a decision.
fn decided(rules: &RuleSet, facts: &Facts, blocks: bool) -> f64 {
    let least = spent(|| {
        let decision = rules.decide(black_box(facts), Gate::RequestBody);
        assert_eq!(matches!(decision.act(), Act::Block(_)), blocks);
    });
    least.least_ns
}

/// The same one by one. Version 0.6.1 has no arrays: a domain is compared with one field, which is
/// less work than with three.
fn by_wirefilter(filters: &[String]) -> f64 {
    let scheme = wirefilter::Scheme! {
        http.request.host: Bytes,
        http.request.method: Bytes,
        http.request.domain: Bytes,
        http.request.uri: Bytes,
        net.dst.ip: Ip,
        net.dst.port: Int,
        identity.email: Bytes,
        http.upload.file.size: Int,
    };
    let flat: Vec<String> = filters
        .iter()
        .map(|filter| match filter.strip_prefix("any(http.request.domains[*]") {
            Some(rest) => format!("http.request.domain{}", rest.trim_end_matches(')')),
            None => filter.clone(),
        })
        .collect();
    let compiled: Vec<_> =
        flat.iter().map(|filter| scheme.parse(filter).expect("flat").compile()).collect();
    let mut context = ExecutionContext::new(&scheme);
    let fields = [
        ("http.request.host", HOST),
        ("http.request.method", "GET"),
        ("http.request.domain", HOST),
        ("http.request.uri", URI),
        ("identity.email", EMAIL),
    ];
    for (name, value) in fields {
        context.set_field_value(name, value).expect("of the type");
    }
    context.set_field_value("net.dst.ip", IpAddr::from(ADDRESS)).expect("of the type");
    context.set_field_value("net.dst.port", 443).expect("of the type");
    context.set_field_value("http.upload.file.size", 0).expect("of the type");
    let least = spent(|| {
        let context = black_box(&context);
        assert!(!compiled.iter().any(|filter| filter.execute(context).expect("of the scheme")));
    });
    least.least_ns
}

/// The same by filters that stand alone.
fn by_filters(filters: &[String], facts: &Facts) -> f64 {
    let options = ParseOptions::default();
    let parse = |filter: &String| Filter::parse(facts.scheme(), filter, &options).expect("sound");
    let filters: Vec<Filter> = filters.iter().map(parse).collect();
    let least = spent(|| {
        let facts = black_box(facts);
        assert!(!filters.iter().any(|filter| filter.truth(facts) == Truth::True));
    });
    least.least_ns
}

/// Least milliseconds until a set stands in which one rule in the middle is another.
fn recompiled(before: &RuleSet, filters: &[String]) -> f64 {
    let mut filters = filters.to_vec();
    let middle = filters.len() / 2;
    filters[middle] = r#"http.request.host == "changed.example""#.to_owned();
    let changed = (0..10).map(|_| {
        let rules = rules(&filters);
        spent_once(|| before.recompile(rules).expect("sound")).1
    });
    changed.min().unwrap_or_default().as_secs_f64() * 1e3
}

fn main() {
    let scheme = Scheme::gateway();
    let (none, last) = (facts(&scheme, HOST), facts(&scheme, "last.example"));
    println!(
        "rules    none matches, ns: decide  without index      filters  wirefilter |  the last matches | compile, ms   one changed"
    );
    for count in [1, 2, 4, 8, 12, 16, 20, 24, 29, 30, 100, 1_000, 10_000, 100_000] {
        let filters = filters(count);
        let (rules, compiled) = spent_once(|| compile(&filters, Indexing::ByCost));
        let ours = decided(&rules, &none, false);
        let matching = decided(&rules, &last, true);
        let one_by_one = match count {
            0..100_000 => [
                decided(&compile(&filters, Indexing::Never), &none, false),
                by_filters(&filters, &none),
                by_wirefilter(&filters),
            ],
            _ => [f64::NAN; 3],
        };
        let changed = recompiled(&rules, &filters);
        let [linear, alone, rival] = one_by_one;
        println!(
            "{count:>6} {ours:>26.0} {linear:>14.0} {alone:>12.0} {rival:>11.0} | {matching:>17.0} | {:>8.1} {changed:>14.3}",
            compiled.as_secs_f64() * 1e3
        );
    }
    of_calls(&none);
}
