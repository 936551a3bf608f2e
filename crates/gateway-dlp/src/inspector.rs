//! The inspector of one part: the contract of gateway-inspect around the matcher.

use std::fmt;
use std::sync::Arc;

use gateway_inspect::{Findings, Inspector, Outcome, PartId, Progress, Reach, Unscannable, Window};

use crate::engine::Engine;
use crate::matcher::{Matcher, Walk};

/// Scans one part.
pub(crate) struct DlpInspector {
    engine: Arc<Engine>,
    part: PartId,
    matcher: Matcher,
}

impl DlpInspector {
    /// An inspector of `part` that looks for the entries for which `wanted`, in their order, says
    /// so.
    pub(crate) fn new(
        engine: Arc<Engine>,
        part: PartId,
        wanted: impl Iterator<Item = bool>,
    ) -> Self {
        let matcher = Matcher::new(wanted);
        Self { engine, part, matcher }
    }
}

impl Inspector for DlpInspector {
    fn reach(&self) -> Reach {
        Reach::Span { lookback: self.engine.lookback }
    }

    fn memory_max(&self) -> usize {
        size_of::<Self>() + Matcher::memory_max(&self.engine)
    }

    fn push(&mut self, window: Window<'_>, found: &mut Findings) -> Progress {
        let mut walk = Walk { engine: &self.engine, part: self.part, found };
        let clear_to = self.matcher.push(&mut walk, window);
        if self.matcher.is_exceeded() {
            Progress::Done(Outcome::Unscannable(Unscannable::WorkExceeded))
        } else {
            Progress::More { clear_to }
        }
    }

    fn finish(&mut self, tail: Window<'_>, found: &mut Findings) -> Outcome {
        let mut walk = Walk { engine: &self.engine, part: self.part, found };
        self.matcher.finish(&mut walk, tail);
        if self.matcher.is_exceeded() {
            Outcome::Unscannable(Unscannable::WorkExceeded)
        } else if self.matcher.has_found() {
            Outcome::Found
        } else {
            Outcome::Clean
        }
    }
}

/// Shows no content.
impl fmt::Debug for DlpInspector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DlpInspector").field("part", &self.part).finish_non_exhaustive()
    }
}
