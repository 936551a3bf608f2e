//! Frames of one direction that wait to leave, as they came; it knows nothing of their content.

use std::collections::VecDeque;

use bytes::Bytes;

/// The queue of one direction: frames that wait for clearance, then bytes that are to be written.
///
/// A short frame leaves whole or not at all, so that the direction stands at a boundary of frames
/// unless a long one is on its way.
#[derive(Debug, Default)]
pub(super) struct Held {
    frames: VecDeque<Frame>,
    bytes: usize,
    out: Vec<Bytes>,
    out_bytes: usize,
    /// Whether part of the first frame has left.
    mid_frame: bool,
}

#[derive(Debug)]
struct Frame {
    /// With the position in the content that each piece ends at.
    pieces: VecDeque<(Bytes, u64)>,
    length: Length,
    complete: bool,
}

/// Whether a frame leaves whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    Short,
    Long,
}

/// Of a piece whose content is not known yet.
const UNKNOWN: u64 = u64::MAX;

impl Held {
    /// Bytes that wait for clearance.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Bytes that wait to be written.
    pub(super) const fn out_bytes(&self) -> usize {
        self.out_bytes
    }

    /// Whether what has left ends in the middle of a frame.
    pub(super) const fn is_mid_frame(&self) -> bool {
        self.mid_frame
    }

    /// A frame begins behind `content` bytes of its message.
    pub(super) fn begin(&mut self, header: Bytes, length: Length, content: u64) {
        self.bytes += header.len();
        let pieces = VecDeque::from([(header, content)]);
        self.frames.push_back(Frame { pieces, length, complete: false });
    }

    /// More of the frame that has begun; how far its content goes is said by
    /// [`reached`](Self::reached).
    pub(super) fn push(&mut self, wire: Bytes) {
        self.bytes += wire.len();
        if let Some(frame) = self.frames.back_mut() {
            frame.pieces.push_back((wire, UNKNOWN));
        }
    }

    /// Everything so far is `content` bytes of the message.
    pub(super) fn reached(&mut self, content: u64) {
        if let Some((_, end)) = self.frames.back_mut().and_then(|frame| frame.pieces.back_mut()) {
            *end = content.min(*end);
        }
    }

    /// The frame that has begun is whole.
    pub(super) fn end_frame(&mut self) {
        if let Some(frame) = self.frames.back_mut() {
            frame.complete = true;
        }
    }

    /// Writes bytes as soon as possible, between frames if there are any.
    pub(super) fn write(&mut self, wire: Bytes) {
        self.out_bytes += wire.len();
        self.out.push(wire);
    }

    /// Everything may leave whose content ends at or before `content`.
    pub(super) fn release_to(&mut self, content: u64) {
        while let Some(frame) = self.frames.front_mut() {
            let cleared = |(_, end): &(Bytes, u64)| *end <= content;
            let whole = frame.complete && frame.pieces.back().is_none_or(cleared);
            if frame.length == Length::Short && !whole {
                return;
            }
            while let Some((wire, _)) = frame.pieces.pop_front_if(|piece| cleared(piece)) {
                self.bytes -= wire.len();
                self.out_bytes += wire.len();
                self.out.push(wire);
                self.mid_frame = true;
            }
            if !frame.complete || !frame.pieces.is_empty() {
                return;
            }
            self.frames.pop_front();
            self.mid_frame = false;
        }
    }

    /// Everything may leave.
    pub(super) fn release(&mut self) {
        self.release_to(UNKNOWN - 1);
    }

    /// What waits for clearance never leaves.
    pub(super) fn discard(&mut self) {
        self.frames.clear();
        self.bytes = 0;
    }

    /// Moves what is to be written to the end of `out`.
    pub(super) fn take(&mut self, out: &mut Vec<Bytes>) -> usize {
        out.append(&mut self.out);
        std::mem::take(&mut self.out_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(held: &mut Held) -> String {
        let mut out = Vec::new();
        let bytes = held.take(&mut out);
        let out = out.concat();
        assert_eq!(out.len(), bytes);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn short_frames_leave_whole() {
        let mut held = Held::default();
        held.begin("[".into(), Length::Short, 0);
        held.push("ab".into());
        held.reached(2);
        held.release_to(2);
        assert_eq!(taken(&mut held), "", "not complete");
        held.push("c]".into());
        held.reached(4);
        held.end_frame();
        held.release_to(3);
        assert_eq!((taken(&mut held).as_str(), held.is_mid_frame()), ("", false));
        held.begin("<".into(), Length::Short, 4);
        held.release_to(4);
        assert_eq!((taken(&mut held).as_str(), held.bytes()), ("[abc]", 1));
        held.discard();
        held.write("!".into());
        assert_eq!((taken(&mut held).as_str(), held.bytes()), ("!", 0));
    }

    #[test]
    fn long_frames_leave_as_far_as_they_are_cleared() {
        let mut held = Held::default();
        held.begin("[".into(), Length::Long, 0);
        held.push("ab".into());
        held.release_to(9);
        assert_eq!(taken(&mut held), "[", "what is not known does not leave");
        held.reached(2);
        held.release_to(1);
        assert_eq!((taken(&mut held).as_str(), held.is_mid_frame()), ("", true));
        held.push("]".into());
        held.reached(3);
        held.end_frame();
        held.release();
        assert_eq!((taken(&mut held).as_str(), held.is_mid_frame()), ("ab]", false));
    }
}
