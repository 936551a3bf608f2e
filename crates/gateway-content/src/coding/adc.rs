//! ADC, Apple's packing of images of disks: runs of bytes, and strings by how far back they stand.

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::inflate::WINDOW;
use super::transform::Transform;

/// The farthest that a string stands back.
const REACH: usize = 1 << 16;

/// The decoder, in whatever pieces.
#[derive(Default)]
pub(crate) struct Adc {
    /// The last bytes that came out.
    window: Vec<u8>,
    /// The first bytes of what stands for a string.
    begun: Vec<u8>,
    /// Bytes of a run that are to come.
    run: usize,
    work: u64,
}

/// Bytes that stand for a string, by the first of them.
const fn string_bytes(first: u8) -> usize {
    if first & 0x40 != 0 { 3 } else { 2 }
}

impl Adc {
    fn put(&mut self, bytes: &[u8], out: &mut BytesMut) {
        out.extend_from_slice(bytes);
        self.window.extend_from_slice(bytes);
        if self.window.len() > 2 * REACH {
            self.window.drain(..self.window.len() - REACH);
        }
    }

    /// The string that was begun, if all that stands for it has come.
    fn string(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        let (len, back) = match *self.begun {
            [first, high, low] if first & 0x40 != 0 => {
                (usize::from(first & 0x3f) + 4, usize::from(high) << 8 | usize::from(low))
            }
            [first, low] if first & 0x40 == 0 => {
                (usize::from(first >> 2 & 15) + 3, usize::from(first & 3) << 8 | usize::from(low))
            }
            _ => return Ok(()),
        };
        self.begun.clear();
        let from = self.window.len().checked_sub(back + 1).ok_or(Unscannable::Malformed)?;
        let seen = self.window.get(from..).unwrap_or_default();
        // What is put out may be part of the string.
        let string: Vec<u8> = seen.iter().copied().cycle().take(len).collect();
        self.put(&string, out);
        Ok(())
    }
}

impl Transform for Adc {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let before = out.len();
        let mut used = 0;
        while out.len() - before < WINDOW {
            let rest = input.get(used..).unwrap_or_default();
            let Some(first) = rest.first() else { break };
            if self.run > 0 {
                let n = self.run.min(rest.len());
                self.put(rest.get(..n).unwrap_or_default(), out);
                (self.run, used) = (self.run - n, used + n);
                continue;
            }
            used += 1;
            if self.begun.is_empty() && first & 0x80 != 0 {
                self.run = usize::from(first & 0x7f) + 1;
                continue;
            }
            self.begun.push(*first);
            let whole = self.begun.first().map_or(0, |first| string_bytes(*first));
            if self.begun.len() == whole
                && let Err(reason) = self.string(out)
            {
                return (used, Decoded::Failed(reason));
            }
        }
        self.work += (used + out.len() - before) as u64;
        (used, Decoded::More)
    }

    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Unscannable> {
        let is_whole = self.run == 0 && self.begun.is_empty();
        if is_whole { Ok(()) } else { Err(Unscannable::Malformed) }
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.work
    }

    fn memory_max(&self) -> usize {
        4 * REACH
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked(packed: &[u8], cut: usize) -> (Vec<u8>, Result<(), Unscannable>) {
        let (mut adc, mut out) = (Adc::default(), BytesMut::new());
        for piece in packed.chunks(cut) {
            let mut piece = piece;
            while !piece.is_empty() {
                let (used, decoded) = adc.run(piece, &mut out);
                if let Decoded::Failed(reason) = decoded {
                    return (out.to_vec(), Err(reason));
                }
                piece = &piece[used..];
            }
        }
        let end = adc.finish(&mut out);
        (out.to_vec(), end)
    }

    #[test]
    fn runs_and_strings_are_unpacked_in_any_pieces() {
        for (packed, want) in [
            (&b"\x82abc"[..], &b"abc"[..]),
            (b"\x82abc\x00\x02", b"abcabc"),
            (b"\x80a\x04\x00", b"aaaaa"),
            (b"\x81ab\x41\x00\x01", b"abababa"),
            (b"\x81ab\x40\x00\x00\x80c", b"abbbbbc"),
        ] {
            for cut in 1..=packed.len() {
                assert_eq!(unpacked(packed, cut), (want.to_vec(), Ok(())));
            }
        }
    }

    #[test]
    fn what_stands_before_the_start_or_is_cut_is_no_string() {
        for packed in [&b"\x80a\x00\x01"[..], b"\x00\x00", b"\x82ab", b"\x80a\x40\x00"] {
            assert_eq!(unpacked(packed, 1).1, Err(Unscannable::Malformed));
        }
    }
}
