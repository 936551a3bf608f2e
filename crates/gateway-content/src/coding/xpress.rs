//! XPRESS with Huffman codes ([MS-XCA], section 2.2), as images of Windows are packed by it: a chunk at a
//! time, of which all is there.

use gateway_inspect::Unscannable;

use super::prefix_code::PrefixCode;

/// Bytes of the lengths of codes, two in each.
const LENGTHS_BYTES: usize = 256;
const MATCH_MIN: usize = 3;
/// The length that goes on in a byte, and the byte that goes on in two.
const LONG: usize = 15;
const LONGEST: u8 = 255;

/// Bits in pairs of bytes, taken one ahead, and bytes between them.
struct Reader<'a> {
    rest: &'a [u8],
    bits: u32,
    count: u32,
}

impl Reader<'_> {
    /// Takes pairs until there are `count` bits, 16 at the most. Behind the end there are zeros.
    fn need(&mut self, count: u32) {
        while self.count < count {
            let pair = u32::from(self.byte()) | u32::from(self.byte()) << 8;
            self.bits |= pair << (16 - self.count);
            self.count += 16;
        }
    }

    fn take(&mut self, count: u32) -> u32 {
        let value = (u64::from(self.bits) >> (32 - count)) as u32;
        self.bits = u32::try_from(u64::from(self.bits) << count & 0xffff_ffff).unwrap_or(0);
        self.count -= count;
        value
    }

    fn byte(&mut self) -> u8 {
        let Some((byte, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        *byte
    }
}

/// Appends to `out` the `size` bytes that `chunk` unpacks to.
///
/// # Errors
/// What it unpacks to makes no sense; as much as does is appended.
pub(crate) fn unpack(chunk: &[u8], size: usize, out: &mut Vec<u8>) -> Result<(), Unscannable> {
    let (lengths, rest) = chunk.split_at_checked(LENGTHS_BYTES).ok_or(Unscannable::Malformed)?;
    let lengths: Vec<u8> = lengths.iter().flat_map(|two| [two & 15, two >> 4]).collect();
    let code = PrefixCode::new(&lengths).map_err(|_| Unscannable::Malformed)?;
    let mut reader = Reader { rest, bits: 0, count: 0 };
    let (start, end) = (out.len(), out.len() + size);
    while out.len() < end {
        reader.need(15);
        let (symbol, length) = code.look_up(reader.bits >> 16).ok_or(Unscannable::Malformed)?;
        reader.take(length);
        if let Ok(byte) = u8::try_from(symbol) {
            out.push(byte);
            continue;
        }
        let (width, mut len) = (u32::from(symbol - 256) >> 4, usize::from(symbol & 15));
        reader.need(16);
        let distance = 1 << width | reader.take(width) as usize;
        if len == LONG {
            let byte = reader.byte();
            len += usize::from(byte);
            if byte == LONGEST {
                len = usize::from(reader.byte()) | usize::from(reader.byte()) << 8;
            }
        }
        let from = out.len().checked_sub(distance).filter(|from| *from >= start);
        let from = from.ok_or(Unscannable::Malformed)?;
        for at in from..from + (len + MATCH_MIN).min(end - out.len()) {
            out.push(out.get(at).copied().unwrap_or(0));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What `rest` unpacks to behind codes of nine bits for all symbols, as far as it goes, and how it ends.
    fn unpacked(rest: &[u8], size: usize) -> (Vec<u8>, Result<(), Unscannable>) {
        let mut out = Vec::new();
        let end = unpack(&[&[0x99; LENGTHS_BYTES][..], rest].concat(), size, &mut out);
        (out, end)
    }

    #[test]
    fn lengths_go_on_in_bytes() {
        // `a`, a match of that byte and zeros up to the pair, which stand for zeros; the pair that is taken
        // ahead, and what is more of the length.
        let begins = |length: u32| 0x61 << 23 | (256 + length) << 14;
        for (length, more, len) in [
            (0, &[][..], 3),
            (14, &[], 17),
            (15, &[0], 18),
            (15, &[254], 272),
            (15, &[255, 0, 1], 259),
        ] {
            let [low, high, next, last] = u32::to_le_bytes(begins(length));
            let rest = [&[next, last, low, high, 0, 0], more].concat();
            let mut want = vec![b'a'; 1 + len];
            want.push(0);
            assert_eq!(unpacked(&rest, want.len()), (want, Ok(())), "{length} {more:?}");
        }
    }

    proptest! {
        /// How much is wanted decides where it ends, and nothing else.
        #[test]
        fn less_of_a_chunk_is_its_front(
            rest in prop::collection::vec(any::<u8>(), 0..200),
            less in 0usize..2_000,
            more in 0usize..2_000,
        ) {
            let (front, end) = unpacked(&rest, less);
            let (whole, _) = unpacked(&rest, less + more);
            prop_assert!(whole.starts_with(&front));
            prop_assert!(end.is_err() || front.len() == less);
        }
    }
}
