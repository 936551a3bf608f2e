//! Comparisons that ignore case, found where `lower` or `upper` of a value is compared with literals:
//! the value is then compared as it is, without a copy, and element by element while it grows.

use bytes::Bytes;

use crate::ast::{Argument, Call, Index, Literal, Operand, Order, Source, Test};

/// A test of the value itself.
pub(crate) struct Folded<'a> {
    pub(crate) operand: &'a Operand,
    /// Whether being among the values makes the test true, or false.
    pub(crate) membership: Membership,
    /// In lower case; what the function never yields is not among them.
    pub(crate) values: Vec<Bytes>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Membership {
    Wanted,
    Unwanted,
}

/// The test without its function; `None` if it is another one.
pub(crate) fn folded<'a>(operand: &'a Operand, test: &Test) -> Option<Folded<'a>> {
    let Source::Call(call) = &operand.source else { return None };
    let Call { function, arguments } = &**call;
    let [Argument::Operand(inner)] = arguments.as_slice() else { return None };
    let changed: fn(&u8) -> bool = match function.function().name {
        "lower" => u8::is_ascii_uppercase,
        "upper" => u8::is_ascii_lowercase,
        _ => return None,
    };
    let is_same_shape = match operand.path.as_slice() {
        [] => !inner.is_mapped(),
        [Index::Each] => inner.is_mapped(),
        _ => false,
    };
    if !is_same_shape {
        return None;
    }
    let (membership, values) = match test {
        Test::Order(Order::Equal, Literal::Bytes(value)) => {
            (Membership::Wanted, std::slice::from_ref(value))
        }
        Test::Order(Order::NotEqual, Literal::Bytes(value)) => {
            (Membership::Unwanted, std::slice::from_ref(value))
        }
        Test::InBytes(values) => (Membership::Wanted, values.as_slice()),
        _ => return None,
    };
    let yielded = values.iter().filter(|value| !value.iter().any(changed));
    let values = yielded.map(|value| value.to_ascii_lowercase().into()).collect();
    Some(Folded { operand: inner, membership, values })
}
