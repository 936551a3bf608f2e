//! The view of a stream that an inspector is given: fresh bytes with a look back.

use crate::{Offset, Span};

/// Up to `lookback` bytes that were seen before, then the fresh ones, in one slice.
///
/// Inspectors keep no bytes of their own: a forward automaton gives only the *end* of a match, and
/// the start is found by a reverse search over the window. Note that the DFAs of regex-automata
/// report a match one byte late and need their end-of-input step, which is why
/// [`Inspector::finish`](crate::Inspector::finish) is given a window too.
#[derive(Clone, Copy, Debug)]
pub struct Window<'a> {
    bytes: &'a [u8],
    /// Index of the first fresh byte in `bytes`.
    fresh: usize,
    /// Position of `bytes[0]`.
    base: Offset,
}

impl<'a> Window<'a> {
    /// A window over `bytes`, which begin at `base`; those from index `fresh` on are new.
    /// A `fresh` past the end means that none is.
    #[must_use]
    pub fn new(bytes: &'a [u8], fresh: usize, base: Offset) -> Self {
        Self { bytes, fresh: fresh.min(bytes.len()), base }
    }

    /// The bytes that no earlier push has shown.
    #[must_use]
    pub fn fresh(&self) -> &'a [u8] {
        self.bytes.get(self.fresh..).unwrap_or_default()
    }

    /// Where the fresh bytes begin.
    #[must_use]
    pub fn fresh_at(&self) -> Offset {
        self.base + self.fresh
    }

    /// Where the window begins.
    #[must_use]
    pub fn start(&self) -> Offset {
        self.base
    }

    /// Where the window, and all that was seen of the stream, ends.
    #[must_use]
    pub fn end(&self) -> Offset {
        self.base + self.bytes.len()
    }

    /// All bytes of the window, old and fresh.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The bytes of `span`, if the window still holds them all.
    #[must_use]
    pub fn slice(&self, span: Span) -> Option<&'a [u8]> {
        self.bytes.get(self.index(span.start)?..self.index(span.end)?)
    }

    /// The bytes of the window before `end`, for a reverse search; all of them when `end` lies
    /// behind the window, none when it lies before.
    #[must_use]
    pub fn before(&self, end: Offset) -> &'a [u8] {
        let len = usize::try_from(end.since(self.base)).unwrap_or(usize::MAX);
        self.bytes.get(..len).unwrap_or(self.bytes)
    }

    /// The byte at `at`, if the window holds it.
    #[must_use]
    pub fn byte(&self, at: Offset) -> Option<u8> {
        self.bytes.get(self.index(at)?).copied()
    }

    fn index(&self, at: Offset) -> Option<usize> {
        if at < self.base { None } else { usize::try_from(at.since(self.base)).ok() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_absolute() {
        let window = Window::new(b"oldfresh", 3, Offset::new(100));
        assert_eq!(window.fresh(), b"fresh");
        assert_eq!(window.fresh_at(), Offset::new(103));
        assert_eq!(window.end(), Offset::new(108));
        let span = |a, b| Span::new(Offset::new(a), Offset::new(b));
        assert_eq!(window.slice(span(102, 105)), Some(&b"dfr"[..]));
        assert_eq!(window.slice(span(99, 105)), None);
        assert_eq!(window.slice(span(102, 109)), None);
        assert_eq!(window.before(Offset::new(103)), b"old");
        assert_eq!(window.before(Offset::new(1)), b"");
        assert_eq!(window.before(Offset::new(999)), b"oldfresh");
        assert_eq!(window.byte(Offset::new(107)), Some(b'h'));
        assert_eq!(window.byte(Offset::new(99)), None);
    }
}
