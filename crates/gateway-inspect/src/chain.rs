//! All inspectors of one part, driven as one.

use std::sync::Arc;

use crate::findings::Room;
use crate::{
    Examiner, Findings, Inspector, Limits, Offset, Outcome, Part, Progress, Reach, Unscannable,
    Wanted, Window,
};

/// How far a part is cleared, by the two reaches. Both are positions in the unpacked part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clearance {
    /// No content finding still to come starts before this position. Always enforced.
    pub span: Offset,
    /// No finding about the part as a whole is still to come for what lies before this position:
    /// 0 while an inspector with [`Reach::Part`] is at work. The hold policy says what it means.
    pub part: Offset,
}

impl Clearance {
    /// Nothing is in the way.
    pub const OPEN: Self = Self { span: Offset::MAX, part: Offset::MAX };

    /// What both allow.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self { span: self.span.min(other.span), part: self.part.min(other.part) }
    }
}

/// Bytes of the largest window that is put together without an allocation: the look-back and a
/// piece as networks carry them.
const SMALL_WINDOW: usize = 2_048;

/// Shows the bytes of one part to every inspector that was opened for it.
///
/// It keeps the look-back that they need, one copy for all; with no inspector that looks back, no
/// byte is copied, and with none left at work it is [idle](Chain::is_idle) and need not be fed.
pub struct Chain {
    slots: Vec<Slot>,
    /// The last `lookback` bytes that were seen.
    tail: Vec<u8>,
    lookback: usize,
    window_bytes_max: usize,
    seen: Offset,
    verdict: Verdict,
}

/// One inspector at work.
struct Slot {
    inspector: Box<dyn Inspector>,
    reach: Reach,
    clear_to: Offset,
    room: Room,
    /// Whether it has found more than it had room for, and that is not made good by counting.
    overflowed: bool,
}

impl Slot {
    /// Lets the inspector put what it finds into its own room.
    fn find<T>(
        &mut self,
        found: &mut Findings,
        look: impl FnOnce(&mut dyn Inspector, &mut Findings) -> T,
    ) -> T {
        let lost = found.lost();
        found.swap_room(&mut self.room);
        let answer = look(&mut *self.inspector, found);
        found.swap_room(&mut self.room);
        self.overflowed |= found.lost() > lost;
        answer
    }
}

/// The outcomes so far, folded: the first unscannable reason by order stands beside "found".
#[derive(Clone, Copy, Default)]
struct Verdict {
    found: bool,
    unscannable: Option<Unscannable>,
}

/// How the look at a part by all of its inspectors ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChainOutcome {
    /// Whether any inspector found something.
    pub found: bool,
    /// The least reason, in the order of [`Unscannable::ALL`], for which one could not look.
    pub unscannable: Option<Unscannable>,
}

impl Chain {
    /// A chain of the inspectors that `examiners` open for `part`.
    #[must_use]
    pub fn open(
        examiners: &[Arc<dyn Examiner>],
        part: &Part,
        wanted: &Wanted,
        limits: &Limits,
    ) -> Self {
        Self::new(examiners.iter().filter_map(|e| e.open(part, wanted)), limits)
    }

    /// A chain of `inspectors`, none of which has seen a byte.
    pub fn new(inspectors: impl IntoIterator<Item = Box<dyn Inspector>>, limits: &Limits) -> Self {
        let slot = |inspector: Box<dyn Inspector>| Slot {
            reach: inspector.reach(),
            inspector,
            clear_to: Offset::ZERO,
            room: Room::new(limits.findings_max),
            overflowed: false,
        };
        let mut chain = Self {
            slots: inspectors.into_iter().map(slot).collect(),
            tail: Vec::new(),
            lookback: 0,
            window_bytes_max: limits.window_bytes_max.max(1),
            seen: Offset::ZERO,
            verdict: Verdict::default(),
        };
        chain.lookback = chain.widest();
        chain
    }

