//! How far a window is cleared: where the first match may start that has begun and is not decided.
//!
//! This is asked at the end of each chunk, and what it takes does not depend on how long the chunk is. What has
//! come up is known by its candidate; what was noticed and is not ripe is looked at; of what was not noticed yet
//! the fringe tells enough.

use gateway_inspect::Offset;

use super::{Matcher, View, Walk};
use crate::compiled::Attempt;
use crate::machine::Machine;

/// Bytes that are too few to look closer at what is not rejected: most often it is open.
const FEW: usize = 8;

impl Matcher {
    /// A place before which no match starts that has begun and is not decided; the end of the bytes if none has
    /// begun.
    pub(super) fn clear_to(
        &self,
        walk: &Walk<'_, '_>,
        view: &View<'_>,
        machine: &mut Machine,
    ) -> Offset {
        let engine = walk.engine;
        let fringe = engine.fringe.len(view.bytes, self.carried.depth());
        let mut first = view.base + (view.bytes.len() - fringe) as u64;
        if let Some(open) = self.open.iter().map(|candidate| candidate.start).min() {
            first = first.min(open);
        }
        self.carried.places(engine, &view.whole(), view.base, |trigger, at| {
            let begins = self.begins(walk, view, machine, trigger.entry, at, first);
            first = begins.unwrap_or(first);
        });
        Offset::new(first)
    }

    /// Where a match of `entry` starts that has begun at the index `at` and did not come up yet, if
    /// that is before `first`.
    fn begins(
        &self,
        walk: &Walk<'_, '_>,
        view: &View<'_>,
        machine: &mut Machine,
        entry: u32,
        at: usize,
        first: u64,
    ) -> Option<u64> {
        let compiled = walk.engine.entries.get(entry as usize)?;
        let edge = view.bytes.len();
        let lead = compiled.lead.as_ref().map_or(0, |lead| u64::from(lead.max));
        if (view.base + at as u64).saturating_sub(lead) >= first {
            return None;
        }
        let is_new = edge - at < compiled.delay && compiled.may_begin(view.bytes, at);
        if !is_new || !self.is_wanted(entry) || compiled.rejects(view.bytes, at).is_some() {
            return None;
        }
        let start = self.start(compiled, view, entry, at).filter(|start| *start < first)?;
        if edge - at <= FEW {
            return Some(start);
        }
        let (mut threads, mut best) = (Vec::new(), None);
        let reel = view.reel(compiled, start, edge);
        let attempt = Attempt { entry, reel, base: view.base, start, at };
        compiled.attempt(machine, attempt, &[], &mut threads, &mut best);
        (best.is_some() || !threads.is_empty()).then_some(start)
    }
}
