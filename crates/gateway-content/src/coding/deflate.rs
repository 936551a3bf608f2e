//! The content-coding `deflate`: RFC 9110 means the zlib format, some senders mean raw deflate.

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::inflate::{Inflate, InflateState, Wrapper};
use crate::Limits;

/// A body in `deflate` coding on its way.
pub(crate) struct Deflate {
    state: State,
    limits: Limits,
}

enum State {
    Start,
    /// One byte of what may be a zlib header.
    First(u8),
    /// Two bytes are to be decoded before the input.
    Held([u8; 2], Box<Inflate>),
    Body(Box<Inflate>),
    Over,
}

impl Deflate {
    /// A body of which nothing was seen.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { state: State::Start, limits: limits.clone() }
    }

    /// Whether all that follows from the input so far is out.
    pub(crate) fn is_drained(&self) -> bool {
        match &self.state {
            State::Start | State::First(_) | State::Over => true,
            State::Held(..) => false,
            State::Body(inflate) => inflate.is_drained(),
        }
    }

    /// What it has cost so far, in bytes of output that take as long; 0 once it is over.
    pub(crate) fn work(&self) -> u64 {
        match &self.state {
            State::Start | State::First(_) | State::Over => 0,
            State::Held(_, inflate) | State::Body(inflate) => inflate.work(),
        }
    }

    /// The input has ended: whether it did so where the format ends.
    pub(crate) fn finish(&self) -> Result<(), Unscannable> {
        match &self.state {
            State::Start | State::Over => Ok(()),
            State::First(_) | State::Held(..) | State::Body(_) => Err(Unscannable::Malformed),
        }
    }

    /// Takes the next step through `input`. [`Decoded::End`] is answered to what follows the end.
    pub(crate) fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        match (std::mem::replace(&mut self.state, State::Over), input) {
            (State::Over, _) => (0, Decoded::End),
            (state @ (State::Start | State::First(_)), []) => {
                self.state = state;
                (0, Decoded::More)
            }
            (State::Start, [first, ..]) => {
                self.state = State::First(*first);
                (1, Decoded::More)
            }
            (State::First(first), [second, ..]) => {
                let head = [first, *second];
                let inflate = Inflate::new(wrapper(head), &self.limits);
                self.state = State::Held(head, Box::new(inflate));
                (1, Decoded::More)
            }
            (State::Held(head, inflate), _) => (0, self.run_body(inflate, &head, out).1),
            (State::Body(inflate), input) => self.run_body(inflate, input, out),
        }
    }

    fn run_body(
        &mut self,
        mut inflate: Box<Inflate>,
        input: &[u8],
        out: &mut BytesMut,
    ) -> (usize, Decoded) {
        let inflated = inflate.run(input, out);
        let decoded = match inflated.state {
            InflateState::More => {
                self.state = State::Body(inflate);
                Decoded::More
            }
            InflateState::End => Decoded::More,
            InflateState::Failed(reason) => Decoded::Failed(reason),
        };
        (inflated.consumed, decoded)
    }
}

/// A zlib header names the method 8 and is a multiple of 31 (RFC 1950, section 2.2).
fn wrapper([cmf, flg]: [u8; 2]) -> Wrapper {
    let zlib =
        cmf & 0x0f == 8 && cmf >> 4 <= 7 && u16::from_be_bytes([cmf, flg]).is_multiple_of(31);
    if zlib { Wrapper::Zlib } else { Wrapper::Raw }
}