    /// Whether no inspector is at work: what follows need not be shown.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.slots.is_empty()
    }

    /// How many bytes were shown.
    #[must_use]
    pub fn seen(&self) -> Offset {
        self.seen
    }

    /// The most bytes that it and its inspectors may hold.
    #[must_use]
    pub fn memory_max(&self) -> usize {
        let inspectors: usize = self.slots.iter().map(|slot| slot.inspector.memory_max()).sum();
        let window = if self.lookback == 0 { 0 } else { self.lookback + self.window_bytes_max };
        inspectors.saturating_add(window)
    }

    /// Shows the next bytes of the part, and says how far it is cleared.
    pub fn push(&mut self, fresh: &[u8], found: &mut Findings) -> Clearance {
        for piece in fresh.chunks(self.window_bytes_max) {
            if self.is_idle() {
                self.seen += piece.len();
            } else if self.lookback == 0 {
                let base = self.seen;
                self.seen += piece.len();
                self.show(Window::new(piece, 0, base), found);
            } else {
                self.push_with_tail(piece, found);
            }
        }
        self.clearance()
    }

    /// The part has ended: settles what was open. What an inspector still has to say is put into
    /// `found`; afterwards all is cleared.
    pub fn finish(&mut self, found: &mut Findings) -> ChainOutcome {
        let tail = std::mem::take(&mut self.tail);
        let tail = last(&tail, self.lookback);
        let window = Window::new(tail, tail.len(), self.seen.back(tail.len() as u64));
        for mut slot in self.slots.drain(..) {
            let outcome = slot.find(found, |inspector, found| inspector.finish(window, found));
            self.verdict.fold_all(outcome, slot.overflowed);
        }
        self.outcome()
    }

    /// The outcome so far; final after [`Chain::finish`] or when idle.
    #[must_use]
    pub fn outcome(&self) -> ChainOutcome {
        ChainOutcome { found: self.verdict.found, unscannable: self.verdict.unscannable }
    }

    /// How far the part is cleared; all that was seen when no inspector is at work.
    #[must_use]
    pub fn clearance(&self) -> Clearance {
        let mut clear = Clearance { span: self.seen, part: self.seen };
        for slot in &self.slots {
            match slot.reach {
                Reach::Span { .. } => clear.span = clear.span.min(slot.clear_to),
                Reach::Part => clear.part = Offset::ZERO,
            }
        }
        clear
    }

    fn push_with_tail(&mut self, piece: &[u8], found: &mut Findings) {
        let old = last(&self.tail, self.lookback);
        let (at, base) = (old.len(), self.seen.back(old.len() as u64));
        self.seen += piece.len();
        let (mut small, mut large);
        let window = match at + piece.len() {
            len @ ..=SMALL_WINDOW => {
                small = [0; SMALL_WINDOW];
                let window = small.get_mut(..len).unwrap_or_default();
                if let Some((before, fresh)) = window.split_at_mut_checked(at) {
                    before.copy_from_slice(old);
                    fresh.copy_from_slice(piece);
                }
                &*window
            }
            len => {
                large = Vec::with_capacity(len);
                large.extend_from_slice(old);
                large.extend_from_slice(piece);
                &*large
            }
        };
        self.show(Window::new(window, at, base), found);
        self.keep(last(window, self.lookback));
    }

    /// Keeps these bytes. There are many chains that wait: they have no more room than they need.
    fn keep(&mut self, bytes: &[u8]) {
        self.tail.clear();
        if bytes.len() > self.tail.capacity() {
            let room = self.lookback.min(2 * bytes.len());
            self.tail.reserve_exact(room.max(bytes.len()));
        }
        self.tail.extend_from_slice(bytes);
    }

    fn show(&mut self, window: Window<'_>, found: &mut Findings) {
        let mut done = false;
        let verdict = &mut self.verdict;
        self.slots.retain_mut(|slot| {
            match slot.find(found, |inspector, found| inspector.push(window, found)) {
                Progress::More { clear_to } => {
                    debug_assert!(clear_to >= slot.clear_to, "clearance went back");
                    debug_assert!(clear_to <= window.end(), "clearance passed what was seen");
                    slot.clear_to = slot.clear_to.max(clear_to.min(window.end()));
                    true
                }
                Progress::Done(outcome) => {
                    verdict.fold_all(outcome, slot.overflowed);
                    done = true;
                    false
                }
            }
        });
        if done {
            self.lookback = self.widest();
        }
    }

    fn widest(&self) -> usize {
        let lookback = |slot: &Slot| match slot.reach {
            Reach::Span { lookback } => lookback,
            Reach::Part => 0,
        };
        self.slots.iter().map(lookback).max().unwrap_or(0)
    }
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chain")
            .field("inspectors", &self.slots.len())
            .field("seen", &self.seen)
            .field("clearance", &self.clearance())
            .finish_non_exhaustive()
    }
}

impl Verdict {
    /// The outcome of one inspector. What it had no room to report, nor to count, is known to nobody,
    /// so a part with more is not looked at in full.
    fn fold_all(&mut self, outcome: Outcome, overflowed: bool) {
        self.fold(outcome);
        if overflowed {
            self.fold(Outcome::Unscannable(Unscannable::TooMany));
        }
    }

    fn fold(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Clean => {}
            Outcome::Found => self.found = true,
            Outcome::Unscannable(reason) => {
                self.unscannable = Some(self.unscannable.map_or(reason, |old| old.min(reason)));
            }
        }
    }
}

