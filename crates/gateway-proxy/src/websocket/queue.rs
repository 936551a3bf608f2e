//! What waits to leave in one direction: frames as they came, or messages that are written anew.

use bytes::Bytes;
use gateway_inspect::Span;

use super::anew::Anew;
use super::held::Held;

/// The queue of one direction.
#[derive(Debug)]
pub(super) enum Queue {
    AsCame(Held),
    Anew(Box<Anew>),
}

impl Queue {
    /// Bytes that wait for clearance.
    pub(super) const fn bytes(&self) -> usize {
        match self {
            Self::AsCame(held) => held.bytes(),
            Self::Anew(anew) => anew.bytes(),
        }
    }

    /// Bytes that wait to be written.
    pub(super) const fn out_bytes(&self) -> usize {
        match self {
            Self::AsCame(held) => held.out_bytes(),
            Self::Anew(anew) => anew.out_bytes(),
        }
    }

    /// Bytes that may leave or have left, of `came` that came.
    pub(super) const fn left(&self, came: u64) -> u64 {
        match self {
            Self::AsCame(held) => came.saturating_sub(held.bytes() as u64),
            Self::Anew(anew) => anew.written(),
        }
    }

    /// Whether what has left ends in the middle of a frame.
    pub(super) const fn is_mid_frame(&self) -> bool {
        match self {
            Self::AsCame(held) => held.is_mid_frame(),
            Self::Anew(_) => false,
        }
    }

    /// Writes bytes as soon as possible, between frames if there are any.
    pub(super) fn write(&mut self, wire: Bytes) {
        match self {
            Self::AsCame(held) => held.write(wire),
            Self::Anew(anew) => anew.write(wire),
        }
    }

    /// Everything may leave whose content ends at or before `content`.
    pub(super) fn release_to(&mut self, content: u64) {
        match self {
            Self::AsCame(held) => held.release_to(content),
            Self::Anew(anew) => anew.release_to(content),
        }
    }

    /// Overwrites bytes of the content of the message under way, as far as they wait; only who writes
    /// messages anew can.
    pub(super) fn overwrite(&mut self, span: Span) {
        match self {
            Self::AsCame(_) => debug_assert!(false, "frames pass as they came"),
            Self::Anew(anew) => anew.overwrite(span),
        }
    }

    /// What waits for clearance never leaves.
    pub(super) fn discard(&mut self) {
        match self {
            Self::AsCame(held) => held.discard(),
            Self::Anew(anew) => anew.discard(),
        }
    }

    /// Moves what is to be written to the end of `out`.
    pub(super) fn take(&mut self, out: &mut Vec<Bytes>) -> usize {
        match self {
            Self::AsCame(held) => held.take(out),
            Self::Anew(anew) => anew.take(out),
        }
    }
}
