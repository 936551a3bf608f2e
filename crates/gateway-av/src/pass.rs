//! One pass of body signatures over a part: what it is, and how it is laid out, is told by its first
//! bytes; then all of it is searched.
//!
//! Who shows it the bytes, and what is reported when, is the inspectors' affair.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_inspect::{Containers, Offset, Outcome, Part, Unscannable, Window};

use crate::body_scan::BodyScan;
use crate::body_set::BodySet;
use crate::file_types::FileTypes;
use crate::found::Found;
use crate::index::Index;
use crate::layout::Layout;
use crate::mask::Mask;
use crate::names::Names;
use crate::pe::{HEAD_BYTES_MAX, Head};
use crate::target::Target;

/// Signatures, and what of them is for parts of which target.
#[derive(Clone, Debug)]
pub(crate) struct Signatures {
    set: Arc<BodySet>,
    /// For every target that has signatures of its own.
    indexes: BTreeMap<Target, Arc<Index>>,
    types: Arc<FileTypes>,
    pub(crate) names: Arc<Names>,
    mask: Mask,
}

impl Signatures {
    /// Signatures, whose ids are their numbers among `names`.
    pub(crate) fn new(
        set: BodySet,
        indexes: BTreeMap<Target, Index>,
        types: Arc<FileTypes>,
        names: Arc<Names>,
    ) -> Self {
        let shared = |(target, index)| (target, Arc::new(index));
        let indexes = indexes.into_iter().map(shared).collect();
        Self { set: Arc::new(set), indexes, types, names, mask: Mask::default() }
    }

    /// The same ones without those that `mask` hides.
    pub(crate) fn masked(&self, mask: Mask) -> Self {
        Self { mask, ..self.clone() }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.indexes.is_empty()
    }

    /// Whether some may need all bytes of a part in the end.
    pub(crate) fn want_whole(&self) -> bool {
        self.indexes.values().any(|index| index.wants_whole())
    }

    /// Whether for some a part is looked at as something else.
    pub(crate) fn have_handlers(&self) -> bool {
        self.indexes.values().any(|index| !index.handlers.is_empty())
    }

    /// Bytes that a scan for any of them takes at most.
    pub(crate) fn scan_bytes_max(&self) -> usize {
        let scan = |index: &Arc<Index>| BodyScan::new(self.set.clone(), index.clone(), None);
        self.indexes.values().map(|index| scan(index).memory_max()).max().unwrap_or(0)
    }

    fn index_of(&self, target: Option<Target>) -> Option<&Arc<Index>> {
        let targets = [target, Some(Target::Any)];
        targets.into_iter().flatten().find_map(|target| self.indexes.get(&target))
    }
}

/// The state of a pass.
pub(crate) struct Pass {
    pub(crate) signatures: Arc<Signatures>,
    size: Option<u64>,
    /// What the part is in.
    pub(crate) containers: Containers,
    /// What the part is, as far as is known.
    pub(crate) target: Option<Target>,
    told: Told,
    /// Bytes before the fresh ones that windows must hold.
    pub(crate) lookback: usize,
    scan_bytes_max: usize,
    /// `None` until the first bytes have told what is needed of them.
    scan: Option<BodyScan>,
    /// Why not all signatures could be looked for, besides what the scan itself says.
    pub(crate) missed: Option<Unscannable>,
    pub(crate) found: Found,
}

/// What tells what a part is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    /// Its first bytes may tell something else.
    ByBytes,
    /// It is looked at as this, whatever it is.
    Given,
}

/// Whether more of a part is to come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    No,
    Yes,
}

/// What a push came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// It takes more of the first bytes to know what is to be looked for.
    Need,
    /// Nothing is looked for in what it is.
    Nothing,
    /// It is known now, and all bytes so far were looked at.
    Begun,
    /// The fresh bytes were looked at.
    On,
}

impl Pass {
    /// A pass over `part`, if any of `signatures` may be for it.
    pub(crate) fn open(signatures: &Arc<Signatures>, part: &Part) -> Option<Self> {
        let target = Target::of(part.kind);
        let mut pass = Self {
            signatures: signatures.clone(),
            size: part.size,
            containers: part.containers,
            target,
            told: Told::ByBytes,
            lookback: signatures.types.bytes_max(),
            scan_bytes_max: 0,
            scan: None,
            missed: None,
            found: Found::new(signatures.mask.clone()),
        };
        let scan =
            |index: &Arc<Index>| BodyScan::new(signatures.set.clone(), index.clone(), part.size);
        if pass.lookback == 0 {
            let index = signatures.index_of(target)?;
            let mut one = scan(index);
            one.set_part(None, &pass.containers, &pass.found);
            (pass.lookback, pass.scan_bytes_max) = (one.lookback(), one.memory_max());
            pass.scan = (!index.wants_layout).then_some(one);
        } else {
            // Any target may turn out to be the one.
            for one in signatures.indexes.values().map(scan) {
                pass.lookback = pass.lookback.max(one.lookback());
                pass.scan_bytes_max = pass.scan_bytes_max.max(one.memory_max());
            }
        }
        Some(pass)
    }

