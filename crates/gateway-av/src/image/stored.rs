//! How values stand in an image: numbers with their lowest byte first, lists with their length before
//! them, one value behind the other.
//!
//! Reading is total: what is not there, or is no value of its type, is `None`, and no more memory is
//! asked for than the image has bytes.

use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::ops::RangeInclusive;

use gateway_inspect::PartKind;

/// Values in one another; expressions alone have any depth.
const DEPTH_MAX: usize = 256;

/// What is left of an image to be read.
#[derive(Debug)]
pub(crate) struct Input<'a> {
    bytes: &'a [u8],
    depth: usize,
}

impl<'a> Input<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, depth: 0 }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    /// The length of a list, of which each item takes `item_bytes` at least.
    fn count(&mut self, item_bytes: usize) -> Option<usize> {
        let count = usize::load(self)?;
        (count.checked_mul(item_bytes)? <= self.bytes.len()).then_some(count)
    }

    /// What `read` reads one level further down.
    fn below<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.depth += 1;
        let read = if self.depth > DEPTH_MAX { None } else { read(self) };
        self.depth -= 1;
        read
    }
}

/// A value that stands in an image.
pub(crate) trait Stored: Sized {
    fn store(&self, out: &mut Vec<u8>);

    fn load(input: &mut Input<'_>) -> Option<Self>;

    /// Writes a list of them.
    fn store_all(all: &[Self], out: &mut Vec<u8>) {
        all.len().store(out);
        all.iter().for_each(|one| one.store(out));
    }

    /// Reads a list of them.
    fn load_all(input: &mut Input<'_>) -> Option<Vec<Self>> {
        let count = input.count(1)?;
        let mut all = Vec::with_capacity(count.min(1 << 12));
        for _ in 0..count {
            all.push(Self::load(input)?);
        }
        all.shrink_to_fit();
        Some(all)
    }
}

macro_rules! stored_number {
    ($($type:ty),*) => {$(
        impl Stored for $type {
            fn store(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            fn load(input: &mut Input<'_>) -> Option<Self> {
                let bytes = input.take(size_of::<Self>())?;
                Some(Self::from_le_bytes(*bytes.first_chunk()?))
            }

            fn load_all(input: &mut Input<'_>) -> Option<Vec<Self>> {
                let count = input.count(size_of::<Self>())?;
                let (words, _) = input.take(count * size_of::<Self>())?.as_chunks();
                Some(words.iter().map(|word| Self::from_le_bytes(*word)).collect())
            }
        }
    )*};
}

stored_number!(u8, u16, u32, u64, i64);

/// Seven bits in a byte, the lowest first; the highest bit says that more follow.
impl Stored for usize {
    fn store(&self, out: &mut Vec<u8>) {
        let mut rest = *self;
        while rest >= 0x80 {
            out.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        out.push(rest as u8);
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        let mut value = 0usize;
        for shift in (0..Self::BITS).step_by(7) {
            let byte = u8::load(input)?;
            let bits = Self::from(byte & 0x7F);
            value |= bits.checked_shl(shift).filter(|shifted| shifted >> shift == bits)?;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
}

impl Stored for bool {
    fn store(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        match u8::load(input)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Stored for NonZeroU64 {
    fn store(&self, out: &mut Vec<u8>) {
        self.get().store(out);
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        Self::new(u64::load(input)?)
    }
}

impl<T: Stored> Stored for Option<T> {
    fn store(&self, out: &mut Vec<u8>) {
        self.is_some().store(out);
        if let Some(value) = self {
            value.store(out);
        }
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        if bool::load(input)? { Some(Some(T::load(input)?)) } else { Some(None) }
    }
}

impl<T: Stored> Stored for Box<T> {
    fn store(&self, out: &mut Vec<u8>) {
        (**self).store(out);
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        input.below(T::load).map(Self::new)
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn store(&self, out: &mut Vec<u8>) {
        T::store_all(self, out);
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        T::load_all(input)
    }
}

impl<T: Stored> Stored for Box<[T]> {
    fn store(&self, out: &mut Vec<u8>) {
        T::store_all(self, out);
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        T::load_all(input).map(Vec::into_boxed_slice)
    }
}

impl<T: Stored + Ord> Stored for BTreeSet<T> {
    fn store(&self, out: &mut Vec<u8>) {
        self.len().store(out);
        self.iter().for_each(|one| one.store(out));
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        T::load_all(input).map(|all| all.into_iter().collect())
    }
}

impl Stored for String {
    fn store(&self, out: &mut Vec<u8>) {
        u8::store_all(self.as_bytes(), out);
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        Self::from_utf8(u8::load_all(input)?).ok()
    }
}

impl Stored for RangeInclusive<u64> {
    fn store(&self, out: &mut Vec<u8>) {
        (*self.start(), *self.end()).store(out);
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        let (start, end) = Stored::load(input)?;
        Some(start..=end)
    }
}

/// By its name, which stays while others come.
impl Stored for PartKind {
    fn store(&self, out: &mut Vec<u8>) {
        self.name().to_owned().store(out);
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        let name = String::load(input)?;
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

impl<A: Stored, B: Stored> Stored for (A, B) {
    fn store(&self, out: &mut Vec<u8>) {
        self.0.store(out);
        self.1.store(out);
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        Some((A::load(input)?, B::load(input)?))
    }
}

impl<A: Stored, B: Stored, C: Stored> Stored for (A, B, C) {
    fn store(&self, out: &mut Vec<u8>) {
        self.0.store(out);
        self.1.store(out);
        self.2.store(out);
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        Some((A::load(input)?, B::load(input)?, C::load(input)?))
    }
}

/// A structure whose fields stand in the order that is given.
macro_rules! stored_struct {
    ($type:ty { $($field:ident),* $(,)? }) => {
        impl crate::image::Stored for $type {
            fn store(&self, out: &mut Vec<u8>) {
                $(crate::image::Stored::store(&self.$field, out);)*
            }

            fn load(input: &mut crate::image::Input<'_>) -> Option<Self> {
                Some(Self { $($field: crate::image::Stored::load(input)?,)* })
            }
        }
    };
}

/// An enumeration whose variants stand under the numbers that are given.
macro_rules! stored_enum {
    ($type:ty {
        $($tag:literal => $variant:ident $({ $($field:ident),* })? $(( $($item:ident),* ))?),* $(,)?
    }) => {
        impl crate::image::Stored for $type {
            fn store(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$variant $({ $($field),* })? $(( $($item),* ))? => {
                        out.push($tag);
                        $($(crate::image::Stored::store($field, out);)*)?
                        $($(crate::image::Stored::store($item, out);)*)?
                    })*
                }
            }

            fn load(input: &mut crate::image::Input<'_>) -> Option<Self> {
                match u8::load(input)? {
                    $($tag => {
                        $($(let $field = crate::image::Stored::load(input)?;)*)?
                        $($(let $item = crate::image::Stored::load(input)?;)*)?
                        Some(Self::$variant $({ $($field),* })? $(( $($item),* ))?)
                    })*
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use {stored_enum, stored_struct};

#[cfg(test)]
mod tests {
    use super::*;

    fn both_ways<T: Stored + PartialEq + std::fmt::Debug>(value: T) {
        let mut out = Vec::new();
        value.store(&mut out);
        let mut input = Input::new(&out);
        assert_eq!(T::load(&mut input).as_ref(), Some(&value));
        assert!(input.is_empty());
        for end in 0..out.len() {
            assert_eq!(T::load(&mut Input::new(&out[..end])), None, "{value:?} up to {end}");
        }
    }

    #[test]
    fn values_come_back_and_nothing_less_does() {
        both_ways(vec![1u32, 2, u32::MAX]);
        both_ways((7u8, Some(Box::new(-9i64)), vec![None, Some("text".to_owned())]));
        both_ways(BTreeSet::from([3u64, 5]));
        both_ways((3..=9, NonZeroU64::new(4), true));
        for kind in PartKind::ALL {
            both_ways(*kind);
        }
    }

    #[test]
    fn lengths_of_any_number_of_bytes_are_read() {
        for shift in 0..usize::BITS {
            both_ways(1usize << shift);
            both_ways((1usize << shift) - 1);
        }
        for wrong in [[0xFF; 10], [0x80; 10]] {
            assert_eq!(usize::load(&mut Input::new(&wrong)), None);
        }
    }

    #[test]
    fn no_length_asks_for_more_than_there_is() {
        for len in [4usize, 1 << 40, usize::MAX] {
            let mut bytes = Vec::new();
            len.store(&mut bytes);
            assert_eq!(usize::load(&mut Input::new(&bytes)), Some(len));
            bytes.extend([1, 2, 3]);
            assert_eq!(Vec::<u8>::load(&mut Input::new(&bytes)), None);
            assert_eq!(Vec::<u64>::load(&mut Input::new(&bytes)), None);
            assert_eq!(Vec::<(u8, u8)>::load(&mut Input::new(&bytes)), None);
        }
    }
}
