//! A lane: a table that is walked over every byte, and what its finds mean.
//!
//! What ends in one state is put together by the place where it begins: one look at the bytes there
//! dismisses most of it at once.

use std::collections::BTreeMap;

use crate::bytes::ByteSet;
use crate::table::Table;

/// A table that is built, and what is noticed by what ends in it, by number.
pub(crate) struct Draft {
    pub(crate) table: Table,
    pub(crate) notes: Vec<Note>,
}

/// What an end says: `entry` may begin from `near` to `far` bytes before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Note {
    pub(crate) entry: u32,
    pub(crate) near: u32,
    pub(crate) far: u32,
    /// The bytes that may stand farther away than the least distance.
    pub(crate) between: ByteSet,
    /// Whether something else says so too, later and more rarely: of interest is only that it is not known yet.
    pub(crate) is_mark: bool,
}

/// A table, and what its finds mean.
pub(crate) struct Lane {
    pub(crate) table: Table,
    /// By hit.
    finds: Box<[Find]>,
    spots: Box<[Spot]>,
    triggers: Box<[Trigger]>,
    /// What may stand before something whose distance varies; each different one once.
    between: Box<[ByteSet]>,
}

/// What a hit says.
#[derive(Clone, Copy, Debug, Default)]
struct Find {
    /// Its places: from here on, up to the first one of the next hit.
    spots: u32,
    /// Bytes behind it until all that it says is ripe.
    wait: u32,
}

/// Where something may begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    /// The least and the largest distance to the end.
    pub(crate) near: u32,
    pub(crate) far: u32,
    /// The buckets of all that may.
    pub(crate) buckets: u64,
    /// Whether something else says so too.
    pub(crate) is_mark: bool,
    /// The bytes that may stand farther away than the least distance, by index.
    between: u32,
    from: u32,
    to: u32,
}

/// What may begin at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Trigger {
    pub(crate) entry: u32,
    /// The delay of the entry.
    pub(crate) delay: u32,
    /// The byte before, if a lead must stand there, by index.
    pub(crate) lead: u32,
    /// The number of the bucket of the entry.
    pub(crate) bucket: u32,
}

impl Lane {
    /// The lane of a draft; `trigger` says what there is to know of an entry.
    pub(crate) fn new(draft: Draft, trigger: impl Fn(u32) -> Trigger) -> Self {
        let Draft { mut table, notes } = draft;
        let mut lane = Writer::default();
        for ends in table.take_ends() {
            let notes = ends.iter().filter_map(|end| notes.get(*end as usize));
            lane.write(notes.map(|note| (*note, trigger(note.entry))));
        }
        let Writer { mut finds, spots, triggers, between, .. } = lane;
        finds.push(Find { spots: number(spots.len()), wait: 0 });
        Self {
            table,
            finds: finds.into(),
            spots: spots.into(),
            triggers: triggers.into(),
            between: between.into(),
        }
    }

    /// Where something may begin that ends in `state`.
    pub(crate) fn spots(&self, state: u32) -> &[Spot] {
        let hit = self.table.hit(state);
        let at = |hit: usize| self.finds.get(hit).map_or(0, |find| find.spots as usize);
        self.spots.get(at(hit)..at(hit + 1)).unwrap_or_default()
    }

    /// What may begin there, by bucket.
    pub(crate) fn triggers(&self, spot: &Spot) -> &[Trigger] {
        self.triggers.get(spot.from as usize..spot.to as usize).unwrap_or_default()
    }

    /// The bytes that may stand farther away than the least distance.
    pub(crate) fn between(&self, spot: &Spot) -> &ByteSet {
        self.between.get(spot.between as usize).unwrap_or(&ByteSet::EMPTY)
    }

    /// Bytes behind something that ends in `state` until all that it says is ripe.
    pub(crate) fn wait(&self, state: u32) -> u32 {
        self.finds.get(self.table.hit(state)).map_or(0, |find| find.wait)
    }

    /// The same, of any state.
    pub(crate) fn longest_wait(&self) -> u32 {
        self.finds.iter().map(|find| find.wait).max().unwrap_or(0)
    }

    pub(crate) fn memory_usage(&self) -> usize {
        self.table.memory_usage()
            + size_of_val(&*self.finds)
            + size_of_val(&*self.spots)
            + size_of_val(&*self.triggers)
            + size_of_val(&*self.between)
    }
}

/// Writes the finds of a lane, hit by hit.
#[derive(Default)]
struct Writer {
    finds: Vec<Find>,
    spots: Vec<Spot>,
    triggers: Vec<Trigger>,
    /// Where the same triggers stand already.
    known: BTreeMap<Vec<Trigger>, u32>,
    between: Vec<ByteSet>,
}

impl Writer {
    fn write(&mut self, says: impl Iterator<Item = (Note, Trigger)>) {
        let mut find = Find { spots: number(self.spots.len()), wait: 0 };
        let mut spots: BTreeMap<(u32, u32, ByteSet, bool), Vec<Trigger>> = BTreeMap::new();
        for (Note { near, far, between, is_mark, .. }, trigger) in says {
            find.wait = find.wait.max(trigger.delay.saturating_sub(near));
            spots.entry((near, far, between, is_mark)).or_default().push(trigger);
        }
        self.finds.push(find);
        for ((near, far, between, is_mark), mut triggers) in spots {
            triggers.sort_unstable_by_key(|one| (one.bucket, one.entry));
            triggers.dedup();
            let buckets = triggers.iter().fold(0, |all, one| all | 1 << one.bucket);
            let (from, to) = self.place(triggers);
            let between = self.place_between(between);
            self.spots.push(Spot { near, far, buckets, is_mark, between, from, to });
        }
    }

    /// Where these bytes stand.
    fn place_between(&mut self, between: ByteSet) -> u32 {
        let at = self.between.iter().position(|known| *known == between);
        number(at.unwrap_or_else(|| {
            self.between.push(between);
            self.between.len() - 1
        }))
    }

    /// Where these triggers stand.
    fn place(&mut self, triggers: Vec<Trigger>) -> (u32, u32) {
        let len = number(triggers.len());
        if let Some(from) = self.known.get(&triggers) {
            return (*from, from + len);
        }
        let from = number(self.triggers.len());
        self.triggers.extend(&triggers);
        self.known.insert(triggers, from);
        (from, from + len)
    }
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
