//! Looking for what is odd about 10,000 rules: those of a usual mix, and sets that give it more to
//! compare, each of one kind alone.
#![expect(clippy::print_stdout, reason = "a bench tells its figures")]

use gateway_benches::{Dice, spent_once};
use gateway_rules::{Action, Layer, Options, Rule, RuleSet, Scheme};

const RULES: usize = 10_000;

/// What the rules of a secure web gateway ask.
fn mixed(dice: &mut Dice, number: usize) -> String {
    match dice.below(100) {
        0..40 => format!(r#"http.request.host == "h{number}.example""#),
        40..55 => format!(
            r#"http.request.method == "POST" and http.request.host in {{"a{number}.example" "b{number}.example"}}"#
        ),
        55..70 => format!(r#"any(http.request.domains[*] == "d{number}.example")"#),
        70..80 => format!(r#"http.request.uri contains "/tok{number:x}/""#),
        80..85 => format!(r#"http.request.uri matches "(?i)exfil{number:x}[a-z]+/\d{{2,}}""#),
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

fn main() {
    let mut dice = Dice::new(5);
    let all = |filter: &dyn Fn(usize) -> String| (0..RULES).map(filter).collect::<Vec<_>>();
    let sets = [
        ("mixed", (0..RULES).map(|number| mixed(&mut dice, number)).collect()),
        ("contains", all(&|n| format!(r#"http.request.uri contains "/token{n:x}/""#))),
        ("ranges", all(&|n| format!("http.upload.file.size > {}", 2 * RULES - n))),
        (
            "methods",
            all(&|n| format!(r#"http.request.method == "POST" and http.upload.file.size == {n}"#)),
        ),
        (
            "jointly",
            all(&|n| match n.checked_sub(RULES / 2) {
                None => format!(r#"http.request.host == "h{n}.example""#),
                Some(n) => format!(
                    r#"http.request.host in {{"h{n}.example" "h{}.example"}} and net.dst.port == 80"#,
                    (n + 1) % (RULES / 2)
                ),
            }),
        ),
        (
            "spans",
            all(&|n| {
                format!("http.upload.file.size in {{{}..{}}}", 9 * n % 50_000, 9 * n % 50_000 + 12)
            }),
        ),
        ("expressions", all(&|n| format!(r#"http.request.uri matches "a[bc]{n}/""#))),
    ];
    for (name, filters) in sets {
        let rule = |(n, filter): (usize, &String)| {
            Rule::new(format!("r{n}"), Layer::Http, Action::Block, filter)
        };
        let rules: Vec<Rule> = filters.iter().enumerate().map(rule).collect();
        let rules = RuleSet::compile(&Scheme::gateway(), rules, &Options::default());
        let rules = rules.expect("the rules are sound");
        let (findings, spent) = spent_once(|| rules.lint().len());
        println!("lint {RULES} rules, {name}: {spent:?}, findings {findings}");
    }
}
