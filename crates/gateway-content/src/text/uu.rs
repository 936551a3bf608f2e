//! uuencoded lines, as programs put them in the text of a mail (POSIX `uuencode`).

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;

use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;

/// The longest line: 45 bytes of 63 are usual.
const LINE_BYTES_MAX: usize = 90;

/// The lines behind `begin`, up to one that is none, which is given back.
#[derive(Debug, Default)]
pub(super) struct UuRun {
    /// The line at hand; at the end the one that is none.
    line: Vec<u8>,
    /// Whether the last line was empty, as the one before `end` is.
    last: bool,
}

impl UuRun {
    /// Decodes a line without its break: whether more may follow.
    fn decode(&mut self, out: &mut BytesMut) -> bool {
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        let value = |byte: u8| byte.wrapping_sub(b' ') & 0x3f;
        let Some((length, digits)) = line.split_first() else { return !self.last };
        if line == b"end" || !digits.iter().all(|b| (b' '..=b'`').contains(b)) {
            return false;
        }
        let mut left = usize::from(value(*length));
        self.last = left == 0;
        for group in digits.chunks(4) {
            let digit = |i: usize| u32::from(group.get(i).map_or(0, |b| value(*b)));
            let bits = digit(0) << 18 | digit(1) << 12 | digit(2) << 6 | digit(3);
            for byte in bits.to_be_bytes().iter().skip(1).take(left) {
                out.put_u8(*byte);
            }
            left = left.saturating_sub(3);
        }
        true
    }
}

impl Transform for UuRun {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        for (i, byte) in input.iter().enumerate() {
            if *byte == b'\n' {
                if !self.decode(out) {
                    return (i, Decoded::End);
                }
                self.line.clear();
            } else if self.line.len() == LINE_BYTES_MAX {
                return (i, Decoded::End);
            } else {
                self.line.push(*byte);
            }
        }
        (input.len(), Decoded::More)
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        self.decode(out);
        Ok(())
    }

    fn is_settled(&self) -> bool {
        self.line.is_empty()
    }

    fn unread(&self) -> &[u8] {
        &self.line
    }
}

/// What a line before the lines of a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin<'a> {
    /// uuencoded lines of a file of this name.
    Uu(&'a [u8]),
    /// The same in base64.
    Base64(&'a [u8]),
}

/// Reads the line `begin 644 name` or `begin-base64 644 name`, given without its break.
pub(super) fn begin(line: &[u8]) -> Option<Begin<'_>> {
    let rest = line.strip_prefix(b"begin")?;
    let (is_base64, rest) = match rest.strip_prefix(b"-base64") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let rest = rest.strip_prefix(b" ")?.trim_ascii_start();
    let mode = rest.iter().take_while(|b| (b'0'..=b'7').contains(b)).count();
    let name = rest.get(mode..).filter(|name| matches!(name.first(), None | Some(b' ' | b'\r')))?;
    let name = name.trim_ascii();
    let begin = if is_base64 { Begin::Base64(name) } else { Begin::Uu(name) };
    (3..=8).contains(&mode).then_some(begin)
}
