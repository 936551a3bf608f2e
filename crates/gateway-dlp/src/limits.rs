//! Every bound of the scanner, by name.

/// Bounds on what the scanner may build, hold and spend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the automaton of one entry. Default 4 MiB, which takes a list of about a
    /// thousand words; an entry that needs more is a [`BuildError::TooLarge`](crate::BuildError).
    pub automaton_bytes_max: usize,
    /// Candidates that one part may have open at a time. Default 256. With more, scanning the
    /// part ends as
    /// [`Unscannable::WorkExceeded`](gateway_inspect::Unscannable::WorkExceeded).
    pub candidates_max: usize,
    /// Bytes of one match of a custom entry, and so the most bytes that wait for its decision.
    /// Default 4,096. Detectors have a limit of their own.
    ///
    /// Of what the entry matches at some place, only matches of at most this many bytes count.
    /// If all that begin there are longer, later starts within them are tried; of those that had
    /// become indistinguishable by then, the last one, so a match found in this way may begin
    /// later than `regex` would say. It overlaps nothing else and is a match in itself.
    pub match_bytes_max: usize,
    /// Automaton steps that may be spent on the candidates within one KiB of a part, counted from
    /// its start. Default 131,072: 128 candidates open at every byte. With more, scanning the part
    /// ends as [`Unscannable::WorkExceeded`](gateway_inspect::Unscannable::WorkExceeded), at the
    /// same byte for any chunking. A plain pass over content that has no candidate is not
    /// counted.
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
