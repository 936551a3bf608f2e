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
}

impl Transform for Deflate64 {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let input = self.ratio.of_step(input, self.drained);
        let before = out.len();
        out.resize(before + WINDOW, 0);
        let result = self.engine.inflate(input, out.get_mut(before..).unwrap_or_default());
        out.truncate(before + result.bytes_written);
        // Of what came before a fault, or before the input was used up, some may still be inside.
        let rest = self.engine.available_output();
        self.drained = rest == 0 && result.bytes_written < WINDOW;
        if let Err(reason) = self.ratio.add(result.bytes_consumed, result.bytes_written, out) {
            return (result.bytes_consumed, Decoded::Failed(reason));
        }
        let decoded = match () {
            () if rest > 0 => Decoded::More,
            () if self.engine.errored() => Decoded::Failed(Unscannable::Malformed),
            () if self.engine.finished() => Decoded::End,
            () => Decoded::More,
        };
        (result.bytes_consumed, decoded)
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

    #[test]
    fn what_came_before_a_fault_is_shown_at_any_pieces() {
        // A block of fixed codes with the letter `a` and the length 286, which there is not.
        let packed = [0x4a, 0x1c, 0x03, 0];
        for cut in [1, 2, packed.len()] {
            let (mut decoder, mut out) = (Deflate64::new(&Limits::default()), BytesMut::new());
            let mut last = Decoded::More;
            for piece in packed.chunks(cut) {
                let mut rest = piece;
                while last == Decoded::More && (!rest.is_empty() || !decoder.is_drained()) {
                    let (used, decoded) = decoder.run(rest, &mut out);
                    (rest, last) = (&rest[used..], decoded);
                }
            }
            assert_eq!(last, Decoded::Failed(Unscannable::Malformed), "pieces of {cut}");
            assert_eq!(&out[..], b"a", "pieces of {cut}");
        }
    }
}
