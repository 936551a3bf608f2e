//! Notices: the places where entries may begin, as the two lanes find them.

use std::ops::Range;

use smallvec::SmallVec;

use crate::engine::{Engine, LANES_MAX};
use crate::lane::{Lane, Spot, Trigger};
use crate::matcher::BLOCK;
use crate::reel::Reel;
use crate::streaks::Streaks;
use crate::tokens::TOKEN;
use crate::walk::{Hit, Hits, Walker, walk};

/// A place where the program of an entry may begin. In the order of when they are ripe; those of
/// one entry are then in the order of their places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Notice {
    /// The index behind which no earlier place of this entry can come up any more.
    pub(crate) ripe: u32,
    /// The entry, by index.
    pub(crate) entry: u32,
}

/// Which notices are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ripe {
    /// Those that became ripe behind this index.
    Behind(usize),
    /// Those that are not ripe, as the part ends.
    Not,
}

/// What lanes carry from bytes to bytes, so that they walk over none twice.
pub(crate) struct Carried {
    /// The state of each.
    states: [u32; LANES_MAX],
    /// See [`depth`](Self::depth).
    depth: u32,
    /// What was found and is not ripe.
    late: Vec<Late>,
}

impl Carried {
    /// At the start of a part.
    pub(crate) fn new(engine: &Engine) -> Self {
        let mut states = [0; LANES_MAX];
        let at_start = engine.lanes().map(|lane| lane.table.at_start());
        states.iter_mut().zip(at_start).for_each(|(slot, state)| *slot = state);
        Self { states, depth: 0, late: Vec::new() }
    }

    /// Gives each place at which an entry may begin of which something was found that is not ripe, with what
    /// begins there, to `found`; `reel`, the first byte of which has the position `base`, holds all bytes so far.
    pub(crate) fn places(
        &self,
        engine: &Engine,
        reel: &Reel<'_>,
        base: u64,
        mut found: impl FnMut(&Trigger, usize),
    ) {
        for Late { end, state, lane } in &self.late {
            let Some(lane) = engine.lane(*lane) else { continue };
            let end = u32::try_from(end.saturating_sub(base)).unwrap_or(u32::MAX);
            let all = lane.spots(*state).iter();
            each_place(engine, reel, lane, (end, all), |at, spot, buckets| {
                let triggers = lane.triggers(spot).iter();
                let of_buckets = triggers.filter(|one| buckets >> one.bucket & 1 != 0);
                of_buckets.for_each(|trigger| found(trigger, at as usize));
            });
        }
    }

    /// How many bytes at the end have come in part of what the lanes look for, at most.
    pub(crate) const fn depth(&self) -> usize {
        self.depth as usize
    }

    /// The lanes have taken so many bytes.
    fn deepen(&mut self, engine: &Engine, taken: usize) {
        let depths = engine.lanes().zip(self.states).map(|(lane, at)| lane.table.depth(at));
        // A state may stand for several depths.
        let depth = depths.max().unwrap_or(0).min(self.depth() + taken);
        self.depth = u32::try_from(depth).unwrap_or(u32::MAX);
    }

    /// Bytes that it may hold on the heap.
    pub(crate) const fn memory_max(engine: &Engine) -> usize {
        2 * LANES_MAX * engine.slack * size_of::<Late>()
    }
}

/// What a lane has found, some of which was not ripe where the bytes ended.
#[derive(Clone, Copy, Debug)]
struct Late {
    /// The position behind it.
    end: u64,
    state: u32,
    /// The lane, by index.
    lane: u32,
}

/// What the lanes have noticed.
pub(crate) struct Noticed {
    notices: SmallVec<[Notice; 8]>,
    dismissed: SmallVec<[u32; 4]>,
    /// The blocks of the fresh bytes.
    blocks: Range<u64>,
    /// Those of the bytes that notices are collected in.
    streaks: Streaks,
}

impl Noticed {
    /// Room that is enough for most pieces at these positions.
    pub(crate) fn new(fresh: &Range<u64>) -> Self {
        let len = usize::try_from(fresh.end - fresh.start).unwrap_or(0);
        let notices = SmallVec::with_capacity(len / 256);
        let blocks = fresh.start / BLOCK..fresh.end.div_ceil(BLOCK);
        Self { notices, dismissed: SmallVec::new(), blocks, streaks: Streaks::default() }
    }

