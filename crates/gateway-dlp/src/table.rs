//! The table of a lane: an automaton that is walked over every byte of a body, four places at a
//! time, and the ends of what it finds.
//!
//! A walk is bound by the time that one look into the table takes, as the next look depends on it.
//! So a piece is walked in four parts at once. What the automaton says depends on the last few
//! bytes alone: each part begins that much before its own first byte, and no state is carried from
//! piece to piece.

/// An automaton that remembers only the last [`memory`](Self::memory) bytes.
pub(crate) struct Table {
    /// The class of each byte: bytes of one class are treated alike.
    pub(crate) classes: Box<[u8; 256]>,
    /// Rows of next states by class. A state is where its row begins, with [`HIT`] set if
    /// something ends there.
    pub(crate) next: Box<[u32]>,
    pub(crate) width: usize,
    /// The state at the start of the part.
    pub(crate) at_start: u32,
    /// The state in the middle of a part, before any byte is seen.
    pub(crate) within: u32,
    /// By row: where what ends there begins in `ends`. One more than rows.
    pub(crate) ends_at: Box<[u32]>,
    /// What ends, by number.
    pub(crate) ends: Box<[u32]>,
    /// Bytes after which it does not matter where a walk began.
    pub(crate) memory: usize,
}

/// Marks a state in which something ends.
pub(crate) const HIT: u32 = 1 << 31;

/// Bytes below which a piece is walked in one go.
const PARTS_MIN: usize = 512;

/// A state in which something ends, and the index of the byte behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) end: u32,
    pub(crate) state: u32,
}

impl Table {
    /// Whether it finds anything at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// What ends in `state`.
    pub(crate) fn ends(&self, state: u32) -> &[u32] {
        let row = (state & !HIT) as usize / self.width.max(1);
        let at = |row: usize| self.ends_at.get(row).map_or(0, |at| *at as usize);
        self.ends.get(at(row)..at(row + 1)).unwrap_or_default()
    }

    pub(crate) fn memory_usage(&self) -> usize {
        size_of_val(&*self.classes)
            + size_of_val(&*self.next)
            + size_of_val(&*self.ends_at)
            + size_of_val(&*self.ends)
    }

    /// Puts every hit behind the index `from` into `hits`; `bytes` begin at the start of the part
    /// if `from_start`, and [`memory`](Self::memory) bytes before `from` otherwise, if they can.
    pub(crate) fn walk(&self, bytes: &[u8], from: usize, begin: Begin, hits: &mut Vec<Hit>) {
        let warm = from.saturating_sub(self.memory);
        let state = match begin {
            Begin::Start if warm == 0 => self.at_start,
            Begin::Start | Begin::Within => self.within,
        };
        let state = self.warm_up(bytes, warm, from, state);
        let len = bytes.len().saturating_sub(from);
        if len < PARTS_MIN || len / 4 <= self.memory {
            self.walk_one(bytes, from, state, hits);
        } else {
            self.walk_parts(bytes, from, len / 4, state, hits);
        }
    }

    fn warm_up(&self, bytes: &[u8], from: usize, to: usize, state: u32) -> u32 {
        let bytes = bytes.get(from..to).unwrap_or_default();
        bytes.iter().fold(state, |state, byte| self.step(state, *byte))
    }

    #[inline(always)]
    fn step(&self, state: u32, byte: u8) -> u32 {
        let class = self.classes[usize::from(byte)];
        let index = (state & !HIT) as usize + usize::from(class);
        self.next.get(index).copied().unwrap_or(0)
    }

    fn walk_one(&self, bytes: &[u8], from: usize, mut state: u32, hits: &mut Vec<Hit>) {
        for (index, byte) in bytes.iter().enumerate().skip(from) {
            state = self.step(state, *byte);
            note(state, index, hits);
        }
    }

    /// Walks four parts of `quarter` bytes from `from` on, and then what is left.
    fn walk_parts(
        &self,
        bytes: &[u8],
        from: usize,
        quarter: usize,
        state: u32,
        hits: &mut Vec<Hit>,
    ) {
        let begins = [from, from + quarter, from + 2 * quarter, from + 3 * quarter];
        let part = |begin: usize| bytes.get(begin..begin + quarter).unwrap_or_default();
        let cold = |begin: usize| self.warm_up(bytes, begin - self.memory, begin, self.within);
        let [mut s0, mut s1, mut s2, mut s3] =
            [state, cold(begins[1]), cold(begins[2]), cold(begins[3])];
        let parts = part(begins[0])
            .iter()
            .zip(part(begins[1]))
            .zip(part(begins[2]).iter().zip(part(begins[3])));
        for (index, ((b0, b1), (b2, b3))) in parts.enumerate() {
            s0 = self.step(s0, *b0);
            s1 = self.step(s1, *b1);
            s2 = self.step(s2, *b2);
            s3 = self.step(s3, *b3);
            if (s0 | s1 | s2 | s3) & HIT != 0 {
                for (state, begin) in [s0, s1, s2, s3].into_iter().zip(begins) {
                    note(state, begin + index, hits);
                }
            }
        }
        self.walk_one(bytes, from + 4 * quarter, s3, hits);
    }
}

/// Where the bytes of a walk begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    Start,
    Within,
}

#[inline(always)]
fn note(state: u32, index: usize, hits: &mut Vec<Hit>) {
    if state & HIT != 0 {
        hits.push(Hit { end: u32::try_from(index + 1).unwrap_or(u32::MAX), state });
    }
}
