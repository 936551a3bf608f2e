//! Bytes as a list of numbers in a program or in JSON: `77, 90, 144`, `0x4d, 0x5a`, `-1, 12`.

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;

use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;
use crate::declared::hex_digit;

/// Whether a byte may stand in such a list.
pub(super) const fn fits(byte: u8) -> bool {
    matches!(byte, b',' | b'-' | b'x' | b'X' | b' ' | b'\t' | b'\r' | b'\n')
        || byte.is_ascii_hexdigit()
}

/// Numbers up to the first byte that is part of none, or up to one that is no byte.
#[derive(Debug, Default)]
pub(super) struct NumberRun {
    /// The number at hand, as far as it has come.
    value: u32,
    digits: u32,
    is_hex: bool,
    is_negative: bool,
}

impl NumberRun {
    /// Reads on: whether the list goes on.
    fn step(&mut self, byte: u8, out: &mut BytesMut) -> bool {
        match byte {
            b',' => return self.end(out),
            b' ' | b'\t' | b'\r' | b'\n' => return true,
            b'-' if self.digits == 0 && !self.is_negative => self.is_negative = true,
            b'x' | b'X' if self.digits == 1 && self.value == 0 && !self.is_hex => {
                (self.is_hex, self.digits) = (true, 0);
            }
            _ => {
                let Some(digit) = hex_digit(byte).filter(|digit| self.is_hex || *digit < 10) else {
                    return false;
                };
                self.value = self.value * if self.is_hex { 16 } else { 10 } + u32::from(digit);
                self.digits += 1;
                return self.value <= 0xff;
            }
        }
        true
    }

    /// A number is over.
    fn end(&mut self, out: &mut BytesMut) -> bool {
        let number = std::mem::take(self);
        let Ok(value) = u8::try_from(number.value) else { return false };
        if number.digits == 0 {
            return false;
        }
        out.put_u8(if number.is_negative { value.wrapping_neg() } else { value });
        true
    }
}

impl Transform for NumberRun {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        for (i, byte) in input.iter().enumerate() {
            if !self.step(*byte, out) {
                self.end(out);
                return (i, Decoded::End);
            }
        }
        (input.len(), Decoded::More)
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        self.end(out);
        Ok(())
    }
}

/// How many numbers there are in `text`, all of which are bytes; the last may be cut.
pub(super) fn count(text: &[u8]) -> Option<usize> {
    let (mut run, mut out) = (NumberRun::default(), BytesMut::new());
    let (used, _) = run.run(text, &mut out);
    (used == text.len()).then_some(out.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read() {
        for (input, want, used) in [
            ("77, 90,144]", &[77, 90, 144][..], 10),
            ("0x4D,0x5a,\n0x0}", &[0x4d, 0x5a, 0], 14),
            ("-1,-128,127)", &[255, 128, 127], 11),
            ("1,256,3", &[1], 4),
            ("1,,2", &[1], 2),
        ] {
            let (mut run, mut out) = (NumberRun::default(), BytesMut::new());
            assert_eq!(run.run(input.as_bytes(), &mut out).0, used, "{input}");
            assert_eq!(&*out, want, "{input}");
        }
    }
}
