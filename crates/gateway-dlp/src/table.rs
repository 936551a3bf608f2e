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
    classes: Box<[u8; 256]>,
    /// Rows of next states by class. A state is where its row begins.
    next: Box<[u32]>,
    width: usize,
    /// The first of the states in which something ends, a power of two: they stand behind all
    /// others.
    hits_from: u32,
    /// The state at the start of the part.
    at_start: u32,
    /// The state in the middle of a part, before any byte is seen.
    within: u32,
    /// By state in which something ends: where that begins in `ends`. One more than states.
    ends_at: Box<[u32]>,
    /// What ends, by number.
    ends: Box<[u32]>,
    /// Bytes after which it does not matter where a walk began.
    pub(crate) memory: usize,
}

/// What a table is made of: states by number, the first being the one in the middle of a part.
pub(crate) struct Plan {
    pub(crate) classes: Box<[u8; 256]>,
    /// Columns of a row.
    pub(crate) width: usize,
    /// Row by row, the numbers of the next states.
    pub(crate) next: Vec<usize>,
    /// By state, what ends in it.
    pub(crate) ends: Vec<Vec<u32>>,
    /// The state at the start of the part.
    pub(crate) at_start: usize,
    pub(crate) memory: usize,
}

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

    /// The table of `plan`, unless it would be too large.
    pub(crate) fn new(plan: Plan) -> Option<Self> {
        let Plan { classes, width, next, ends, at_start, memory } = plan;
        let states = ends.len();
        let is_hit = |state: &usize| ends.get(*state).is_some_and(|ends| !ends.is_empty());
        let (last, first): (Vec<usize>, Vec<usize>) = (0..states).partition(is_hit);
        let hits_from = first.len().checked_mul(width)?.checked_next_power_of_two()?;
        let mut place = vec![0; states];
        let places = (0..).step_by(width).take(first.len());
        let hit_places = (hits_from..).step_by(width).take(last.len());
        for (state, at) in first.iter().zip(places).chain(last.iter().zip(hit_places)) {
            *place.get_mut(*state)? = u32::try_from(at).ok()?;
        }
        let word = |state: usize| place.get(state).copied();
        let mut table = vec![0; hits_from + last.len() * width];
        for (state, at) in place.iter().enumerate() {
            let row = next.get(state * width..(state + 1) * width)?;
            for (slot, to) in table.get_mut(*at as usize..)?.iter_mut().zip(row) {
                *slot = word(*to)?;
            }
        }
        let mut ends_at = vec![0];
        let mut all: Vec<u32> = Vec::new();
        for state in &last {
            all.extend(ends.get(*state)?);
            ends_at.push(u32::try_from(all.len()).ok()?);
        }
        Some(Self {
            classes,
            next: table.into(),
            width,
            hits_from: u32::try_from(hits_from).ok()?,
            at_start: word(at_start)?,
            within: word(0)?,
            ends_at: ends_at.into(),
            ends: all.into(),
            memory,
        })
    }

    /// What ends in `state`.
    pub(crate) fn ends(&self, state: u32) -> &[u32] {
        let hit = state.saturating_sub(self.hits_from) as usize / self.width.max(1);
        let at = |hit: usize| self.ends_at.get(hit).map_or(0, |at| *at as usize);
        self.ends.get(at(hit)..at(hit + 1)).unwrap_or_default()
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
        self.next.get(state as usize + usize::from(class)).copied().unwrap_or(0)
    }

    fn walk_one(&self, bytes: &[u8], from: usize, mut state: u32, hits: &mut Vec<Hit>) {
        for (index, byte) in bytes.iter().enumerate().skip(from) {
            state = self.step(state, *byte);
            self.note(state, index, hits);
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
        let quarter = quarter / STRIDE * STRIDE;
        let begins = [from, from + quarter, from + 2 * quarter, from + 3 * quarter];
        let strides = |begin: usize| {
            let part = bytes.get(begin..begin + quarter).unwrap_or_default();
            part.as_chunks::<STRIDE>().0.iter()
        };
        let cold = |begin: usize| self.warm_up(bytes, begin - self.memory, begin, self.within);
        let [mut s0, mut s1, mut s2, mut s3] =
            [state, cold(begins[1]), cold(begins[2]), cold(begins[3])];
        let [p0, p1, p2, p3] = begins.map(strides);
        let mut index = 0;
        for (((b0, b1), b2), b3) in p0.zip(p1).zip(p2).zip(p3) {
            // Written out: the compiler does not unroll it, and that costs a third.
            macro_rules! take {
                ($($at:literal)*) => {$(
                    s0 = self.step(s0, b0[$at]);
                    s1 = self.step(s1, b1[$at]);
                    s2 = self.step(s2, b2[$at]);
                    s3 = self.step(s3, b3[$at]);
                    // It is a power of two: one of them is at least that if all together are.
                    if s0 | s1 | s2 | s3 >= self.hits_from {
                        self.note_all([s0, s1, s2, s3], begins, index + $at, hits);
                    }
                )*};
            }
            take!(0 1 2 3 4 5 6 7);
            index += STRIDE;
        }
        self.walk_one(bytes, from + 4 * quarter, s3, hits);
    }

    #[cold]
    #[inline(never)]
    fn note_all(&self, states: [u32; 4], begins: [usize; 4], index: usize, hits: &mut Vec<Hit>) {
        for (state, begin) in states.into_iter().zip(begins) {
            self.note(state, begin + index, hits);
        }
    }

    #[inline(always)]
    fn note(&self, state: u32, index: usize, hits: &mut Vec<Hit>) {
        if state >= self.hits_from {
            hits.push(Hit { end: u32::try_from(index + 1).unwrap_or(u32::MAX), state });
        }
    }
}

/// Bytes that each part takes in one turn.
const STRIDE: usize = 8;

/// Where the bytes of a walk begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    Start,
    Within,
}
