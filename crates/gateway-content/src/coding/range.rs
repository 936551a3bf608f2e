//! The range decoder of LZMA, over bytes that may not all have come yet.

/// Bits of a probability.
const MODEL_BITS: u32 = 11;
const MOVE_BITS: u32 = 5;
const TOP: u32 = 1 << 24;
/// What a probability begins with: even.
pub(super) const EVEN: u16 = 1 << (MODEL_BITS - 1);

/// The decoder.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) range: u32,
    pub(super) code: u32,
}

/// Bytes, and where the next one is.
#[derive(Debug)]
pub(super) struct Source<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    /// Whether one was asked for that has not come.
    pub(super) short: bool,
}

/// Probabilities, and those that were changed since they were last settled.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) probabilities: Vec<u16>,
    /// Positions with their values before, when that is kept.
    undo: Vec<(u32, u16)>,
}

impl Source<'_> {
    #[inline(always)]
    pub(super) fn next(&mut self) -> u32 {
        match self.bytes.get(self.at) {
            Some(byte) => {
                self.at += 1;
                u32::from(*byte)
            }
            None => {
                self.short = true;
                0
            }
        }
    }
}

impl Model {
    pub(super) fn new(len: usize) -> Self {
        Self { probabilities: vec![EVEN; len], undo: Vec::new() }
    }

    pub(super) fn reset(&mut self) {
        self.probabilities.fill(EVEN);
    }

    /// From now on changes are kept, to take them back.
    pub(super) fn keep(&mut self) {
        self.undo.clear();
    }

    /// Takes changes back.
    pub(super) fn undo(&mut self) {
        while let Some((at, old)) = self.undo.pop() {
            if let Some(value) = self.probabilities.get_mut(at as usize) {
                *value = old;
            }
        }
    }
}

impl Range {
    /// At the beginning, from the five bytes there; the first is 0 in all that is well formed.
    pub(super) fn new(start: [u8; 5]) -> Option<Self> {
        let [zero, code @ ..] = start;
        (zero == 0).then_some(Self { range: u32::MAX, code: u32::from_be_bytes(code) })
    }

    /// Whether the next bit would take a byte first: behind the mark of the end it is taken as well.
    pub(super) const fn is_due(&self) -> bool {
        self.range < TOP
    }

    #[inline(always)]
    fn normalize(&mut self, source: &mut Source<'_>) {
        if self.is_due() {
            self.range <<= 8;
            self.code = self.code << 8 | source.next();
        }
    }

    /// One bit by the probability at `at`. If it `KEEPS` changes, they can be taken back.
    #[inline(always)]
    pub(super) fn bit<const KEEPS: bool>(
        &mut self,
        model: &mut Model,
        at: usize,
        source: &mut Source<'_>,
    ) -> usize {
        self.normalize(source);
        let Some(probability) = model.probabilities.get_mut(at) else { return 0 };
        let old = *probability;
        if KEEPS {
            model.undo.push((at as u32, old));
        }
        let bound = (self.range >> MODEL_BITS) * u32::from(old);
        if self.code < bound {
            self.range = bound;
            *probability = old + (((1 << MODEL_BITS) - old) >> MOVE_BITS);
            0
        } else {
            self.range -= bound;
            self.code -= bound;
            *probability = old - (old >> MOVE_BITS);
            1
        }
    }

    /// `count` bits of even probability.
    pub(super) fn direct(&mut self, count: u32, source: &mut Source<'_>) -> u32 {
        let mut value = 0;
        for _ in 0..count {
            self.normalize(source);
            self.range >>= 1;
            let one = self.code >= self.range;
            if one {
                self.code -= self.range;
            }
            value = value << 1 | u32::from(one);
        }
        value
    }

    /// A tree of `bits` levels at `base`, most significant bit first.
    #[inline(always)]
    pub(super) fn tree<const KEEPS: bool>(
        &mut self,
        model: &mut Model,
        base: usize,
        bits: u32,
        source: &mut Source<'_>,
    ) -> usize {
        let mut symbol = 1;
        for _ in 0..bits {
            symbol = symbol << 1 | self.bit::<KEEPS>(model, base + symbol, source);
        }
        symbol - (1 << bits)
    }

    /// The same, least significant bit first.
    #[inline(always)]
    pub(super) fn tree_reversed<const KEEPS: bool>(
        &mut self,
        model: &mut Model,
        base: usize,
        bits: u32,
        source: &mut Source<'_>,
    ) -> usize {
        let (mut symbol, mut value) = (1, 0);
        for i in 0..bits {
            let bit = self.bit::<KEEPS>(model, base + symbol, source);
            symbol = symbol << 1 | bit;
            value |= bit << i;
        }
        value
    }
}
