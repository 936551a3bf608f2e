//! Inspection that only counts: it never holds a byte.

use std::sync::Arc;

use gateway_inspect::{
    Examiner, Findings, Inspector, Outcome, Part, Progress, Reach, Wanted, Window,
};

/// Opens the inspectors of another examiner and clears every byte at once, for what no enforcing
/// rule wants to know.
///
/// Its findings may start before what was cleared: nobody waits for them, they only count.
pub(crate) struct Shadow(pub(crate) Arc<dyn Examiner>);

impl Examiner for Shadow {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        let inspector = self.0.open(part, wanted)?;
        Some(Box::new(ShadowInspector(inspector)))
    }
}

struct ShadowInspector(Box<dyn Inspector>);

impl Inspector for ShadowInspector {
    fn reach(&self) -> Reach {
        match self.0.reach() {
            reach @ Reach::Span { .. } => reach,
            Reach::Part => Reach::Span { lookback: 0 },
        }
    }

    fn memory_max(&self) -> usize {
        self.0.memory_max() + size_of::<Self>()
    }

    fn push(&mut self, window: Window<'_>, found: &mut Findings) -> Progress {
        match self.0.push(window, found) {
            Progress::More { .. } => Progress::More { clear_to: window.end() },
            done @ Progress::Done(_) => done,
        }
    }

    fn finish(&mut self, tail: Window<'_>, found: &mut Findings) -> Outcome {
        self.0.finish(tail, found)
    }
}
