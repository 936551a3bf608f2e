//! What an administrator configures: profiles, regex entries and word lists. Plain data; nothing
//! is checked before [`DlpBuilder::build`](crate::DlpBuilder::build).

use std::fmt;
use std::sync::Arc;

use gateway_inspect::{HoldFrom, Mask};

use crate::dataset::Dataset;
use crate::fingerprint::Fingerprints;
use crate::{Conditions, Precision};

/// A group of entries that matches a body together, and from when on it does.
///
/// Its entries are named by id: those of [`detectors`](crate::detectors), and the custom ones
/// that the builder was given.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileConfig {
    /// The id that rules name, such as `financial`: 1 to 64 of `a-z A-Z 0-9 _ -`.
    pub id: String,
    /// Ids of the entries that it counts, each once.
    pub entries: Vec<String>,
    /// Findings of its entries from which on it matches; at least 1, which is the default.
    ///
    /// Findings are counted, not different values. Cloudflare counts the other way round: there a
    /// profile acts when the matches *exceed* its match count, so a match count of N is a
    /// `matches_min` of N + 1.
    pub matches_min: u32,
    /// Different entries that must be found, from which on it matches; at least 1, which is the
    /// default, and at most as many as it has.
    pub distinct_min: u32,
    /// Bytes of one part within which those different entries must start. Default `None`:
    /// anywhere in the body.
    pub within_bytes: Option<u64>,
    /// From when on bytes are held for it. Default [`HoldFrom::Threshold`].
    pub hold_from: HoldFrom,
    /// What it makes of findings before it counts them. Default nothing.
    pub precision: Precision,
    /// How much of its matches a record shows. Default `None`: as much as of any other.
    pub mask: Option<Mask>,
    /// How much of them is left in what is sealed. Default `None`: as much as of any other.
    pub payload_mask: Option<Mask>,
}

impl ProfileConfig {
    /// A profile that matches at the first finding of any of `entries`.
    pub fn new<E: Into<String>>(
        id: impl Into<String>,
        entries: impl IntoIterator<Item = E>,
    ) -> Self {
        Self {
            id: id.into(),
            entries: entries.into_iter().map(Into::into).collect(),
            matches_min: 1,
            distinct_min: 1,
            within_bytes: None,
            hold_from: HoldFrom::default(),
            precision: Precision::default(),
            mask: None,
            payload_mask: None,
        }
    }
}

/// An entry that finds what a regular expression matches.
///
/// The syntax is that of the `regex` crate, over bytes: `\w`, `\d`, `\b` and `(?i)` mean ASCII,
/// `.` is any byte but a line feed, `^` and `$` are the ends of the part. `(?u)` switches to
/// Unicode classes, which cost far more memory; a Unicode `\b` is not supported. `*` and `+` are
/// welcome.
///
/// What it finds is what `regex::bytes::Regex::find_iter` finds in the part as a whole: leftmost
/// matches, the first alternative preferred, none overlapping another. Matches of more than
/// [`Limits::match_bytes_max`](crate::Limits::match_bytes_max) bytes are described there. Its
/// findings have medium confidence, as those of word lists, if its conditions do not say otherwise.
#[derive(Clone, PartialEq)]
pub struct RegexEntry {
    /// Its id: 1 to 64 of `a-z A-Z 0-9 _ - .`, and not that of a detector.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The regular expression. It must not match the empty string.
    pub pattern: String,
    /// What a match must fulfil besides. Default nothing.
    pub conditions: Conditions,
}

impl RegexEntry {
    /// An entry that finds `pattern`.
    pub fn new(id: impl Into<String>, name: impl Into<String>, pattern: impl Into<String>) -> Self {
        let (id, name, pattern) = (id.into(), name.into(), pattern.into());
        Self { id, name, pattern, conditions: Conditions::default() }
    }
}

/// Shows no pattern: it may be the secret itself.
impl fmt::Debug for RegexEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegexEntry").field("id", &self.id).finish_non_exhaustive()
    }
}

/// An entry that finds parts by their path, whatever they hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathEntry {
    /// Its id: 1 to 64 of `a-z A-Z 0-9 _ - .`, and not that of a detector.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What the path must match, in the syntax of [`RegexEntry`]. Parts without a name are not
    /// found.
    pub path: String,
}

/// An entry that finds the cells of a table.
///
/// Its findings have high confidence; the [`Precision`] of a profile does not concern them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetEntry {
    /// Its id: 1 to 64 of `a-z A-Z 0-9 _ - .`, and not that of a detector.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The hashes of the cells.
    pub dataset: Arc<Dataset>,
}

/// An entry that finds texts that are like documents.
///
/// Its findings have high confidence; the [`Precision`] of a profile does not concern them. Each document
/// is found once in a part, at the place where enough of it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FingerprintEntry {
    /// Its id: 1 to 64 of `a-z A-Z 0-9 _ - .`, and not that of a detector.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The documents.
    pub fingerprints: Arc<Fingerprints>,
    /// Percent of a document that a text must have, 1 to 100.
    pub similarity_min: u8,
}

/// An entry that finds any of a list of words or phrases; of several that begin at the same
/// place, the longest.
#[derive(Clone, PartialEq, Eq)]
pub struct WordsEntry {
    /// Its id: 1 to 64 of `a-z A-Z 0-9 _ - .`, and not that of a detector.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The words, in UTF-8; none may be empty.
    pub words: Vec<String>,
    /// Whether case tells words apart. Default [`Case::Insensitive`].
    pub case: Case,
    /// Where words are found. Default [`Bounds::WholeWords`].
    pub bounds: Bounds,
}

impl WordsEntry {
    /// An entry that finds any of `words` as whole words, in any case.
    pub fn new<W: Into<String>>(
        id: impl Into<String>,
        name: impl Into<String>,
        words: impl IntoIterator<Item = W>,
    ) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            words: words.into_iter().map(Into::into).collect(),
            case: Case::default(),
            bounds: Bounds::default(),
        }
    }
}

/// Shows no word: they are what must not leave.
impl fmt::Debug for WordsEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WordsEntry")
            .field("id", &self.id)
            .field("words", &self.words.len())
            .field("case", &self.case)
            .field("bounds", &self.bounds)
            .finish_non_exhaustive()
    }
}

/// Whether case tells words apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Case {
    /// `Falcon` finds `falcon`, by the simple case folding of Unicode.
    #[default]
    Insensitive,
    /// Words are found as they are written.
    Sensitive,
}

/// Where words are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bounds {
    /// Only where no ASCII letter, digit or `_` comes right before or behind.
    #[default]
    WholeWords,
    /// Anywhere, within other words too.
    Anywhere,
}
