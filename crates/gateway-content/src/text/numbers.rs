//! Bytes as a list of numbers in a program or in JSON: `77, 90, 144`, `0x4d, 0x5a`, `-1, 12`; or in a string that is
//! split: `77;90;144`, one on each line.

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;

use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;
use crate::declared::hex_digit;

/// Whether a byte may stand in such a list.
pub(super) fn fits(byte: u8) -> bool {
    FITS[usize::from(byte)]
}

static FITS: [bool; 256] = {
    let (mut fits, mut byte) = ([false; 256], 0u8);
    while byte < 128 {
        fits[byte as usize] = may_stand(byte);
        byte += 1;
    }
    fits
};

const fn may_stand(byte: u8) -> bool {
    matches!(byte, b'-' | b'x' | b'X' | b'"' | b'\'' | b' ' | b'\t' | b'\r' | b'\n')
        || is_mark(byte)
        || byte.is_ascii_hexdigit()
}

/// Whether a byte may part numbers, other than a blank.
const fn is_mark(byte: u8) -> bool {
    matches!(byte, b',' | b';' | b'|')
}

/// What parts the numbers of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parted {
    By(u8),
    /// Blanks, or ends of lines.
    Blank,
}

/// Numbers up to the first byte that is part of none, or up to one that is no byte.
#[derive(Debug, Default)]
pub(super) struct NumberRun {
    parted: Option<Parted>,
    number: Number,
}

/// The number at hand, as far as it has come.
#[derive(Debug, Default)]
struct Number {
    value: u32,
    digits: u32,
    is_hex: bool,
    is_negative: bool,
    /// A blank has come behind it.
    is_over: bool,
}

impl NumberRun {
    /// Reads on: whether the list goes on.
    fn step(&mut self, byte: u8, out: &mut BytesMut) -> bool {
        match byte {
            b'"' | b'\'' => return true,
            b' ' | b'\t' | b'\r' | b'\n' => {
                self.number.is_over = self.number.digits > 0;
                return true;
            }
            _ if is_mark(byte) => return self.end(Parted::By(byte), out),
            _ if self.number.is_over && !self.end(Parted::Blank, out) => return false,
            _ => {}
        }
        let number = &mut self.number;
        match byte {
            b'-' if number.digits == 0 && !number.is_negative => number.is_negative = true,
            b'x' | b'X' if number.digits == 1 && number.value == 0 && !number.is_hex => {
                (number.is_hex, number.digits) = (true, 0);
            }
            _ => {
                let Some(digit) = hex_digit(byte).filter(|digit| number.is_hex || *digit < 10)
                else {
                    return false;
                };
                let base = if number.is_hex { 16 } else { 10 };
                number.value = number.value * base + u32::from(digit);
                number.digits += 1;
                return number.value <= 0xff;
            }
        }
        true
    }

    /// A number is over, by what parts it from the next: whether it was one, and parted as those before.
    fn end(&mut self, parted: Parted, out: &mut BytesMut) -> bool {
        *self.parted.get_or_insert(parted) == parted && self.put(out)
    }

    /// Appends the number at hand, if it is one.
    fn put(&mut self, out: &mut BytesMut) -> bool {
        let number = std::mem::take(&mut self.number);
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
                self.put(out);
                return (i, Decoded::End);
            }
        }
        (input.len(), Decoded::More)
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        self.put(out);
        Ok(())
    }
}

/// The numbers in `text`, all of which are bytes, and what parts them; the last may be cut.
pub(super) fn read(text: &[u8]) -> Option<(BytesMut, Parted)> {
    let (mut run, mut out) = (NumberRun::default(), BytesMut::new());
    let (used, _) = run.run(text, &mut out);
    let parted = run.parted.filter(|_| used == text.len())?;
    Some((out, parted))
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
            ("77\n90\r\n144\n;", &[77, 90, 144], 11),
            ("77 90 144,", &[77, 90, 144], 9),
            ("77;90|3", &[77, 90], 5),
            ("77, 90 3", &[77, 90], 7),
            ("'0x4d','0x5a'];", &[0x4d, 0x5a], 13),
            ("77 -1 +", &[77, 255], 6),
        ] {
            let (mut run, mut out) = (NumberRun::default(), BytesMut::new());
            assert_eq!(run.run(input.as_bytes(), &mut out).0, used, "{input}");
            assert_eq!(&*out, want, "{input}");
        }
    }
}
