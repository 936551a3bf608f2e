//! How far a window is cleared: where the first match starts that has begun and is not decided.
//!
//! This is asked at the end of each chunk, and what it takes does not depend on how long the chunk
//! is: so places at which nothing can change the answer are not looked at.

use gateway_inspect::Offset;

use super::{Matcher, View, Walk};
use crate::compiled::Attempt;
use crate::leads::{Leads, Runs};
use crate::machine::Machine;

impl Matcher {
    /// The start of the first match that has begun and is not decided; the end of the bytes if
    /// there is none.
    pub(super) fn clear_to(
        &self,
        walk: &Walk<'_, '_>,
        view: &View<'_>,
        machine: &mut Machine,
    ) -> Offset {
        let engine = walk.engine;
        let end = view.base + view.bytes.len() as u64;
        let open = self.open.iter().map(|candidate| candidate.start).min();
        let first = open.unwrap_or(end);
        if first < end.saturating_sub((engine.lookback) as u64) {
            return Offset::new(first);
        }
        let (mut first, bounds) = self.clear_leads(walk, view, first);
        let (reel, spotter) = (view.whole(), &engine.spotter);
        let far = reel.edge.saturating_sub(spotter.longest());
        let mut buckets = if far < view.index(first) { spotter.alone() } else { 0 };
        for (led, bound) in engine.leads.all().iter().zip(bounds.as_slice()) {
            buckets |= if far < *bound { led.buckets } else { 0 };
        }
        if buckets == 0 {
            return Offset::new(first);
        }
        let late = spotter.late(buckets, view.bytes);
        let late = late.as_slice();
        self.carried.places(engine, &reel, view.base, |trigger, at| {
            let back = (reel.edge - at).checked_sub(1);
            let is_late = back.and_then(|back| late.get(back));
            // Those that may come up besides are looked at below.
            if is_late.is_none_or(|late| late >> trigger.bucket & 1 == 0) {
                let begins = self.begins(walk, view, machine, trigger.entry, at, first);
                first = begins.unwrap_or(first);
            }
        });
        let mut at = reel.edge - late.len();
        while at < reel.edge {
            let Stretch { mut buckets, mut until } = stretch(&engine.leads, &bounds, at);
            // What starts where it is spotted starts behind the first, from there on.
            let near = view.index(first);
            if at < near {
                buckets |= spotter.alone();
                until = until.min(near);
            }
            let until = until.min(reel.edge);
            if buckets == 0 {
                at = until;
                continue;
            }
            let of_places = late.get(reel.edge - until..reel.edge - at).unwrap_or_default();
            for (at, late) in (at..until).zip(of_places.iter().rev()) {
                if buckets & late == 0 {
                    continue;
                }
                let buckets = spotter.begin_at(buckets & late, view.bytes, at);
                if buckets == 0 {
                    continue;
                }
                for entry in spotter.entries(buckets) {
                    if let Some(start) = self.begins(walk, view, machine, entry, at, first) {
                        first = start;
                    }
                }
            }
            at = until;
        }
        Offset::new(first)
    }

    /// The first start, if leads that reach up to the end are taken for the beginnings of matches;
    /// and where those must still be looked at that end before.
    fn clear_leads(&self, walk: &Walk<'_, '_>, view: &View<'_>, first: u64) -> (u64, Runs) {
        let (mut first, leads) = (first, &walk.engine.leads);
        let reel = view.whole();
        let mut bounds = leads.runs(view.bytes);
        for (led, bound) in leads.all().iter().zip(bounds.as_mut_slice()) {
            let from = reel.edge - *bound;
            // What ends between is the end of the same run: it begins no earlier.
            *bound = from;
            if view.base + from as u64 >= first {
                continue;
            }
            let start = led.lead.start_within(&reel, from..=reel.edge.min(view.index(first)));
            if let Some(start) = start.map(|at| view.base + at as u64)
                && start < first
                && let Some(covered) = self.least_cover(&led.entries)
            {
                first = first.min(start.max(covered));
            }
        }
        // Nor does what begins farther behind the first than its lead is long.
        let near = view.index(first);
        for (bound, led) in bounds.as_mut_slice().iter_mut().zip(leads.all()) {
            *bound = (*bound).min(near.saturating_add(led.lead.max as usize));
        }
        (first, bounds)
    }

    /// How far all of `entries` that are wanted are covered; `None` if none is wanted.
    fn least_cover(&self, entries: &[u32]) -> Option<u64> {
        // Most often few entries are covered at all.
        if self.wanted.is_none() && entries.len() > self.open.len() + self.covers.len() {
            return Some(0);
        }
        let wanted = entries.iter().filter(|entry| self.is_wanted(**entry));
        wanted.map(|entry| self.cover(*entry)).min()
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
        let (mut threads, mut best) = (Vec::new(), None);
        let reel = view.reel(compiled, start, edge);
        let attempt = Attempt { reel, base: view.base, start, at };
        compiled.attempt(machine, attempt, &[], &mut threads, &mut best);
        (best.is_some() || !threads.is_empty()).then_some(start)
    }
}

/// Indices at which the same leads are of interest.
struct Stretch {
    /// The buckets of the entries that have them.
    buckets: u64,
    /// The index behind the last.
    until: usize,
}

/// The indices from `at` on, where each lead is of interest up to its bound.
fn stretch(leads: &Leads, bounds: &Runs, at: usize) -> Stretch {
    let mut stretch = Stretch { buckets: 0, until: usize::MAX };
    for (led, bound) in leads.all().iter().zip(bounds.as_slice()) {
        if at < *bound {
            stretch.buckets |= led.buckets;
            stretch.until = stretch.until.min(*bound);
        }
    }
    stretch
}
