//! Images of values: a kind and a number that stand for a value, so that most tests of scalars are
//! one comparison that looks at no value.

use std::net::IpAddr;

use crate::value::Value;

/// What kind of value a fact has; every one of them is a final one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum Kind {
    Bool = 3,
    Int = 4,
    V4 = 5,
    Bytes = 6,
    /// An array, a map or an address of IPv6: the number says nothing.
    Other = 7,
}

/// The kind of a value, and the number that stands for it.
pub(crate) fn image(value: &Value) -> (Kind, u64) {
    match value {
        Value::Bool(value) => (Kind::Bool, u64::from(*value)),
        Value::Int(value) => (Kind::Int, *value as u64),
        Value::Ip(IpAddr::V4(value)) => (Kind::V4, u64::from(u32::from(*value))),
        Value::Bytes(value) => (Kind::Bytes, of_bytes(value)),
        Value::Ip(IpAddr::V6(_)) | Value::Array(_) | Value::Map(_) => (Kind::Other, 0),
    }
}

/// The bits that hold the length, up to 255.
const LENGTH: u32 = 56;

/// The number of a byte string: its length, and all of up to seven bytes or a mix of sixteen.
#[inline]
pub(crate) fn of_bytes(value: &[u8]) -> u64 {
    let mixed = match (value.first_chunk::<8>(), value.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            let mixed = u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(29);
            // What the length would hide is folded in.
            (mixed ^ mixed >> 7) & ((1 << LENGTH) - 1)
        }
        _ => short(value),
    };
    mixed | (value.len().min(255) as u64) << LENGTH
}

/// Whether no other byte string has this number.
#[inline]
pub(crate) const fn is_exact(image: u64) -> bool {
    image < 8 << LENGTH
}

/// Up to seven bytes, the first one in the lowest bits.
#[inline]
pub(crate) fn short(value: &[u8]) -> u64 {
    let count = value.len();
    if let (Some(first), Some(last)) = (value.first_chunk::<4>(), value.last_chunk::<4>()) {
        let last = u64::from(u32::from_le_bytes(*last));
        u64::from(u32::from_le_bytes(*first)) | last << (8 * (count - 4))
    } else if let (Some(first), Some(last)) = (value.first_chunk::<2>(), value.last_chunk::<2>()) {
        let last = u64::from(u16::from_le_bytes(*last));
        u64::from(u16::from_le_bytes(*first)) | last << (8 * (count - 2))
    } else {
        value.first().map_or(0, |byte| u64::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn short_strings_have_a_number_of_their_own(one in "[ab]{0,9}", other in "[ab]{0,9}") {
            let images = [&one, &other].map(|text| of_bytes(text.as_bytes()));
            prop_assert_eq!(is_exact(images[0]), one.len() < 8);
            if one == other {
                prop_assert_eq!(images[0], images[1]);
            } else if is_exact(images[0]) {
                prop_assert_ne!(images[0], images[1]);
            }
        }
    }

    #[test]
    fn long_strings_are_told_apart_by_their_ends() {
        let host = |n: u32| of_bytes(format!("www{n}.example.org").as_bytes());
        let distinct: std::collections::BTreeSet<u64> = (0..1_000).map(host).collect();
        assert!(distinct.len() > 990, "{}", distinct.len());
        assert_ne!(of_bytes(&[b'a'; 300]), of_bytes(&[b'a'; 200]));
    }
}
