//! A candidate: a place where a match of an entry may begin, and how far it has come.

use gateway_inspect::Confidence;

use crate::automaton::State;
use crate::dlp::Compiled;
use crate::sample::{BEFORE_MAX, Judgement, Sample, Test};

/// One run of an entry's automaton from one place on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    /// The entry, by index.
    pub(crate) entry: usize,
    /// Where it begins.
    pub(crate) start: u64,
    /// The last of the candidates that have come into the same state since, and were dropped for
    /// that; `start` if there was none. It is what remains when this one grows too long.
    pub(crate) youngest: u64,
    /// The position of the first byte that a match cannot have: it would be too long.
    pub(crate) overlong_at: u64,
    pub(crate) state: State,
    /// Whether a match, or a longer one, may still come.
    pub(crate) runs: bool,
    /// The match that it has, if any.
    pub(crate) best: Option<Best>,
}

/// A match that a candidate has come to; a longer one may replace it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Best {
    pub(crate) end: u64,
    /// Bytes at its front that are not part of the finding.
    pub(crate) lead: u8,
    pub(crate) confidence: Confidence,
}

/// The bytes at hand: a window, by absolute positions.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) bytes: &'a [u8],
    /// The position of the first of them.
    pub(crate) base: u64,
}

impl View<'_> {
    /// The byte before the index `at`; `None` at the start of the part.
    pub(crate) fn before(&self, at: usize) -> Option<u8> {
        self.bytes.get(at.checked_sub(1)?).copied()
    }

    /// The bytes from `start` to `end`, and those before; `None` if they are not at hand.
    fn sample(&self, start: u64, end: u64) -> Option<Sample<'_>> {
        let start = usize::try_from(start.checked_sub(self.base)?).ok()?;
        let end = usize::try_from(end.checked_sub(self.base)?).ok()?;
        let before = self.bytes.get(start.saturating_sub(BEFORE_MAX)..start)?;
        Some(Sample { before, matched: self.bytes.get(start..end)? })
    }
}

impl Candidate {
    /// A candidate for `entry`, which is `compiled`, that begins at `start` in `state`.
    pub(crate) const fn new(entry: usize, compiled: &Compiled, start: u64, state: State) -> Self {
        let overlong_at = start.saturating_add(compiled.match_bytes_max);
        Self { entry, start, youngest: start, overlong_at, state, runs: true, best: None }
    }

    /// Whether, with the byte at `at` taken, there is something to settle.
    pub(crate) const fn is_due(&self, at: u64) -> bool {
        self.runs && (self.state.is_special() || self.is_overlong(at))
    }

    /// Whether, with the byte at `at` taken, it has more than a match may have.
    pub(crate) const fn is_overlong(&self, at: u64) -> bool {
        at >= self.overlong_at
    }

    /// Settles what its state says, with the byte at `at` taken or the end of the part there. The
    /// end of the match that this completes, if it does.
    pub(crate) fn settle(&mut self, compiled: &Compiled, at: u64, view: &View<'_>) -> Option<u64> {
        let state = self.state;
        self.runs = !state.is_over();
        // Both can be: where the longer match is not accepted, the shorter one still may be.
        if state.matches_behind() && !self.is_overlong(at) && self.judge(compiled, at + 1, view) {
            return Some(at + 1);
        }
        (state.matches_before() && self.judge(compiled, at, view)).then_some(at)
    }

    /// The candidate that goes on when this one has grown too long: the youngest that it stood for.
    pub(crate) fn leave(&self, compiled: &Compiled) -> Option<Self> {
        let goes_on = self.youngest > self.start;
        goes_on.then(|| Self::new(self.entry, compiled, self.youngest, self.state))
    }

    fn judge(&mut self, compiled: &Compiled, end: u64, view: &View<'_>) -> bool {
        let judgement = match compiled.test {
            Test::Pattern(confidence) => Judgement::whole(confidence),
            Test::Judge(judge) => match view.sample(self.start, end) {
                Some(sample) => judge(&sample),
                // The window holds less than the contract says: rather one too many than none.
                None => Judgement::whole(Confidence::Low),
            },
        };
        let Some(Judgement { confidence, lead }) = judgement else { return false };
        self.best = Some(Best { end, lead: u8::try_from(lead).unwrap_or(0), confidence });
        self.youngest = self.start;
        true
    }
}

/// The open candidate that stands for `candidate`, which is the last: it is in the same state, so
/// that both have the same matches to come, and began earlier.
pub(crate) fn twin<'a>(
    open: &'a mut [Candidate],
    candidate: &Candidate,
    entries: &[Compiled],
) -> Option<&'a mut Candidate> {
    let judged = entries.get(candidate.entry).is_some_and(|compiled| compiled.test.is_judge());
    if judged || !candidate.runs || candidate.best.is_some() {
        return None;
    }
    let same = |other: &&mut Candidate| {
        other.runs && other.state == candidate.state && other.entry == candidate.entry
    };
    open.iter_mut().find(same)
}
