//! What expressions mean: over known, missing, growing and unknown values.

use std::collections::BTreeMap;

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::filter::{Answer, Filter};
use crate::needs::Ids;
use crate::options::{NilNotEqual, ParseOptions, Yields};
use crate::phase::{Phase, PhaseSet};
use crate::quick::Quick;
use crate::test_scheme::{self, Reads, World, field, part, settled};

fn array<V: Into<Value>>(items: impl IntoIterator<Item = V>) -> Value {
    items.into_iter().collect()
}

fn filter(text: &str) -> Filter {
    let options = ParseOptions { yields: Yields::BoolOrArray, ..ParseOptions::default() };
    Filter::parse(&test_scheme::scheme(), text, &options).expect(text)
}

/// Facts in which only these fields are known and all others missing.
fn known(values: &[(&str, Value)]) -> Facts {
    let mut facts = Facts::new(&test_scheme::scheme());
    for (name, value) in values {
        facts.set(field(name), value.clone());
    }
    Phase::ALL.into_iter().for_each(|phase| facts.close(phase));
    facts
}

fn check(values: &[(&str, Value)], truths: &[(&str, bool)]) {
    let facts = known(values);
    for (text, expected) in truths {
        assert_eq!(filter(text).truth(&facts), Truth::from(*expected), "{text}");
    }
}

#[test]
fn scalars_are_compared() {
    check(
        &[
            ("ssl", true.into()),
            ("port", 80_i64.into()),
            ("ip.src", Value::Ip([10, 0, 0, 9].into())),
            ("http.host", "www.Example.org".into()),
        ],
        &[
            ("ssl", true),
            ("ssl == false", false),
            ("not ssl xor ssl xor ssl", false),
            ("port < 80 or port le 80 and port != 81", true),
            ("port & 0x10", true),
            ("port & 0xf", false),
            ("port in {1..79 81..90}", false),
            ("port in {80}", true),
            ("ip.src == 10.0.0.9", true),
            ("ip.src > 9.255.255.255", true),
            ("ip.src < ::", false),
            ("ip.src != ::", true),
            ("ip.src in {10.0.0.8/30}", true),
            ("ip.src in {10.0.0.0..10.0.0.8 ::/0}", false),
            ("http.host == \"www.example.org\"", false),
            ("http.host < \"xxx\" and http.host > \"WWW\"", true),
            ("http.host contains \"Exa\"", true),
            ("http.host contains \"exa\"", false),
            ("http.host matches \"^www\\.[A-Z]\"", true),
            ("http.host ~ \"(?i)EXAMPLE\"", true),
            ("http.host wildcard \"*.example.*\"", true),
            ("http.host strict wildcard \"*.example.*\"", false),
            ("http.host in {\"a\" \"www.Example.org\" \"b\"}", true),
            ("http.host in {}", false),
        ],
    );
}

#[test]
fn elements_are_reached() {
    let headers = BTreeMap::from([
        (Bytes::from("accept"), array(["a", "b"])),
        (Bytes::from("empty"), Value::Array(Vec::new())),
    ]);
    let grid = vec![array([1_i64, 2]), array([3_i64])];
    check(
        &[
            ("headers", Value::Map(headers)),
            ("grid", Value::Array(grid)),
            ("names", array(["x", "y"])),
            ("flags", array([true, false, true])),
        ],
        &[
            ("headers[\"accept\"][1] == \"b\"", true),
            ("headers[\"accept\"][2] == \"b\"", false),
            ("any(headers[*][*] == \"b\")", true),
            ("any(headers[\"accept\"][*] contains \"c\")", false),
            ("all(headers[\"empty\"][*] == \"c\")", true),
            ("grid[1][0] == 3", true),
            ("any(grid[*][1] == 2)", true),
            ("all(grid[*][1] == 2)", true),
            ("all(grid[*][0] in {1 3})", true),
            ("any(names[*] == \"y\" and names[*] != \"x\")", true),
            ("all(names[*] == \"y\" xor names[*] == \"x\")", true),
            ("any(flags)", true),
            ("all(flags)", false),
            ("any(not flags)", true),
            // The shorter array limits what is combined.
            ("all(flags xor names[*] == \"y\")", true),
            ("any(not flags and names[*] == \"y\")", true),
        ],
    );
}