    /// A pass of `signatures` over the part once more, looked at as `target`; `containers` are what it
    /// is taken to be in.
    pub(crate) fn again(
        &self,
        signatures: &Arc<Signatures>,
        target: Option<Target>,
        containers: Containers,
    ) -> Self {
        Self {
            signatures: signatures.clone(),
            size: self.size,
            containers,
            target,
            told: Told::Given,
            // All of it is shown at once.
            lookback: usize::MAX / 8,
            scan_bytes_max: 0,
            scan: None,
            missed: None,
            found: Found::new(signatures.mask.clone()),
        }
    }

    /// What is looked for, once that is known.
    pub(crate) fn index(&self) -> Option<&Arc<Index>> {
        self.scan.as_ref().map(BodyScan::index)
    }

    /// Bytes that it takes at most, itself included.
    pub(crate) fn memory_max(&self) -> usize {
        size_of::<Self>() + Found::MEMORY_MAX + self.scan_bytes_max
    }

    /// Begins a scan with `head`, all bytes of the part so far.
    fn begin(&mut self, head: &[u8], ended: Ended) -> Look {
        let types = &self.signatures.types;
        if self.told == Told::ByBytes {
            if head.len() < types.bytes_max() && ended == Ended::No {
                return Look::Need;
            }
            self.target = types.target_of(head).unwrap_or(self.target);
        }
        let Some(index) = self.signatures.index_of(self.target) else { return Look::Nothing };
        let mut layout = None;
        if index.wants_layout {
            match Layout::read(self.target, head) {
                Head::Whole(whole) => layout = Some(whole),
                Head::Need if ended == Ended::No && head.len() < HEAD_BYTES_MAX => {
                    return Look::Need;
                }
                Head::Need | Head::Other => {}
                Head::Far => self.missed = Some(Unscannable::TooLarge),
            }
        }
        let mut scan = BodyScan::new(self.signatures.set.clone(), index.clone(), self.size);
        scan.set_part(layout, &self.containers, &self.found);
        self.scan = Some(scan);
        Look::Begun
    }

    /// Looks at the fresh bytes of `window`; before it has begun, the window shows all bytes.
    pub(crate) fn push(&mut self, window: Window<'_>) -> Look {
        if let Some(scan) = &mut self.scan {
            scan.push(window, &mut self.found);
            return Look::On;
        }
        let look = self.begin(window.bytes(), Ended::No);
        if let Some(scan) = &mut self.scan {
            scan.push(Window::new(window.bytes(), 0, window.start()), &mut self.found);
        }
        look
    }

    /// How far the part is cleared by what is under way.
    pub(crate) fn clear_to(&mut self, window: Window<'_>) -> Offset {
        match &mut self.scan {
            Some(scan) => scan.clear_to(window, &self.found),
            None => window.end(),
        }
    }

    /// The part has ended with `tail`: settles what its bytes alone decide.
    pub(crate) fn end(&mut self, tail: Window<'_>) {
        if self.scan.is_none() && self.begin(tail.bytes(), Ended::Yes) == Look::Begun {
            let whole = Window::new(tail.bytes(), 0, tail.start());
            if let Some(scan) = &mut self.scan {
                scan.push(whole, &mut self.found);
            }
        }
        if let Some(scan) = &mut self.scan {
            scan.end(tail, &mut self.found);
        }
    }

    /// The scan, if the part has turned out to be one to be scanned, and what it has found.
    pub(crate) fn scan(&mut self) -> Option<(&mut BodyScan, &mut Found)> {
        Some((self.scan.as_mut()?, &mut self.found))
    }

    /// Settles what holds in the end.
    pub(crate) fn conclude(&mut self, tail: Window<'_>) {
        if let Some(scan) = &mut self.scan {
            scan.conclude(tail, &mut self.found);
        }
    }

    /// Why not all signatures could be looked for, if so.
    pub(crate) fn missed(&self) -> Option<Unscannable> {
        let is_overwhelmed = self.scan.as_ref().is_some_and(BodyScan::is_overwhelmed);
        let overwhelmed = is_overwhelmed.then_some(Unscannable::TooMany);
        self.missed.or(overwhelmed)
    }

    pub(crate) fn outcome(&self) -> Outcome {
        match self.missed() {
            _ if self.found.is_any() => Outcome::Found,
            Some(reason) => Outcome::Unscannable(reason),
            None => Outcome::Clean,
        }
    }
}
