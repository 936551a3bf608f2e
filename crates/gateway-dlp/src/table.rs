//! The table of a lane: an automaton that is walked over every byte of a body, four places at a
//! time, and the ends of what it finds.
//!
//! A walk is bound by the time that one look into the table takes, as the next look depends on it.
//! So a piece is walked in four parts at once. What the automaton says depends on the last few
//! bytes alone: each part but the first begins that much before its own first byte.

/// An automaton that remembers only the last [`memory`](Self::memory) bytes.
pub(crate) struct Table {
    /// The class of each byte: bytes of one class are treated alike.
    classes: Box<[u8; 256]>,
    rows: Rows,
    /// The first of the states in which something ends: they stand behind all others, and are odd
    /// numbers, which the others are not.
    hits_from: u32,
    at_start: u32,
    /// The state in the middle of a part, before any byte is seen.
    within: u32,
    /// What a division by the room of a row multiplies by: see [`hit`](Self::hit).
    reciprocal: u64,
    /// The number of states in which something ends.
    hits: usize,
    /// What ends in them, by number; taken where it is put in order.
    ends: Vec<Vec<u32>>,
    /// Bytes after which it does not matter where a walk began.
    pub(crate) memory: usize,
}

/// Whether something ends in a state, or in one of several put together by their bits.
const fn is_hit(states: u32) -> bool {
    states & 1 != 0
}

/// Rows of next states by class. A state is where its row begins.
enum Rows {
    /// Room for all that a number of 16 bits can name, so that no look needs a check.
    Small(Box<[u16; 1 << 16]>),
    /// The same for one of 17 bits.
    Large(Box<[u32; 1 << 17]>),
    Huge(Box<[u32]>),
}

/// How rows are looked into.
trait Step: Copy {
    /// The state behind `state` and a byte of `class`.
    fn step(self, state: u32, class: u8) -> u32;
}

impl Step for &[u16; 1 << 16] {
    #[inline(always)]
    fn step(self, state: u32, class: u8) -> u32 {
        // Both together are less than the room there is.
        let at = (state as u16).wrapping_add(u16::from(class));
        u32::from(self[usize::from(at)])
    }
}

impl Step for &[u32; 1 << 17] {
    #[inline(always)]
    fn step(self, state: u32, class: u8) -> u32 {
        // Both together are less than the room there is.
        self[state.wrapping_add(u32::from(class)) as usize & (self.len() - 1)]
    }
}

impl Step for &[u32] {
    #[inline(always)]
    fn step(self, state: u32, class: u8) -> u32 {
        self.get(state as usize + usize::from(class)).copied().unwrap_or(0)
    }
}

impl Rows {
    fn new(next: Vec<u32>) -> Self {
        if next.len() > 1 << 17 {
            return Self::Huge(next.into());
        }
        if next.len() > 1 << 16 {
            let mut large = next;
            large.resize(1 << 17, 0);
            return match large.into_boxed_slice().try_into() {
                Ok(rows) => Self::Large(rows),
                // It has just that length.
                Err(_) => Self::Huge(Box::default()),
            };
        }
        let mut small = vec![0; 1 << 16];
        for (slot, state) in small.iter_mut().zip(next) {
            *slot = state as u16;
        }
        match small.into_boxed_slice().try_into() {
            Ok(rows) => Self::Small(rows),
            // It has just that length.
            Err(_) => Self::Huge(Box::default()),
        }
    }

