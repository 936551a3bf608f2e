//! Marks at the edges of a body signature: what must stand beside a match.

use crate::image::{stored_enum, stored_struct};

/// What a mark asks for. The end of the part counts as each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MarkKind {
    /// `(B)`: a character that stands between words, by ClamAV's table.
    Boundary,
    /// `(L)`: the end of a line.
    Line,
    /// `(W)`: no letter and no digit.
    Word,
    /// `(W)` in a body of characters of two bytes: no letter and no digit with a zero behind it.
    WideWord,
}

/// A mark, `(B)`, or its negation, `!(B)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) kind: MarkKind,
    pub(crate) negated: bool,
}

/// What stands before words only, after words only, or on both sides.
const BEFORE: &[u8] = b".<@";
const AFTER: &[u8] = b"\n\r\"'=>";
const BESIDE: &[u8] = b" -/_";

impl MarkKind {
    /// The mark that a letter stands for.
    pub(crate) const fn of(letter: u8) -> Option<Self> {
        match letter {
            b'B' => Some(Self::Boundary),
            b'L' => Some(Self::Line),
            b'W' => Some(Self::Word),
            _ => None,
        }
    }

    /// The bytes that it stands for in the middle of a body.
    pub(crate) fn bytes(self) -> Vec<u8> {
        match self {
            Self::Boundary => [BEFORE, AFTER, BESIDE].concat(),
            Self::Line => vec![b'\n'],
            Self::Word | Self::WideWord => {
                (0..=u8::MAX).filter(|byte| !byte.is_ascii_alphanumeric()).collect()
            }
        }
    }
}

impl Mark {
    /// The mark as it stands in a body whose characters have two bytes each.
    pub(crate) fn widened(self) -> Self {
        let kind = if self.kind == MarkKind::Word { MarkKind::WideWord } else { self.kind };
        Self { kind, ..self }
    }

    /// How many bytes before a match it asks about at most.
    pub(crate) fn bytes_before(self) -> usize {
        if self.kind == MarkKind::WideWord { 2 } else { 1 }
    }

    /// Whether a match may begin after `before`, the bytes of the part up to it: the last
    /// [`bytes_before`](Self::bytes_before) of them, or all that there are.
    pub(crate) fn allows_after(self, before: &[u8]) -> bool {
        let holds = match (self.kind, before) {
            (_, []) => true,
            (MarkKind::Boundary, [.., byte]) => BEFORE.contains(byte) || BESIDE.contains(byte),
            (MarkKind::Line, [.., byte]) => *byte == b'\n',
            (MarkKind::Word, [.., byte]) => !byte.is_ascii_alphanumeric(),
            // One byte is no character: that it is there counts as the edge, as ClamAV has it.
            (MarkKind::WideWord, [_]) => true,
            (MarkKind::WideWord, [.., low, high]) => !is_wide_word(*low, *high),
        };
        holds != self.negated
    }

    /// Whether a match may end before `after`, the bytes of the part behind it; `None` when there
    /// are too few to tell, which can only be when more follow: `ended` says that none do.
    pub(crate) fn allows_before(self, after: &[u8], ended: bool) -> Option<bool> {
        let holds = match (self.kind, after) {
            (_, []) if ended => true,
            (_, []) => return None,
            (MarkKind::Boundary, [byte, ..]) => AFTER.contains(byte) || BESIDE.contains(byte),
            (MarkKind::Line, [b'\r']) if !ended => return None,
            (MarkKind::Line, [b'\n', ..] | [b'\r', b'\n', ..]) => true,
            (MarkKind::Line, _) => false,
            (MarkKind::WideWord, [byte]) if !ended && byte.is_ascii_alphanumeric() => return None,
            (MarkKind::WideWord, [low, high, ..]) => !is_wide_word(*low, *high),
            (MarkKind::Word | MarkKind::WideWord, [byte, ..]) => !byte.is_ascii_alphanumeric(),
        };
        Some(holds != self.negated)
    }
}

/// Whether two bytes are a letter or a digit of UTF-16, the lowest byte first.
fn is_wide_word(low: u8, high: u8) -> bool {
    low.is_ascii_alphanumeric() && high == 0
}

stored_enum!(MarkKind { 0 => Boundary, 1 => Line, 2 => Word, 3 => WideWord });
stored_struct!(Mark { kind, negated });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edges_of_the_part_are_every_kind_of_mark() {
        for kind in [MarkKind::Boundary, MarkKind::Line, MarkKind::Word, MarkKind::WideWord] {
            let mark = Mark { kind, negated: false };
            assert!(mark.allows_after(b"") && mark.allows_before(b"", true) == Some(true));
            assert_eq!(mark.allows_before(b"", false), None);
            let mark = Mark { kind, negated: true };
            assert!(!mark.allows_after(b"") && mark.allows_before(b"", true) == Some(false));
        }
    }

    #[test]
    fn marks_ask_for_what_stands_beside() {
        for (letter, before, after) in [
            (b'B', &b" -./<@_"[..], &b"\n\r \"'-/=>_"[..]),
            (b'L', b"\n", b"\n"),
            (b'W', b"\0 \xff_", b"\0 \xff_"),
        ] {
            let mark = Mark { kind: MarkKind::of(letter).unwrap(), negated: false };
            for byte in [b"\0aZ09\xff".as_slice(), before, after, b",;:"].concat() {
                let expected =
                    before.contains(&byte) || letter == b'W' && !byte.is_ascii_alphanumeric();
                assert_eq!(mark.allows_after(&[byte]), expected, "{letter} after {byte}");
                let expected =
                    after.contains(&byte) || letter == b'W' && !byte.is_ascii_alphanumeric();
                assert_eq!(
                    mark.allows_before(&[byte, b'a'], false),
                    Some(expected),
                    "{letter} {byte}"
                );
            }
        }
        let wide = Mark { kind: MarkKind::Word, negated: false }.widened();
        for (before, holds) in [
            (&b"a"[..], true),
            (b"a\0", false),
            (b"xa\0", false),
            (b"-a", true),
            (b"a-", true),
            (b"-\0", true),
            (b"\0a", true),
        ] {
            assert_eq!(wide.allows_after(before), holds, "after {before:?}");
        }
        for (after, ended, holds) in [
            (&b"a"[..], false, None),
            (b"a", true, Some(false)),
            (b"-", false, Some(true)),
            (b"a\0", false, Some(false)),
            (b"a-", false, Some(true)),
            (b"-\0", true, Some(true)),
        ] {
            assert_eq!(wide.allows_before(after, ended), holds, "before {after:?}");
        }
        let line = Mark { kind: MarkKind::Line, negated: false };
        assert_eq!(line.allows_before(b"\r\n", false), Some(true));
        assert_eq!(line.allows_before(b"\r", false), None);
        assert_eq!(line.allows_before(b"\r", true), Some(false));
    }
}
