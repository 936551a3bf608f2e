//! Quoted-printable (RFC 2045, section 6.7).

use bytes::{BufMut, BytesMut};
use memchr::memchr;

use crate::declared::hex_pair;

/// Undoes the encoding; what is no escape stays.
#[derive(Debug, Default)]
pub(super) struct Quoted {
    /// `=` and what follows, as far as it has come.
    begun: Vec<u8>,
}

impl Quoted {
    pub(super) fn decode(&mut self, input: &[u8], out: &mut BytesMut) {
        out.reserve(input.len());
        let mut rest = input;
        while let Some((byte, after)) = rest.split_first() {
            if self.begun.is_empty() {
                let plain = memchr(b'=', rest).unwrap_or(rest.len());
                out.extend_from_slice(rest.get(..plain).unwrap_or_default());
                rest = rest.get(plain..).unwrap_or_default();
                if let Some((equals, after)) = rest.split_first() {
                    self.begun.push(*equals);
                    rest = after;
                }
                continue;
            }
            rest = after;
            match (&*self.begun, *byte) {
                // A soft break; blanks may stand before it.
                (_, b'\n') => self.begun.clear(),
                ([_], b'\r' | b' ' | b'\t') => {}
                ([_], first) if first.is_ascii_hexdigit() => self.begun.push(first),
                ([_, high], low) if let Some(decoded) = hex_pair(*high, low) => {
                    out.put_u8(decoded);
                    self.begun.clear();
                }
                _ => {
                    self.finish(out);
                    out.put_u8(*byte);
                }
            }
        }
    }

    /// Whether nothing has begun that may come out as it is.
    pub(super) fn is_settled(&self) -> bool {
        self.begun.is_empty()
    }

    /// The input has ended.
    pub(super) fn finish(&mut self, out: &mut BytesMut) {
        out.extend_from_slice(&self.begun);
        self.begun.clear();
    }
}
