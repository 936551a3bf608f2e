//! base64 (RFC 4648, sections 4 and 5) as it stands in text, and as the body of a mail.

use bytes::{BufMut, BytesMut};

use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;
use crate::declared::{hex_digit, hex_pair};

/// No character of the alphabet.
const NONE: u8 = 0xff;

/// Both alphabets, the standard and the URL-safe one.
const VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut i = 0;
    while i < 26 {
        values[b'A' as usize + i] = i as u8;
        values[b'a' as usize + i] = i as u8 + 26;
        i += 1;
    }
    let mut i = 0;
    while i < 10 {
        values[b'0' as usize + i] = i as u8 + 52;
        i += 1;
    }
    values[b'+' as usize] = 62;
    values[b'-' as usize] = 62;
    values[b'/' as usize] = 63;
    values[b'_' as usize] = 63;
    values
};

/// Characters of a line, at least, after which the next line belongs to the same run: encoders wrap
/// at 60, 64 or 76.
pub(super) const WRAPPED_MIN: usize = 48;

/// Whether a byte is of either alphabet.
pub(super) fn is_digit(byte: u8) -> bool {
    VALUES[usize::from(byte)] != NONE
}

/// What a character of either alphabet stands for.
pub(super) fn value(byte: u8) -> Option<u8> {
    Some(VALUES[usize::from(byte)]).filter(|value| *value != NONE)
}

/// Sextets on their way into bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Sextets {
    bits: u32,
    count: u32,
}

impl Sextets {
    fn push(&mut self, value: u8, out: &mut BytesMut) {
        self.bits = self.bits << 6 | u32::from(value);
        self.count += 6;
        if self.count >= 8 {
            self.count -= 8;
            out.put_u8((self.bits >> self.count & 0xff) as u8);
        }
    }
}

/// A run of base64 in text, which ends at the first character that cannot be part of it. It goes on
/// over the ends of lines, and escapes of JSON and of URLs.
#[derive(Debug, Default)]
pub(super) struct Base64Run {
    sextets: Sextets,
    line: usize,
    /// After the break of a line that was wrapped.
    wrapped: bool,
    padded: bool,
    /// Whether blanks count for nothing, as in a `data:` URI.
    lenient: bool,
    /// What has begun and may be part of it or not.
    held: Held,
    unread: Vec<u8>,
}

/// What has come and may be part of a run or not.
#[derive(Debug, Default)]
enum Held {
    #[default]
    None,
    /// A backslash.
    Backslash,
    /// `%` and a digit.
    Percent(Option<u8>),
}

impl Base64Run {
    /// A run behind `;base64,`.
    pub(super) fn of_uri() -> Self {
        Self { lenient: true, ..Self::default() }
    }

    /// What one byte does: whether the run goes on.
    fn step(&mut self, byte: u8, out: &mut BytesMut) -> bool {
        match std::mem::take(&mut self.held) {
            Held::None => self.plain(byte, out),
            Held::Backslash => self.escaped(byte, out),
            Held::Percent(high) => self.percent(high, byte, out),
        }
    }

    fn plain(&mut self, byte: u8, out: &mut BytesMut) -> bool {
        match byte {
            b'=' => {
                self.padded = true;
                true
            }
            b'%' => {
                self.held = Held::Percent(None);
                true
            }
            _ if self.padded => false,
            b'\\' => {
                self.held = Held::Backslash;
                true
            }
            b'\r' | b'\n' => self.line_break(),
            b' ' | b'\t' if self.lenient => true,
            _ => self.digit(byte, out),
        }
    }

    fn escaped(&mut self, byte: u8, out: &mut BytesMut) -> bool {
        match byte {
            b'/' => self.digit(byte, out),
            b'n' | b'r' => self.line_break(),
            // The end of a line that goes on.
            b'\n' => true,
            _ => self.give_back(b"\\"),
        }
    }

    fn percent(&mut self, high: Option<u8>, byte: u8, out: &mut BytesMut) -> bool {
        match (high, hex_digit(byte)) {
            (None, Some(_)) => {
                self.held = Held::Percent(Some(byte));
                true
            }
            (Some(high), Some(_)) => match hex_pair(high, byte) {
                Some(b'=') => {
                    self.padded = true;
                    true
                }
                Some(b' ' | b'\t' | b'\r' | b'\n') => true,
                Some(decoded) if !self.padded && is_digit(decoded) => self.digit(decoded, out),
                _ => self.give_back(&[b'%', high]),
            },
            (None, None) => self.give_back(b"%"),
            (Some(high), None) => self.give_back(&[b'%', high]),
        }
    }

    fn give_back(&mut self, held: &[u8]) -> bool {
        self.unread = held.to_vec();
        false
    }

    fn digit(&mut self, byte: u8, out: &mut BytesMut) -> bool {
        let value = VALUES[usize::from(byte)];
        if value == NONE {
            return false;
        }
        if std::mem::take(&mut self.wrapped) {
            self.line = 0;
        }
        self.line += 1;
        self.sextets.push(value, out);
        true
    }

    fn line_break(&mut self) -> bool {
        self.wrapped = self.line >= WRAPPED_MIN || (self.lenient && self.line == 0);
        self.wrapped
    }
}

impl Transform for Base64Run {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        out.reserve(input.len() / 4 * 3 + 3);
        for (i, byte) in input.iter().enumerate() {
            if !self.step(*byte, out) {
                return (i, Decoded::End);
            }
        }
        (input.len(), Decoded::More)
    }

    fn is_settled(&self) -> bool {
        matches!(self.held, Held::None)
    }

    fn unread(&self) -> &[u8] {
        &self.unread
    }
}

/// A base64 body (RFC 2045, section 6.8): whatever is not of the alphabet is passed over.
#[derive(Debug, Default)]
pub(crate) struct Base64Body {
    sextets: Sextets,
}

impl Base64Body {
    /// Decodes `input`. Padding ends a group, and another one may follow.
    pub(crate) fn decode(&mut self, input: &[u8], out: &mut BytesMut) {
        out.reserve(input.len() / 4 * 3 + 3);
        for byte in input {
            match VALUES[usize::from(*byte)] {
                NONE if *byte == b'=' => self.sextets = Sextets::default(),
                NONE => {}
                value => self.sextets.push(value, out),
            }
        }
    }
}
