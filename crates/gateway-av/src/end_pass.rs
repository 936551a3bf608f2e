//! A pass over a part whose signatures are judged at its end: it keeps the bytes that it looks back
//! over, and all bytes where they may be needed in the end.

use gateway_inspect::{Offset, Unscannable, Window};

use crate::body_scan::BodyScan;
use crate::counting::Whole;
use crate::found::Hit;
use crate::pass::{Look, Pass};
use crate::regex_member::SEARCH_BYTES_MAX;
use crate::rest::{REST_BYTES_MAX, Rest};

/// Bytes that are looked at in one go.
pub(crate) const STEP: usize = 16 << 10;

/// How many times the bytes that are kept may be searched, over all regular expressions.
const SEARCHES_MAX: usize = 16;

/// The state of it.
pub(crate) struct EndPass {
    pub(crate) pass: Pass,
    /// Bytes that are kept from the first one on; 0 where none need be.
    whole_bytes_max: usize,
    /// Whether it is known what is looked for.
    begun: bool,
    rest: Option<Rest>,
    /// The last bytes that were seen.
    kept: Vec<u8>,
    /// Where these begin.
    kept_from: u64,
}

impl EndPass {
    /// Nothing was seen; of the first bytes so many are kept, if they may be needed.
    pub(crate) fn new(pass: Pass, whole_bytes_max: usize) -> Self {
        let is_wanted = pass.signatures.want_whole();
        let whole_bytes_max = if is_wanted { whole_bytes_max } else { 0 };
        Self { pass, whole_bytes_max, begun: false, rest: None, kept: Vec::new(), kept_from: 0 }
    }

    /// Bytes that it takes at most, itself included.
    pub(crate) fn memory_max(&self) -> usize {
        let kept = 4 * self.pass.lookback + 2 * STEP + 2 * self.whole_bytes_max;
        let search = if self.whole_bytes_max > 0 { SEARCH_BYTES_MAX } else { 0 };
        let late = BodyScan::LATE_MEMORY_MAX + 2 * REST_BYTES_MAX;
        size_of::<Self>() + self.pass.memory_max() + late + kept + search
    }

    /// Looks at the next few bytes.
    pub(crate) fn step(&mut self, fresh: &[u8]) -> Look {
        let old = self.kept.len();
        self.kept.extend_from_slice(fresh);
        let look = self.pass.push(Window::new(&self.kept, old, Offset::new(self.kept_from)));
        match look {
            Look::Need | Look::Nothing => return look,
            Look::Begun => self.begin(),
            Look::On => {
                if let Some(rest) = &mut self.rest {
                    rest.see(self.kept_from.saturating_add(old as u64), fresh);
                }
            }
        }
        let spare = self.kept.len().saturating_sub(self.pass.lookback);
        if spare > self.pass.lookback && self.kept.len() > self.whole_bytes_max {
            self.kept.drain(..spare);
            self.kept_from = self.kept_from.saturating_add(spare as u64);
        }
        look
    }

    /// It has become known what the part is, of which all bytes so far are kept.
    fn begin(&mut self) {
        self.begun = true;
        if self.pass.index().is_some_and(|index| !index.wants_whole()) {
            self.whole_bytes_max = 0;
        }
        self.rest = Rest::of(self.pass.target, &self.kept);
        if let Some(rest) = &mut self.rest {
            rest.see(0, &self.kept);
        }
    }

    /// The part has ended: settles all.
    pub(crate) fn end(&mut self) {
        let kept = std::mem::take(&mut self.kept);
        let tail = Window::new(&kept, kept.len(), Offset::new(self.kept_from));
        self.pass.end(tail);
        self.kept = kept;
        if !self.begun {
            self.begin();
        }
        self.settle();
        let tail = Window::new(&self.kept, self.kept.len(), Offset::new(self.kept_from));
        self.pass.conclude(tail);
    }

    /// Settles what all of the part decides.
    fn settle(&mut self) {
        let size = self.kept_from.saturating_add(self.kept.len() as u64);
        let bytes = (self.kept_from == 0).then_some(&self.kept[..]);
        let work = self.whole_bytes_max.saturating_mul(SEARCHES_MAX);
        let Some((scan, found)) = self.pass.scan() else { return };
        let mut layout = scan.layout().cloned();
        let mut missed = None;
        if let (Some(rest), Some(layout)) = (&self.rest, &mut layout)
            && rest.complete(layout, size).is_err()
            && scan.has_late()
        {
            missed = Some(Unscannable::TooLarge);
            scan.drop_late();
        }
        scan.settle_late(layout.as_ref(), found);
        let part = Whole { bytes, size, layout: layout.as_ref(), work };
        missed = scan.settle_regexes(&part, found).err().or(missed);
        self.pass.missed = missed.or(self.pass.missed);
    }

    /// All bytes of the part so far, if they are kept.
    pub(crate) fn whole(&self) -> Option<&[u8]> {
        (self.kept_from == 0).then_some(&self.kept)
    }

    /// What was found since the last time, in order.
    pub(crate) fn hits(&mut self) -> Vec<Hit> {
        let mut all = Vec::new();
        self.pass.found.report(|hit| all.push(hit));
        all
    }
}
