//! A small scheme for tests, a field of each shape and each phase, with conditions and values to
//! draw at random.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;

use crate::facts::Facts;
use crate::phase::{Phase, PhaseSet};
use crate::scheme::{FieldId, Scheme, SchemeBuilder};
use crate::value::{Type, Value};

pub(crate) fn scheme() -> Arc<Scheme> {
    use Phase::{ClientHello, Connect, RequestBody, RequestHead, ResponseBody, ResponseHead};
    let array = |element| Type::Array(Box::new(element));
    [
        ("ssl", Type::Bool, &[Connect][..]),
        ("port", Type::Int, &[Connect]),
        ("ip.src", Type::Ip, &[Connect]),
        ("http.method", Type::Bytes, &[ClientHello]),
        ("http.host", Type::Bytes, &[RequestHead]),
        ("headers", Type::Map(Box::new(array(Type::Bytes))), &[RequestHead]),
        ("port2", Type::Int, &[ResponseHead]),
        ("marks", Type::Map(Box::new(array(Type::Bool))), &[ResponseHead]),
        ("flags", array(Type::Bool), &[RequestBody]),
        ("ports", array(Type::Int), &[RequestBody]),
        ("count", Type::Int, &[ResponseBody]),
        ("grid", array(array(Type::Int)), &[ResponseBody]),
        ("found", Type::Bool, &[RequestBody, ResponseBody]),
        ("names", array(Type::Bytes), &[RequestBody, ResponseBody]),
    ]
    .into_iter()
    .fold(SchemeBuilder::new(), |builder, (name, ty, phases)| {
        builder.optional_field(name, ty, PhaseSet::of(phases), "A field.")
    })
    .build()
    .expect("a sound scheme")
}

/// Which fields a condition reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub(crate) enum Reads {
    Connection,
    Heads,
    Everything,
    /// A few calls again and again.
    Calls,
}

/// A well-formed condition over values that [`world`] draws.
pub(crate) fn condition(reads: Reads) -> impl Strategy<Value = String> {
    let connection = [
        "ssl",
        "port (==|!=|<|<=|>|>=) [0-4]",
        "port in \\{[0-2]\\.\\.[2-4]\\}",
        "ip\\.src in \\{10\\.0\\.0\\.[0-1]\\}",
        "http\\.method (==|!=|lt) \"[ab]\"",
        "(lower|upper)\\(http\\.method\\) (==|!=) \"[aA]\"",
        "port (==|!=|<) len\\(http\\.method\\)",
    ];
    let heads = [
        "http\\.host (==|contains|wildcard|matches) \"[ab]\"",
        "headers\\[\"[ab]\"\\]\\[[01]\\] (==|!=) \"[ab]\"",
        "(any|all)\\(headers\\[\"a\"\\]\\[\\*\\] == \"[ab]\"\\)",
        "(any|all)\\(headers\\[\\*\\]\\[[01]\\] in \\{\"a\"\\}\\)",
        "port2 & [1-3]",
        "port2 (==|!=|>=) port",
        "http\\.host (==|!=|<) http\\.method",
        "starts_with\\(http\\.host, http\\.method\\)",
        "(starts_with|ends_with)\\(http\\.host, \"[ab]\"\\)",
        "(starts_with|ends_with)\\((lower|upper)\\(http\\.host\\), \"[aA]\"\\)",
        "(lower|upper)\\(http\\.host\\) (contains|matches|wildcard) \"[aAb]\"",
        "concat\\(http\\.host, \"a\"\\) (==|!=|contains) \"[ab]a\"",
        "len\\(headers\\[\"a\"\\]\\) (==|>) [0-2]",
        "(any|all)\\(marks\\[\"[ab]\"\\](\\[\\*\\])?\\)",
    ];
    let bodies = [
        "found",
        "count (==|!=|<|<=|>|>=) [0-4]",
        "count in \\{[01] [1-4]\\.\\.(4|9223372036854775807)\\}",
        "(any|all)\\((not )?flags\\)",
        "(any|all)\\(flags (and|or|xor) ports\\[\\*\\] == [0-4]\\)",
        "(any|all)\\(ports\\[\\*\\] (>|==) [0-4] (and|or|xor) not ports\\[\\*\\] & 1\\)",
        "(any|all)\\(grid\\[\\*\\]\\[[01*]\\] == [0-2]\\)",
        "grid\\[[01]\\]\\[[01]\\] (==|!=|<) [0-2]",
        "any\\(names\\[\\*\\] (==|!=) \"[ab]\"\\)",
        "any\\(names\\[\\*\\] == \"[ab]\" or names\\[\\*\\] in \\{\"[abc]\"\\}\\)",
        "all\\(names\\[\\*\\] == \"[ab]\"\\)",
        "names\\[[01]\\] == \"[ab]\"",
        "(any|all)\\((lower|upper)\\(names\\[\\*\\]\\)\\[\\*\\] (==|!=) \"[aAb]\"\\)",
        "(any|all)\\(concat\\(names\\[\\*\\], http\\.host\\)\\[\\*\\] == \"a[ab]\"\\)",
        "(any|all)\\(starts_with\\(names\\[\\*\\], http\\.method\\)\\)",
        "(any|all)\\(names\\[\\*\\] (==|!=) (http\\.host|names\\[0\\])\\)",
        "(any|all)\\(len\\(grid\\[\\*\\]\\)\\[\\*\\] (==|<) [0-2]\\)",
        "len\\(names\\[\\*\\]\\)\\[[01]\\] (==|!=) 1",
        "(len\\(names\\)|count) (==|>) len\\(ports\\)",
        "any\\((starts_with|ends_with)\\(names\\[\\*\\], \"[abA]\"\\)\\)",
        "(has_value\\(ports, [0-4]\\)|has_key\\(names, port\\))",
    ];
    let calls = [
        "concat\\(http\\.host, \"a\"\\) (==|!=|contains|wildcard) \"[abcA]a\"",
        "concat\\(http\\.host, \"a\"\\) in \\{\"[abcA]a\" \"[abcA]a\"\\}",
        "any\\(concat\\(names\\[\\*\\], \"b\"\\)\\[\\*\\] (==|contains) \"[abcA]b\"\\)",
        "len\\(names\\) (==|<|>=) [0-3]",
        "len\\(headers\\[\"a\"\\]\\) (==|>) [0-2]",
    ];
    if reads == Reads::Calls {
        return joined(calls.to_vec()).boxed();
    }
    let mut leaves = connection.to_vec();
    if reads >= Reads::Heads {
        leaves.extend(heads);
    }
    if reads == Reads::Everything {
        leaves.extend(bodies);
    }
    joined(leaves).boxed()
}

