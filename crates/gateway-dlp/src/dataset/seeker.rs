//! Looks for the cells of a dataset in one part, byte by byte; what it finds depends on the bytes
//! alone, however they are cut.

use gateway_inspect::{Offset, Window};

use super::Dataset;
use super::poly::{Point, Poly, mix};
use super::words::{CELL_BYTES_MAX, GAP_MAX, WORDS_MAX, canonical, is_word};

/// Bytes of the longest match in a text.
pub(crate) const SPAN_MAX: usize = CELL_BYTES_MAX + WORDS_MAX * 4;

/// What is carried from chunk to chunk.
pub(crate) struct Seeker {
    point: Point,
    space: Poly,
    /// The last words, the latest at the end.
    words: Vec<Word>,
    open: Option<Word>,
}

/// A word of the part.
#[derive(Clone, Copy)]
struct Word {
    poly: Poly,
    start: u64,
    end: u64,
    is_number: bool,
    /// Whether some cell begins with it and all that followed, as far as is known.
    goes_on: bool,
}

impl Seeker {
    /// Bytes of one on the heap.
    pub(crate) const HEAP_MAX: usize = WORDS_MAX * size_of::<Word>();

    pub(crate) fn new(dataset: &Dataset) -> Self {
        let point = dataset.point();
        let space = Poly::EMPTY.push(b' ', point);
        Self { point, space, words: Vec::with_capacity(WORDS_MAX), open: None }
    }

    /// Takes the fresh bytes of `window`; gives each match to `found`, by its places.
    pub(crate) fn push(
        &mut self,
        dataset: &Dataset,
        window: &Window<'_>,
        mut found: impl FnMut(u64, u64),
    ) {
        for (at, byte) in (window.fresh_at().as_u64()..).zip(window.fresh()) {
            if is_word(*byte) {
                self.extend(*byte, at);
            } else if self.open.is_some() {
                self.end_word(dataset, window, &mut found);
            }
        }
    }

    /// The part has ended.
    pub(crate) fn finish(
        &mut self,
        dataset: &Dataset,
        tail: &Window<'_>,
        mut found: impl FnMut(u64, u64),
    ) {
        if self.open.is_some() {
            self.end_word(dataset, tail, &mut found);
        }
        self.words.clear();
    }

    /// Where the first words are that a match may still begin with; `seen` if there are none.
    pub(crate) fn clear_to(&self, seen: Offset) -> Offset {
        let seen = seen.as_u64();
        let next = match self.open {
            // Too long for a cell: nothing before it goes on either.
            Some(open) if open.end - open.start > CELL_BYTES_MAX as u64 => {
                return Offset::new(seen);
            }
            Some(open) => open.start,
            None => seen,
        };
        let is_near = self.words.last().is_some_and(|last| next - last.end <= GAP_MAX);
        let first = self.words.iter().find(|word| word.goes_on).filter(|_| is_near);
        Offset::new(first.map_or(next, |word| word.start))
    }

    fn extend(&mut self, byte: u8, at: u64) {
        let gap = self.words.last().map_or(0, |last| at - last.end);
        let open = self.open.get_or_insert_with(|| {
            if gap > GAP_MAX {
                self.words.clear();
            }
            Word { poly: Poly::EMPTY, start: at, end: at, is_number: true, goes_on: true }
        });
        open.poly = open.poly.push(byte.to_ascii_lowercase(), self.point);
        open.is_number &= byte.is_ascii_digit();
        open.end = at + 1;
    }

    /// A word has ended: whether it, with those before it, is a cell. The longest is found.
    fn end_word(
        &mut self,
        dataset: &Dataset,
        window: &Window<'_>,
        found: &mut impl FnMut(u64, u64),
    ) {
        let Some(word) = self.open.take() else { return };
        if word.end - word.start > CELL_BYTES_MAX as u64 {
            self.words.clear();
            return;
        }
        if self.words.len() == WORDS_MAX {
            self.words.remove(0);
        }
        self.words.push(word);
        let end = word.end;
        let (mut longest, mut tail) = (None, None);
        for word in self.words.iter().rev() {
            let longer = self.before(*word, tail);
            tail = Some(longer);
            let has_length = dataset.lengths >> (longer.words - 1) & 1 != 0;
            let key = mix(longer.poly.hash);
            if word.goes_on
                && has_length
                && dataset.may_have(key)
                && confirms(dataset, window, key, word.start, end)
            {
                longest = Some((word.start, end));
            }
        }
        self.follow(dataset);
        if let Some((start, end)) = longest {
            found(start, end);
        }
    }

    /// Finds out from which words on a cell may still go on.
    fn follow(&mut self, dataset: &Dataset) {
        // A number may go on with the next word: then what is before it matters.
        let numbers = self.words.iter().rev().take_while(|word| word.is_number).count();
        let first_number = self.words.len() - numbers;
        let (mut tail, mut before) = (None, None);
        for at in (0..self.words.len()).rev() {
            let Some(word) = self.words.get(at).copied() else { continue };
            let longer = self.before(word, tail);
            tail = Some(longer);
            let may_go_on = |tail: Tail| dataset.may_go_on(mix(tail.poly.hash));
            let mut goes_on = may_go_on(longer);
            if at >= first_number {
                goes_on |= longer.len < u64::from(dataset.number_max);
            } else {
                let longer = self.before(word, before);
                before = Some(longer);
                goes_on |= numbers > 0 && may_go_on(longer);
            }
            if let Some(word) = self.words.get_mut(at) {
                word.goes_on &= goes_on;
            }
        }
    }

    /// The hash of a word and what comes behind it.
    fn before(&self, word: Word, tail: Option<Tail>) -> Tail {
        let len = word.end - word.start;
        let Some(tail) = tail else {
            let Word { poly, is_number, .. } = word;
            return Tail { poly, starts_with_number: is_number, words: 1, len };
        };
        let joined = word.is_number && tail.starts_with_number;
        let front = if joined { word.poly } else { word.poly.join(self.space) };
        Tail {
            poly: front.join(tail.poly),
            starts_with_number: word.is_number,
            words: tail.words + usize::from(!joined),
            len: len + tail.len,
        }
    }
}

/// The last words, put together.
#[derive(Clone, Copy)]
struct Tail {
    poly: Poly,
    starts_with_number: bool,
    /// Words as cells have them.
    words: usize,
    /// Bytes of its words.
    len: u64,
}

/// Whether the bytes of the part at these places are a cell.
fn confirms(dataset: &Dataset, window: &Window<'_>, key: u64, start: u64, end: u64) -> bool {
    if end - start > SPAN_MAX as u64 {
        return false;
    }
    let span = gateway_inspect::Span::new(Offset::new(start), Offset::new(end));
    // The window holds what the contract says; did it not: rather one too many than none.
    window.slice(span).is_none_or(|text| dataset.confirms(key, &canonical(text)))
}
