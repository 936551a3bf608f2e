//! The manual pages as tests: each expression on a page holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::*;
use crate::facts::Facts;
use crate::filter::{Filter, Truth};
use crate::phase::{Phase, PhaseSet};
use crate::scheme::{Scheme, SchemeBuilder};

macro_rules! pages {
    ($($name:ident)*) => {
        [$((stringify!($name), include_str!(concat!(stringify!($name), ".rs")))),*]
    };
}

/// The source of every function, in the order of the table.
const PAGES: [(&str, &str); 27] = pages! {
    bit_slice cidr cidr6 concat decode_base64 encode_base64 ends_with has_key has_value
    is_timed_hmac_valid_v0 join len lookup_json_integer lookup_json_string lower regex_replace
    remove_bytes remove_query_args sha256 split starts_with substring to_string upper url_decode
    uuidv4 wildcard_replace
};

/// What the pages call by name; a name without a value is missing.
fn world() -> (Arc<Scheme>, Facts) {
    let array = |items: &[&str]| Some(items.iter().copied().collect::<Value>());
    let bytes_array = || Type::Array(Box::new(Type::Bytes));
    let map = |items: &[(&'static str, Value)]| {
        let pair = |(key, value): &(&'static str, Value)| (Bytes::from(*key), value.clone());
        Some(Value::Map(items.iter().map(pair).collect::<BTreeMap<_, _>>()))
    };
    let filters: Value = ["waf", "botm", "cdn"].into_iter().collect();
    let ip = |text: &str| Some(Value::Ip(text.parse().expect("an address")));
    let fields = [
        (
            "args",
            Type::Map(Box::new(bytes_array())),
            map(&[("filter", filters), ("other", Value::Array(Vec::new()))]),
        ),
        (
            "colours",
            Type::Map(Box::new(Type::Bytes)),
            map(&[("sky", Value::from("blue")), ("rose", Value::from("red"))]),
        ),
        ("empty", bytes_array(), array(&[])),
        ("flag", Type::Bool, Some(Value::Bool(true))),
        ("ip4", Type::Ip, ip("113.10.0.2")),
        ("ip6", Type::Ip, ip("2001:0000:130F:0000:0000:09C0:876A:130B")),
        ("names", bytes_array(), array(&["a", "b", "c"])),
        ("no_ip", Type::Ip, None),
        ("no_names", bytes_array(), None),
        ("nothing", Type::Bytes, None),
        ("numbers", Type::Array(Box::new(Type::Int)), Some([1_i64, 2].into_iter().collect())),
        ("seed", Type::Bytes, Some(Value::from("sixteen bytes and more"))),
        ("tokens", bytes_array(), array(&["x", "MTIzYWJj"])),
    ];
    let phases = PhaseSet::of(&[Phase::Connect]);
    let builder = fields.iter().fold(SchemeBuilder::new(), |builder, (name, ty, _)| {
        builder.optional_field(name, ty.clone(), phases, "A field.")
    });
    let scheme = builder.build().expect("a sound scheme");
    let mut facts = Facts::new(&scheme);
    for (name, _, value) in fields {
        if let Some(value) = value {
            facts.set(scheme.id(name).expect("a field"), value);
        }
    }
    Phase::ALL.into_iter().for_each(|phase| facts.close(phase));
    (scheme, facts)
}

/// The lines of the page between the fences.
fn vectors(page: &str) -> Vec<String> {
    let lines = page.lines().map_while(|line| line.strip_prefix("//!"));
    let inside = lines.skip_while(|line| line.trim() != "```text").skip(1);
    inside.take_while(|line| line.trim() != "```").map(|line| line.trim().to_owned()).collect()
}

#[test]
fn pages_are_those_of_the_table_in_order() {
    let names: Vec<&str> = all().map(|function| function.name).collect();
    assert!(names.is_sorted());
    assert_eq!(names, PAGES.map(|(name, _)| name));
    for function in all() {
        assert_eq!(
            FunctionId::named(function.name).map(|id| id.function().name),
            Some(function.name)
        );
        assert!(function.required >= 1 && function.required <= function.parameters.len());
    }
}

#[test]
fn every_expression_of_a_page_holds() {
    let (scheme, facts) = world();
    for (name, page) in PAGES {
        let vectors = vectors(page);
        assert!(vectors.len() >= 4, "{name}: {vectors:?}");
        assert!(page.starts_with(&format!("//! `{name}(")), "{name}");
        for text in vectors {
            assert!(text.contains(&format!("{name}(")), "{name}: {text}");
            let filter = Filter::parse(&scheme, &text, &ParseOptions::default());
            let filter = filter.unwrap_or_else(|error| {
                let shown: Vec<String> =
                    error.diagnostics().iter().map(|d| d.render(&text).to_string()).collect();
                panic!("{name}: {}", shown.join("\n"))
            });
            assert_eq!(filter.truth(&facts), Truth::True, "{name}: {text}");
            assert_eq!(
                filter.truth(&Facts::new(&scheme)) == Truth::NotYet,
                filter.fields().next().is_some(),
                "{text}"
            );
            let again = Filter::parse(&scheme, &filter.to_string(), &ParseOptions::default());
            assert_eq!(again.as_ref(), Ok(&filter), "{filter}");
        }
    }
}

const MANUAL_HEAD: &str = "\
# Functions of the rules language

What conditions may call, in alphabetical order; `any` and `all` are words of the language
([rules-language.md](rules-language.md)). The expressions under each function are tests, and hold.

A function sees its arguments and nothing else. A missing argument gives a missing result, unless the
page says otherwise, and so does a result that would be longer than 1 MiB. With `[*]` in its first
argument a function is called once for each element and yields an array: `lower(names[*])[*]`.
";

/// The pages of all functions, one after the other.
fn manual() -> String {
    let mut manual = MANUAL_HEAD.to_owned();
    for (name, page) in PAGES {
        manual.push_str(&format!("\n## {name}\n\n"));
        for line in page.lines().map_while(|line| line.strip_prefix("//!")) {
            manual.push_str(line.strip_prefix(' ').unwrap_or(line));
            manual.push('\n');
        }
    }
    manual
}

#[test]
fn the_manual_is_made_of_the_pages() {
    let manual = manual();
    let written = include_str!("../../../../docs/functions.md");
    for (number, (ours, theirs)) in (1..).zip(manual.lines().zip(written.lines())) {
        assert_eq!(theirs, ours, "docs/functions.md, line {number}: write what the page says");
    }
    assert_eq!(written.lines().count(), manual.lines().count());
}
