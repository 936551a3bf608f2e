//! The automaton of one entry: it is entered at every place where a match may begin, and run until
//! it is sure. Immutable; a run is one number. How it comes about is in `compile.rs`.

/// Recognises the matches of one entry, from their first byte on.
pub(crate) struct Automaton {
    /// The class of each byte: bytes of one class are treated alike.
    pub(crate) classes: Box<[u8; 256]>,
    /// One row for each state that goes on: the next state by class, the last one for the end of
    /// the part. The first row leads to [`State::DEAD`] alone.
    pub(crate) table: Box<[State]>,
    /// Columns of a row.
    pub(crate) width: usize,
    /// The state in which a run begins at the start of the part.
    pub(crate) at_start: State,
    /// The states in which it begins elsewhere, by the byte before.
    pub(crate) after: Box<[State; 256]>,
}

/// The state of a run: where its row begins in the table, and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct State(u32);

impl State {
    /// No match will come.
    pub(crate) const DEAD: Self = Self(Self::OVER);

    /// A match ends before the byte that led here.
    const BEFORE: u32 = 1;
    /// A match ends behind the byte that led here, whatever follows.
    const BEHIND: u32 = 2;
    /// Nothing further will come.
    const OVER: u32 = 4;
    /// Bits that the three take.
    const FLAGS: u32 = 3;

    /// The state whose row begins at `row`, or `None` if there are too many.
    pub(crate) fn new(row: usize) -> Option<Self> {
        u32::try_from(row).ok()?.checked_mul(1 << Self::FLAGS).map(Self)
    }

    /// It, with the word that a match ends before.
    pub(crate) const fn with_match_before(self) -> Self {
        Self(self.0 | Self::BEFORE)
    }

    /// It, with the word that a match ends behind and nothing further will come.
    pub(crate) const fn with_match_behind(self) -> Self {
        Self(self.0 | Self::BEHIND | Self::OVER)
    }

    /// It, with the word that nothing further will come.
    pub(crate) const fn over(self) -> Self {
        Self(self.0 | Self::OVER)
    }

    /// Whether it says anything.
    pub(crate) const fn is_special(self) -> bool {
        self.0 & (Self::BEFORE | Self::BEHIND | Self::OVER) != 0
    }

    /// Whether no match will come.
    pub(crate) const fn is_dead(self) -> bool {
        self.0 & (Self::BEFORE | Self::BEHIND | Self::OVER) == Self::OVER
    }

    /// Whether nothing further will come than what it says.
    pub(crate) const fn is_over(self) -> bool {
        self.0 & Self::OVER != 0
    }

    /// Whether a match ends before the byte that led here.
    pub(crate) const fn matches_before(self) -> bool {
        self.0 & Self::BEFORE != 0
    }

    /// Whether a match ends behind the byte that led here.
    pub(crate) const fn matches_behind(self) -> bool {
        self.0 & Self::BEHIND != 0
    }

    const fn row(self) -> usize {
        (self.0 >> Self::FLAGS) as usize
    }
}

impl Automaton {
    /// Where a run begins behind `before`; at the start of the part that is `None`.
    pub(crate) fn start(&self, before: Option<u8>) -> State {
        match before {
            Some(byte) => self.after[usize::from(byte)],
            None => self.at_start,
        }
    }

    /// The state to which `byte` leads.
    pub(crate) fn next(&self, state: State, byte: u8) -> State {
        let class = usize::from(self.classes[usize::from(byte)]);
        self.table.get(state.row() + class).copied().unwrap_or(State::DEAD)
    }

    /// The state to which the end of the part leads.
    pub(crate) fn end(&self, state: State) -> State {
        self.table.get(state.row() + self.width - 1).copied().unwrap_or(State::DEAD)
    }

    /// Bytes of its tables.
    pub(crate) fn memory_usage(&self) -> usize {
        size_of_val(&*self.table) + size_of_val(&*self.classes) + size_of_val(&*self.after)
    }
}
