//! The table of a lane: an automaton that is walked over every byte of a body, and the ends of what it
//! finds.

/// An automaton that remembers only the last [`memory`](Self::memory) bytes.
pub(crate) struct Table {
    /// The class of each byte: bytes of one class are treated alike.
    classes: Box<[u8; 256]>,
    pub(crate) rows: Rows,
    /// The first of the states in which something ends: they stand behind all others, and are odd
    /// numbers, which the others are not.
    hits_from: u32,
    at_start: u32,
    /// The state in the middle of a part, before any byte is seen.
    pub(crate) within: u32,
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
pub(crate) const fn is_hit(states: u32) -> bool {
    states & 1 != 0
}

/// Rows of next states by class. A state is where its row begins.
pub(crate) enum Rows {
    /// Room for all that a number of 16 bits can name, so that no look needs a check.
    Small(Box<[u16; SMALL]>),
    /// The same for rows that begin at every fourth place.
    Large(Box<[u16; LARGE]>),
    Huge(Box<[u32]>),
}

const SMALL: usize = 1 << 16;
/// Places from one at which a row of a large table may begin to the next.
const UNIT: usize = 4;
/// Room for the last row that a number of 16 bits can name, whatever its class.
const LARGE: usize = (UNIT << 16) + 256;

/// How rows are looked into.
pub(crate) trait Step: Copy {
    /// The state behind `state` and a byte of `class`.
    fn step(self, state: u32, class: u8) -> u32;
}

impl Step for &[u16; SMALL] {
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

    /// The class of each byte.
    pub(crate) fn classes(&self) -> &[u8; 256] {
        &self.classes
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

    #[inline(always)]
    pub(crate) fn step(&self, rows: impl Step, state: u32, byte: u8) -> u32 {
        rows.step(state, self.classes[usize::from(byte)])
    }
}
