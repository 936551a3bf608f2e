//! Tells the languages of one part, line by line; what it finds depends on the bytes alone.

use std::collections::VecDeque;

use gateway_inspect::Offset;

use super::SourceKind;
use super::forms::{KINDS, NONE, Shown, shown};

/// Bytes of a line that are looked at.
const LINE_BYTES: usize = 256;

/// Lines, empty ones and comments aside, that are looked at together.
const LINES: usize = 64;

/// Lines of a language that a text must have, and different forms of them.
const LINES_MIN: u16 = 10;
const FORMS_MIN: usize = 5;

/// Lines of a language, and different forms of them, from which on a text is held, as it may come to be
/// found.
const HOLD_MIN: u16 = LINES_MIN / 2;
const HOLD_FORMS_MIN: usize = 3;

/// What carries from chunk to chunk.
pub(crate) struct Spotter {
    /// The line as far as it has come, and whether there was more of it.
    line: Vec<u8>,
    /// What the last lines have shown.
    lines: VecDeque<Shown>,
    /// Lines of each language among them.
    counts: [u16; KINDS],
    /// Where the text begins that may come to be found.
    held_from: Option<u64>,
    wanted: [bool; KINDS],
    told: [bool; KINDS],
}

impl Spotter {
    /// Bytes of one, and those that it may hold on the heap.
    pub(crate) const MEMORY_MAX: usize =
        size_of::<Self>() + 2 * LINE_BYTES + 2 * LINES * size_of::<Shown>();

    /// Looks for these languages; `None` if there is none.
    pub(crate) fn new(kinds: impl IntoIterator<Item = SourceKind>) -> Option<Self> {
        let mut wanted = [false; KINDS];
        for kind in kinds {
            let place = SourceKind::ALL.iter().position(|other| *other == kind);
            if let Some(wanted) = place.and_then(|place| wanted.get_mut(place)) {
                *wanted = true;
            }
        }
        wanted.contains(&true).then(|| Self {
            line: Vec::new(),
            lines: VecDeque::new(),
            counts: [0; KINDS],
            held_from: None,
            wanted,
            told: [false; KINDS],
        })
    }

    /// Takes the bytes `fresh`, which begin at `at`; tells `found` which language was found, and where.
    pub(crate) fn push(
        &mut self,
        (at, fresh): (Offset, &[u8]),
        mut found: impl FnMut(SourceKind, u64, u64),
    ) {
        let mut at = at.as_u64();
        for piece in fresh.split_inclusive(|byte| *byte == b'\n') {
            let (text, is_whole) = match piece.split_last() {
                Some((b'\n', text)) => (text, true),
                _ => (piece, false),
            };
            let room = LINE_BYTES - self.line.len();
            self.line.extend_from_slice(text.get(..room).unwrap_or(text));
            at += piece.len() as u64;
            if is_whole {
                // What came before its end may have left.
                self.end_line((at - 1, at), &mut found);
            }
        }
    }

    /// The part ends at `end`.
    pub(crate) fn finish(&mut self, end: Offset, mut found: impl FnMut(SourceKind, u64, u64)) {
        self.end_line((end.as_u64(), end.as_u64()), &mut found);
        self.held_from = None;
    }

    /// Where the text begins that may come to be found; `seen` if there is none.
    pub(crate) fn clear_to(&self, seen: Offset) -> Offset {
        self.held_from.map_or(seen, Offset::new)
    }

    fn end_line(&mut self, (at, end): (u64, u64), found: &mut impl FnMut(SourceKind, u64, u64)) {
        let shown = std::str::from_utf8(&self.line).ok().map_or_else(
            || Some(Shown::NOTHING),
            |line| if line.trim().is_empty() { None } else { shown(line) },
        );
        self.line.clear();
        let Some(shown) = shown else { return };
        if self.lines.len() == LINES
            && let Some(old) = self.lines.pop_front()
        {
            self.count(&old, |count| count.saturating_sub(1));
        }
        self.count(&shown, |count| count + 1);
        self.lines.push_back(shown);
        let mut holds = false;
        for (kind, language) in SourceKind::ALL.into_iter().enumerate() {
            if !self.is_open(kind) || !self.may_be_source(kind) {
                continue;
            }
            if !self.is_source(kind) {
                holds = true;
                continue;
            }
            found(language, self.held_from.unwrap_or(at), end);
            if let Some(told) = self.told.get_mut(kind) {
                *told = true;
            }
        }
        self.held_from = holds.then(|| self.held_from.unwrap_or(at));
    }

    fn count(&mut self, shown: &Shown, change: impl Fn(u16) -> u16) {
        for (count, _) in
            self.counts.iter_mut().zip(&shown.forms).filter(|(_, form)| **form != NONE)
        {
            *count = change(*count);
        }
    }

    fn count_of(&self, kind: usize) -> u16 {
        self.counts.get(kind).copied().unwrap_or(0)
    }

    /// Whether it is wanted, and was not found yet.
    fn is_open(&self, kind: usize) -> bool {
        let of = |flags: &[bool; KINDS]| flags.get(kind).copied().unwrap_or(false);
        of(&self.wanted) && !of(&self.told)
    }

    /// Whether more lines by a fifth are of it than of any other.
    fn leads(&self, kind: usize) -> bool {
        let own = self.count_of(kind);
        let others = (0..KINDS).filter(|other| *other != kind).map(|other| self.count_of(other));
        others.max().is_none_or(|most| own * 5 >= most * 6 && own > most)
    }

    /// Whether so many lines are of the language that more may come.
    fn may_be_source(&self, kind: usize) -> bool {
        self.count_of(kind) >= HOLD_MIN && self.leads(kind) && self.forms_of(kind) >= HOLD_FORMS_MIN
    }

    /// How many different forms of it there are among the last lines.
    fn forms_of(&self, kind: usize) -> usize {
        let forms = self.lines.iter().filter_map(|line| line.forms.get(kind));
        let mut forms: Vec<u8> = forms.copied().filter(|form| *form != NONE).collect();
        forms.sort_unstable();
        forms.dedup();
        forms.len()
    }

    /// Whether the last lines are of the language: enough of them, of enough forms, and at least one in
    /// four; or, of C and C++, which say little by their words, one in eight, if most of the others end
    /// as code does.
    fn is_source(&self, kind: usize) -> bool {
        let (count, all) = (usize::from(self.count_of(kind)), self.lines.len());
        if count < usize::from(LINES_MIN) || count * 8 < all {
            return false;
        }
        let ends_as_code = self.lines.iter().filter(|line| line.ends_as_code).count();
        let is_terse = matches!(SourceKind::ALL.get(kind), Some(SourceKind::C | SourceKind::Cpp));
        if count * 4 < all && !(is_terse && ends_as_code * 2 >= all) {
            return false;
        }
        self.forms_of(kind) >= FORMS_MIN
    }
}
