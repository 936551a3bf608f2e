//! The escapes of JSON strings (RFC 8259, section 7) and those of scripts undone: `\x41`, `\u{41}`
//! (ECMA-262, section 12.9.4); all else stays as it is.
//!
//! What is no escape loses its backslash, too: so to undo escapes again and again comes to an end.
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
            [b'\\', b'u', b'{', ..] => self.in_braces(out),
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

    /// A code point, as far as it has come.
    fn in_braces(&mut self, out: &mut BytesMut) {
        const DIGITS_MAX: usize = 6;
        match self.begun.get(3..).and_then(<[u8]>::split_last) {
            None => {}
            Some((b'}', digits)) if !digits.is_empty() => {
                let digit = |sum, digit: &u8| sum << 4 | u32::from(hex_digit(*digit).unwrap_or(0));
                let code = digits.iter().fold(0, digit);
                self.begun.clear();
                match u16::try_from(code) {
                    Ok(unit) => self.unit(unit, out),
                    Err(_) => {
                        self.lone(out);
                        put_char(char::from_u32(code), out);
                    }
                }
            }
            Some((last, before)) if hex_digit(*last).is_some() && before.len() < DIGITS_MAX => {}
            Some(_) => self.give_back(out),
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
        out.extend_from_slice(self.begun.get(1..).unwrap_or_default());
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

#[cfg(test)]
mod tests {
    use super::*;

    fn undone(text: &str) -> String {
        let (mut unescape, mut out) = (Unescape::default(), BytesMut::new());
        unescape.run(text.as_bytes(), &mut out);
        unescape.finish(&mut out).unwrap();
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn escapes_are_undone() {
        for (text, expected) in [
            (r"a\n\t\/\\b", "a\n\t/\\b"),
            (r"\u0041\x42\u{43}", "ABC"),
            (r"\ud83d\ude00\u{1f600}\u{d83d}\u{de00}", "\u{1f600}\u{1f600}\u{1f600}"),
            (r"\ud83d.\u{d83d}", "\u{fffd}.\u{fffd}"),
            (r"\u{110000}\u{ffffff}", "\u{fffd}\u{fffd}"),
            (r"\u{}\u{12g}\u{1234567}\u12z\xz\x", "u{}u{12g}u{1234567}u12zxzx"),
        ] {
            assert_eq!(undone(text), expected, "{text}");
        }
    }

    /// Each time fewer backslashes are left, whatever stands behind them.
    #[test]
    fn undoing_again_comes_to_an_end() {
        let mut text = r"[\x{60}\\x{60}\u{}\\\\uq\w\d]".to_owned();
        for _ in 0..3 {
            text = undone(&text);
        }
        assert_eq!(text, "[x{60}x{60}u{}uqwd]");
    }
}
