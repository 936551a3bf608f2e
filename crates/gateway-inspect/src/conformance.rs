//! The published kit that runs the laws of the contract on any [`Examiner`].
//!
//! It is for the tests of whoever writes an examiner; it needs no test framework and panics
//! nowhere itself.
//!
//! ```
//! # use gateway_inspect::*;
//! # struct Nothing;
//! # impl Examiner for Nothing {
//! #     fn open(&self, _: &Part, _: &Wanted) -> Option<Box<dyn Inspector>> { None }
//! # }
//! use gateway_inspect::conformance::{Options, check, check_idle};
//!
//! let options = Options { chunkings: 100, ..Options::default() };
//! check(&Nothing, b"some sample that holds a match", &options).unwrap();
//! check_idle(&Nothing, b"bytes that no match begins with", &options).unwrap();
//! ```

use std::fmt;

use crate::{
    Examiner, Finding, Findings, Offset, Outcome, Part, PartKind, Progress, Reach, Wanted, Window,
};

/// How the laws are run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Random chunkings, with empty chunks among them, besides byte by byte and whole. Default
    /// 10,000.
    pub chunkings: usize,
    /// Seed of the chunkings: the same seed gives the same ones. Default 1.
    pub seed: u64,
    /// The part that the samples are shown as. Default: a root of unknown kind and size.
    pub part: Part,
    /// Reads how many bytes of this thread are live on the heap; takes a counting allocator.
    /// Default `None`: law 6 is not run.
    pub live_bytes: Option<fn() -> usize>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            chunkings: 10_000,
            seed: 1,
            part: Part::root(PartKind::Unknown, None),
            live_bytes: None,
        }
    }
}

/// A law that does not hold, with the chunking that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The number of the law in the documentation of [`Inspector`](crate::Inspector).
    pub law: u8,
    /// What was seen.
    pub seen: String,
    /// Lengths of the chunks that were pushed, in order.
    pub chunks: Vec<usize>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "law {} broken: {} (chunks {:?})", self.law, self.seen, self.chunks)
    }
}

impl std::error::Error for Violation {}

/// What the laws were run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Findings in the sample.
    pub findings: usize,
    /// Chunkings that all gave them.
    pub chunkings: usize,
}

/// Runs laws 1 to 7 on `examiner` with `sample`, for everything that it can find.
///
/// # Errors
/// The first law that does not hold.
pub fn check(
    examiner: &dyn Examiner,
    sample: &[u8],
    options: &Options,
) -> Result<Summary, Violation> {
    let whole = run(examiner, sample, &[sample.len()], options)?;
    let expect = |law, run: &Run, chunks: &[usize]| {
        if run.findings == whole.findings && run.outcome == whole.outcome {
            return Ok(());
        }
        let seen = format!("{run:?} where the whole gives {whole:?}");
        Err(Violation { law, seen, chunks: chunks.to_vec() })
    };
    let again = run(examiner, sample, &[sample.len()], options)?;
    expect(7, &again, &[sample.len()])?;
    let bytewise = vec![1; sample.len()];
    expect(1, &run(examiner, sample, &bytewise, options)?, &bytewise)?;
    let mut random = Random::new(options.seed);
    for _ in 0..options.chunkings {
        let chunks = random.chunking(sample.len());
        let run = run(examiner, sample, &chunks, options)?;
        expect(1, &run, &chunks)?;
        if let Some(done_at) = run.done_at {
            check_done(examiner, sample, done_at, &run, options)?;
        }
    }
    for end in 0..sample.len() {
        run(examiner, sample.get(..end).unwrap_or_default(), &[end], options)?;
    }
    Ok(Summary { findings: whole.findings.len(), chunkings: options.chunkings + 2 })
}

/// Runs law 8: after every byte of `quiet`, in which no candidate begins, all is cleared.
/// An inspector with [`Reach::Part`] is passed over.
///
/// # Errors
/// The position at which clearance lags behind.
pub fn check_idle(
    examiner: &dyn Examiner,
    quiet: &[u8],
    options: &Options,
) -> Result<(), Violation> {
    let Some(mut inspector) = examiner.open(&options.part, &Wanted::all()) else { return Ok(()) };
    let Reach::Span { lookback } = inspector.reach() else { return Ok(()) };
    let mut found = Findings::new(usize::MAX);
    for end in 1..=quiet.len() {
        let window = window(quiet, end - 1, end, lookback);
        match inspector.push(window, &mut found) {
            Progress::More { clear_to } if clear_to == window.end() => {}
            Progress::More { clear_to } => {
                let seen = format!("cleared to {clear_to} of {end} with no live candidate");
                return Err(Violation { law: 8, seen, chunks: vec![1; end] });
            }
            Progress::Done(_) => return Ok(()),
        }
    }
    Ok(())
}

/// What one inspector made of a sample.
#[derive(Debug)]
struct Run {
    /// In a defined order: chunkings may interleave what lies close together.
    findings: Vec<Finding>,
    outcome: Option<Outcome>,
    done_at: Option<usize>,
}

