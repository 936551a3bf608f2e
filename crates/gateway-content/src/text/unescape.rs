//! The escapes of JSON strings (RFC 8259, section 7) undone; all else stays as it is.
//!
//! Escapes are undone wherever they stand: outside of strings JSON has none, and what is nearly
//! JSON is read like it.

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;
use memchr::memchr;

use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;
use crate::declared::hex_digit;

/// Undoes escapes.
#[derive(Debug, Default)]
pub(super) struct Unescape {
    /// The escape at hand, as far as it has come.
    begun: Vec<u8>,
    /// The first half of a surrogate pair.
    high: Option<u16>,
}

impl Unescape {
    fn step(&mut self, byte: u8, out: &mut BytesMut) {
        self.begun.push(byte);
        match *self.begun {
            [b'\\', b'u', ref digits @ ..] | [b'\\', b'x', ref digits @ ..] => {
                let wanted = if self.begun.get(1) == Some(&b'u') { 4 } else { 2 };
                if digits.last().is_some_and(|digit| hex_digit(*digit).is_none()) {
                    self.give_back(out);
                } else if digits.len() == wanted {
                    let digit =
                        |sum, digit: &u8| sum << 4 | u16::from(hex_digit(*digit).unwrap_or(0));
                    let unit = digits.iter().fold(0u16, digit);
                    self.begun.clear();
                    self.unit(unit, out);
                }
            }
            [b'\\', letter] => {
                self.begun.clear();
                self.lone(out);
                out.put_u8(match letter {
                    b'b' => 0x08,
                    b'f' => 0x0c,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    other => other,
                });
            }
            _ => {}
        }
    }

    /// One unit of UTF-16.
    fn unit(&mut self, unit: u16, out: &mut BytesMut) {
        let high = self.high.take();
        match (high, unit) {
            (Some(high), 0xdc00..=0xdfff) => {
                put_char(char::decode_utf16([high, unit]).next().and_then(Result::ok), out);
            }
            (lone, 0xd800..=0xdbff) => {
                if lone.is_some() {
                    put_char(None, out);
                }
                self.high = Some(unit);
            }
            (lone, unit) => {
                if lone.is_some() {
                    put_char(None, out);
                }
                put_char(char::from_u32(unit.into()), out);
            }
        }
    }

    fn lone(&mut self, out: &mut BytesMut) {
        if self.high.take().is_some() {
            put_char(None, out);
        }
    }

    /// What looked like an escape is none.
    fn give_back(&mut self, out: &mut BytesMut) {
        self.lone(out);
        out.extend_from_slice(&self.begun);
        self.begun.clear();
    }
}

/// Appends a character, or what stands for one that is none.
pub(crate) fn put_char(c: Option<char>, out: &mut BytesMut) {
    let mut buffer = [0; 4];
    out.extend_from_slice(c.unwrap_or('\u{fffd}').encode_utf8(&mut buffer).as_bytes());
}

impl Transform for Unescape {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        out.reserve(input.len());
        let mut rest = input;
        while let Some((byte, after)) = rest.split_first() {
            if self.begun.is_empty() && *byte != b'\\' {
                self.lone(out);
                let plain = memchr(b'\\', rest).unwrap_or(rest.len());
                out.extend_from_slice(rest.get(..plain).unwrap_or_default());
                rest = rest.get(plain..).unwrap_or_default();
            } else {
                self.step(*byte, out);
                rest = after;
            }
        }
        (input.len(), Decoded::More)
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        self.give_back(out);
        Ok(())
    }

    fn is_settled(&self) -> bool {
        self.begun.is_empty() && self.high.is_none()
    }

    fn keeps_text(&self) -> bool {
        true
    }
}
