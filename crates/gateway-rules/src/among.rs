//! Sets of byte strings, asked by the numbers that stand for strings.
//!
//! They are compiled from literals of filters, which whoever writes the filter chooses; what is asked
//! for cannot make an answer slower than a few comparisons.

use std::cmp::Ordering;

use bytes::Bytes;

use crate::image;

/// So few strings are compared one by one.
const FEW: usize = 4;
/// The most places of the table that are looked at for one string.
const STEPS_MAX: usize = 8;
/// Odd numbers to multiply by, of which the first is taken that spreads the strings well.
const FACTORS: [u64; 4] =
    [0x9E37_79B9_7F4A_7C15, 0xD6E8_FEB8_6659_FD93, 0xC2B2_AE3D_27D4_EB4F, 0xA076_1D64_78BD_642F];

/// A set of byte strings.
#[derive(Debug)]
pub(crate) struct Among {
    way: Way,
    /// Ascending by length, then by bytes; each once.
    values: Box<[Bytes]>,
}

/// How a string is looked for.
#[derive(Debug)]
enum Way {
    /// By the numbers of all.
    Each(Box<[u64]>),
    Table(Table),
    /// By halves: too many have the same number.
    Sorted,
}

/// Where the strings are, by their numbers: the places behind that of a number are looked at until
/// one is empty, or there were enough.
#[derive(Debug)]
struct Table {
    factor: u64,
    shift: u32,
    /// The number of a string, and its position counted from 1; 0 where there is none.
    places: Box<[(u64, u32)]>,
}

impl Among {
    pub(crate) fn new(mut values: Vec<Bytes>) -> Self {
        values.sort_by(by_length);
        values.dedup();
        let images = || values.iter().map(|value| image::of_bytes(value));
        let way = if values.len() <= FEW {
            Way::Each(images().collect())
        } else {
            Table::new(&images().collect::<Vec<_>>()).map_or(Way::Sorted, Way::Table)
        };
        Self { way, values: values.into() }
    }

    /// Whether these bytes are one of the strings.
    #[inline]
    pub(crate) fn holds(&self, value: &[u8]) -> bool {
        self.holds_image(image::of_bytes(value), value)
    }

    /// Whether these bytes, for which this number stands, are one of the strings.
    #[inline]
    pub(crate) fn holds_image(&self, image: u64, value: &[u8]) -> bool {
        match &self.way {
            Way::Each(images) => {
                let is_it = |(at, known): (usize, &u64)| {
                    *known == image && (image::is_exact(image) || self.is_at(at, value))
                };
                images.iter().enumerate().any(is_it)
            }
            Way::Table(table) => {
                table.find(image).is_some_and(|at| image::is_exact(image) || self.is_at(at, value))
            }
            Way::Sorted => {
                let order = |known: &Bytes| {
                    known.len().cmp(&value.len()).then_with(|| known.as_ref().cmp(value))
                };
                self.values.binary_search_by(order).is_ok()
            }
        }
    }

    #[inline]
    fn is_at(&self, at: usize, value: &[u8]) -> bool {
        self.values.get(at).is_some_and(|known| is_same(known, value))
    }
}

impl Table {
    /// `None` where two strings have one number, or too many have places near each other.
    fn new(images: &[u64]) -> Option<Self> {
        let bits = (images.len() * 2).next_power_of_two().trailing_zeros();
        FACTORS.into_iter().find_map(|factor| Self::spread(images, factor, u64::BITS - bits))
    }

    fn spread(images: &[u64], factor: u64, shift: u32) -> Option<Self> {
        let mut places = vec![(0, 0); 1_usize << (u64::BITS - shift)];
        let mask = places.len() - 1;
        for (number, &image) in (1..).zip(images) {
            let start = start(image, factor, shift);
            let free = (start..start + STEPS_MAX).map(|at| at & mask).find(|at| {
                // Two strings of one number: which of them is asked for is not told by it.
                !matches!(places.get(*at), Some((other, taken)) if *taken != 0 && *other != image)
            })?;
            let place = places.get_mut(free).filter(|place| place.1 == 0)?;
            *place = (image, number);
        }
        Some(Self { factor, shift, places: places.into() })
    }