    fn memory_usage(&self) -> usize {
        match self {
            Self::Small(rows) => size_of_val(&**rows),
            Self::Large(rows) => size_of_val(&**rows),
            Self::Huge(rows) => size_of_val(&**rows),
        }
    }
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
        self.hits == 0
    }

    /// The table of `plan`, unless it would be too large.
    pub(crate) fn new(plan: Plan) -> Option<Self> {
        let Plan { classes, width, next, ends, at_start, memory } = plan;
        let states = ends.len();
        let has_ends = |state: &usize| ends.get(*state).is_some_and(|ends| !ends.is_empty());
        let (last, first): (Vec<usize>, Vec<usize>) = (0..states).partition(has_ends);
        // Rows begin at even places, but for those of states in which something ends.
        let stride = width.checked_next_multiple_of(2)?.max(2);
        let hits_from = first.len().checked_mul(stride)? + 1;
        let mut place = vec![0; states];
        let places = (0..).step_by(stride).take(first.len());
        let hit_places = (hits_from..).step_by(stride).take(last.len());
        for (state, at) in first.iter().zip(places).chain(last.iter().zip(hit_places)) {
            *place.get_mut(*state)? = u32::try_from(at).ok()?;
        }
        let word = |state: usize| place.get(state).copied();
        let mut table = vec![0; hits_from + last.len() * stride];
        for (state, at) in place.iter().enumerate() {
            let row = next.get(state * width..(state + 1) * width)?;
            for (slot, to) in table.get_mut(*at as usize..)?.iter_mut().zip(row) {
                *slot = word(*to)?;
            }
        }
        let mut ends = ends;
        let ends = last.iter().map(|state| ends.get_mut(*state).map(std::mem::take));
        Some(Self {
            classes,
            rows: Rows::new(table),
            hits_from: u32::try_from(hits_from).ok()?,
            at_start: word(at_start)?,
            within: word(0)?,
            reciprocal: (1_u64 << 32).div_ceil(stride as u64),
            hits: last.len(),
            ends: ends.collect::<Option<_>>()?,
            memory,
        })
    }

    /// The number of `state` among those in which something ends.
    #[inline(always)]
    pub(crate) fn hit(&self, state: u32) -> usize {
        // The distance is a multiple of what rows take, so this is what a division gives.
        let distance = u64::from(state.saturating_sub(self.hits_from));
        (distance.wrapping_mul(self.reciprocal) >> 32) as usize
    }

    /// What ends in each state in which something does, in their order, once.
    pub(crate) fn take_ends(&mut self) -> Vec<Vec<u32>> {
        std::mem::take(&mut self.ends)
    }

    pub(crate) fn memory_usage(&self) -> usize {
        size_of_val(&*self.classes)
            + self.rows.memory_usage()
            + self.ends.iter().map(Vec::len).sum::<usize>() * size_of::<u32>()
    }

    /// The state at the start of the part.
    pub(crate) const fn at_start(&self) -> u32 {
        self.at_start
    }

    /// Puts every hit behind the index `from` into `hits`; `state` is the one there. Gives the one
    /// at the end of `bytes`.
    pub(crate) fn walk(&self, bytes: &[u8], from: usize, state: u32, hits: &mut Vec<Hit>) -> u32 {
        match &self.rows {
            Rows::Small(rows) => self.walk_rows(&**rows, bytes, from, state, hits),
            Rows::Large(rows) => self.walk_rows(&**rows, bytes, from, state, hits),
            Rows::Huge(rows) => self.walk_rows(&**rows, bytes, from, state, hits),
        }
    }

    fn walk_rows(
        &self,
        rows: impl Step,
        bytes: &[u8],
        from: usize,
        state: u32,
        hits: &mut Vec<Hit>,
    ) -> u32 {
        let len = bytes.len().saturating_sub(from);
        if len < PARTS_MIN || len / 4 <= self.memory {
            self.walk_one(rows, bytes, from, state, hits)
        } else {
            self.walk_parts(rows, bytes, from, state, hits)
        }
    }

    #[inline(always)]
    fn step(&self, rows: impl Step, state: u32, byte: u8) -> u32 {
        rows.step(state, self.classes[usize::from(byte)])
    }

    fn walk_one(
        &self,
        rows: impl Step,
        bytes: &[u8],
        from: usize,
        mut state: u32,
        hits: &mut Vec<Hit>,
    ) -> u32 {
        for (index, byte) in bytes.iter().enumerate().skip(from) {
            state = self.step(rows, state, *byte);
            self.note(state, index, hits);
        }
        state
    }

    /// Walks four parts of the bytes from `from` on, and then what is left.
    fn walk_parts(
        &self,
        rows: impl Step,
        bytes: &[u8],
        from: usize,
        state: u32,
        hits: &mut Vec<Hit>,
    ) -> u32 {
        let quarter = (bytes.len() - from) / 4;
        let begins = [from, from + quarter, from + 2 * quarter, from + 3 * quarter];
        let parts = begins.map(|begin| bytes.get(begin..begin + quarter).unwrap_or_default());
        let [mut s0, mut s1, mut s2, mut s3] = self.warm_parts(rows, bytes, begins, state);
        let mut index = 0;
        // Written out: the compiler does not unroll it, and that costs a third.
        macro_rules! take {
            ($bytes:ident $($at:literal)*) => {$(
                s0 = self.step(rows, s0, $bytes[0][$at]);
                s1 = self.step(rows, s1, $bytes[1][$at]);
                s2 = self.step(rows, s2, $bytes[2][$at]);
                s3 = self.step(rows, s3, $bytes[3][$at]);
                if is_hit(s0 | s1 | s2 | s3) {
                    self.note_all([s0, s1, s2, s3], begins, index + $at, hits);
                }
            )*};
        }
        let [p0, p1, p2, p3] = parts.map(|part| part.as_chunks::<STRIDE>());
        for (((b0, b1), b2), b3) in p0.0.iter().zip(p1.0).zip(p2.0).zip(p3.0) {
            let bytes = [b0, b1, b2, b3];
            take!(bytes 0 1 2 3 4 5 6 7);
            index += STRIDE;
        }
        for (((b0, b1), b2), b3) in p0.1.iter().zip(p1.1).zip(p2.1).zip(p3.1) {
            let bytes = [[*b0], [*b1], [*b2], [*b3]];
            take!(bytes 0);
            index += 1;
        }
        self.walk_one(rows, bytes, from + 4 * quarter, s3, hits)
    }

    /// The states at the beginning of four parts, the first of which is `state`.
    fn warm_parts(
        &self,
        rows: impl Step,
        bytes: &[u8],
        begins: [usize; 4],
        state: u32,
    ) -> [u32; 4] {
        let [_, b1, b2, b3] = begins
            .map(|begin| bytes.get(begin.saturating_sub(self.memory)..begin).unwrap_or_default());
        let [mut s1, mut s2, mut s3] = [self.within; 3];
        for ((b1, b2), b3) in b1.iter().zip(b2).zip(b3) {
            s1 = self.step(rows, s1, *b1);
            s2 = self.step(rows, s2, *b2);
            s3 = self.step(rows, s3, *b3);
        }
        [state, s1, s2, s3]
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
        if is_hit(state) {
            hits.push(Hit { end: u32::try_from(index + 1).unwrap_or(u32::MAX), state });
        }
    }
}

/// Bytes that each part takes in one turn.
const STRIDE: usize = 8;
