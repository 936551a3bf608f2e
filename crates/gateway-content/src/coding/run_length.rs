//! The filter RunLengthDecode of PDF (ISO 32000-1, section 7.4.5): bytes as they are, and one byte
//! many times.

use bytes::{BufMut, BytesMut};

use super::decoder::Decoded;
use super::inflate::WINDOW;
use super::ratio::Ratio;
use super::transform::Transform;
use crate::Limits;

const END: u8 = 128;

/// A stream on its way.
pub(crate) struct RunLength {
    state: State,
    ratio: Ratio,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Length,
    Plain { left: usize },
    Repeated { count: usize },
}

impl RunLength {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { state: State::Length, ratio: Ratio::new(limits) }
    }

    fn read(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let before = out.len();
        for (i, byte) in input.iter().enumerate() {
            if out.len() - before >= WINDOW {
                return (i, Decoded::More);
            }
            self.state = match (self.state, *byte) {
                (State::Length, END) => return (i + 1, Decoded::End),
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
        }
        (input.len(), Decoded::More)
    }
}

impl Transform for RunLength {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let input = self.ratio.of_step(input, true);
        let before = out.len();
        let (used, decoded) = self.read(input, out);
        match self.ratio.add(used, out.len() - before, out) {
            Ok(()) => (used, decoded),
            Err(reason) => (used, Decoded::Failed(reason)),
        }
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.ratio.unpacked().saturating_add(self.ratio.packed())
    }
}
