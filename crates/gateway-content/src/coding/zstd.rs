//! The content-coding `zstd` (RFC 8878), fed in any pieces, within a ratio: any number of frames, one
//! after the other.

mod frame;

use bytes::BytesMut;
use gateway_inspect::Unscannable;
use zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer};

use self::frame::Frame;
use super::decoder::Decoded;
use super::inflate::WINDOW;
use super::ratio::Ratio;
use super::transform::Transform;
use crate::Limits;

/// Bits of the largest window: 8 MiB, what a content-coding may ask for (RFC 9659).
const WINDOW_LOG_MAX: u32 = 23;

/// What the library answers to a larger one (`ZSTD_error_frameParameter_windowTooLarge`).
const WINDOW_TOO_LARGE: usize = 16_usize.wrapping_neg();

/// What a packed byte costs at the least, in bytes of output that take as long.
const PACKED_WORK: u64 = 16;

/// A sequence of zstd frames on its way.
pub(crate) struct Zstd {
    engine: DCtx<'static>,
    out: Box<[u8]>,
    ratio: Ratio,
    frame: Frame,
    drained: bool,
}

impl Zstd {
    /// A stream of which nothing was seen.
    pub(crate) fn new(limits: &Limits) -> Self {
        let mut engine = DCtx::create();
        // A bound that the library refuses leaves its own, of 128 MiB, in place.
        let _ = engine.set_parameter(DParameter::WindowLogMax(WINDOW_LOG_MAX));
        Self {
            engine,
            out: vec![0; WINDOW].into(),
            ratio: Ratio::new(limits),
            frame: Frame::default(),
            drained: true,
        }
    }

    /// Whether all that follows from the input so far is out.
    pub(crate) const fn is_drained(&self) -> bool {
        self.drained
    }

    /// What it has cost so far, in bytes of output that take as long.
    pub(crate) const fn work(&self) -> u64 {
        let packed = self.ratio.packed().saturating_mul(PACKED_WORK);
        self.ratio.unpacked().saturating_add(packed)
    }

    /// The input has ended: whether it did so between frames.
    pub(crate) const fn finish(&self) -> Result<(), Unscannable> {
        if self.frame.is_new() && self.drained { Ok(()) } else { Err(Unscannable::Malformed) }
    }

    /// Takes the next step through `input`; frames end only with it.
    pub(crate) fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        if input.is_empty() && self.drained {
            return (0, Decoded::More);
        }
        let input = self.ratio.of_step(input, self.drained);
        // What is left of the last bytes comes first.
        let most = if self.drained { self.frame.most() } else { Some(0) };
        let Some(most) = most else { return (0, Decoded::Failed(Unscannable::Malformed)) };
        let input = input.get(..most).unwrap_or(input);
        let mut packed = InBuffer::around(input);
        let mut unpacked = OutBuffer::around(&mut self.out[..]);
        let result = self.engine.decompress_stream(&mut unpacked, &mut packed);
        let (consumed, produced) = (packed.pos, unpacked.pos());
        out.extend_from_slice(self.out.get(..produced).unwrap_or_default());
        let allowed = self.ratio.add(consumed, produced, out);
        self.frame.take(input.get(..consumed).unwrap_or_default(), produced);
        // A full buffer may leave something behind.
        self.drained = produced < self.out.len();
        let decoded = match result {
            _ if let Err(reason) = allowed => Decoded::Failed(reason),
            Err(WINDOW_TOO_LARGE) => Decoded::Failed(Unscannable::TooLarge),
            Err(_) => Decoded::Failed(Unscannable::Malformed),
            Ok(0) => {
                (self.frame, self.drained) = (Frame::default(), true);
                Decoded::More
            }
            Ok(_) => Decoded::More,
        };
        (consumed, decoded)
    }
}

/// A member of an archive is a sequence of frames as well.
impl Transform for Zstd {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        Self::run(self, input, out)
    }

    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Unscannable> {
        Self::finish(self)
    }

    fn is_drained(&self) -> bool {
        self.drained
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        Self::work(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame that says it has `size` bytes, of blocks that hold theirs as they are.
    fn frame(size: u8, blocks: &[&[u8]]) -> Vec<u8> {
        let mut frame = vec![0x28, 0xB5, 0x2F, 0xFD, 0x20, size];
        for (index, block) in blocks.iter().enumerate() {
            let is_last = usize::from(index + 1 == blocks.len());
            frame.extend(&(block.len() << 3 | is_last).to_le_bytes()[..3]);
            frame.extend(*block);
        }
        frame
    }

    /// What is shown of `packed` in pieces of so many bytes, and whether it is whole.
    fn shown(packed: &[u8], piece: usize) -> (Vec<u8>, bool) {
        let (mut zstd, mut out) = (Zstd::new(&Limits::default()), BytesMut::new());
        for mut input in packed.chunks(piece) {
            while !input.is_empty() || !zstd.is_drained() {
                let (taken, decoded) = zstd.run(input, &mut out);
                input = &input[taken..];
                if let Decoded::Failed(_) = decoded {
                    return (out.to_vec(), false);
                }
            }
        }
        (out.to_vec(), zstd.finish().is_ok())
    }

    #[test]
    fn frames_that_lie_about_their_size_show_the_same_in_all_pieces() {
        let skipped = [&[0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
        let cases = [
            (frame(10, &[b"01234", b"56789"]), &b"0123456789"[..], true),
            ([&skipped[..], &frame(1, &[b"a"]), &skipped, &frame(0, &[b""])].concat(), b"a", true),
            (frame(9, &[b"01234", b"56789"]), b"012345678", false),
            // No block may be larger than a frame says that it is.
            (frame(4, &[b"01234", b"56789"]), b"", false),
            (frame(0, &[b"01234"]), b"", false),
            (frame(11, &[b"01234", b"56789"]), b"012345678", false),
            // The engine does not ask behind a last block of nothing; all that there is was shown.
            (frame(200, &[b"01234", b""]), b"01234", true),
        ];
        for (packed, expected, is_whole) in cases {
            for piece in (1..=8).chain([packed.len()]) {
                let expected = (expected.to_vec(), is_whole);
                assert_eq!(shown(&packed, piece), expected, "{packed:02x?} by {piece}");
            }
        }
    }
}
