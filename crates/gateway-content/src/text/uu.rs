//! uuencoded lines, as programs put them in the text of a mail (POSIX `uuencode`).

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;

use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;

/// The longest line: 45 bytes of 63 are usual.
const LINE_BYTES_MAX: usize = 90;

/// The lines behind `begin`, up to one that is none.
#[derive(Debug, Default)]
pub(super) struct UuRun {
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
                let more = self.decode(out);
                self.line.clear();
                if !more {
                    return (i + 1, Decoded::End);
                }
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
}

/// The name in the line `begin 644 name`, given without its break.
pub(super) fn begin_name(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"begin ")?;
    let mode = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let name = rest.get(mode..)?.strip_prefix(b" ")?;
    ((3..=4).contains(&mode) && !name.is_empty()).then(|| name.trim_ascii())
}
