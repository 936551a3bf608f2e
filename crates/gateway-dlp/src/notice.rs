//! Notices: the places where entries may begin, as the two lanes find them.

use crate::engine::{Engine, Lane, Trigger};
use crate::machine::Reel;
use crate::table::{Begin, Hit};
use crate::takers::side_of;

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

/// Room for what the lanes find; reused from lane to lane.
pub(crate) struct Noticed {
    pub(crate) notices: Vec<Notice>,
    /// Where others are ripe that came up for nothing: they count as work.
    pub(crate) dismissed: Vec<u32>,
    hits: Vec<Hit>,
}

impl Noticed {
    /// Room that is enough for most pieces of `len` bytes.
    pub(crate) fn new(len: usize) -> Self {
        let (notices, hits) = (Vec::with_capacity(len / 128), Vec::with_capacity(len / 32));
        Self { notices, dismissed: Vec::new(), hits }
    }

    /// Collects, in order, the notices of what `is_wanted` in the bytes of `reel`, which begin at
    /// the start of the part or not.
    pub(crate) fn collect(
        &mut self,
        engine: &Engine,
        reel: &Reel<'_>,
        begin: Begin,
        ripe: Ripe,
        is_wanted: impl Fn(u32) -> bool,
    ) {
        let from = match ripe {
            Ripe::Behind(index) => index.saturating_sub(engine.slack),
            Ripe::Not => reel.edge.saturating_sub(engine.slack),
        };
        for lane in engine.lanes() {
            if lane.table.is_empty() {
                continue;
            }
            self.hits.clear();
            lane.table.walk(reel.bytes, from, begin, &mut self.hits);
            let hits = std::mem::take(&mut self.hits);
            for hit in &hits {
                note(self, engine, lane, *hit, reel, ripe, &is_wanted);
            }
            self.hits = hits;
        }
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
    reel: &Reel<'_>,
    ripe: Ripe,
    is_wanted: &impl Fn(u32) -> bool,
) {
    for Trigger { entry, near, far, delay, begin } in lane.triggers(hit.state) {
        let Some(begin) = engine.begins.get(begin as usize) else { continue };
        let Some(compiled) = engine.entries.get(entry as usize) else { continue };
        for back in (near..=far).rev() {
            let Some(at) = hit.end.checked_sub(back) else { continue };
            let ripe_at = at + delay;
            let is_due = match ripe {
                Ripe::Behind(index) => ripe_at as usize > index && ripe_at as usize <= reel.edge,
                Ripe::Not => ripe_at as usize > reel.edge,
            };
            let at = at as usize;
            let before = reel.before(at);
            let first = reel.bytes.get(at).is_some_and(|b| begin.first[side_of(before)].has(*b));
            let is_led = || begin.lead.is_none_or(|set| before.is_some_and(|b| set.has(b)));
            if !is_due || !first || !is_led() || !is_wanted(entry) {
                continue;
            }
            // What comes up must not depend on how the bytes are cut: those before the place
            // where it is ripe are always there.
            match compiled.rejects(reel.bytes.get(at..reel.edge).unwrap_or_default()) {
                Some(bytes) if at + bytes <= ripe_at as usize => {}
                Some(_) => noticed.dismissed.push(ripe_at),
                None => noticed.notices.push(Notice { ripe: ripe_at, entry }),
            }
        }
    }
}
