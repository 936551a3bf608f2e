//! yEnc (its specification, version 1.3): bytes of a file in the text of a message, nearly as they
//! are, between the lines `=ybegin` and `=yend`.

use bytes::{BufMut, BytesMut};

use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;

/// What is added to each byte, and once more to one behind the mark of an escape.
const SHIFT: u8 = 42;
const ESCAPED_SHIFT: u8 = 64;
const ESCAPE: u8 = b'=';
/// Bytes of a line between others that are looked at.
const LINE_BYTES_MAX: usize = 256;

/// The lines behind `=ybegin`, up to `=yend`.
#[derive(Debug, Default)]
pub(super) struct YencRun {
    state: State,
    /// A line that is no data.
    line: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    LineStart,
    Data,
    /// Behind the mark of an escape, at the start of a line or not.
    Escape {
        at_start: bool,
    },
    /// In a line `=y…`.
    Keyword,
}

impl YencRun {
    /// Reads on: whether more may follow.
    fn step(&mut self, byte: u8, out: &mut BytesMut) -> bool {
        self.state = match (self.state, byte) {
            (State::Keyword, b'\n') => {
                let is_end = self.line.starts_with(b"end");
                self.line.clear();
                if is_end {
                    return false;
                }
                State::LineStart
            }
            (State::Keyword, byte) => {
                if self.line.len() < LINE_BYTES_MAX {
                    self.line.push(byte);
                }
                State::Keyword
            }
            (State::Escape { at_start: true }, b'y') => State::Keyword,
            (State::Escape { .. }, byte) => {
                out.put_u8(byte.wrapping_sub(ESCAPED_SHIFT).wrapping_sub(SHIFT));
                State::Data
            }
            (State::LineStart | State::Data, b'\n') => State::LineStart,
            (state @ (State::LineStart | State::Data), b'\r') => state,
            (state, ESCAPE) => State::Escape { at_start: state == State::LineStart },
            (State::LineStart | State::Data, byte) => {
                out.put_u8(byte.wrapping_sub(SHIFT));
                State::Data
            }
        };
        true
    }
}

impl Transform for YencRun {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        out.reserve(input.len());
        for (i, byte) in input.iter().enumerate() {
            if !self.step(*byte, out) {
                return (i + 1, Decoded::End);
            }
        }
        (input.len(), Decoded::More)
    }
}

/// The name in the line `=ybegin line=128 size=1 name=a`, given without its break.
pub(super) fn begin_name(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"=ybegin ")?;
    let has_size = rest.windows(5).any(|word| word == b"size=");
    let at = rest.windows(5).position(|word| word == b"name=");
    let name = at.and_then(|at| rest.get(at + 5..)).unwrap_or_default();
    has_size.then(|| name.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_undone() {
        let data = b"=ypart begin=1 end=6\r\nkl=}m\r\n=ny\r\n=yend size=6\r\nrest";
        for cut in 1..=data.len() {
            let (mut run, mut out, mut used) = (YencRun::default(), BytesMut::new(), 0);
            for piece in data.chunks(cut) {
                let (n, decoded) = run.run(piece, &mut out);
                used += n;
                if decoded == Decoded::End {
                    break;
                }
            }
            assert_eq!(&*out, b"AB\x13C\x04O", "by {cut}");
            assert_eq!(&data[used..], b"rest", "by {cut}");
        }
        assert_eq!(begin_name(b"=ybegin line=9 size=1 name= a b "), Some(&b"a b"[..]));
        assert_eq!(begin_name(b"=ybegin what"), None);
    }
}
