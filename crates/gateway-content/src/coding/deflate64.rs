//! Deflate64, method 9 of ZIP: deflate with a window of 64 KiB.

use bytes::BytesMut;
use deflate64::InflaterManaged;
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::inflate::WINDOW;
use super::ratio::Ratio;
use super::transform::Transform;
use crate::Limits;

/// Deflate64 data on their way.
pub(crate) struct Deflate64 {
    engine: Box<InflaterManaged>,
    ratio: Ratio,
    drained: bool,
}

impl Deflate64 {
    /// Data of which nothing was seen.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { engine: Box::new(InflaterManaged::new()), ratio: Ratio::new(limits), drained: true }
    }

    /// Fills `out` from `input`: how much of each was used.
    ///
    /// The engine is given one byte at a time, and that only when all that follows from the ones before
    /// is out: it takes codes of which there are more than there is room for, and what it then makes of
    /// a code depends on how much has come of what follows.
    fn inflate(&mut self, input: &[u8], out: &mut [u8]) -> (usize, usize) {
        let (mut consumed, mut written) = (0, 0);
        loop {
            let may_take = self.drained;
            let rest = input.get(consumed..).filter(|_| may_take).unwrap_or_default();
            let room = out.get_mut(written..).unwrap_or_default();
            let result = self.engine.inflate(rest.get(..1).unwrap_or_default(), room);
            consumed += result.bytes_consumed;
            written += result.bytes_written;
            // Of what came before a fault, or before the input was used up, some may still be inside.
            self.drained = self.engine.available_output() == 0 && written < out.len();
            if written == out.len() || may_take && result.bytes_consumed == 0 {
                return (consumed, written);
            }
        }
    }
}

impl Transform for Deflate64 {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let input = self.ratio.of_step(input, self.drained);
        let before = out.len();
        out.resize(before + WINDOW, 0);
        let (consumed, written) = self.inflate(input, out.get_mut(before..).unwrap_or_default());
        out.truncate(before + written);
        if let Err(reason) = self.ratio.add(consumed, written, out) {
            return (consumed, Decoded::Failed(reason));
        }
        let decoded = match () {
            () if !self.drained => Decoded::More,
            () if self.engine.errored() => Decoded::Failed(Unscannable::Malformed),
            () if self.engine.finished() => Decoded::End,
            () => Decoded::More,
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
        self.ratio.unpacked()
    }

    fn memory_max(&self) -> usize {
        256 << 10
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
