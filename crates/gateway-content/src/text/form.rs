//! A form in `application/x-www-form-urlencoded` (WHATWG URL, section 5): fields one per line.

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;

use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;
use crate::declared::{hex_digit, hex_pair};

/// Undoes the encoding; what is no escape stays.
#[derive(Debug, Default)]
pub(super) struct Form {
    /// `%` and a digit, as far as they have come.
    begun: Vec<u8>,
}

impl Form {
    fn step(&mut self, byte: u8, out: &mut BytesMut) {
        match *self.begun {
            [_] if hex_digit(byte).is_some() => self.begun.push(byte),
            [_, high] if let Some(decoded) = hex_pair(high, byte) => {
                out.put_u8(decoded);
                self.begun.clear();
            }
            [] => self.plain(byte, out),
            _ => {
                out.extend_from_slice(&self.begun);
                self.begun.clear();
                self.plain(byte, out);
            }
        }
    }

    fn plain(&mut self, byte: u8, out: &mut BytesMut) {
        match byte {
            b'%' => self.begun.push(byte),
            b'+' => out.put_u8(b' '),
            b'&' => out.put_u8(b'\n'),
            _ => out.put_u8(byte),
        }
    }
}

impl Transform for Form {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        out.reserve(input.len());
        input.iter().for_each(|byte| self.step(*byte, out));
        (input.len(), Decoded::More)
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        out.extend_from_slice(&self.begun);
        self.begun.clear();
        Ok(())
    }

    fn is_settled(&self) -> bool {
        self.begun.is_empty()
    }

    fn keeps_text(&self) -> bool {
        true
    }
}
