//! One literal searched for in texts.

use memchr::memmem::Finder;

/// Texts up to so many bytes are looked through in place: to begin a search in great steps takes
/// longer.
const SHORT: usize = 32;

/// A literal, made ready to be searched for.
#[derive(Debug)]
pub(crate) struct Needle(Finder<'static>);

impl Needle {
    pub(crate) fn new(literal: &[u8]) -> Self {
        Self(Finder::new(literal).into_owned())
    }

    /// Whether the literal stands somewhere in `text`; linear in the text, whatever the literal.
    #[inline]
    pub(crate) fn is_in(&self, text: &[u8]) -> bool {
        let literal = self.0.needle();
        if text.len() > SHORT {
            return self.0.find(text).is_some();
        }
        let Some(last) = text.len().checked_sub(literal.len()) else { return false };
        if let Some(head) = literal.first_chunk::<4>() {
            let head = u32::from_ne_bytes(*head);
            starts::<4>(text, last)
                .any(|(at, four)| u32::from_ne_bytes(four) == head && is_at(text, at, literal))
        } else if let Some(head) = literal.first_chunk::<2>() {
            let head = u16::from_ne_bytes(*head);
            starts::<2>(text, last)
                .any(|(at, two)| u16::from_ne_bytes(two) == head && is_at(text, at, literal))
        } else {
            literal.first().is_none_or(|byte| text.contains(byte))
        }
    }
}

/// The first bytes at each place up to the last one where the literal can begin.
#[inline]
fn starts<const N: usize>(text: &[u8], last: usize) -> impl Iterator<Item = (usize, [u8; N])> {
    text.array_windows::<N>().take(last + 1).copied().enumerate()
}

#[inline]
fn is_at(text: &[u8], at: usize, literal: &[u8]) -> bool {
    // Four bytes have been compared, or both of two.
    matches!(literal.len(), 2 | 4) || text.get(at..at + literal.len()) == Some(literal)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_literal_is_found_wherever_it_stands(
            literal in "[ab]{0,9}",
            text in "[ab]{0,8}|[abc]{0,60}",
        ) {
            let needle = Needle::new(literal.as_bytes());
            prop_assert_eq!(needle.is_in(text.as_bytes()), text.contains(&literal));
        }
    }
}
