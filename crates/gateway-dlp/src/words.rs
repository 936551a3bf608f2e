//! Word lists: the words of an entry in order, searched byte by byte.
//!
//! A run narrows the stretch of words that begin with what was read. Its state is that stretch and
//! how many bytes of the words were read; it takes no room in the list itself, which is no larger
//! than its words.

use crate::bytes::{ByteSet, is_word};
use crate::machine::{Flow, Thread};
use crate::reel::{After, Reel};
use crate::{Bounds, Case, WordsEntry};

/// Bytes of the longest word.
pub(crate) const WORD_MAX: usize = (1 << DEPTH_BITS) - 1;
/// Words of the longest list.
pub(crate) const WORDS_MAX: usize = (1 << (u32::BITS - DEPTH_BITS)) - 1;

const DEPTH_BITS: u32 = 10;

/// The most ways in which a word may begin that are told apart.
const VARIANTS_MAX: usize = 8;

/// The words of an entry, ready to be looked for.
pub(crate) struct WordSet {
    /// The words in order, without anything between them.
    text: Box<[u8]>,
    /// Where each begins; one more than words.
    starts: Box<[u32]>,
    /// By byte, how many words begin with a lesser one; one more than bytes.
    by_first: Box<[u32; 257]>,
    case: Case,
    bounds: Bounds,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    low: usize,
    high: usize,
    /// Bytes of the words that were read.
    depth: usize,
}

/// A character as it is compared: in any case it is the same. ASCII letters are the same as ASCII
/// letters alone, so that the length of what is ASCII does not change.
pub(crate) fn fold(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    let mut lower = character.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) if !one.is_ascii() => one,
        _ => character,
    }
}