fn run(
    examiner: &dyn Examiner,
    sample: &[u8],
    chunks: &[usize],
    options: &Options,
) -> Result<Run, Violation> {
    let broken = |law, seen: String| Violation { law, seen, chunks: chunks.to_vec() };
    let live_before = options.live_bytes.map(|live_bytes| live_bytes());
    let Some(mut inspector) = examiner.open(&options.part, &Wanted::all()) else {
        return Ok(Run { findings: Vec::new(), outcome: None, done_at: None });
    };
    let lookback = match inspector.reach() {
        Reach::Span { lookback } => lookback,
        Reach::Part => 0,
    };
    let mut found = Findings::new(usize::MAX);
    let mut cleared = Offset::ZERO;
    let mut at = 0;
    let mut outcome = None;
    for len in chunks {
        let before = found.as_slice().len();
        let window = window(sample, at, at + len, lookback);
        at += len;
        let progress = inspector.push(window, &mut found);
        check_starts(&found, before, cleared).map_err(|seen| broken(3, seen))?;
        match progress {
            Progress::More { clear_to } if matches!(inspector.reach(), Reach::Span { .. }) => {
                if clear_to < cleared || clear_to > window.end() {
                    let seen = format!("cleared to {clear_to} after {cleared}, with {at} seen");
                    return Err(broken(2, seen));
                }
                cleared = clear_to;
            }
            Progress::More { .. } => {}
            Progress::Done(done) => {
                outcome = Some(done);
                break;
            }
        }
        if let (Some(live_bytes), Some(before)) = (options.live_bytes, live_before) {
            let held = live_bytes().saturating_sub(before).saturating_sub(found.heap_bytes());
            let max = inspector.memory_max();
            if held > max {
                return Err(broken(6, format!("holds {held} bytes, declared {max}")));
            }
        }
    }
    let done_at = outcome.is_some().then_some(at);
    if outcome.is_none() {
        let before = found.as_slice().len();
        let tail = window(sample, sample.len(), sample.len(), lookback);
        outcome = Some(inspector.finish(tail, &mut found));
        check_starts(&found, before, cleared).map_err(|seen| broken(3, seen))?;
    }
    let mut findings: Vec<_> = found.drain().collect();
    findings.sort_by(|a, b| (a.place, &a.entry.id).cmp(&(b.place, &b.entry.id)));
    Ok(Run { findings, outcome, done_at })
}

/// Law 4: what follows a `Done`, or that nothing does, makes no difference.
fn check_done(
    examiner: &dyn Examiner,
    sample: &[u8],
    done_at: usize,
    done: &Run,
    options: &Options,
) -> Result<(), Violation> {
    let head = sample.get(..done_at).unwrap_or(sample);
    let longer = [head, sample].concat();
    for changed in [head, &longer] {
        let run = run(examiner, changed, &[changed.len()], options)?;
        if run.findings != done.findings || run.outcome != done.outcome {
            let seen = format!("done at {done_at} with {done:?}, but then {run:?}");
            return Err(Violation { law: 4, seen, chunks: vec![done_at] });
        }
    }
    Ok(())
}

fn check_starts(found: &Findings, before: usize, cleared: Offset) -> Result<(), String> {
    let early = |f: &&Finding| f.place.start().is_some_and(|start| start < cleared);
    match found.as_slice().get(before..).unwrap_or_default().iter().find(early) {
        None => Ok(()),
        Some(f) => Err(format!("{} at {:?} was cleared to {cleared}", f.entry.id, f.place)),
    }
}

fn window(sample: &[u8], fresh: usize, end: usize, lookback: usize) -> Window<'_> {
    let start = fresh.saturating_sub(lookback);
    let bytes = sample.get(start..end.min(sample.len())).unwrap_or_default();
    Window::new(bytes, fresh - start, Offset::new(start as u64))
}

