//! Reduced data, methods 2 to 5 of ZIP (APPNOTE.TXT, section 5.2): each byte by those that are likely
//! behind the one before it, and of these bytes, matches in a window of up to 4 KiB.

use super::bits::{Bits, Fault, MALFORMED, Order};
use super::stepped::{Sink, Symbols};

/// What a match begins with.
const MARK: u8 = 144;
const MATCH_MIN: usize = 3;
/// Bytes that are likely behind another, at the most.
const FOLLOWERS_MAX: usize = 32;

/// The symbols.
pub(crate) struct Reduce {
    /// Bits of a match's first byte that are its length.
    length_bits: u32,
    /// For each byte those that are likely behind it, as far as they are read, the last ones first.
    followers: Vec<Vec<u8>>,
    before: u8,
    state: State,
}

/// Where in a match it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Bytes,
    /// A mark has come.
    Mark,
    /// A first byte has come, and more of the length follows.
    Length(u8),
    /// Only the distance is left.
    Distance(u8, usize),
}

impl Reduce {
    /// By the factor, 1 to 4.
    pub(crate) const fn new(factor: u32) -> Self {
        Self { length_bits: 8 - factor, followers: Vec::new(), before: 0, state: State::Bytes }
    }

    /// The next byte of the first stage.
    fn next(&self, bits: &mut Bits<'_>) -> Result<u8, Fault> {
        let followers = self.followers.get(255 - usize::from(self.before));
        let followers = followers.map(Vec::as_slice).unwrap_or_default();
        if followers.is_empty() || bits.take(1)? == 1 {
            return Ok(bits.take(8)? as u8);
        }
        let width = (followers.len() - 1).checked_ilog2().unwrap_or(0) + 1;
        followers.get(bits.number(width)?).copied().ok_or(MALFORMED)
    }
}

impl Symbols for Reduce {
    fn step(&mut self, bits: &mut Bits<'_>, sink: &mut Sink<'_>) -> Result<(), Fault> {
        if self.followers.len() <= usize::from(u8::MAX) {
            let count = bits.number(6)?;
            if count > FOLLOWERS_MAX {
                return Err(MALFORMED);
            }
            let followers: Result<Vec<u8>, Fault> =
                (0..count).map(|_| bits.take(8).map(|byte| byte as u8)).collect();
            self.followers.push(followers?);
            return Ok(());
        }
        let byte = self.next(bits)?;
        self.before = byte;
        let longest = (1u8 << self.length_bits) - 1;
        self.state = match self.state {
            State::Bytes if byte == MARK => State::Mark,
            State::Bytes => {
                sink.byte(byte);
                State::Bytes
            }
            State::Mark if byte == 0 => {
                sink.byte(MARK);
                State::Bytes
            }
            State::Mark if byte & longest == longest => State::Length(byte),
            State::Mark => State::Distance(byte, usize::from(byte & longest)),
            State::Length(first) => {
                State::Distance(first, usize::from(longest) + usize::from(byte))
            }
            State::Distance(first, len) => {
                let high = usize::from(first >> self.length_bits);
                sink.copy((high << 8 | usize::from(byte)) + 1, len + MATCH_MIN)?;
                State::Bytes
            }
        };
        Ok(())
    }

    fn order(&self) -> Order {
        Order::Low
    }

    fn window(&self) -> (usize, u8) {
        (4 << 10, 0)
    }
}
