//! From bytes to fingerprints: words, shingles of them, and which shingles are picked. What is picked
//! depends on the bytes alone, however they are cut.

/// Words of a shingle.
const SHINGLE_WORDS: usize = 6;

/// Shingles in a row of which at least one is picked.
const WINDOW: usize = 4;

/// What was picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pick {
    pub(super) hash: u64,
}

/// What is carried from byte to byte.
#[derive(Clone, Debug)]
pub(super) struct Shingler {
    seed: [u64; 2],
    /// The hash of the word that is open.
    open: Option<u64>,
    /// The hashes of the last words, the latest at the end.
    words: [u64; SHINGLE_WORDS],
    /// The last shingles, the latest at the end.
    shingles: [u64; WINDOW],
    /// Words and shingles since the beginning.
    word_count: u64,
    /// The number of the shingle that was picked last.
    picked: Option<u64>,
}

impl Shingler {
    pub(super) fn new(seed: [u8; 16]) -> Self {
        let [first, second] = [0, 8].map(|at| {
            let bytes = seed.get(at..).and_then(|rest| rest.first_chunk()).copied();
            u64::from_le_bytes(bytes.unwrap_or_default())
        });
        Self {
            seed: [first, second],
            open: None,
            words: [0; SHINGLE_WORDS],
            shingles: [0; WINDOW],
            word_count: 0,
            picked: None,
        }
    }

    /// Forgets what came before.
    pub(super) fn restart(&mut self) {
        (self.open, self.word_count, self.picked) = (None, 0, None);
    }

    /// Words that have ended.
    pub(super) const fn words(&self) -> u64 {
        self.word_count
    }

    /// Takes the next byte.
    #[inline]
    pub(super) fn push(&mut self, byte: u8) -> Option<Pick> {
        if is_word(byte) {
            let hash = self.open.unwrap_or(self.seed[0]);
            let byte = u64::from(byte.to_ascii_lowercase());
            self.open = Some((hash ^ byte).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23));
            None
        } else {
            self.open.take().and_then(|word| self.end_word(word))
        }
    }

    /// The text has ended.
    pub(super) fn end(&mut self) -> Option<Pick> {
        self.open.take().and_then(|word| self.end_word(word))
    }

    fn end_word(&mut self, word: u64) -> Option<Pick> {
        self.words.rotate_left(1);
        self.words[SHINGLE_WORDS - 1] = word;
        self.word_count += 1;
        let number = self.word_count.checked_sub(SHINGLE_WORDS as u64)?;
        let step = |hash: u64, word: &u64| mix(hash.rotate_left(7) ^ *word);
        self.shingles.rotate_left(1);
        self.shingles[WINDOW - 1] = self.words.iter().fold(self.seed[1], step);
        let first = number.checked_sub(WINDOW as u64 - 1)?;
        // Of several that are smallest the last one.
        let (hash, at) = (first..)
            .zip(self.shingles)
            .map(|(at, hash)| (hash, at))
            .reduce(|least, next| if next.0 <= least.0 { next } else { least })?;
        if self.picked == Some(at) {
            return None;
        }
        self.picked = Some(at);
        Some(Pick { hash })
    }
}

/// Whether a byte is of a word: a letter or digit of ASCII, or of a character beyond it.
const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// The bits of `hash`, mixed.
const fn mix(hash: u64) -> u64 {
    let mut bits = hash;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}
