//! What can be wrong with a configuration.

use std::ops::Range;

/// Why a scanner could not be built. Names the profile or the entry that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A condition of an entry is wrong.
    #[error("entry `{entry}`: the condition `{condition}`: {reason}")]
    Condition {
        /// The entry.
        entry: String,
        /// The condition.
        condition: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Two entries have the same id, or a custom one has that of a detector.
    #[error("entry `{entry}` is defined twice")]
    DuplicateEntry {
        /// The id.
        entry: String,
    },
    /// Two profiles have the same id.
    #[error("profile `{profile}` is defined twice")]
    DuplicateProfile {
        /// The id.
        profile: String,
    },
    /// A profile counts no entry.
    #[error("profile `{profile}` has no entries")]
    EmptyProfile {
        /// The profile.
        profile: String,
    },
    /// A word list holds an empty word.
    #[error("entry `{entry}`: word {index} is empty")]
    EmptyWord {
        /// The entry.
        entry: String,
        /// Position of the word in its list, from 0.
        index: usize,
    },
    /// An id is empty, too long or holds a character that ids may not have.
    #[error("`{id}` is not an id: 1 to 64 of a-z A-Z 0-9 _ - were expected")]
    InvalidId {
        /// What was given.
        id: String,
    },
    /// A word list holds a word that is too long.
    #[error("entry `{entry}`: word {index} has more than {word_bytes_max} bytes")]
    LongWord {
        /// The entry.
        entry: String,
        /// Position of the word in its list, from 0.
        index: usize,
        /// The most bytes of a word.
        word_bytes_max: usize,
    },
    /// A regular expression matches the empty string, and so everywhere.
    #[error("entry `{entry}`: the pattern matches the empty string")]
    MatchesEmpty {
        /// The entry.
        entry: String,
    },
    /// A regular expression or an empty word list can match nothing at all.
    #[error("entry `{entry}` can match nothing")]
    MatchesNothing {
        /// The entry.
        entry: String,
    },
    /// What a profile asks of findings is wrong.
    #[error("profile `{profile}`: `{setting}`: {reason}")]
    Precision {
        /// The profile.
        profile: String,
        /// The setting.
        setting: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A profile names an entry twice.
    #[error("profile `{profile}` names entry `{entry}` twice")]
    RepeatedEntry {
        /// The profile.
        profile: String,
        /// The entry.
        entry: String,
    },
    /// Texts are to be like documents by no part of them, or by more than all.
    #[error("entry `{entry}`: similarity_min is {value}, but 1 to 100 was expected")]
    Similarity {
        /// The entry.
        entry: String,
        /// What it says.
        value: u8,
    },
    /// A regular expression does not parse.
    #[error("entry `{entry}`: pattern error at byte {}: {reason}", at.start)]
    Syntax {
        /// The entry.
        entry: String,
        /// The bytes of the pattern that are wrong.
        at: Range<usize>,
        /// What is wrong with them.
        reason: String,
    },
    /// A profile asks for no findings at all, or for more different entries than it has.
    #[error("profile `{profile}`: {field} is {value}, but 1 to {max} was expected")]
    Threshold {
        /// The profile.
        profile: String,
        /// The field: `matches_min` or `distinct_min`.
        field: &'static str,
        /// What it says.
        value: u32,
        /// The most that it may say.
        max: u32,
    },
    /// The tables of an entry would be larger than allowed.
    #[error("entry `{entry}` needs tables of more than {automaton_bytes_max} bytes")]
    TooLarge {
        /// The entry.
        entry: String,
        /// The limit that it breaks, in bytes.
        automaton_bytes_max: usize,
    },
    /// The lanes that all entries share would be larger than they can be.
    #[error("all entries together need tables that are too large")]
    TooManyEntries,
    /// A word list is too long.
    #[error("entry `{entry}` has more than {words_max} words")]
    TooManyWords {
        /// The entry.
        entry: String,
        /// The most words of a list.
        words_max: usize,
    },
    /// A profile names an entry that does not exist.
    #[error("profile `{profile}`: no entry `{entry}`{}", hint(suggestion.as_deref()))]
    UnknownEntry {
        /// The profile.
        profile: String,
        /// The id that it names.
        entry: String,
        /// The id that was probably meant.
        suggestion: Option<String>,
    },
    /// An entry requires itself, or one that requires it in turn: none of them could ever be found.
    #[error("entry `{entry}` requires what requires it in turn")]
    RequiredInTurn {
        /// The entry.
        entry: String,
    },
    /// An entry requires one that is not looked for.
    #[error("entry `{entry}` requires `{required}`, which no profile counts")]
    UnknownRequired {
        /// The entry.
        entry: String,
        /// The id that it requires.
        required: String,
    },
    /// A predefined profile is named that does not exist.
    #[error("no predefined profile `{profile}`{}", hint(suggestion.as_deref()))]
    UnknownProfile {
        /// The id that is named.
        profile: String,
        /// The id that was probably meant.
        suggestion: Option<String>,
    },
    /// A regular expression holds a Unicode word boundary.
    #[error("entry `{entry}`: a Unicode word boundary is not supported, use (?-u:\\b)")]
    UnicodeWordBoundary {
        /// The entry.
        entry: String,
    },
}

fn hint(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |id| format!(", did you mean `{id}`?"))
}