    /// What was collected, in order.
    pub(crate) fn notices(&self) -> &[Notice] {
        self.notices.as_slice()
    }

    /// By block, up to the last one that has any, how many others are ripe in it that came up for nothing: they count
    /// as work.
    pub(crate) fn dismissed(&self) -> &[u32] {
        self.dismissed.as_slice()
    }

    /// Collects, in order, the notices of what `is_wanted` in the bytes of `reel`, the first of which
    /// has the position `base`. What is `carried` to them counts too.
    pub(crate) fn collect(
        &mut self,
        engine: &Engine,
        reel: &Reel<'_>,
        base: u64,
        ripe: Ripe,
        carried: &mut Carried,
        is_wanted: impl Fn(u32) -> bool,
    ) {
        let Carried { states, late, .. } = carried;
        let sight = Sight { engine, reel, base, ripe, is_wanted };
        for Late { end, state, lane } in late.iter() {
            let Some(lane) = engine.lane(*lane) else { continue };
            let end = u32::try_from(end.saturating_sub(base)).unwrap_or(u32::MAX);
            let hit = Hit { end, state: *state };
            sight.note(self, lane, hit);
        }
        let is_late = |lane: &Lane, state: u32, end: u64| {
            let since = (base + reel.edge as u64).saturating_sub(end);
            since < engine.slack as u64 && u64::from(lane.wait(state)) > since
        };
        late.retain(|one| engine.lane(one.lane).is_some_and(|l| is_late(l, one.state, one.end)));
        self.collect_tokens(engine, reel, ripe, &sight.is_wanted);
        let Ripe::Behind(from) = ripe else { return self.put_in_order() };
        let mut hits: [Hits; LANES_MAX] = std::array::from_fn(|_| Hits::new());
        let mut walkers: SmallVec<[Walker<'_>; LANES_MAX]> = SmallVec::new();
        for ((lane, state), hits) in engine.lanes().zip(states.iter()).zip(&mut hits) {
            hits.reserve((reel.edge - from) / 32);
            walkers.push(Walker { table: &lane.table, state: *state, hits });
        }
        walk(&mut walkers, reel.bytes, from);
        for ((index, lane), (walker, at)) in
            (0..).zip(engine.lanes()).zip(walkers.iter().zip(states))
        {
            *at = walker.state;
            for hit in &*walker.hits {
                sight.note(self, lane, *hit);
                let (state, end) = (hit.state, base + u64::from(hit.end));
                if is_late(lane, state, end) && sight.begins(lane, *hit) {
                    late.push(Late { end, state, lane: index });
                }
            }
        }
        // There are many streams that wait.
        if late.is_empty() {
            *late = Vec::new();
        }
        carried.deepen(engine, reel.edge - from);
        self.put_in_order();
    }

    /// Collects what the lane of tokens finds. It looks at a place when it is ripe.
    fn collect_tokens(
        &mut self,
        engine: &Engine,
        reel: &Reel<'_>,
        ripe: Ripe,
        is_wanted: &impl Fn(u32) -> bool,
    ) {
        if engine.tokens.is_empty() {
            return;
        }
        let bytes = reel.bytes.get(..reel.edge).unwrap_or_default();
        let first_unripe = (reel.edge + 1).saturating_sub(TOKEN);
        let places = match ripe {
            Ripe::Behind(index) => (index + 1).saturating_sub(TOKEN)..first_unripe,
            Ripe::Not => first_unripe..reel.edge,
        };
        engine.tokens.find(bytes, places, |at| {
            let ripe = u32::try_from(at + TOKEN).unwrap_or(u32::MAX);
            let entries = engine.tokens.entries.iter().copied();
            let wanted = entries.filter(|entry| is_wanted(*entry));
            wanted.for_each(|entry| self.notices.push(Notice { ripe, entry }));
        });
    }

    /// Counts a place that is ripe at this position and came up for nothing.
    fn dismiss(&mut self, ripe: u64) {
        // One that is ripe at the end of a block belongs to it.
        let block = ripe.saturating_sub(1) / BLOCK;
        if !self.blocks.contains(&block) {
            return;
        }
        let index = usize::try_from(block - self.blocks.start).unwrap_or(0);
        if self.dismissed.len() <= index {
            self.dismissed.resize(index + 1, 0);
        }
        if let Some(count) = self.dismissed.as_mut_slice().get_mut(index) {
            *count = count.saturating_add(1);
        }
    }

    fn put_in_order(&mut self) {
        // One number is compared sooner than two.
        let key = |notice: &Notice| u64::from(notice.ripe) << 32 | u64::from(notice.entry);
        self.notices.as_mut_slice().sort_unstable_by_key(key);
        self.notices.dedup();
    }
}

/// Gives each place at which something may begin by what `spots` say of what ends at `end`, and the buckets of
/// what may, to `found`.
#[inline(always)]
fn each_place<'a>(
    engine: &Engine,
    reel: &Reel<'_>,
    lane: &Lane,
    (end, spots): (u32, impl Iterator<Item = &'a Spot>),
    mut found: impl FnMut(u32, &Spot, u64),
) {
    // Which entries may begin at a place is found out once, by the bytes up to where the hit
    // ends, which are there however the bytes are cut.
    for spot in spots {
        for back in spot.near..=spot.far {
            let Some(at) = end.checked_sub(back) else { break };
            let bytes = reel.bytes.get(at as usize..end as usize).unwrap_or_default();
            // Behind a byte that none of them may have, nothing begins farther away either.
            let is_far = back > spot.near;
            if is_far && bytes.first().is_none_or(|byte| !lane.between(spot).has(*byte)) {
                break;
            }
            let before = reel.before(at as usize);
            let buckets = engine.spotter.begin_among(spot.buckets, before, bytes);
            if buckets != 0 {
                found(at, spot, buckets);
            }
        }
    }
}

/// What it takes to note what a hit says.
struct Sight<'a, 'b, F> {
    engine: &'a Engine,
    reel: &'a Reel<'b>,
    /// The position of the first byte of the reel.
    base: u64,
    ripe: Ripe,
    is_wanted: F,
}

impl<F: Fn(u32) -> bool> Sight<'_, '_, F> {
    /// Notes what a hit says.
    #[inline(never)]
    fn note(&self, noticed: &mut Noticed, lane: &Lane, hit: Hit) {
        let spots = lane.spots(hit.state).iter().filter(|spot| !spot.is_mark);
        each_place(self.engine, self.reel, lane, (hit.end, spots), |at, spot, buckets| {
            self.note_place(noticed, lane.triggers(spot), buckets, at);
        });
    }

