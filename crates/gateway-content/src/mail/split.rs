//! Finds the line that ends a part: a boundary, or the `From ` of the next message.

use bytes::{BufMut, BytesMut};
use memchr::memchr2;

/// The search for a line that begins with a mark.
#[derive(Debug)]
pub(super) struct Split {
    mark: Vec<u8>,
    /// A line break and what follows, as far as it may be the mark.
    held: Vec<u8>,
    at_start: bool,
}

/// How far what is held agrees with a break and the mark.
#[derive(PartialEq, Eq)]
enum Fit {
    Full,
    SoFar,
    No,
}

impl Split {
    /// Looks for `mark`, also right at the start.
    pub(super) fn new(mark: Vec<u8>) -> Self {
        Self { mark, held: Vec::new(), at_start: true }
    }

    /// Passes `input` on up to the mark and the line break before it: how many bytes were used, and
    /// whether the mark was the last of them.
    pub(super) fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, bool) {
        let mut used = 0;
        while let Some(byte) = input.get(used) {
            if self.held.is_empty() && !self.at_start {
                let rest = input.get(used..).unwrap_or_default();
                let plain = memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
                if plain > 0 {
                    out.extend_from_slice(rest.get(..plain).unwrap_or_default());
                    used += plain;
                    continue;
                }
                // Of most breaks it shows at once that the mark is not behind them.
                let len = if rest.starts_with(b"\r\n") { 2 } else { 1 };
                if let Some(line) = rest.get(len..len + self.mark.len())
                    && (line != self.mark || !rest.get(..len).unwrap_or_default().ends_with(b"\n"))
                {
                    out.extend_from_slice(rest.get(..len).unwrap_or_default());
                    used += len;
                    continue;
                }
            }
            used += 1;
            self.held.push(*byte);
            while !self.held.is_empty() {
                match self.fit() {
                    Fit::Full => return (used, true),
                    Fit::SoFar => break,
                    Fit::No => {
                        out.put_u8(self.held.remove(0));
                        self.at_start = false;
                    }
                }
            }
        }
        (used, false)
    }

    /// The mark, which was used and is no part of what came out.
    pub(super) fn mark(&self) -> &[u8] {
        &self.mark
    }

    /// Whether nothing is held.
    pub(super) fn is_settled(&self) -> bool {
        self.held.is_empty()
    }

    /// The input has ended.
    pub(super) fn finish(&mut self, out: &mut BytesMut) {
        out.extend_from_slice(&self.held);
        self.held.clear();
    }

    fn fit(&self) -> Fit {
        let of = |line: &[u8]| match () {
            () if line == self.mark => Fit::Full,
            () if self.mark.starts_with(line) => Fit::SoFar,
            () => Fit::No,
        };
        if self.at_start
            && let fit @ (Fit::Full | Fit::SoFar) = of(&self.held)
        {
            return fit;
        }
        let line = self.held.strip_prefix(b"\r").unwrap_or(&self.held);
        match line.split_first() {
            None => Fit::SoFar,
            Some((b'\n', line)) => of(line),
            Some(_) => Fit::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(input: &[u8], cut: usize) -> (Vec<u8>, bool, usize) {
        let (mut split, mut out, mut at) = (Split::new(b"--b".to_vec()), BytesMut::new(), 0);
        for piece in input.chunks(cut) {
            let (used, found) = split.run(piece, &mut out);
            at += used;
            if found {
                return (out.to_vec(), true, at);
            }
        }
        split.finish(&mut out);
        (out.to_vec(), false, at)
    }

    #[test]
    fn the_mark_is_found_at_the_start_of_a_line() {
        for (input, want, found) in [
            (&b"--b"[..], &b""[..], true),
            (b"x--b\r\n--b", b"x--b", true),
            (b"x\n--b", b"x", true),
            (b"x\r\r\n--c\n\n--bx", b"x\r\r\n--c\n", true),
            (b"\r\n--b", b"", true),
            (b"--", b"--", false),
            (b"--c\r\n-", b"--c\r\n-", false),
        ] {
            for cut in 1..=input.len() {
                let (out, is_found, _) = split(input, cut);
                assert_eq!((&*out, is_found), (want, found), "{input:?} by {cut}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_pieces_give_the_same(
            input in prop::collection::vec(prop::sample::select(b"--b\r\nx".to_vec()), 1..60),
            cut in 1usize..9,
        ) {
            prop_assert_eq!(split(&input, cut), split(&input, input.len()));
        }
    }
}