impl WordSet {
    /// The words of `entry`, none of which is longer than [`WORD_MAX`].
    pub(crate) fn new(entry: &WordsEntry) -> Self {
        let folded = |word: &String| match entry.case {
            Case::Insensitive => word.chars().map(fold).collect(),
            Case::Sensitive => word.clone(),
        };
        let mut words: Vec<String> = entry.words.iter().map(folded).collect();
        words.sort_unstable();
        words.dedup();
        let mut starts = vec![0];
        let mut text = Vec::new();
        for word in &words {
            text.extend(word.bytes());
            starts.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
        let mut by_first = Box::new([0; 257]);
        for (byte, count) in (0_u16..).zip(by_first.iter_mut()) {
            let is_less = |word: &String| word.bytes().next().map(u16::from) < Some(byte);
            *count = u32::try_from(words.partition_point(is_less)).unwrap_or(u32::MAX);
        }
        let (case, bounds) = (entry.case, entry.bounds);
        Self { text: text.into(), starts: starts.into(), by_first, case, bounds }
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    pub(crate) fn memory_usage(&self) -> usize {
        size_of_val(&*self.text) + size_of_val(&*self.starts) + size_of_val(&*self.by_first)
    }

    fn word(&self, index: usize) -> &[u8] {
        let at = |index: usize| self.starts.get(index).map_or(0, |at| *at as usize);
        self.text.get(at(index)..at(index + 1)).unwrap_or_default()
    }

    pub(crate) fn words(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|index| self.word(index))
    }

    /// Whether a word may begin behind this byte.
    pub(crate) fn may_follow(&self, before: Option<u8>) -> bool {
        self.bounds == Bounds::Anywhere || !before.is_some_and(is_word)
    }

    /// The first bytes of `word`, in every way in which they may be written but for the case of
    /// ASCII letters: whole characters, and as long as there are few ways, about `len` bytes.
    pub(crate) fn beginnings(&self, word: &[u8], len: usize) -> Vec<Vec<u8>> {
        let Ok(text) = std::str::from_utf8(word) else { return vec![word.to_vec()] };
        let mut ways = vec![Vec::new()];
        let mut buffer = [0; 4];
        for character in text.chars() {
            let forms = self.forms(character);
            let is_full = ways.first().is_some_and(|way| way.len() >= len);
            if is_full || ways.len() * forms.len() > VARIANTS_MAX {
                break;
            }
            let longer = |way: &Vec<u8>| {
                let form = |form: &char| [way, form.encode_utf8(&mut buffer).as_bytes()].concat();
                forms.iter().map(form).collect::<Vec<_>>()
            };
            ways = ways.iter().flat_map(longer).collect();
        }
        ways.iter_mut().for_each(|way| way.make_ascii_lowercase());
        ways
    }

    /// The characters that count as this one.
    fn forms(&self, character: char) -> Vec<char> {
        match self.case {
            Case::Sensitive => vec![character],
            // Capital letters of ASCII count as small ones where beginnings are looked for.
            Case::Insensitive if character.is_ascii() => vec![character],
            Case::Insensitive => forms(character),
        }
    }

    /// The sets of the bytes that words have at their first places.
    pub(crate) fn first_sets(&self, depth: usize) -> Vec<ByteSet> {
        let mut sets = vec![ByteSet::EMPTY; depth];
        for word in self.words() {
            for way in self.beginnings(word, depth) {
                for (place, set) in sets.iter_mut().enumerate() {
                    match way.get(place) {
                        Some(byte) => {
                            set.insert(*byte);
                            set.insert(byte.to_ascii_uppercase());
                        }
                        None => *set = ByteSet::ALL,
                    }
                }
            }
        }
        sets
    }

    /// Runs over `reel` from `at` on: from the beginning of a word, or where `threads` were. Gives
    /// the end of every word to `matched`.
    pub(crate) fn run(
        &self,
        reel: Reel<'_>,
        at: usize,
        threads: &[Thread],
        open: &mut Vec<Thread>,
        mut matched: impl FnMut(usize) -> Flow,
    ) {
        let (stretch, mut at) = match threads.first() {
            Some(thread) => (Stretch::from_thread(*thread), at - self.unread(&reel, at)),
            None if self.may_follow(reel.before(at)) => {
                (Stretch { low: 0, high: self.len(), depth: 0 }, at)
            }
            None => return,
        };
        let mut stretch = stretch;
        let leave_open = |stretch: Stretch, open: &mut Vec<Thread>| open.push(stretch.thread());
        while stretch.low < stretch.high && at <= reel.limit {
            if stretch.depth > 0 && self.word(stretch.low).len() == stretch.depth {
                let ends = match (self.bounds, reel.byte(at)) {
                    (Bounds::Anywhere, _) => true,
                    (Bounds::WholeWords, None) if reel.after == After::Open => {
                        return leave_open(stretch, open);
                    }
                    (Bounds::WholeWords, next) => !next.is_some_and(is_word),
                };
                if ends && matched(at) == Flow::Stop {
                    return;
                }
            }
            match self.read(&reel, at) {
                Read::Some { bytes, len, from } => {
                    at += from;
                    for byte in bytes.get(..len).unwrap_or_default() {
                        stretch = self.narrow(stretch, *byte);
                    }
                }
                Read::Open => {
                    if self.narrows(stretch, reel.byte(at)) {
                        leave_open(stretch, open);
                    }
                    return;
                }
                Read::End => return,
            }
        }
    }

    /// Whether words of the stretch may go on with this byte.
    fn narrows(&self, stretch: Stretch, byte: Option<u8>) -> bool {
        let longest = |index: usize| self.word(index).len() > stretch.depth;
        match byte {
            // A character of which only a part is there.
            Some(_) => (stretch.low..stretch.high).any(|index| {
                self.word(index).get(stretch.depth).is_some_and(|byte| !byte.is_ascii())
            }),
            None => stretch.low + 1 < stretch.high || longest(stretch.low),
        }
    }

    /// The words of the stretch that go on with `byte`.
    fn narrow(&self, stretch: Stretch, byte: u8) -> Stretch {
        let Stretch { low, high, depth } = stretch;
        if depth == 0 {
            // All words are in the stretch.
            let before = |byte: usize| self.by_first.get(byte).map_or(0, |count| *count as usize);
            let byte = usize::from(byte);
            return Stretch { low: before(byte), high: before(byte + 1), depth: 1 };
        }
        let at = |index: usize| self.word(index).get(depth).copied();
        let first = partition(low, high, |index| at(index) < Some(byte));
        let last = partition(first, high, |index| at(index) <= Some(byte));
        Stretch { low: first, high: last, depth: depth + 1 }
    }

    /// Bytes before `at` that are a part of a character, the rest of which begins there.
    fn unread(&self, reel: &Reel<'_>, at: usize) -> usize {
        let before = |back: usize| at.checked_sub(back).and_then(|at| reel.bytes.get(at)).copied();
        if self.case == Case::Sensitive {
            return 0;
        }
        for back in 1..4 {
            match before(back) {
                Some(byte) if byte & 0xC0 == 0x80 => {}
                Some(byte) => return if sequence_len(byte) > back { back } else { 0 },
                None => return 0,
            }
        }
        0
    }

    /// What stands at `at`, as words are compared: a byte, or a whole character that is not ASCII.
    fn read(&self, reel: &Reel<'_>, at: usize) -> Read {
        let Some(byte) = reel.byte(at) else {
            return if reel.is_open(at) { Read::Open } else { Read::End };
        };
        let one = |byte| Read::Some { bytes: [byte, 0, 0, 0], len: 1, from: 1 };
        if self.case == Case::Sensitive || byte.is_ascii() {
            let folded = byte.to_ascii_lowercase();
            return one(if self.case == Case::Sensitive { byte } else { folded });
        }
        let len = sequence_len(byte);
        if len > 1 && at + len > reel.edge && reel.after == After::Open {
            let rest = reel.bytes.get(at + 1..reel.edge).unwrap_or_default();
            if rest.iter().all(|byte| byte & 0xC0 == 0x80) {
                return Read::Open;
            }
        }
        let character = reel.bytes.get(at..(at + len).min(reel.edge)).unwrap_or_default();
        match std::str::from_utf8(character).ok().and_then(|text| text.chars().next()) {
            Some(character) => {
                let mut bytes = [0; 4];
                let len_folded = fold(character).encode_utf8(&mut bytes).len();
                Read::Some { bytes, len: len_folded, from: len }
            }
            None => one(byte),
        }
    }
}

/// What a run reads next.
enum Read {
    Some {
        bytes: [u8; 4],
        len: usize,
        from: usize,
    },
    /// It is not there yet.
    Open,
    End,
}

impl Stretch {
    fn thread(self) -> Thread {
        let word = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        let count = word(self.high - self.low) << DEPTH_BITS | word(self.depth.min(WORD_MAX));
        Thread { pc: word(self.low), count }
    }

    fn from_thread(thread: Thread) -> Self {
        let low = thread.pc as usize;
        let depth = thread.count as usize & WORD_MAX;
        Self { low, high: low + (thread.count >> DEPTH_BITS) as usize, depth }
    }
}

/// All characters that [`fold`] makes the same as this one.
pub(crate) fn forms(character: char) -> Vec<char> {
    let range = regex_syntax::hir::ClassUnicodeRange::new(character, character);
    let mut class = regex_syntax::hir::ClassUnicode::new([range]);
    // It fails only where the tables of Unicode are left out.
    let _ = class.try_case_fold_simple();
    let all = class.ranges().iter().flat_map(|range| range.start()..=range.end());
    all.filter(|other| fold(*other) == fold(character)).collect()
}

/// Bytes of a character in UTF-8, by its first byte.
const fn sequence_len(first: u8) -> usize {
    match first {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => 1,
    }
}

/// The first index from `low` to `high` for which `is_before` does not hold.
fn partition(mut low: usize, mut high: usize, is_before: impl Fn(usize) -> bool) -> usize {
    while low < high {
        let middle = low.midpoint(high);
        if is_before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