/// The last `keep` of `bytes`; all if there are fewer.
fn last(bytes: &[u8], keep: usize) -> &[u8] {
    bytes.get(bytes.len().saturating_sub(keep)..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Confidence, Entry, Finding, PartId, PartKind, Span};

    /// Reports every occurrence of a word by looking back over the window for it.
    struct Word(&'static [u8], Arc<Entry>);

    impl Inspector for Word {
        fn reach(&self) -> Reach {
            Reach::Span { lookback: self.0.len() - 1 }
        }

        fn memory_max(&self) -> usize {
            64
        }

        fn push(&mut self, window: Window<'_>, found: &mut Findings) -> Progress {
            let len = self.0.len();
            for i in 1..=window.fresh().len() {
                let end = window.fresh_at() + i;
                if window.before(end).ends_with(self.0) {
                    let span = Span::new(end.back(len as u64), end);
                    let entry = self.1.clone();
                    found.push(Finding::content(entry, PartId::ROOT, span, Confidence::High));
                }
            }
            Progress::More { clear_to: window.end().back(len as u64 - 1) }
        }

        fn finish(&mut self, tail: Window<'_>, _: &mut Findings) -> Outcome {
            assert!(tail.fresh().is_empty());
            Outcome::Clean
        }
    }

    /// Wants the whole part, or gives up once `0` bytes are left to it.
    struct Whole(usize);

    impl Inspector for Whole {
        fn reach(&self) -> Reach {
            Reach::Part
        }

        fn memory_max(&self) -> usize {
            64
        }

        fn push(&mut self, window: Window<'_>, _: &mut Findings) -> Progress {
            match self.0.checked_sub(window.fresh().len()) {
                Some(left) => {
                    self.0 = left;
                    Progress::More { clear_to: Offset::ZERO }
                }
                None => Progress::Done(Outcome::Unscannable(Unscannable::TooLarge)),
            }
        }

        fn finish(&mut self, _: Window<'_>, _: &mut Findings) -> Outcome {
            Outcome::Found
        }
    }

    fn word(word: &'static [u8]) -> Box<dyn Inspector> {
        let entry =
            Entry { scanner: "test", id: "word".into(), name: "Word".into(), profiles: vec![] };
        Box::new(Word(word, Arc::new(entry)))
    }

    fn clearance(span: u64, part: u64) -> Clearance {
        Clearance { span: Offset::new(span), part: Offset::new(part) }
    }

    #[test]
    fn the_two_minima_stay_apart() {
        let limits = Limits::default();
        let mut found = Findings::new(9);
        let mut chain = Chain::new([word(b"abc"), word(b"hello"), Box::new(Whole(100))], &limits);
        assert_eq!(chain.push(b"12345678", &mut found), clearance(4, 0));
        assert!(chain.finish(&mut found).found);
        assert_eq!(chain.clearance(), clearance(8, 8));
        assert!(chain.is_idle());
    }

    #[test]
    fn an_inspector_that_is_done_is_in_no_ones_way() {
        let mut found = Findings::new(9);
        let mut chain = Chain::new([Box::new(Whole(3)) as Box<dyn Inspector>], &Limits::default());
        assert_eq!(chain.push(b"123", &mut found), clearance(3, 0));
        assert_eq!(chain.push(b"4", &mut found), clearance(4, 4));
        assert!(chain.is_idle());
        let outcome = ChainOutcome { found: false, unscannable: Some(Unscannable::TooLarge) };
        assert_eq!(chain.outcome(), outcome);
        assert_eq!(chain.push(b"56", &mut found), clearance(6, 6));
    }

    #[test]
    fn findings_are_bounded_for_each_inspector() {
        let limits = Limits { findings_max: 2, ..Limits::default() };
        let mut found = Findings::new(0);
        let mut chain = Chain::new([word(b"a"), word(b"b")], &limits);
        chain.push(b"aaab", &mut found);
        chain.push(b"aab", &mut found);
        assert_eq!(chain.outcome().unscannable, None, "not known before the end");
        let outcome = chain.finish(&mut found);
        assert_eq!((found.as_slice().len(), found.missed(), found.lost()), (4, 3, 0));
        assert_eq!(outcome.unscannable, None, "the rest is counted");
        let beyond: Vec<u64> = found.take_beyond().map(|beyond| beyond.count).collect();
        assert_eq!(beyond, [3]);
        assert_eq!(found.take_beyond().next(), None);
    }

    proptest::proptest! {
        /// Whatever the chunks and the window's bound, each inspector sees its look-back.
        #[test]
        fn windows_join_without_a_gap(
            text in proptest::collection::vec(proptest::sample::select(vec![b'a', b'b']), 0..200),
            cuts in proptest::collection::vec(1..40usize, 0..40),
            window_bytes_max in 1..50usize,
        ) {
            let limits = Limits { window_bytes_max, ..Limits::default() };
            let mut found = Findings::new(0);
            let mut chain = Chain::open(&[], &Part::root(PartKind::Text, None), &Wanted::all(), &limits);
            proptest::prop_assert!(chain.is_idle());
            chain = Chain::new([word(b"aba"), word(b"bbbbb")], &limits);
            let mut rest = &text[..];
            for cut in cuts {
                let (head, tail) = rest.split_at(cut.min(rest.len()));
                chain.push(head, &mut found);
                rest = tail;
            }
            chain.push(rest, &mut found);
            let count = |word: &[u8]| text.windows(word.len()).filter(|w| *w == word).count();
            proptest::prop_assert_eq!(found.as_slice().len(), count(b"aba") + count(b"bbbbb"));
        }
    }
}
