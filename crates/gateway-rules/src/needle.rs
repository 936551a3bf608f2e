//! One literal searched for in texts.

#[cfg(target_arch = "x86_64")]
use memchr::arch::x86_64::avx2::packedpair::Finder as Pairs;
use memchr::memmem::Finder;

use crate::among::is_same;
use crate::image;

/// Texts up to so many bytes are looked through in place: to begin a search in great steps takes
/// longer.
const SHORT: usize = 32;
/// Literals up to so many bytes are searched for by a pair of their bytes alone: a text that is full
/// of such pairs costs no more than so many looks at each of its bytes.
#[cfg(target_arch = "x86_64")]
const PAIRED_MAX: usize = 32;

/// A literal, made ready to be searched for.
#[derive(Debug)]
pub(crate) struct Needle {
    finder: Finder<'static>,
    /// The same without the ways for literals of other lengths, which take time to be chosen from.
    #[cfg(target_arch = "x86_64")]
    pairs: Option<Pairs>,
}

impl Needle {
    pub(crate) fn new(literal: &[u8]) -> Self {
        let finder = Finder::new(literal).into_owned();
        #[cfg(target_arch = "x86_64")]
        {
            let pairs = if literal.len() <= PAIRED_MAX { Pairs::new(literal) } else { None };
            Self { finder, pairs }
        }
        #[cfg(not(target_arch = "x86_64"))]
        Self { finder }
    }

    /// Whether the literal stands somewhere in `text`; linear in the text, whatever the literal.
    #[inline]
    pub(crate) fn is_in(&self, text: &[u8]) -> bool {
        let literal = self.finder.needle();
        if text.len() > SHORT { self.is_in_long(text, literal) } else { is_in_short(text, literal) }
    }

    #[cfg(target_arch = "x86_64")]
    #[inline]
    fn is_in_long(&self, text: &[u8], literal: &[u8]) -> bool {
        match &self.pairs {
            Some(pairs) if text.len() >= pairs.min_haystack_len() => {
                pairs.find(text, literal).is_some()
            }
            _ => self.finder.find(text).is_some(),
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    #[inline]
    fn is_in_long(&self, text: &[u8], _: &[u8]) -> bool {
        self.finder.find(text).is_some()
    }
}

/// The search in a text that is not worth a call.
#[inline]
fn is_in_short(text: &[u8], literal: &[u8]) -> bool {
    let Some(last) = text.len().checked_sub(literal.len()) else { return false };
    match literal {
        [] => true,
        [only] => text.contains(only),
        [one, two, ..] => match text.len().checked_sub(9) {
            Some(end) => {
                let mut from = 0;
                while from <= last {
                    let at = from.min(end);
                    if is_near(text, at, last, [*one, *two], literal) {
                        return true;
                    }
                    from += 8;
                }
                false
            }
            None => {
                // All of the text is one number, and the literal another one.
                let mask = u64::MAX >> (64 - 8 * literal.len());
                let (text, literal) = (word(text), word(literal));
                (0..=last).any(|at| text >> (8 * at) & mask == literal)
            }
        },
    }
}

/// Whether the literal, which begins with these two bytes, stands at one of the eight places from
/// `at` on, up to the last one.
#[inline(always)]
fn is_near(text: &[u8], at: usize, last: usize, [one, two]: [u8; 2], literal: &[u8]) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let eight = |at: usize| text.get(at..).and_then(|text| text.first_chunk::<8>());
    let (Some(here), Some(next)) = (eight(at), eight(at + 1)) else { return false };
    // A byte is zero where both are there; where one is, bytes above it may seem to be.
    let differ = (u64::from_le_bytes(*here) ^ (EACH * u64::from(one)))
        | (u64::from_le_bytes(*next) ^ (EACH * u64::from(two)));
    let mut zeros = differ.wrapping_sub(EACH) & !differ & (EACH << 7);
    while zeros != 0 {
        let place = at + (zeros.trailing_zeros() / 8) as usize;
        if place <= last && is_at(text, place, literal) {
            return true;
        }
        zeros &= zeros - 1;
    }
    false
}

#[inline]
fn is_at(text: &[u8], at: usize, literal: &[u8]) -> bool {
    text.get(at..at + literal.len()).is_some_and(|text| is_same(text, literal))
}

/// Up to eight bytes, the first one in the lowest bits.
#[inline]
fn word(text: &[u8]) -> u64 {
    text.first_chunk::<8>().map_or_else(|| image::short(text), |all| u64::from_le_bytes(*all))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_literal_is_found_wherever_it_stands(
            literal in "[ab]{0,9}|[ab]{30,36}",
            text in "[ab]{0,10}|[abc]{0,60}|[a]{0,40}b?",
            before in "[abc]{0,30}",
            at in any::<prop::sample::Index>(),
        ) {
            let needle = Needle::new(literal.as_bytes());
            prop_assert_eq!(needle.is_in(text.as_bytes()), text.contains(&literal));
            let around = format!("{before}{literal}{text}");
            prop_assert!(needle.is_in(around.as_bytes()));
            let cut = &around[..at.index(around.len() + 1)];
            prop_assert_eq!(needle.is_in(cut.as_bytes()), cut.contains(&literal));
        }
    }
}
