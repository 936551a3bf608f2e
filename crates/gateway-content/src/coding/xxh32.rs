//! XXH32, the sum of frames of LZ4 (xxHash fast digest algorithm 0.1.1), with a seed of zero.

const A: u32 = 0x9e37_79b1;
const B: u32 = 0x85eb_ca77;
const C: u32 = 0xc2b2_ae3d;
const D: u32 = 0x27d4_eb2f;
const E: u32 = 0x1656_67b1;
/// Bytes that are taken at once.
const STRIPE: usize = 16;

/// A sum on its way.
pub(crate) struct Xxh32 {
    lanes: [u32; 4],
    /// Bytes that do not make a stripe yet.
    waiting: Vec<u8>,
    bytes: u64,
}

impl Xxh32 {
    /// The sum of nothing.
    pub(crate) const fn new() -> Self {
        let lanes = [A.wrapping_add(B), B, 0, A.wrapping_neg()];
        Self { lanes, waiting: Vec::new(), bytes: 0 }
    }

    /// Adds bytes.
    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        if !self.waiting.is_empty() {
            let n = (STRIPE - self.waiting.len()).min(bytes.len());
            let (piece, rest) = bytes.split_at_checked(n).unwrap_or((bytes, &[]));
            self.waiting.extend_from_slice(piece);
            bytes = rest;
            if self.waiting.len() < STRIPE {
                return;
            }
            let stripe = std::mem::take(&mut self.waiting);
            self.stripe(&stripe);
        }
        let mut stripes = bytes.chunks_exact(STRIPE);
        for stripe in stripes.by_ref() {
            self.stripe(stripe);
        }
        self.waiting.extend_from_slice(stripes.remainder());
    }

    fn stripe(&mut self, stripe: &[u8]) {
        for (lane, word) in self.lanes.iter_mut().zip(words(stripe)) {
            *lane = lane.wrapping_add(word.wrapping_mul(B)).rotate_left(13).wrapping_mul(A);
        }
    }

    /// The sum of all bytes so far.
    pub(crate) fn finish(&self) -> u32 {
        let [a, b, c, d] = self.lanes;
        let mut sum = if self.bytes < STRIPE as u64 {
            E
        } else {
            let sum = a.rotate_left(1).wrapping_add(b.rotate_left(7));
            sum.wrapping_add(c.rotate_left(12)).wrapping_add(d.rotate_left(18))
        };
        sum = sum.wrapping_add(self.bytes as u32);
        for word in words(&self.waiting) {
            sum = sum.wrapping_add(word.wrapping_mul(C)).rotate_left(17).wrapping_mul(D);
        }
        let left = self.waiting.len() % 4;
        for byte in self.waiting.get(self.waiting.len() - left..).unwrap_or_default() {
            sum =
                sum.wrapping_add(u32::from(*byte).wrapping_mul(E)).rotate_left(11).wrapping_mul(A);
        }
        sum = (sum ^ sum >> 15).wrapping_mul(B);
        sum = (sum ^ sum >> 13).wrapping_mul(C);
        sum ^ sum >> 16
    }
}

/// The whole words of `bytes`, the lowest byte of each first.
fn words(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes
        .chunks_exact(4)
        .filter_map(|word| word.first_chunk())
        .map(|word| u32::from_le_bytes(*word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `xxhsum -H0` of xxHash 0.8 gives them.
    #[test]
    fn sums_are_those_of_others() {
        let check = |bytes: &[u8], want: u32| {
            for cut in [1, 3, 16, 100] {
                let mut sum = Xxh32::new();
                bytes.chunks(cut).for_each(|piece| sum.update(piece));
                assert_eq!(sum.finish(), want, "{} bytes by {cut}", bytes.len());
            }
        };
        check(b"", 0x02cc_5d05);
        check(b"a", 0x550d_7456);
        check(b"abc", 0x32d1_53ff);
        check(b"Nobody inspects the spammish repetition", 0xe229_3b2f);
    }
}
