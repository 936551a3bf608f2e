//! Deflate64, method 9 of ZIP: deflate with a window of 64 KiB, two more codes for distances, and a
//! length of up to 65,538 bytes.
//!
//! Of its codes it is as strict as 7-Zip: there may be fewer than there is room for, and not more; what has
//! no code, or refers to before the first byte, is a fault.

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use super::bits::Fault;
use super::decoder::Decoded;
use super::inflate::blocks::{Blocks, Stand};
use super::inflate::code::Format;
use super::inflate::reader::{Held, Reader};
use super::inflate::window::Window;
use super::inflate::{BLOCK_WORK, WINDOW, blocks_max};
use super::ratio::Ratio;
use super::transform::Transform;
use crate::Limits;

/// Deflate64 data on their way.
pub(crate) struct Deflate64 {
    blocks: Box<Blocks>,
    window: Window,
    held: Held,
    ratio: Ratio,
    /// Blocks that are behind.
    ended: u64,
    drained: bool,
}

impl Deflate64 {
    /// Data of which nothing was seen.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            blocks: Box::new(Blocks::new(Format::Deflate64)),
            window: Window::new(Format::Deflate64),
            held: Held::default(),
            ratio: Ratio::new(limits),
            ended: 0,
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
        if let Ok(Stand::Block | Stand::Over) = stand {
            self.ended += 1;
            // Of both it is certain here how many they are, whatever the pieces.
            if self.blocks.owned() > blocks_max(self.ratio.packed()) {
                return (consumed, Decoded::Failed(Unscannable::WorkExceeded));
            }
        }
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
        self.ratio.unpacked().saturating_add(self.ended.saturating_mul(BLOCK_WORK))
    }

    fn memory_max(&self) -> usize {
        Window::memory_max(Format::Deflate64) + (16 << 10)
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
    fn codes_without_room_for_all_are_refused_at_any_pieces() {
        for cut in [1, 2, 7, 21, 64] {
            let expected = (Vec::new(), Decoded::Failed(Unscannable::Malformed));
            assert_eq!(unpack(TOO_MANY_CODES, cut), expected, "pieces of {cut}");
        }
    }

    /// What 7-Zip packs: lengths and distances that deflate does not have.
    const FAR: &str = "e4df45018400000030cedd0f77efdf90183cb6260b36dbddfe703c9d2fd7dbfdf17cbd3fdfdf3f8c\
         e224cdf2a2aceaa6edfa619ce680c7e3f1783c1e8fc7e3f1783c1e8fc7e3f1783c1e8fc7e3f1783c\
         1e8fc7e3f1783c1e8fc7e3f1783c1e8fc7e3f1783c1e8fc7e3f1783c1e8fc7e3f1783c1e8fc7e3f1\
         783c1e8fc7e3f1783c1e8fc7e3f1783c1e8fc7e3f1783c1e8fc7e3f1783c1e8fc7e3f1783c1e8fc7\
         e3f1783c1e8fc7e3f1783c1e8fc7e3f1783c1e8fc7e3f1783c1e8fc7e3f1783c1e8fc7e3f1783c1e\
         8fc7e3f1783c1e8fc7e3f1783c1e8fc7e3f1783c1e8fc7e3f1783c1e8fc7e3f1783c1e8fc7e3f178\
         3c1e8fc7e3f1783c1e8fc7e3f1783c1e8fb70efea1cae3f116f2e0400000000000c8ffb510f47abd\
         5eafd7ebf57abd5eafd7ebf57abd5eafd7ebf57abd5eafd7ebf57abd5eafd7ebf57abd5eafd7ebf5\
         7abd5eafd7ebf57abd5eafd7ebf57abd5eafd7ebf57abd5eafd7ebf57abd5eafd7ebf57abd5eafd7\
         ebf57abd5eafd7ebf57abd5eafd7ebf57abd5eafd7ebf57abd5eafd7ebf57abd5eafd7ebf57abd5e\
         afd7ebf57abd5eafd7ebf57abd5eafd7ebf57abd5eafd7ebf57abd5eafd7ebf57abd5eafd7ebf57a\
         bd5eafd7ebf57abd5eafd7ebf57abd5eafd7ebf57abd5eafd7ebf57abd5eafd7ebf57abd5eafd7eb\
         f57abd5eafa73c3826010000010056c5700a5e5ef6c71ac2361e8fc7e3f1783c1e8fc7e3f1783c1e\
         8fc7e3f1783c1e8fc7e3f1bed8aea8c903";

    #[test]
    fn long_matches_and_far_ones_are_unpacked_at_any_pieces() {
        let numbers: Vec<u8> = (0..40).collect();
        let zeros = vec![0; 70_000];
        let content = [&numbers[..], &zeros[..60_000], &numbers, &zeros, b"the end"].concat();
        let packed = crate::packed::bytes(FAR);
        for cut in [1, 2, 3, 5, 64, packed.len()] {
            let (out, end) = unpack(&packed, cut);
            assert_eq!(end, Decoded::End, "pieces of {cut}");
            assert!(out == content, "pieces of {cut}");
        }
        let mut decoder = Deflate64::new(&Limits::default());
        let (_, end) = decoder.run(&packed[..packed.len() - 1], &mut BytesMut::new());
        assert_eq!(
            (end, decoder.finish(&mut BytesMut::new())),
            (Decoded::More, Err(Unscannable::Malformed))
        );
    }

    /// So many blocks that bring codes and hold nothing, some 11 bytes each.
    fn empty_blocks(count: usize) -> Vec<u8> {
        let (mut out, mut bits, mut have) = (Vec::new(), 0u64, 0);
        let mut put = |value: u64, count: u32| {
            bits |= value << have;
            have += count;
            while have >= 8 {
                out.push(bits as u8);
                (bits, have) = (bits >> 8, have - 8);
            }
        };
        for _ in 0..count {
            // Codes of a bit for 18 and 1; with them 255 zeros and three lengths of 1.
            put(0b100 | 14 << 13, 17);
            (0..18).for_each(|i| put(u64::from(i == 2 || i == 17), 3));
            for (value, count) in [(0xff, 8), (1 | 106 << 1, 8), (0, 3), (1, 1)] {
                put(value, count);
            }
        }
        put(0b011, 20);
        out
    }

    #[test]
    fn a_flood_of_empty_blocks_has_an_end_at_any_pieces() {
        let few = empty_blocks(blocks_max(0) as usize);
        assert_eq!(unpack(&few, few.len()), (Vec::new(), Decoded::End));
        let many = empty_blocks(2 * blocks_max(0) as usize);
        for cut in [1, 7, many.len()] {
            let expected = (Vec::new(), Decoded::Failed(Unscannable::WorkExceeded));
            assert_eq!(unpack(&many, cut), expected, "pieces of {cut}");
        }
    }

    #[test]
    fn what_refers_to_before_the_first_byte_is_a_fault() {
        // A block of fixed codes: `a`, then three bytes from two before.
        let packed = [0x4b, 0x04, 0x42, 0x00];
        assert_eq!(unpack(&packed, 1).0, b"a");
        assert_eq!(unpack(&packed, 4).1, Decoded::Failed(Unscannable::Malformed));
    }
}