    /// The position of the only string that one with this number can be.
    #[inline]
    fn find(&self, image: u64) -> Option<usize> {
        let mask = self.places.len().wrapping_sub(1);
        let first = start(image, self.factor, self.shift);
        for at in first..first + STEPS_MAX {
            let (other, number) = *self.places.get(at & mask)?;
            if number == 0 {
                return None;
            }
            if other == image {
                return Some(number as usize - 1);
            }
        }
        None
    }
}

#[inline]
const fn start(key: u64, factor: u64, shift: u32) -> usize {
    (key.wrapping_mul(factor) >> shift) as usize
}

/// The bytes of a string as a number: no two strings of one length up to 8 have the same.
#[inline]
fn word(value: &[u8]) -> u64 {
    if let Some(all) = value.first_chunk::<8>() {
        u64::from_le_bytes(*all)
    } else if let (Some(first), Some(last)) = (value.first_chunk::<4>(), value.last_chunk::<4>()) {
        u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32
    } else if let (Some(first), Some(last)) = (value.first_chunk::<2>(), value.last_chunk::<2>()) {
        u64::from(u16::from_le_bytes(*first)) | u64::from(u16::from_le_bytes(*last)) << 32
    } else {
        value.first().map_or(0, |byte| u64::from(*byte))
    }
}

/// Whether two strings are equal; to call a function takes longer where they are short.
#[inline]
pub(crate) fn is_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    match (one.last_chunk::<8>(), other.last_chunk::<8>()) {
        (Some(last), Some(other_last)) if one.len() <= 16 => {
            last == other_last && word(one) == word(other)
        }
        (Some(_), _) => one == other,
        (None, _) => word(one) == word(other),
    }
}

fn by_length(a: &Bytes, b: &Bytes) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn among(values: &[String]) -> Among {
        Among::new(values.iter().map(|value| Bytes::from(value.clone())).collect())
    }

    proptest! {
        #[test]
        fn what_was_put_in_is_there_and_nothing_else(
            values in prop::collection::vec("[ab]{0,4}|[a-c]{5,20}|x{60,70}", 0..80),
            asked in prop::collection::vec("[ab]{0,4}|[a-c]{5,20}|x{60,70}", 0..20),
        ) {
            let set = among(&values);
            for one in values.iter().chain(&asked) {
                prop_assert_eq!(set.holds(one.as_bytes()), values.contains(one), "{}", one);
            }
        }
    }

    proptest! {
        #[test]
        fn short_strings_are_compared_in_full(
            one in "[ab]{0,20}",
            other in "[ab]{0,20}",
            at in any::<prop::sample::Index>(),
        ) {
            prop_assert_eq!(is_same(one.as_bytes(), other.as_bytes()), one == other);
            let mut changed = one.clone().into_bytes();
            prop_assert!(is_same(one.as_bytes(), &changed));
            if !changed.is_empty() {
                let at = at.index(changed.len());
                changed[at] ^= 1;
                prop_assert!(!is_same(one.as_bytes(), &changed));
            }
        }
    }

    #[test]
    fn what_has_one_number_is_searched_for() {
        let values: Vec<String> = (0..100).map(|n| format!("12345678{n:03}12345678")).collect();
        let set = among(&values);
        assert!(matches!(set.way, Way::Sorted));
        assert!(values.iter().all(|value| set.holds(value.as_bytes())));
        assert!(!set.holds(b"1234567810012345678"));
        let countries: Vec<String> = (b'A'..=b'Z').map(|c| format!("{}Q", char::from(c))).collect();
        assert!(matches!(among(&countries).way, Way::Table(_)));
    }
}