#[test]
fn arrays_are_results_too() {
    let facts = known(&[("names", array(["x", "y"])), ("flags", array([true, false, true]))]);
    for (text, expected) in [
        ("names[*] == \"y\"", &[false, true][..]),
        ("not names[*] == \"y\"", &[true, false]),
        ("flags", &[true, false, true]),
        ("flags[*] or names[*] == \"y\"", &[true, true]),
        ("grid[*][0] == 1", &[]),
    ] {
        assert_eq!(filter(text).answer(&facts), Answer::Array(expected.to_vec()), "{text}");
        assert_eq!(filter(text).truth(&facts), Truth::False, "{text}");
        let unknown = Facts::new(&test_scheme::scheme());
        assert_eq!(filter(text).answer(&unknown), Answer::Bool(Truth::NotYet), "{text}");
    }
}

#[test]
fn missing_values_satisfy_nothing_but_inequality() {
    check(
        &[("headers", Value::Map(BTreeMap::new()))],
        &[
            ("ssl", false),
            ("not ssl", true),
            ("ssl == false", false),
            ("ssl != false", true),
            ("port == 1", false),
            ("port >= 0", false),
            ("port != 1", true),
            ("not port != 1", false),
            ("headers[\"a\"][0] != \"x\"", true),
            ("headers[\"a\"][0] == \"x\"", false),
            ("any(names[*] != \"x\")", false),
            ("all(names[*] == \"x\")", true),
            ("any(flags)", false),
            ("all(flags)", false),
            ("any(marks[\"a\"])", false),
            ("all(marks[\"a\"])", false),
            ("all(marks[\"a\"][*])", true),
        ],
    );
    let options = ParseOptions { nil_not_equal: NilNotEqual::False, ..ParseOptions::default() };
    let filter = Filter::parse(&test_scheme::scheme(), "port != 1", &options).expect("a filter");
    assert_eq!(filter.truth(&known(&[])), Truth::False);
}

#[test]
fn a_value_of_another_type_is_missing() {
    check(
        &[("port", "80".into()), ("names", true.into()), ("grid", array([1_i64]))],
        &[
            ("port == 80", false),
            ("port != 80", true),
            ("any(names[*] == \"x\")", false),
            ("any(grid[*][0] == 1)", false),
            ("grid[0][0] == 1", false),
        ],
    );
}

#[test]
fn what_is_not_known_decides_only_where_it_matters() {
    let scheme = test_scheme::scheme();
    let mut facts = Facts::new(&scheme);
    facts.set(field("ssl"), true);
    facts.set_partial(field("names"), array(["a"]));
    facts.set_partial(field("count"), 3_i64);
    facts.set_partial(field("found"), false);
    for (text, expected) in [
        ("ssl or port == 1", Truth::True),
        ("not ssl and port == 1", Truth::False),
        ("ssl and port == 1", Truth::NotYet),
        ("ssl xor port == 1", Truth::NotYet),
        ("any(names[*] == \"a\")", Truth::True),
        ("any(names[*] == \"b\")", Truth::NotYet),
        ("all(names[*] == \"a\")", Truth::NotYet),
        ("all(names[*] == \"b\")", Truth::False),
        ("names[0] == \"b\"", Truth::False),
        ("names[1] == \"b\"", Truth::NotYet),
        ("count > 2", Truth::True),
        ("count > 3", Truth::NotYet),
        ("count == 2", Truth::False),
        ("found", Truth::NotYet),
    ] {
        assert_eq!(filter(text).truth(&facts), expected, "{text}");
    }
}

fn needs(text: &str, facts: &Facts) -> Needs {
    let mut program = Program::default();
    let options = ParseOptions::default();
    let scheme = test_scheme::scheme();
    let checked = crate::parse::parse(&scheme, text, &options).expect(text);
    program.push(&checked.expr, &mut Default::default(), &options).expect(text);
    let mut evaluator = Evaluator::new(&program, facts);
    evaluator.truth(0);
    needs_of(&evaluator.wants)
}

