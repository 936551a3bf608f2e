//! Notices: the places where entries may begin, as the two lanes find them.

use std::ops::Range;

use crate::engine::{Engine, LANES_MAX, Lane, Trigger};
use crate::machine::Reel;
use crate::matcher::BLOCK;
use crate::table::Hit;
use crate::tokens::TOKEN;

/// A place where the program of an entry may begin. In the order of when they are ripe; those of
/// one entry are then in the order of their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    /// What was found and is not ripe.
    late: Vec<Late>,
}

impl Carried {
    /// At the start of a part.
    pub(crate) fn new(engine: &Engine) -> Self {
        let mut states = [0; LANES_MAX];
        let at_start = engine.lanes().map(|lane| lane.table.at_start());
        states.iter_mut().zip(at_start).for_each(|(slot, state)| *slot = state);
        Self { states, late: Vec::new() }
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

/// Room for what the lanes find; reused from lane to lane.
pub(crate) struct Noticed {
    pub(crate) notices: Vec<Notice>,
    /// How many others are ripe in each block that came up for nothing: they count as work.
    pub(crate) dismissed: Vec<u32>,
    /// The first of these blocks.
    first_block: u64,
    hits: Vec<Hit>,
}

impl Noticed {
    /// Room that is enough for most pieces at these positions.
    pub(crate) fn new(fresh: &Range<u64>) -> Self {
        let len = usize::try_from(fresh.end - fresh.start).unwrap_or(0);
        let blocks = fresh.end.div_ceil(BLOCK) - fresh.start / BLOCK;
        Self {
            notices: Vec::with_capacity(len / 64),
            dismissed: vec![0; usize::try_from(blocks).unwrap_or(0)],
            first_block: fresh.start / BLOCK,
            hits: Vec::with_capacity(len / 16),
        }
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
        let Carried { states, late } = carried;
        for Late { end, state, lane } in late.iter() {
            let Some(lane) = engine.lane(*lane) else { continue };
            let end = u32::try_from(end.saturating_sub(base)).unwrap_or(u32::MAX);
            let hit = Hit { end, state: *state };
            note(self, engine, lane, hit, (reel, base), ripe, &is_wanted);
        }
        let is_late = |lane: &Lane, state: u32, end: u64| {
            let since = (base + reel.edge as u64).saturating_sub(end);
            since < engine.slack as u64
                && lane
                    .triggers(state)
                    .any(|one| u64::from(one.delay.saturating_sub(one.near)) > since)
        };
        late.retain(|one| engine.lane(one.lane).is_some_and(|l| is_late(l, one.state, one.end)));
        self.collect_tokens(engine, reel, ripe, &is_wanted);
        let Ripe::Behind(from) = ripe else { return self.put_in_order() };
        for ((index, lane), at) in (0..).zip(engine.lanes()).zip(states) {
            if lane.table.is_empty() {
                continue;
            }
            self.hits.clear();
            *at = lane.table.walk(reel.bytes, from, *at, &mut self.hits);
            let hits = std::mem::take(&mut self.hits);
            for hit in &hits {
                note(self, engine, lane, *hit, (reel, base), ripe, &is_wanted);
                let (state, end) = (hit.state, base + u64::from(hit.end));
                if is_late(lane, state, end) {
                    late.push(Late { end, state, lane: index });
                }
            }
            self.hits = hits;
        }
        // There are many streams that wait.
        if late.is_empty() {
            *late = Vec::new();
        }
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
            self.notices.extend(wanted.map(|entry| Notice { ripe, entry }));
        });
    }

    /// Counts a place that is ripe at this position and came up for nothing.
    fn dismiss(&mut self, ripe: u64) {
        // One that is ripe at the end of a block belongs to it.
        let block = (ripe.saturating_sub(1) / BLOCK).saturating_sub(self.first_block);
        let count = usize::try_from(block).ok().and_then(|block| self.dismissed.get_mut(block));
        if let Some(count) = count {
            *count = count.saturating_add(1);
        }
    }

    fn put_in_order(&mut self) {
        self.notices.sort_unstable();
        self.notices.dedup();
    }
}

/// Notes what a hit says.
fn note(
    noticed: &mut Noticed,
    engine: &Engine,
    lane: &Lane,
    hit: Hit,
    (reel, base): (&Reel<'_>, u64),
    ripe: Ripe,
    is_wanted: &impl Fn(u32) -> bool,
) {
    // Most of what ends in a state says the same place: which entries may begin there is found out
    // once, by the bytes up to where it ends, which are there however the bytes are cut.
    let may_begin = |back: u32| {
        let Some(at) = hit.end.checked_sub(back) else { return 0 };
        let bytes = reel.bytes.get(at as usize..hit.end as usize).unwrap_or_default();
        engine.spotter.begin(reel.before(at as usize), bytes)
    };
    let mut known = (0, 0);
    for Trigger { entry, near, far, delay, lead, bucket } in lane.triggers(hit.state) {
        for back in (near..=far).rev() {
            if known.0 != back {
                known = (back, may_begin(back));
            }
            if known.1 & bucket == 0 {
                continue;
            }
            let at = hit.end - back;
            let ripe_at = at + delay;
            let is_due = match ripe {
                Ripe::Behind(index) => ripe_at as usize > index && ripe_at as usize <= reel.edge,
                Ripe::Not => ripe_at as usize > reel.edge,
            };
            let at = at as usize;
            let led_by = engine.led_by.get(lead as usize).copied().flatten();
            let is_led = || led_by.is_none_or(|set| reel.before(at).is_some_and(|b| set.has(b)));
            if !is_due || !is_led() || !is_wanted(entry) {
                continue;
            }
            let Some(compiled) = engine.entries.get(entry as usize) else { continue };
            let bytes = reel.bytes.get(at..reel.edge).unwrap_or_default();
            if !compiled.may_begin(reel.before(at), bytes.first().copied().unwrap_or(0)) {
                continue;
            }
            // What comes up must not depend on how the bytes are cut: those before the place
            // where it is ripe are always there.
            match compiled.rejects(bytes) {
                Some(bytes) if at + bytes <= ripe_at as usize => {}
                Some(_) => noticed.dismiss(base + u64::from(ripe_at)),
                None => noticed.notices.push(Notice { ripe: ripe_at, entry }),
            }
        }
    }
}
