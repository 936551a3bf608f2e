//! Data that are covered by the bytes of a generator, as some installers have them: no secret, the
//! key stands beside them.

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::transform::Transform;

/// Uncovers one byte after the other.
pub(crate) trait Keys: Send {
    /// The byte that stands behind the next one.
    fn uncover(&mut self, byte: u8) -> u8;
}

/// A decoder behind keys.
pub(crate) struct Keyed<K> {
    keys: K,
    inner: Box<dyn Transform>,
    waiting: BytesMut,
    left: u64,
}

impl<K: Keys> Keyed<K> {
    /// `packed` covered bytes, which `inner` unpacks.
    pub(crate) fn new(keys: K, inner: Box<dyn Transform>, packed: u64) -> Self {
        Self { keys, inner, waiting: BytesMut::new(), left: packed }
    }
}

impl<K: Keys> Transform for Keyed<K> {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let bound = usize::try_from(self.left).unwrap_or(usize::MAX);
        let input = input.get(..bound).unwrap_or(input);
        let keys = &mut self.keys;
        self.waiting.extend(input.iter().map(|byte| keys.uncover(*byte)));
        self.left -= input.len() as u64;
        let before = out.len();
        let (used, decoded) = self.inner.run(&self.waiting, out);
        let _ = self.waiting.split_to(used.min(self.waiting.len()));
        let stuck = used == 0 && out.len() == before && decoded == Decoded::More;
        if stuck && self.left == 0 {
            return match self.inner.finish(out) {
                Ok(()) => (input.len(), Decoded::End),
                Err(reason) => (input.len(), Decoded::Failed(reason)),
            };
        }
        (input.len(), decoded)
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        let _ = self.inner.finish(out);
        Err(Unscannable::Malformed)
    }

    fn is_drained(&self) -> bool {
        // At the end of what there is it has to be asked once more.
        self.waiting.is_empty() && self.inner.is_drained() && self.left != 0
    }

    fn expands(&self) -> bool {
        true
    }

    fn is_checked(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.inner.work()
    }

    fn memory_max(&self) -> usize {
        self.inner.memory_max() + (64 << 10)
    }
}

/// Passes on what it is given.
pub(crate) struct Plain;

impl Transform for Plain {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        out.extend_from_slice(input);
        (input.len(), Decoded::More)
    }
}

/// Words of the Mersenne Twister.
const TWISTER_WORDS: usize = 624;

/// The Mersenne Twister MT19937, of which each number gives bits 1 to 8.
pub(crate) struct Twister {
    words: Box<[u32; TWISTER_WORDS]>,
    next: usize,
}

impl Twister {
    pub(crate) fn new(seed: u32) -> Self {
        let mut words = Box::new([0; TWISTER_WORDS]);
        let mut last = seed;
        for (word, i) in words.iter_mut().zip(0u32..) {
            if i > 0 {
                last = (last ^ last >> 30).wrapping_mul(0x6c07_8965).wrapping_add(i);
            }
            *word = last;
        }
        Self { words, next: TWISTER_WORDS }
    }

    fn twist(&mut self) {
        let at = |words: &[u32; TWISTER_WORDS], i: usize| {
            words.get(i % TWISTER_WORDS).copied().unwrap_or(0)
        };
        for i in 0..TWISTER_WORDS {
            let next = at(&self.words, i + 1);
            let pair = at(&self.words, i) & 0x8000_0000 | next & 0x7fff_ffff;
            let odd = if next & 1 == 1 { 0x9908_b0df } else { 0 };
            let word = at(&self.words, i + 397) ^ pair >> 1 ^ odd;
            if let Some(slot) = self.words.get_mut(i) {
                *slot = word;
            }
        }
        self.next = 0;
    }
}

impl Keys for Twister {
    fn uncover(&mut self, byte: u8) -> u8 {
        if self.next == TWISTER_WORDS {
            self.twist();
        }
        let mut word = self.words.get(self.next).copied().unwrap_or(0);
        self.next += 1;
        word ^= word >> 11;
        word ^= word << 7 & 0x9d2c_5680;
        word ^= word << 15 & 0xefc6_0000;
        word ^= word >> 18;
        byte ^ (word >> 1) as u8
    }
}

/// Words of the lagged sum.
const LAGGED_WORDS: usize = 17;

/// Sums of two of the last 17 numbers, rotated; every second one gives its highest byte.
pub(crate) struct Lagged {
    words: [u32; LAGGED_WORDS],
    first: usize,
    second: usize,
}

impl Lagged {
    pub(crate) fn new(seed: u32) -> Self {
        let mut seed = seed;
        let words = std::array::from_fn(|_| {
            seed = 1u32.wrapping_sub(seed.wrapping_mul(0x53a9_b4fb));
            seed
        });
        let mut keys = Self { words, first: 0, second: 10 };
        for _ in 0..9 {
            keys.turn();
        }
        keys
    }

    fn turn(&mut self) -> u32 {
        let at = |i: usize| self.words.get(i).copied().unwrap_or(0);
        let sum = at(self.first).rotate_left(9).wrapping_add(at(self.second).rotate_left(13));
        if let Some(slot) = self.words.get_mut(self.first) {
            *slot = sum;
        }
        self.first = self.first.checked_sub(1).unwrap_or(LAGGED_WORDS - 1);
        self.second = self.second.checked_sub(1).unwrap_or(LAGGED_WORDS - 1);
        sum
    }
}

impl Keys for Lagged {
    fn uncover(&mut self, byte: u8) -> u8 {
        self.turn();
        byte ^ (self.turn() >> 24) as u8
    }
}

/// The bytes of a name, over and over, begun anew every KiB; and the halves of each byte are swapped.
pub(crate) struct Named {
    name: Vec<u8>,
    at: usize,
}

impl Named {
    /// By a name, which may not be empty.
    pub(crate) const fn new(name: Vec<u8>) -> Self {
        Self { name, at: 0 }
    }
}

impl Keys for Named {
    fn uncover(&mut self, byte: u8) -> u8 {
        const MASK: [u8; 4] = [0xec, 0xca, 0x79, 0xf8];
        let place = self.at % self.name.len().max(1);
        self.at = (self.at + 1) % 1_024;
        let key = self.name.get(place).copied().unwrap_or(0);
        byte.rotate_left(4) ^ key ^ MASK.get(place % 4).copied().unwrap_or(0)
    }
}