#[test]
fn only_what_keeps_an_answer_open_is_wanted() {
    let mut facts = Facts::new(&test_scheme::scheme());
    facts.set(field("ssl"), true);
    let wanted = |text| needs(text, &facts).fields().collect::<Vec<_>>();
    assert_eq!(wanted("port == 1 and not ssl"), []);
    assert_eq!(wanted("(port == 1 or found) and not ssl"), []);
    assert_eq!(wanted("port == 1 or ssl"), []);
    assert_eq!(
        wanted("port == 1 and (found and not ssl or count == 1)"),
        [field("port"), field("count")]
    );
    assert_eq!(wanted("ssl xor found"), [field("found")]);
}

#[test]
fn ids_are_wanted_where_only_they_matter() {
    let facts = Facts::new(&test_scheme::scheme());
    let ids = |text| match needs(text, &facts).ids(field("names")) {
        Ids::All => None,
        Ids::Only(ids) => Some(ids.concat()),
    };
    assert_eq!(
        ids("any(names[*] == \"b\") or any(names[*] in {\"c\" \"a\"})"),
        Some(b"abc".into())
    );
    assert_eq!(ids("not any(names[*] == \"b\" or names[*] == \"a\")"), Some(b"ab".into()));
    assert_eq!(ids("all(names[*] == \"b\")"), None);
    assert_eq!(ids("any(names[*] != \"b\")"), None);
    assert_eq!(ids("any(names[*] == \"b\" and flags)"), None);
    assert_eq!(ids("any(names[*] == \"b\") and names[0] == \"a\""), None);
    assert_eq!(ids("ssl"), Some(Vec::new()));
}

/// What is known of a world, one number for each field: 0 nothing, 1 or 2 a part, else all.
fn glimpse(world: &World, known: &[usize]) -> Facts {
    let scheme = test_scheme::scheme();
    let mut facts = Facts::new(&scheme);
    for (((field, _), value), known) in scheme.fields().zip(world).zip(known) {
        match (value, known) {
            (None, _) | (_, 0) => {}
            (Some(value), 1 | 2) => facts.set_partial(field, part(value, *known)),
            (Some(value), _) => facts.set(field, value.clone()),
        }
    }
    facts
}

