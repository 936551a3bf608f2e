//! The table of a lane: an automaton that is walked over every byte of a body, four places at a
//! time, and the ends of what it finds.
//!
//! A walk is bound by the time that one look into the table takes, as the next look depends on it.
//! So a piece is walked in four parts at once. What the automaton says depends on the last few
//! bytes alone, and its state tells on how many: each part goes on until the next one, which began
//! knowing nothing, knows as much.

use crate::few::Few;

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
    /// What a division by the room of a row multiplies by: see [`row`](Self::row).
    reciprocal: u64,
    /// The number of states in which something ends.
    hits: usize,
    /// What ends in them, by number; taken where it is put in order.
    ends: Vec<Vec<u32>>,
    /// By row, how many bytes there are at the most of something that more bytes may bring to its end.
    depths: Box<[u16]>,
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
    /// The same for rows that begin at every fourth place.
    Large(Box<[u16; LARGE]>),
    Huge(Box<[u32]>),
}

/// Places from one at which a row of a large table may begin to the next.
const UNIT: usize = 4;
/// Room for the last row that a number of 16 bits can name, whatever its class.
const LARGE: usize = (UNIT << 16) + 256;

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

impl Step for &[u16; LARGE] {
    #[inline(always)]
    fn step(self, state: u32, class: u8) -> u32 {
        let at = usize::from(state as u16) * UNIT + usize::from(class);
        u32::from(self[at])
    }
}

impl Step for &[u32] {
    #[inline(always)]
    fn step(self, state: u32, class: u8) -> u32 {
        self.get(state as usize + usize::from(class)).copied().unwrap_or(0)
    }
}

/// Where rows begin.
struct Places {
    /// Places from one row to the next, in units.
    stride: usize,
    /// Where the first of those begins whose states are hits.
    hits_from: usize,
    /// Cells of all rows together.
    cells: usize,
}

impl Places {
    /// Those of so many rows of `width` columns, of which `hits` are hits. Rows begin at even places, but for
    /// those of hits.
    fn of(rows: usize, hits: usize, width: usize, unit: usize) -> Option<Self> {
        let stride = width.max(1).checked_next_multiple_of(2 * unit)? / unit;
        let hits_from = (rows - hits).checked_mul(stride)? + 1;
        let cells = hits.checked_mul(stride)?.checked_add(hits_from)?.checked_mul(unit)?;
        Some(Self { stride, hits_from, cells })
    }
}

impl Rows {
    fn memory_usage(&self) -> usize {
        match self {
            Self::Small(rows) => size_of_val(&**rows),
            Self::Large(rows) => size_of_val(&**rows),
            Self::Huge(rows) => size_of_val(&**rows),
        }
    }
}

/// `cells`, and room for more of them: none if they are too many.
fn narrow<const N: usize>(cells: &[u32]) -> Option<Box<[u16; N]>> {
    let mut room = vec![0; N];
    for (slot, cell) in room.get_mut(..cells.len())?.iter_mut().zip(cells) {
        *slot = u16::try_from(*cell).ok()?;
    }
    room.into_boxed_slice().try_into().ok()
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
    /// By state, how many bytes there are at the most of something that more bytes may bring to its end.
    pub(crate) depths: Vec<usize>,
    /// The state at the start of the part.
    pub(crate) at_start: usize,
    pub(crate) memory: usize,
}

/// Bytes below which a piece is walked in one go.
const PARTS_MIN: usize = 512;

/// A state in which something ends, and the index of the byte behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) end: u32,
    pub(crate) state: u32,
}

/// What a walk over a piece finds.
pub(crate) type Hits = Few<Hit, 64>;

