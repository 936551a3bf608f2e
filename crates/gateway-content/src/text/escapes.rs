//! Runs of escaped bytes in text: hex digits, `%41%42`, `\x41\x42`.

use bytes::{BufMut, BytesMut};

use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;
use crate::declared::hex_digit;

/// Pairs of hex digits, with blanks between lines at most.
#[derive(Debug, Default)]
pub(super) struct HexRun {
    high: Option<u8>,
}

impl Transform for HexRun {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        for (i, byte) in input.iter().enumerate() {
            match (hex_digit(*byte), self.high) {
                (Some(low), Some(high)) => {
                    out.put_u8(high << 4 | low);
                    self.high = None;
                }
                (Some(high), None) => self.high = Some(high),
                (None, _) if matches!(byte, b'\r' | b'\n' | b' ' | b'\t') => {}
                (None, _) => return (i, Decoded::End),
            }
        }
        (input.len(), Decoded::More)
    }
}

/// Escapes of one kind, with plain characters between them as URLs have them.
#[derive(Debug)]
pub(super) struct EscapeRun {
    /// What stands before two digits.
    mark: &'static [u8],
    /// The beginning of an escape, as far as it has come.
    begun: Vec<u8>,
}

impl EscapeRun {
    /// A run of escapes that begin with `mark`.
    pub(super) fn new(mark: &'static [u8]) -> Self {
        Self { mark, begun: Vec::with_capacity(4) }
    }

    fn is_plain(byte: u8) -> bool {
        byte.is_ascii_alphanumeric() || b"-._~!*'();:@&=+$,/?#[]".contains(&byte)
    }
}

impl Transform for EscapeRun {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        for (i, byte) in input.iter().enumerate() {
            let have = self.begun.len();
            if let Some(mark) = self.mark.get(have) {
                if mark == byte {
                    self.begun.push(*byte);
                } else if have == 0 && self.mark == b"%" && Self::is_plain(*byte) {
                    out.put_u8(*byte);
                } else {
                    return (i, Decoded::End);
                }
                continue;
            }
            let Some(digit) = hex_digit(*byte) else { return (i, Decoded::End) };
            match (have == self.mark.len(), self.begun.last()) {
                (false, Some(high)) => {
                    out.put_u8(hex_digit(*high).unwrap_or(0) << 4 | digit);
                    self.begun.clear();
                }
                _ => self.begun.push(*byte),
            }
        }
        (input.len(), Decoded::More)
    }

    fn unread(&self) -> &[u8] {
        &self.begun
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), gateway_inspect::Unscannable> {
        out.extend_from_slice(&self.begun);
        Ok(())
    }
}