#[test]
fn calls_are_made_of_what_grows() {
    let mut facts = Facts::new(&test_scheme::scheme());
    facts.set_partial(field("names"), array(["x", "Y"]));
    facts.set(field("http.host"), "x");
    for (text, expected) in [
        (r#"any(lower(names[*])[*] == "y")"#, Truth::True),
        (r#"any(lower(names[*])[*] == "z")"#, Truth::NotYet),
        (r#"all(upper(names[*])[*] == "X")"#, Truth::False),
        (r#"any(concat(names[*], http.host)[*] == "Yx")"#, Truth::True),
        (r#"concat(names[*], "!")[1] == "Y!""#, Truth::True),
        (r#"concat(names[*], "!")[2] == "Y!""#, Truth::NotYet),
        ("len(names) > 1", Truth::NotYet),
        ("starts_with(names[0], http.host)", Truth::True),
        ("starts_with(names[2], http.host)", Truth::NotYet),
        (r#"starts_with(http.method, "a")"#, Truth::NotYet),
        ("http.host == names[0]", Truth::True),
        ("http.host == http.method", Truth::NotYet),
        ("any(names[*] == http.host)", Truth::NotYet),
    ] {
        assert_eq!(filter(text).truth(&facts), expected, "{text}");
        let wants = needs(text, &facts);
        assert_eq!(wants.is_empty(), expected != Truth::NotYet, "{text}: {wants:?}");
    }
    // A known side that decides nothing is not wanted again.
    let wants: Vec<_> = needs("http.host == http.method", &facts).fields().collect();
    assert_eq!(wants, [field("http.method")]);
}

#[test]
fn two_values_are_compared() {
    check(
        &[
            ("port", 5_i64.into()),
            ("port2", 7_i64.into()),
            ("http.host", "b".into()),
            ("names", array(["a", "b"])),
            ("ip.src", Value::Ip([10, 0, 0, 9].into())),
        ],
        &[
            ("port < port2", true),
            ("port == port2", false),
            ("port != port2", true),
            ("port2 >= port2", true),
            ("http.host == names[1]", true),
            ("any(names[*] == http.host)", true),
            ("all(names[*] <= http.host)", true),
            ("http.host > names[0]", true),
            // What is missing on either side satisfies `!=` alone.
            ("http.host == http.method", false),
            ("http.method == http.method", false),
            ("http.host != http.method", true),
            ("http.method != http.host", true),
            ("any(names[*] != http.method)", true),
            ("names[9] <= http.host", false),
            ("cidr(ip.src, 24, 64) != ip.src", true),
            ("len(names) == len(concat(http.host, 'x'))", true),
        ],
    );
}

/// The value as a caller reports it that looks for certain elements only.
fn reported(value: &Value, ids: Ids<'_>) -> Value {
    match (value, ids) {
        (Value::Array(items), Ids::Only(ids)) => {
            let is_wanted = |item: &&Value| matches!(item, Value::Bytes(id) if ids.contains(id));
            Value::Array(items.iter().filter(is_wanted).cloned().collect())
        }
        (value, _) => value.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// What is decided early stays decided.
    #[test]
    fn decided_is_decided(
        text in test_scheme::condition(Reads::Everything),
        world in test_scheme::world(),
        known in prop::collection::vec(0_usize..4, 14),
    ) {
        let filter = filter(&text);
        let last = filter.truth(&settled(&world));
        prop_assert_ne!(last, Truth::NotYet);
        let early = filter.truth(&glimpse(&world, &known));
        prop_assert!(early == Truth::NotYet || early == last, "{} was {:?}", text, early);
    }

    /// The quick form says what the walk does, or leaves it to it; of what is final always itself.
    #[test]
    fn quick_is_right(
        text in test_scheme::condition(Reads::Everything),
        world in test_scheme::world(),
        known in prop::collection::vec(0_usize..4, 14),
    ) {
        let filter = filter(&text);
        let quick = Quick::new(&filter.program, 0);
        // Several arrays side by side are.
        let is_walked = (filter.program.nodes.iter())
            .any(|node| matches!(node.op, Op::Quantified(_, Scope::Several)));
        for facts in [glimpse(&world, &known), settled(&world)] {
            let walked = Evaluator::new(&filter.program, &facts).truth(0);
            prop_assert_eq!(filter.truth(&facts), walked, "{}", text);
            match quick.truth(&facts) {
                Some(truth) => prop_assert_eq!(Truth::from(truth), walked, "{}", text),
                None => prop_assert!(
                    walked == Truth::NotYet || facts.closed() == PhaseSet::EMPTY || is_walked,
                    "{} was left open", text
                ),
            }
        }
    }

    /// Whoever computes what is wanted, and no more, learns the answer.
    #[test]
    fn the_wanted_suffices(
        text in test_scheme::condition(Reads::Everything),
        world in test_scheme::world(),
        known in prop::collection::vec(prop_oneof![Just(0_usize), Just(3)], 14),
    ) {
        let filter = filter(&text);
        let mut facts = glimpse(&world, &known);
        for _ in 0..=world.len() {
            let truth = filter.truth(&facts);
            if truth != Truth::NotYet {
                prop_assert_eq!(truth, filter.truth(&settled(&world)), "{}", text);
                return Ok(());
            }
            let needs = needs(&text, &facts);
            prop_assert!(!needs.is_empty());
            for wanted in needs.fields() {
                match &world[wanted.index()] {
                    Some(value) => facts.set(wanted, reported(value, needs.ids(wanted))),
                    // Nothing but the end of its phases can say that a field is missing.
                    None => return Ok(()),
                }
            }
        }
        prop_assert!(false, "{} wants without end", text);
    }
}