    /// Whether something may begin by what a hit says, marks included.
    fn begins(&self, lane: &Lane, hit: Hit) -> bool {
        let (spots, mut begins) = (lane.spots(hit.state).iter(), false);
        each_place(self.engine, self.reel, lane, (hit.end, spots), |_, _, _| begins = true);
        begins
    }

    /// Notes which entries of these buckets begin at the index `at`.
    #[inline(never)]
    fn note_place(&self, noticed: &mut Noticed, triggers: &[Trigger], buckets: u64, at: u32) {
        let before = self.reel.before(at as usize);
        for trigger in triggers.iter().filter(|one| buckets >> one.bucket & 1 != 0) {
            let ripe_at = at + trigger.delay;
            let is_due = match self.ripe {
                Ripe::Behind(index) => {
                    ripe_at as usize > index && ripe_at as usize <= self.reel.edge
                }
                Ripe::Not => ripe_at as usize > self.reel.edge,
            };
            let led_by = self.engine.led_by.get(trigger.lead as usize).and_then(Option::as_ref);
            let is_led = || led_by.is_none_or(|set| before.is_some_and(|byte| set.has(byte)));
            if is_due && is_led() && (self.is_wanted)(trigger.entry) {
                self.note_entry(noticed, trigger.entry, at, ripe_at);
            }
        }
    }

    /// Notes that `entry` begins at the index `at`, if it may.
    fn note_entry(&self, noticed: &mut Noticed, entry: u32, at: u32, ripe: u32) {
        let Some(compiled) = self.engine.entries.get(entry as usize) else { return };
        let index = at as usize;
        let bytes = self.reel.bytes.get(..self.reel.edge).unwrap_or_default();
        if !compiled.may_begin(self.reel.bytes, index) {
            return;
        }
        // What comes up must not depend on how the bytes are cut: those before the place where it
        // is ripe are always there.
        match compiled.rejects_among(bytes, index, (entry, &mut noticed.streaks)) {
            Some(bytes) if index + bytes <= ripe as usize => {}
            Some(_) => noticed.dismiss(self.base + u64::from(ripe)),
            None => noticed.notices.push(Notice { ripe, entry }),
        }
    }
}
