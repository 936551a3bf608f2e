//! Every bound of the scanner, by name.

/// Bounds on what the scanner may build, hold and spend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the program of one entry. Default 4 MiB; an entry that needs more is a
    /// [`BuildError::TooLarge`](crate::BuildError). Word lists are not bounded by it.
    pub automaton_bytes_max: usize,
    /// Candidates, matches that have begun and are not decided yet, that one part may have open
    /// where one KiB of it ends and the next begins. Default 256. With more, scanning the part
    /// ends as [`Unscannable::WorkExceeded`](gateway_inspect::Unscannable::WorkExceeded).
    pub candidates_max: usize,
    /// Bytes of one match of a custom entry, and so the most bytes that wait for its decision.
    /// Default 4,096. Detectors have a limit of their own.
    ///
    /// Of what the entry matches at some place, only matches of at most this many bytes count. If
    /// all that begin there are longer, later starts within them are tried. Of a pattern that
    /// begins with a class run and has no longest match, only the leftmost start is.
    pub match_bytes_max: usize,
    /// Steps that may be spent within one KiB of a part, counted from its start. Default 131,072.
    /// A place where an entry may begin counts 8 of them, a candidate that is open where the KiB
    /// ends counts 1,024, as it looks at the next one. With more, scanning the part ends as
    /// [`Unscannable::WorkExceeded`](gateway_inspect::Unscannable::WorkExceeded), at the same byte
    /// for any chunking. The plain pass over content that has no candidate is not counted.
    pub steps_per_kib_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            automaton_bytes_max: 4 << 20,
            candidates_max: 256,
            match_bytes_max: 4_096,
            steps_per_kib_max: 131_072,
        }
    }
}