fn joined(leaves: Vec<&'static str>) -> impl Strategy<Value = String> {
    prop::sample::select(leaves).prop_flat_map(|leaf| leaf).prop_recursive(3, 8, 3, |inner| {
        let word = prop_oneof![Just("and"), Just("or"), Just("xor")];
        prop_oneof![
            (inner.clone(), word, inner.clone())
                .prop_map(|(left, word, right)| format!("({left} {word} {right})")),
            inner.prop_map(|inner| format!("not {inner}")),
        ]
    })
}

/// The final value of each field, by number; `None` where it is missing.
pub(crate) type World = Vec<Option<Value>>;

pub(crate) fn world() -> impl Strategy<Value = World> {
    let scheme = scheme();
    let fields: Vec<_> = scheme.fields().map(|(_, field)| value(field.ty())).collect();
    fields.into_iter().map(|value| prop::option::weighted(0.8, value)).collect::<Vec<_>>()
}

fn value(ty: &Type) -> BoxedStrategy<Value> {
    match ty {
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Int => (0_i64..5).prop_map(Value::Int).boxed(),
        Type::Ip => (0_u8..3).prop_map(|last| Value::Ip([10, 0, 0, last].into())).boxed(),
        Type::Bytes => "[abcA]".prop_map(Value::from).boxed(),
        Type::Array(element) => {
            prop::collection::vec(value(element), 0..3).prop_map(Value::Array).boxed()
        }
        Type::Map(element) => {
            let key = "[abc]".prop_map(Bytes::from);
            prop::collection::btree_map(key, value(element), 0..3).prop_map(Value::Map).boxed()
        }
    }
}

/// A lower bound of a value: what may be known of it while it grows.
pub(crate) fn part(value: &Value, taken: usize) -> Value {
    match value {
        Value::Bool(value) => Value::Bool(*value && taken > 1),
        Value::Int(value) => Value::Int(value - i64::try_from(taken).expect("small")),
        Value::Ip(_) | Value::Bytes(_) => value.clone(),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().take(taken).cloned().collect();
            if let Some(last @ (Value::Array(_) | Value::Map(_))) = items.last_mut() {
                *last = part(last, taken);
            }
            Value::Array(items)
        }
        Value::Map(items) => {
            let kept = items.iter().skip(items.len().saturating_sub(taken));
            let kept: BTreeMap<_, _> =
                kept.map(|(key, item)| (key.clone(), part(item, taken))).collect();
            Value::Map(kept)
        }
    }
}

/// Everything is known.
pub(crate) fn settled(world: &World) -> Facts {
    let scheme = scheme();
    let mut facts = Facts::new(&scheme);
    for ((field, _), value) in scheme.fields().zip(world) {
        if let Some(value) = value {
            facts.set(field, value.clone());
        }
    }
    Phase::ALL.into_iter().for_each(|phase| facts.close(phase));
    facts
}

pub(crate) fn field(name: &str) -> FieldId {
    scheme().id(name).expect("a field")
}
