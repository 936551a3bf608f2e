//! Inspection that only counts: it never holds a byte, and what it could not look at concerns no
//! rule that refuses.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use gateway_inspect::{
    Examiner, Findings, Inspector, Outcome, Part, Progress, Reach, Unscannable, Wanted, Window,
};

/// Opens the inspectors of another examiner and clears every byte at once, for what no enforcing
/// rule wants to know.
///
/// Its findings may start before what was cleared: nobody waits for them, they only count. Nor is
/// a part unscannable because they ended early; that is noted apart.
pub(crate) struct Shadow {
    examiner: Arc<dyn Examiner>,
    gaps: Arc<Gaps>,
}

/// Why inspectors that only count did not count everything: one bit for each reason.
#[derive(Debug, Default)]
pub(crate) struct Gaps(AtomicU32);

impl Gaps {
    fn note(&self, reason: Unscannable) {
        let at = Unscannable::ALL.iter().position(|one| *one == reason).unwrap_or(31);
        self.0.fetch_or(1 << at.min(31), Ordering::Relaxed);
    }

    /// The reasons, in the order of [`Unscannable::ALL`].
    pub(crate) fn reasons(&self) -> impl Iterator<Item = Unscannable> {
        let noted = self.0.load(Ordering::Relaxed);
        let all = Unscannable::ALL.iter().enumerate();
        all.filter(move |(at, _)| noted & (1 << (*at).min(31)) != 0).map(|(_, reason)| *reason)
    }
}

impl Shadow {
    pub(crate) fn new(examiner: Arc<dyn Examiner>, gaps: Arc<Gaps>) -> Self {
        Self { examiner, gaps }
    }
}

impl Examiner for Shadow {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        let inspector = self.examiner.open(part, wanted)?;
        Some(Box::new(ShadowInspector { inspector, gaps: self.gaps.clone() }))
    }
}

struct ShadowInspector {
    inspector: Box<dyn Inspector>,
    gaps: Arc<Gaps>,
}

impl ShadowInspector {
    /// Passes on as many findings as there is room for, so that none is missed in the open.
    fn find<T>(
        &mut self,
        found: &mut Findings,
        look: impl FnOnce(&mut dyn Inspector, &mut Findings) -> T,
    ) -> T {
        let mut own = found.beside();
        let answer = look(&mut *self.inspector, &mut own);
        if own.missed() > 0 {
            self.gaps.note(Unscannable::TooMany);
        }
        own.drain().for_each(|finding| found.push(finding));
        answer
    }

    fn outcome(&self, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::Unscannable(reason) => {
                self.gaps.note(reason);
                Outcome::Clean
            }
            Outcome::Clean | Outcome::Found => outcome,
        }
    }
}

impl Inspector for ShadowInspector {
    fn reach(&self) -> Reach {
        match self.inspector.reach() {
            reach @ Reach::Span { .. } => reach,
            Reach::Part => Reach::Span { lookback: 0 },
        }
    }

    fn memory_max(&self) -> usize {
        self.inspector.memory_max() + size_of::<Self>()
    }

    fn push(&mut self, window: Window<'_>, found: &mut Findings) -> Progress {
        match self.find(found, |inspector, found| inspector.push(window, found)) {
            Progress::More { .. } => Progress::More { clear_to: window.end() },
            Progress::Done(outcome) => Progress::Done(self.outcome(outcome)),
        }
    }

    fn finish(&mut self, tail: Window<'_>, found: &mut Findings) -> Outcome {
        let outcome = self.find(found, |inspector, found| inspector.finish(tail, found));
        self.outcome(outcome)
    }
}
