//! The filter RunLengthDecode of PDF (ISO 32000-1, section 7.4.5): bytes as they are, and one byte
//! many times.

use bytes::{BufMut, BytesMut};

use super::bytewise::{ByteDecoder, Bytewise};
use super::decoder::Decoded;
use crate::Limits;

const END: u8 = 128;

/// A stream on its way.
pub(crate) struct RunLength {
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Length,
    Plain { left: usize },
    Repeated { count: usize },
}

impl RunLength {
    pub(crate) fn new(limits: &Limits) -> Bytewise<Self> {
        Bytewise::new(Self { state: State::Length }, limits)
    }
}

impl ByteDecoder for RunLength {
    #[inline]
    fn push(&mut self, byte: u8, out: &mut BytesMut) -> Decoded {
        self.state = match (self.state, byte) {
            (State::Length, END) => return Decoded::End,
            (State::Length, length @ 0..END) => State::Plain { left: usize::from(length) + 1 },
            (State::Length, length) => State::Repeated { count: 257 - usize::from(length) },
            (State::Plain { left }, byte) => {
                out.put_u8(byte);
                if left > 1 { State::Plain { left: left - 1 } } else { State::Length }
            }
            (State::Repeated { count }, byte) => {
                out.put_bytes(byte, count);
                State::Length
            }
        };
        Decoded::More
    }
}