/// A small seeded generator (xorshift64): the kit must give the same chunkings everywhere.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Chunk lengths that add up to `len`, small ones, large ones and empty ones mixed.
    fn chunking(&mut self, len: usize) -> Vec<usize> {
        let largest = 1 + self.next() % (1 << (1 + self.next() % 10));
        let mut left = len;
        let mut chunks = Vec::new();
        while left > 0 {
            if self.next().is_multiple_of(16) {
                chunks.push(0);
            }
            let chunk = (1 + self.next() % largest).min(left as u64);
            left -= usize::try_from(chunk).unwrap_or(left);
            chunks.push(usize::try_from(chunk).unwrap_or(1));
        }
        chunks
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Arc;

    use super::*;
    use crate::{Confidence, Entry, Inspector, PartId, Span};

    /// Finds `ab`; the fault that it is built with breaks one law.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Fault {
        None,
        ForgetsAcrossChunks,
        ClearsTooMuch,
        ClearsWhatItHasNotSeen,
        FreezesWhenIdle,
        IsDoneTooSoon,
        HoldsTooMuch,
        Remembers,
        FailsInTheMiddle,
    }

    thread_local! {
        /// What inspectors that hold too much say that they hold.
        static LIVE: Cell<usize> = const { Cell::new(0) };
        static OPENED: Cell<usize> = const { Cell::new(0) };
    }

    struct Pairs(Fault);

    struct Pair {
        fault: Fault,
        entry: Arc<Entry>,
        candidate: bool,
        cleared: Offset,
    }

    impl Examiner for Pairs {
        fn open(&self, _: &Part, _: &Wanted) -> Option<Box<dyn Inspector>> {
            let entry =
                Entry { scanner: "test", id: "ab".into(), name: "ab".into(), profiles: vec![] };
            let entry = Arc::new(entry);
            let cleared = Offset::ZERO;
            OPENED.set(OPENED.get() + 1);
            let candidate = self.0 == Fault::Remembers && OPENED.get().is_multiple_of(2);
            Some(Box::new(Pair { fault: self.0, entry, candidate, cleared }))
        }
    }

    impl Inspector for Pair {
        fn reach(&self) -> Reach {
            Reach::Span { lookback: 1 }
        }

        fn memory_max(&self) -> usize {
            size_of::<Self>()
        }

        fn push(&mut self, window: Window<'_>, found: &mut Findings) -> Progress {
            match self.fault {
                Fault::ForgetsAcrossChunks => self.candidate = false,
                Fault::HoldsTooMuch => LIVE.set(LIVE.get() + window.fresh().len()),
                _ => {}
            }
            for (i, byte) in window.fresh().iter().enumerate() {
                if self.candidate && *byte == b'b' {
                    let end = window.fresh_at() + i + 1;
                    let span = Span::new(end.back(2), end);
                    let entry = self.entry.clone();
                    found.push(Finding::content(entry, PartId::ROOT, span, Confidence::High));
                }
                self.candidate = *byte == b'a';
            }
            if self.fault == Fault::IsDoneTooSoon && window.end() >= Offset::new(10) {
                return Progress::Done(Outcome::Clean);
            }
            let live = u64::from(self.candidate);
            let clear_to = match self.fault {
                Fault::ClearsTooMuch => window.end(),
                Fault::ClearsWhatItHasNotSeen => window.end() + 1,
                Fault::FreezesWhenIdle => window.end().back(1).max(self.cleared),
                Fault::None
                | Fault::ForgetsAcrossChunks
                | Fault::IsDoneTooSoon
                | Fault::HoldsTooMuch
                | Fault::Remembers
                | Fault::FailsInTheMiddle => window.end().back(live),
            };
            self.cleared = clear_to;
            Progress::More { clear_to }
        }

        fn finish(&mut self, _: Window<'_>, _: &mut Findings) -> Outcome {
            assert!(self.fault != Fault::FailsInTheMiddle || !self.candidate, "in the middle");
            Outcome::Clean
        }
    }

    /// Law 5 is not reported: the panic of the inspector itself comes through.
    #[test]
    #[should_panic(expected = "in the middle")]
    fn every_prefix_is_finished() {
        let options = Options { chunkings: 10, ..Options::default() };
        let _ = check(&Pairs(Fault::FailsInTheMiddle), b"xabyaabzab", &options);
    }

    #[test]
    fn each_fault_is_caught_by_its_law() {
        let live_bytes: Option<fn() -> usize> = Some(|| LIVE.get());
        let options = Options { chunkings: 200, live_bytes, ..Options::default() };
        for (fault, law) in [
            (Fault::None, None),
            (Fault::ForgetsAcrossChunks, Some(1)),
            (Fault::ClearsWhatItHasNotSeen, Some(2)),
            (Fault::ClearsTooMuch, Some(3)),
            (Fault::IsDoneTooSoon, Some(4)),
            (Fault::HoldsTooMuch, Some(6)),
            (Fault::Remembers, Some(7)),
            (Fault::FreezesWhenIdle, Some(8)),
        ] {
            LIVE.set(0);
            OPENED.set(0);
            let sample = match fault {
                Fault::HoldsTooMuch => &[b'x'; 1_000][..],
                Fault::Remembers => b"bxabyaab",
                _ => b"xabyaabzab",
            };
            let seen = check(&Pairs(fault), sample, &options)
                .err()
                .or_else(|| check_idle(&Pairs(fault), b"xyz", &options).err());
            assert_eq!(seen.as_ref().map(|v| v.law), law, "{fault:?}: {seen:?}");
        }
        assert_eq!(check(&Pairs(Fault::None), b"abab", &options).unwrap().findings, 2);
    }

    #[test]
    fn chunkings_are_many_different_and_whole() {
        let mut random = Random::new(1);
        let chunkings: Vec<_> = (0..1_000).map(|_| random.chunking(100)).collect();
        assert!(chunkings.iter().all(|chunks| chunks.iter().sum::<usize>() == 100));
        let different: std::collections::BTreeSet<_> = chunkings.iter().collect();
        assert!(different.len() > 700, "{}", different.len());
        assert!(chunkings.iter().flatten().any(|chunk| *chunk == 0));
        assert!(chunkings.iter().flatten().any(|chunk| *chunk > 50));
    }
}
