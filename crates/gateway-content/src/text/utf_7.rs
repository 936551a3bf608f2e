//! UTF-7 (RFC 2152): text of ASCII in which `+` begins a run of base64 that is UTF-16.

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;

use super::base64::value;
use super::unescape::put_char;
use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;

/// Turns it into UTF-8.
#[derive(Debug, Default)]
pub(super) struct Utf7 {
    run: Option<Run>,
}

/// A run of base64 on its way.
#[derive(Debug, Default)]
struct Run {
    bits: u32,
    have: u32,
    /// The first half of a surrogate pair.
    high: Option<u16>,
    is_empty: bool,
}

impl Utf7 {
    fn step(&mut self, byte: u8, out: &mut BytesMut) {
        let Some(run) = &mut self.run else {
            if byte == b'+' {
                self.run = Some(Run { is_empty: true, ..Run::default() });
            } else {
                out.put_u8(byte);
            }
            return;
        };
        if let Some(value) = value(byte).filter(|_| !matches!(byte, b'-' | b'_')) {
            run.push(value, out);
            return;
        }
        let is_plus = run.is_empty;
        self.run = None;
        match (byte, is_plus) {
            (b'-', true) => out.put_u8(b'+'),
            (b'-', false) => {}
            (_, true) => out.extend_from_slice(&[b'+', byte]),
            (_, false) => out.put_u8(byte),
        }
    }
}

impl Run {
    fn push(&mut self, value: u8, out: &mut BytesMut) {
        self.is_empty = false;
        self.bits = self.bits << 6 | u32::from(value);
        self.have += 6;
        if self.have < 16 {
            return;
        }
        self.have -= 16;
        // The sixteen bits of a unit.
        let unit = (self.bits >> self.have & 0xffff) as u16;
        match (self.high.take(), unit) {
            (Some(high), 0xdc00..=0xdfff) => {
                put_char(char::decode_utf16([high, unit]).next().and_then(Result::ok), out);
            }
            (_, 0xd800..=0xdbff) => self.high = Some(unit),
            (_, unit) => put_char(char::from_u32(unit.into()), out),
        }
    }
}

impl Transform for Utf7 {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        out.reserve(input.len());
        input.iter().for_each(|byte| self.step(*byte, out));
        (input.len(), Decoded::More)
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        if self.run.take().is_some_and(|run| run.is_empty) {
            out.put_u8(b'+');
        }
        Ok(())
    }

    fn is_settled(&self) -> bool {
        self.run.is_none()
    }

    fn keeps_text(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_turned() {
        for (input, want) in [
            ("a+ADw-b+AD4-", "a<b>"),
            ("1+-1=2", "1+1=2"),
            ("+2D3eAA-x", "\u{1f600}x"),
            ("+AOkA6Q.", "\u{e9}\u{e9}."),
            ("a +", "a +"),
            ("+!", "+!"),
        ] {
            for cut in 1..=input.len() {
                let (mut utf_7, mut out) = (Utf7::default(), BytesMut::new());
                for piece in input.as_bytes().chunks(cut) {
                    utf_7.run(piece, &mut out);
                }
                utf_7.finish(&mut out).unwrap();
                assert_eq!(String::from_utf8_lossy(&out), want, "{input} by {cut}");
            }
        }
    }
}
