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
    pub(crate) const fn new(entry: usize, start: u64, state: State) -> Self {
        Self { entry, start, youngest: start, state, runs: true, best: None }
    }

    /// Takes the byte at `at`, or the end of the part there. The end of the match that this
    /// completes, if it does.
    pub(crate) fn feed(
        &mut self,
        compiled: &Compiled,
        at: u64,
        byte: Option<u8>,
        view: &View<'_>,
    ) -> Option<u64> {
        self.state = match byte {
            Some(byte) => compiled.automaton.next(self.state, byte),
            None => compiled.automaton.end(self.state).over(),
        };
        if !self.state.is_special() {
            return None;
        }
        self.runs = !self.state.is_over();
        // Both can be: where the longer match is not accepted, the shorter one still may be.
        let behind = self.state.matches_behind() && self.judge(compiled, at + 1, view);
        if behind {
            return Some(at + 1);
        }
        let before = self.state.matches_before() && self.judge(compiled, at, view);
        before.then_some(at)
    }

    /// Whether it has taken more bytes than a match may have.
    pub(crate) const fn is_overlong(&self, compiled: &Compiled, at: u64) -> bool {
        self.runs && at - self.start >= compiled.match_bytes_max
    }

    /// The candidate that goes on when this one must not: the youngest that it stood for, unless
    /// that began in a match, which ends at `matched_to`.
    pub(crate) fn leave(&self, matched_to: u64) -> Option<Self> {
        let goes_on = self.youngest > self.start && self.youngest >= matched_to;
        goes_on.then(|| Self::new(self.entry, self.youngest, self.state))
    }

    fn judge(&mut self, compiled: &Compiled, end: u64, view: &View<'_>) -> bool {
        if end - self.start > compiled.match_bytes_max {
            return false;
        }
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
