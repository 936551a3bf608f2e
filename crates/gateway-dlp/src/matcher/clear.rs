//! How far a window is cleared: where the first match starts that has begun and is not decided.
//!
//! This is asked at the end of each chunk, and what it takes does not depend on how long the chunk
//! is: so places at which nothing can change the answer are not looked at.

use gateway_inspect::Offset;

use super::{Matcher, View, Walk};
use crate::compiled::Attempt;
use crate::late::Late;
use crate::leads::{Leads, Runs};
use crate::machine::Machine;

/// Bytes that are too few to look closer at what is not rejected: most often it is open.
const FEW: usize = 8;

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
        let (reel, places) = (view.whole(), &engine.late);
        let far = reel.edge.saturating_sub(places.longest());
        // What starts where it is spotted is of interest before the first alone.
        let near = view.index(first).min(reel.edge);
        let alone = if far < near { places.alone() } else { 0 };
        let (led, led_near) = bounds.behind(far, &engine.leads);
        if alone | led == 0 {
            return Offset::new(first);
        }
        let sought = [(alone, reel.edge - near), (led, reel.edge.saturating_sub(led_near))];
        let late = places.find(sought, view.bytes, self.carried.depths(engine));
        self.carried.places(engine, &reel, view.base, |trigger, at| {
            let back = u32::try_from(reel.edge - at).unwrap_or(u32::MAX);
            let known = late.as_slice().binary_search_by_key(&back, |late| late.back);
            let late = known.ok().and_then(|index| late.as_slice().get(index));
            // Those that may come up besides are looked at below.
            if late.is_none_or(|late| late.buckets >> trigger.bucket & 1 == 0) {
                let begins = self.begins(walk, view, machine, trigger.entry, at, first);
                first = begins.unwrap_or(first);
            }
        });
        let mut stretch = Stretch::default();
        for Late { back, buckets } in late.as_slice().iter().rev() {
            let at = reel.edge - *back as usize;
            if at >= stretch.until {
                stretch = bounds.from(at, &engine.leads);
            }
            let mut buckets = buckets & (stretch.buckets | places.alone());
            if at >= view.index(first) {
                buckets &= stretch.buckets;
            } else if *back == 1 && buckets & places.alone() != 0 && self.is_open_to_all() {
                // Of one byte alone nobody knows more.
                first = view.base + at as u64;
                buckets &= stretch.buckets;
            }
            let buckets = engine.spotter.begin_at(buckets, view.bytes, at);
            for entry in engine.spotter.entries(buckets) {
                first = self.begins(walk, view, machine, entry, at, first).unwrap_or(first);
            }
        }
        Offset::new(first)
    }

    /// Whether any entry may begin at any place.
    fn is_open_to_all(&self) -> bool {
        self.wanted.is_none() && self.open.is_empty() && self.covers.len() == 0
    }

    /// The first start, if leads that reach up to the end are taken for the beginnings of matches;
    /// and where those must still be looked at that end before.
    fn clear_leads(&self, walk: &Walk<'_, '_>, view: &View<'_>, first: u64) -> (u64, Bounds) {
        let (mut first, leads) = (first, &walk.engine.leads);
        let reel = view.whole();
        let may_end = view.bytes.last().is_some_and(|last| leads.may_end_with(*last));
        if view.index(first) >= reel.edge && !may_end {
            return (first, Bounds::All(reel.edge));
        }
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
        (first, Bounds::Each(bounds))
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

/// The indices before which leads are of interest.
enum Bounds {
    /// The same for all.
    All(usize),
    Each(Runs),
}

/// Indices at which the same leads are of interest.
#[derive(Default)]
struct Stretch {
    /// The buckets of the entries that have them.
    buckets: u64,
    /// The index behind the last.
    until: usize,
}

impl Bounds {
    /// The buckets of the entries whose leads are of interest behind the index `far`, and the index before
    /// which all are.
    fn behind(&self, far: usize, leads: &Leads) -> (u64, usize) {
        let each = match self {
            Self::All(bound) => return (if far < *bound { leads.buckets() } else { 0 }, *bound),
            Self::Each(each) => leads.all().iter().zip(each.as_slice()),
        };
        each.fold((0, 0), |(buckets, last), (led, bound)| {
            (buckets | if far < *bound { led.buckets } else { 0 }, last.max(*bound))
        })
    }

    /// The indices from `at` on at which the same leads are of interest as there.
    fn from(&self, at: usize, leads: &Leads) -> Stretch {
        let each = match self {
            Self::All(bound) => return Stretch { buckets: leads.buckets(), until: *bound },
            Self::Each(each) => leads.all().iter().zip(each.as_slice()),
        };
        let mut stretch = Stretch { buckets: 0, until: usize::MAX };
        for (led, bound) in each.filter(|(_, bound)| at < **bound) {
            stretch.buckets |= led.buckets;
            stretch.until = stretch.until.min(*bound);
        }
        stretch
    }
}
