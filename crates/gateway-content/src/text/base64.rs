//! base64 (RFC 4648, sections 4 and 5) as it stands in text, and as the body of a mail.

use bytes::{BufMut, BytesMut};

use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;

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
const WRAPPED_MIN: usize = 48;

/// Whether a byte is of either alphabet.
pub(super) fn is_digit(byte: u8) -> bool {
    VALUES[usize::from(byte)] != NONE
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

/// A run of base64 in text, which ends at the first character that cannot be part of it.
#[derive(Debug, Default)]
pub(super) struct Base64Run {
    sextets: Sextets,
    line: usize,
    /// After the break of a line that was wrapped.
    wrapped: bool,
    padded: bool,
    /// After a backslash.
    escaped: bool,
    last: [u8; 2],
    unread: &'static [u8],
}

impl Base64Run {
    /// What one byte does: whether the run goes on.
    fn step(&mut self, byte: u8, out: &mut BytesMut) -> bool {
        if std::mem::take(&mut self.escaped) {
            match byte {
                b'/' => return self.digit(byte, out),
                b'n' | b'r' => return self.line_break(),
                _ => {
                    self.unread = b"\\";
                    return false;
                }
            }
        }
        match byte {
            b'=' => {
                self.padded = true;
                true
            }
            _ if self.padded => false,
            b'\\' => {
                self.escaped = true;
                true
            }
            b'\r' | b'\n' => self.line_break(),
            _ => self.digit(byte, out),
        }
    }

    fn digit(&mut self, byte: u8, out: &mut BytesMut) -> bool {
        let value = VALUES[usize::from(byte)];
        if value == NONE {
            // An archive may begin right behind a run.
            if matches!(byte, 3 | 5) && self.last == *b"PK" {
                self.unread = b"PK";
            }
            return false;
        }
        if std::mem::take(&mut self.wrapped) {
            self.line = 0;
        }
        self.line += 1;
        self.last = [self.last[1], byte];
        self.sextets.push(value, out);
        true
    }

    fn line_break(&mut self) -> bool {
        self.wrapped = self.line >= WRAPPED_MIN;
        self.last = [0; 2];
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

    fn unread(&self) -> &[u8] {
        self.unread
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
