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

/// What `lower` or `upper` is given, where that is the operand; else the operand itself.
pub(crate) fn in_any_case(operand: &Operand) -> &Operand {
    unfolded(operand).map_or(operand, |(inner, _)| inner)
}

/// Whether a byte is one that a function changes.
type IsChanged = fn(&u8) -> bool;

/// What `lower` or `upper` is given, and the bytes that it changes; `None` of other operands.
fn unfolded(operand: &Operand) -> Option<(&Operand, IsChanged)> {
    let Source::Call(call) = &operand.source else { return None };
    let Call { function, arguments } = &**call;
    let [Argument::Operand(inner)] = arguments.as_slice() else { return None };
    let changed: IsChanged = match function.function().name {
        "lower" => u8::is_ascii_uppercase,
        "upper" => u8::is_ascii_lowercase,
        _ => return None,
    };
    let is_same_shape = match operand.path.as_slice() {
        [] => !inner.is_mapped(),
        [Index::Each] => inner.is_mapped(),
        _ => false,
    };
    is_same_shape.then_some((inner, changed))
}

/// The test without its function; `None` if it is another one.
pub(crate) fn folded<'a>(operand: &'a Operand, test: &Test) -> Option<Folded<'a>> {
    let (inner, changed) = unfolded(operand)?;
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

/// Whether `text` is `lower`, which is in lower case, whatever the case of the ASCII letters in it.
#[inline]
pub(crate) fn is_folded(text: &[u8], lower: &[u8]) -> bool {
    if text.len() != lower.len() {
        return false;
    }
    if let (Some(last), Some(lower_last)) = (text.last_chunk::<8>(), lower.last_chunk::<8>()) {
        let (eights, lower_eights) = (text.as_chunks::<8>().0, lower.as_chunks::<8>().0);
        let same = |(text, lower): (&[u8; 8], &[u8; 8])| {
            lowered(u64::from_ne_bytes(*text)) == u64::from_ne_bytes(*lower)
        };
        // The last eight bytes overlap with those before where the length is no multiple.
        return same((last, lower_last)) && eights.iter().zip(lower_eights).all(same);
    }
    text.eq_ignore_ascii_case(lower)
}

/// Eight bytes, the ASCII letters among them in lower case.
#[inline]
const fn lowered(eight: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let seven_bits = eight & (0x7F * EACH);
    let from_a = seven_bits + (0x80 - b'A' as u64) * EACH;
    let beyond_z = seven_bits + (0x7F - b'Z' as u64) * EACH;
    let is_upper = (from_a ^ beyond_z) & !eight & (0x80 * EACH);
    eight | is_upper >> 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn case_counts_nothing_and_all_else_does(
            text in prop::collection::vec(prop_oneof![Just(b'@'), Just(b'['), b'A'..=b'Z', any::<u8>()], 0..30),
            at in any::<prop::sample::Index>(),
            other in any::<u8>(),
        ) {
            let mut lower = text.to_ascii_lowercase();
            prop_assert!(is_folded(&text, &lower));
            if !lower.is_empty() {
                let at = at.index(lower.len());
                lower[at] = other.to_ascii_lowercase();
                prop_assert_eq!(is_folded(&text, &lower), text.to_ascii_lowercase() == lower);
            }
        }
    }
}
