//! Deflate64, method 9 of ZIP: deflate with a window of 64 KiB, two more codes for distances, and a
//! length of up to 65,538 bytes.
//!
//! Of its codes it is as strict as 7-Zip: there may be fewer than there is room for, and not more; what has
//! no code, or refers to before the first byte, is a fault.

mod blocks;
mod code;
mod reader;
mod window;

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use self::blocks::{Blocks, Stand};
use self::reader::{Held, Reader};
use self::window::Window;
use super::bits::Fault;
use super::decoder::Decoded;
use super::inflate::{BLOCK_WORK, WINDOW};
use super::ratio::Ratio;
use super::transform::Transform;
use crate::Limits;

/// Deflate64 data on their way.
pub(crate) struct Deflate64 {
    blocks: Box<Blocks>,
    window: Window,
    held: Held,
    ratio: Ratio,
    /// Blocks that were begun.
    begun: u64,
    drained: bool,
}

impl Deflate64 {
    /// Data of which nothing was seen.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            blocks: Box::new(Blocks::new()),
            window: Window::new(),
            held: Held::default(),
            ratio: Ratio::new(limits),
            begun: 0,
            drained: true,
        }
    }
}

impl Transform for Deflate64 {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let input = self.ratio.of_step(input, self.drained);
        let mut reader = Reader::new(self.held, input);
        self.window.begin(WINDOW);
        let stand = self.blocks.run(&mut reader, &mut self.window);
        let consumed;
        (consumed, self.held) = reader.end();
        let written = self.window.written();
        out.extend_from_slice(written);
        if let Err(reason) = self.ratio.add(consumed, written.len(), out) {
            return (consumed, Decoded::Failed(reason));
        }
        self.drained = !matches!(stand, Ok(Stand::Full | Stand::Block));
        self.begun += u64::from(matches!(stand, Ok(Stand::Block | Stand::Over)));
        let decoded = match stand {
            Ok(Stand::Over) => Decoded::End,
            Ok(Stand::Short | Stand::Full | Stand::Block) => Decoded::More,
            Err(Fault::Broken(reason)) => Decoded::Failed(reason),
            Err(Fault::Short) => Decoded::Failed(Unscannable::Malformed),
        };
        (consumed, decoded)
    }

    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Unscannable> {
        Err(Unscannable::Malformed)
    }

    fn is_drained(&self) -> bool {
        self.drained
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.ratio.unpacked().saturating_add(self.begun.saturating_mul(BLOCK_WORK))
    }

    fn memory_max(&self) -> usize {
        Window::memory_max() + (16 << 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out of `packed` in pieces of `cut` bytes, and how it ends.
    fn unpack(packed: &[u8], cut: usize) -> (Vec<u8>, Decoded) {
        let (mut decoder, mut out) = (Deflate64::new(&Limits::default()), BytesMut::new());
        let mut last = Decoded::More;
        for piece in packed.chunks(cut) {
            let mut rest = piece;
            while last == Decoded::More && (!rest.is_empty() || !decoder.is_drained()) {
                let (used, decoded) = decoder.run(rest, &mut out);
                (rest, last) = (&rest[used..], decoded);
            }
        }
        (out.to_vec(), last)
    }

    #[test]
    fn what_came_before_a_fault_is_shown_at_any_pieces() {
        // A block of fixed codes with the letter `a` and the length 286, which there is not.
        let packed = [0x4a, 0x1c, 0x03, 0];
        for cut in [1, 2, packed.len()] {
            let expected = (b"a".to_vec(), Decoded::Failed(Unscannable::Malformed));
            assert_eq!(unpack(&packed, cut), expected, "pieces of {cut}");
        }
    }

    #[test]
    fn what_follows_the_end_is_left() {
        let (mut decoder, mut out) = (Deflate64::new(&Limits::default()), BytesMut::new());
        let packed = b"\x4b\x04\0PK\x07\x08 and so on";
        assert_eq!(decoder.run(packed, &mut out), (3, Decoded::End));
        assert_eq!(&out[..], b"a");
    }

    /// A block whose codes are more than there is room for.
    const TOO_MANY_CODES: &[u8] =
        b"\x95\xcf\x31\x0a\x02\x31\x14\x84\xe1\xde\x53\xbc\x03\x88\x24\xef\
        \x25\x9b\xa4\x5c\xd0\x4e\x1b\x1c\xeb\x85\x0d\x68\xa1\x0b\x89\x8b\
        \xd7\x17\xad\x9c\x4a\xa6\x1d\xf8\xf8\x12\x12\xff\xff\x12\x12\x12\
        \x12\x12\x12\x12\x10\x0f\x00\x12\x12\x12\x12\x12\x12\x12\x12\x12\
        \x12\x12\x12\x12\x12\x12\x12\x12\x12\x12\xff\xff\x12\x12\x12\x12\
        \x12\x12\x12\x12\x12\x12\x12\x10\x0f\x00";

    #[test]
    fn codes_without_room_for_all_are_read_alike_at_any_pieces() {
        let whole = unpack(TOO_MANY_CODES, TOO_MANY_CODES.len());
        assert!(!whole.0.is_empty());
        for cut in [1, 2, 7, 21, 64] {
            assert_eq!(unpack(TOO_MANY_CODES, cut), whole, "pieces of {cut}");
        }
    }
}