impl Table {
    /// Whether it finds anything at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.hits == 0
    }

    /// The table of `plan`, unless it would be too large.
    pub(crate) fn new(plan: Plan) -> Option<Self> {
        let Plan { classes, width, next, ends, depths, at_start, memory } = plan;
        let states = ends.len();
        let has_ends = |state: &usize| ends.get(*state).is_some_and(|ends| !ends.is_empty());
        let (last, first): (Vec<usize>, Vec<usize>) = (0..states).partition(has_ends);
        let places = |unit| Places::of(states, last.len(), width, unit);
        let small = places(1)?;
        let (unit, of_rows) = match places(UNIT)? {
            large if small.cells > 1 << 16 && large.cells <= UNIT << 16 => (UNIT, large),
            _ => (1, small),
        };
        let Places { stride, hits_from, cells } = of_rows;
        let mut place = vec![0; states];
        let places = (0..).step_by(stride).take(first.len());
        let hit_places = (hits_from..).step_by(stride).take(last.len());
        for (state, at) in first.iter().zip(places).chain(last.iter().zip(hit_places)) {
            *place.get_mut(*state)? = u32::try_from(at).ok()?;
        }
        let word = |state: usize| place.get(state).copied();
        let mut table = vec![0; cells];
        for (state, at) in place.iter().enumerate() {
            let row = next.get(state * width..(state + 1) * width)?;
            for (slot, to) in table.get_mut(*at as usize * unit..)?.iter_mut().zip(row) {
                *slot = word(*to)?;
            }
        }
        let rows = match unit {
            UNIT => Rows::Large(narrow(&table)?),
            _ if cells <= 1 << 16 => Rows::Small(narrow(&table)?),
            _ => Rows::Huge(table.into()),
        };
        // What is deeper than can be told is as deep as can be.
        let depth = |state: &usize| {
            depths.get(*state).map(|depth| u16::try_from(*depth).unwrap_or(u16::MAX))
        };
        let depths = first.iter().chain(&last).map(depth).collect::<Option<_>>()?;
        let mut ends = ends;
        let ends = last.iter().map(|state| ends.get_mut(*state).map(std::mem::take));
        Some(Self {
            classes,
            rows,
            hits_from: u32::try_from(hits_from).ok()?,
            at_start: word(at_start)?,
            within: word(0)?,
            reciprocal: (1_u64 << 32).div_ceil(stride as u64),
            hits: last.len(),
            ends: ends.collect::<Option<_>>()?,
            depths,
            memory,
        })
    }

    /// The number of `state` among those in which something ends.
    #[inline(always)]
    pub(crate) fn hit(&self, state: u32) -> usize {
        self.row(state.saturating_sub(self.hits_from))
    }

    /// The number of the row that begins at the place `at`, or one behind.
    #[inline(always)]
    fn row(&self, at: u32) -> usize {
        // This is what a division by what rows take gives, for multiples of it and what comes next.
        (u64::from(at).wrapping_mul(self.reciprocal) >> 32) as usize
    }

    /// Bytes before `state`, at the most, at which something may have begun that more bytes bring to its end.
    #[inline(always)]
    pub(crate) fn depth(&self, state: u32) -> usize {
        usize::from(self.depths.get(self.row(state)).copied().unwrap_or(u16::MAX))
    }

    /// What ends in each state in which something does, in their order, once.
    pub(crate) fn take_ends(&mut self) -> Vec<Vec<u32>> {
        std::mem::take(&mut self.ends)
    }

    pub(crate) fn memory_usage(&self) -> usize {
        size_of_val(&*self.classes)
            + self.rows.memory_usage()
            + size_of_val(&*self.depths)
            + self.ends.iter().map(Vec::len).sum::<usize>() * size_of::<u32>()
    }

    /// The state at the start of the part.
    pub(crate) const fn at_start(&self) -> u32 {
        self.at_start
    }

    /// Puts every hit behind the index `from` into `hits`; `state` is the one there. Gives the one
    /// at the end of `bytes`.
    pub(crate) fn walk(&self, bytes: &[u8], from: usize, state: u32, hits: &mut Hits) -> u32 {
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
        hits: &mut Hits,
    ) -> u32 {
        let fresh = bytes.get(from..).unwrap_or_default();
        if fresh.len() < PARTS_MIN || fresh.len() / 4 <= self.memory {
            self.walk_one(rows, fresh, from, state, hits)
        } else {
            self.walk_parts(rows, fresh, from, state, hits)
        }
    }

    #[inline(always)]
    fn step(&self, rows: impl Step, state: u32, byte: u8) -> u32 {
        rows.step(state, self.classes[usize::from(byte)])
    }

    /// Walks `fresh`, which stands at the index `from`, in one go.
    fn walk_one(
        &self,
        rows: impl Step,
        fresh: &[u8],
        from: usize,
        mut state: u32,
        hits: &mut Hits,
    ) -> u32 {
        for (index, byte) in fresh.iter().enumerate() {
            state = self.step(rows, state, *byte);
            self.note(state, from + index, hits);
        }
        state
    }

    /// Walks four parts of `fresh`, which stands at the index `from`.
    fn walk_parts(
        &self,
        rows: impl Step,
        fresh: &[u8],
        from: usize,
        state: u32,
        hits: &mut Hits,
    ) -> u32 {
        let parts = Parts::<4>::of(fresh.len(), OVERLAP);
        let [p0, p1, p2, p3] = parts.of_bytes(fresh);
        let [mut s0, mut s1, mut s2, mut s3] = [state, self.within, self.within, self.within];
        let mut index = 0;
        // Written out: the compiler does not unroll it, and that costs a third.
        macro_rules! take {
            ($bytes:ident $($at:literal)*) => {$(
                s0 = self.step(rows, s0, $bytes[0][$at]);
                s1 = self.step(rows, s1, $bytes[1][$at]);
                s2 = self.step(rows, s2, $bytes[2][$at]);
                s3 = self.step(rows, s3, $bytes[3][$at]);
                if is_hit(s0 | s1 | s2 | s3) {
                    parts.note_all([s0, s1, s2, s3], index + $at, from, hits);
                }
            )*};
        }
        for (((b0, b1), b2), b3) in p0.iter().zip(p1).zip(p2).zip(p3) {
            let bytes = [b0, b1, b2, b3];
            take!(bytes 0 1 2 3 4 5 6 7);
            index += STRIDE;
        }
        for (part, state) in [s0, s1, s2].into_iter().enumerate() {
            let (end, seen) = parts.join(part);
            if self.depth(state) >= seen {
                self.go_on(rows, fresh, (end, seen), from, state, hits);
            }
        }
        s3
    }

    /// Goes on with a part that is in `state` at its `end`, of which the next one has `seen` so many bytes, until
    /// nothing has begun before these that may still end.
    #[cold]
    #[inline(never)]
    fn go_on(
        &self,
        rows: impl Step,
        fresh: &[u8],
        (end, seen): (usize, usize),
        from: usize,
        mut state: u32,
        hits: &mut Hits,
    ) {
        let mut own = Hits::new(0);
        let mut at = end;
        for byte in fresh.get(end..).unwrap_or_default() {
            state = self.step(rows, state, *byte);
            self.note(state, from + at, &mut own);
            at += 1;
            if self.depth(state) < seen + (at - end) {
                break;
            }
        }
        // The next part may have found less there than there is.
        let behind = number(from + end + 1)..=number(from + at);
        hits.retain(|hit| !behind.contains(&hit.end));
        own.as_slice().iter().for_each(|hit| hits.push(*hit));
    }

    #[inline(always)]
    fn note(&self, state: u32, index: usize, hits: &mut Hits) {
        if is_hit(state) {
            hits.push(Hit { end: number(index + 1), state });
        }
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Bytes that each part takes in one turn.
const STRIDE: usize = 8;

/// Bytes that a part and the next have in common, at least. Most often nothing has begun before them that
/// has not ended by then.
const OVERLAP: usize = 4;

/// How bytes are cut in parts of the same length, at least two.
///
/// Each begins some bytes before the end of the one before it.
struct Parts<const N: usize> {
    len: usize,
    begins: [usize; N],
    /// The bytes of each that the one before has walked over too.
    seen: [usize; N],
}

impl<const N: usize> Parts<N> {
    /// The parts of `bytes` bytes that have at least `overlap` in common: less than one of them has.
    fn of(bytes: usize, overlap: usize) -> Self {
        let len = (bytes + (N - 1) * overlap).div_ceil(N).next_multiple_of(STRIDE);
        let last = bytes.saturating_sub(len);
        let begins = std::array::from_fn(|part| part * last / (N - 1));
        let mut seen = [0; N];
        for (pair, seen) in begins.windows(2).zip(seen.iter_mut().skip(1)) {
            if let [one, next] = pair {
                *seen = len - (next - one);
            }
        }
        Self { len, begins, seen }
    }

    /// The index behind the last byte of a part, and how many bytes the next has seen by then.
    fn join(&self, part: usize) -> (usize, usize) {
        let begin = self.begins.get(part).copied().unwrap_or(0);
        (begin + self.len, self.seen.get(part + 1).copied().unwrap_or(0))
    }

    /// The bytes of each, as they are taken.
    fn of_bytes<'b>(&self, bytes: &'b [u8]) -> [&'b [[u8; STRIDE]]; N] {
        self.begins.map(|begin| {
            bytes.get(begin..begin + self.len).unwrap_or_default().as_chunks::<STRIDE>().0
        })
    }

    /// Notes what ends in one of `states`, one of each part, behind the byte `index` of it. Which of them it
    /// is, is as good as random: all are put down, and those that count are kept.
    #[cold]
    #[inline(never)]
    fn note_all(&self, states: [u32; N], index: usize, from: usize, hits: &mut Hits) {
        let mut kept = 0;
        let mut of_parts = [Hit::default(); N];
        for ((state, begin), seen) in states.into_iter().zip(self.begins).zip(self.seen) {
            if let Some(slot) = of_parts.get_mut(kept) {
                *slot = Hit { end: number(from + begin + index + 1), state };
            }
            kept += usize::from(is_hit(state) & (index >= seen));
        }
        of_parts.iter().take(kept).for_each(|hit| hits.push(*hit));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::literals::literal_table;

    #[track_caller]
    fn check<const N: usize>(parts: &Parts<N>, bytes: usize, overlap: usize) {
        let Parts { len, begins, seen } = parts;
        assert_eq!((begins[0], begins[N - 1] + len, len % STRIDE), (0, bytes, 0), "{bytes}");
        for at in 1..N {
            assert_eq!(begins[at] + seen[at], begins[at - 1] + len, "{bytes}");
            assert!(seen[at] >= overlap, "{bytes} {overlap}");
        }
    }

    #[test]
    fn parts_take_every_byte_and_overlap() {
        for overlap in [0, 1, 7, 60, 127] {
            for bytes in 512..1_500 {
                let parts = Parts::<4>::of(bytes, overlap);
                check(&parts, bytes, overlap);
                let parts = Parts::<3>::of(bytes, overlap);
                check(&parts, bytes, overlap);
            }
        }
    }

    proptest! {
        #[test]
        fn parts_find_what_one_walk_finds(
            text in "[abc]{1,400}",
            turns in 1_usize..8,
            from in 0_usize..600,
        ) {
            let literals = [&b"ab"[..], b"bca", b"aaaa", b"cabcabca"];
            let numbered: Vec<_> = literals.into_iter().zip(0..).collect();
            let table = literal_table(&numbered).unwrap();
            let Rows::Small(rows) = &table.rows else { panic!("a small table") };
            let text = text.repeat(turns);
            let (seen, fresh) = text.as_bytes().split_at(from.min(text.len()));
            let at = table.walk_one(&**rows, seen, 0, table.at_start(), &mut Hits::new(0));
            let (mut one, mut parts) = (Hits::new(0), Hits::new(0));
            let last = table.walk_one(&**rows, fresh, seen.len(), at, &mut one);
            prop_assert_eq!(table.walk(text.as_bytes(), seen.len(), at, &mut parts), last);
            parts.as_mut_slice().sort_by_key(|hit| hit.end);
            prop_assert_eq!(parts.as_slice(), one.as_slice());
        }
    }
}
