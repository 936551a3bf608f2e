//! A small world for the targets of the rules: a field of each shape, and values for them that the
//! first bytes of an input choose.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use gateway_rules::{Facts, Phase, PhaseSet, Scheme, SchemeBuilder, Type, Value};

static SCHEME: LazyLock<Arc<Scheme>> = LazyLock::new(|| {
    let array = |element| Type::Array(Box::new(element));
    let map = |element| Type::Map(Box::new(element));
    let phases = PhaseSet::of(&[Phase::RequestHead]);
    let fields = [
        ("flag", Type::Bool),
        ("port", Type::Int),
        ("size", Type::Int),
        ("ip", Type::Ip),
        ("host", Type::Bytes),
        ("path", Type::Bytes),
        ("flags", array(Type::Bool)),
        ("ports", array(Type::Int)),
        ("ips", array(Type::Ip)),
        ("names", array(Type::Bytes)),
        ("grid", array(array(Type::Int))),
        ("headers", map(array(Type::Bytes))),
        ("colours", map(Type::Bytes)),
        ("groups.name", array(Type::Bytes)),
    ];
    let builder = fields.into_iter().fold(SchemeBuilder::new(), |builder, (name, ty)| {
        builder.optional_field(name, ty, phases, "A field.")
    });
    builder.build().expect("a sound scheme")
});

/// The fields.
pub(crate) fn scheme() -> &'static Arc<Scheme> {
    &SCHEME
}

/// The bytes of an input that choose the values; one for each field and more for the elements.
pub(crate) const CHOICES: usize = 32;

/// Final facts; a field whose byte is a multiple of five is missing.
pub(crate) fn facts(choices: &[u8]) -> Facts {
    let mut facts = Facts::new(scheme());
    let mut choices = choices.iter().copied().cycle();
    let fields: Vec<_> = scheme().fields().map(|(id, field)| (id, field.ty().clone())).collect();
    for (id, ty) in fields {
        if choices.next().unwrap_or(0) % 5 != 0 {
            facts.set(id, value(&ty, &mut choices));
        }
    }
    Phase::ALL.into_iter().for_each(|phase| facts.close(phase));
    facts
}

const TEXTS: [&[u8]; 12] = [
    b"",
    b"a",
    b"A",
    b"www.Example.org",
    b"/a/b?x=1&y=2&x=3",
    b"a,b,,c",
    b"%41%2541+%u2601%",
    b"MTIzYWJj",
    br#"{"a": [1, {"b": "c"}], "n": -7}"#,
    b"\xFF\x00\xC3\xA4",
    b"sixteen bytes 16",
    b"/cat1484063787-JcOQEFurDwNF66OcDJLopQxjsg3cB1KVO5%2BBFS9zZZ0%3D",
];

fn value(ty: &Type, choices: &mut impl Iterator<Item = u8>) -> Value {
    let choice = choices.next().unwrap_or(0);
    match ty {
        Type::Bool => Value::Bool(choice & 1 == 1),
        Type::Int => Value::Int(match choice {
            0xff => i64::MAX,
            0xfe => i64::MIN,
            small => i64::from(small % 8) - 2,
        }),
        Type::Ip if choice & 1 == 1 => Value::Ip([10, 0, 0, choice >> 1 & 3].into()),
        Type::Ip => Value::Ip([0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(choice >> 1 & 3)].into()),
        Type::Bytes => Value::Bytes(Bytes::from_static(TEXTS[usize::from(choice) % TEXTS.len()])),
        Type::Array(element) => {
            Value::Array((0..choice % 4).map(|_| value(element, choices)).collect())
        }
        Type::Map(element) => {
            let keys = ["a", "b", "c"].into_iter().take(usize::from(choice % 4));
            let pairs =
                keys.map(|key| (Bytes::from_static(key.as_bytes()), value(element, choices)));
            Value::Map(pairs.collect::<BTreeMap<_, _>>())
        }
    }
}
