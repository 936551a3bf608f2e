//! The streams of a connection: found by their id and by their identifier on the wire, each in a
//! slot with a waker that is used again.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

use super::ready::{Bell, Ready};
use super::stream::Stream;
use crate::StreamId;

/// The streams in progress.
pub(super) struct Streams {
    ready: Arc<Ready>,
    slots: Vec<Slot>,
    free: Vec<usize>,
    /// In order of ids, which is that of their identifiers on the wire too. They mostly come and
    /// go in this order, so that it is a queue.
    places: VecDeque<Place>,
    /// The slot that was asked for last: mostly it is asked for again.
    recent: usize,
    /// Body bytes that were delivered and not credited, of all streams.
    held: usize,
}

#[derive(Clone, Copy)]
struct Place {
    id: StreamId,
    wire: u32,
    slot: usize,
}

pub(super) struct Slot {
    pub(super) bell: Arc<Bell>,
    pub(super) waker: Waker,
    pub(super) stream: Option<Stream>,
}

impl Streams {
    pub(super) fn new(ready: Arc<Ready>) -> Self {
        Self {
            ready,
            slots: Vec::new(),
            free: Vec::new(),
            places: VecDeque::new(),
            recent: 0,
            held: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub(super) fn slot(&mut self, id: StreamId) -> Option<usize> {
        let stream = self.at_mut(self.recent);
        if stream.is_none_or(|stream| stream.id != id) {
            self.recent = self.place(id)?.1.slot;
        }
        Some(self.recent)
    }

    pub(super) fn slot_by_wire(&self, wire: u32) -> Option<usize> {
        let first = self.places.front()?.wire;
        // Clients count by two.
        let guess = (wire.checked_sub(first)? / 2) as usize;
        if let Some(place) = self.places.get(guess).filter(|place| place.wire == wire) {
            return Some(place.slot);
        }
        let place = self.places.binary_search_by_key(&wire, |place| place.wire).ok()?;
        self.places.get(place).map(|place| place.slot)
    }

    /// Where a stream stands in the queue. Its distance from the first one is its place where ids
    /// rise one by one, or two by two, and no stream between has ended.
    fn place(&self, id: StreamId) -> Option<(usize, Place)> {
        let first = self.places.front()?.id;
        let distance = usize::try_from(id.number().checked_sub(first.number())?).ok()?;
        for guess in [distance / 2, distance] {
            if let Some(place) = self.places.get(guess).filter(|place| place.id == id) {
                return Some((guess, *place));
            }
        }
        let found = self.places.binary_search_by_key(&id, |place| place.id).ok()?;
        self.places.get(found).map(|place| (found, *place))
    }

    pub(super) fn slot_mut(&mut self, slot: usize) -> Option<&mut Slot> {
        self.slots.get_mut(slot)
    }

    /// The same for what delivers or credits body bytes, with what all streams together have
    /// delivered without credit: to be kept up.
    pub(super) fn slot_and_held(&mut self, slot: usize) -> Option<(&mut Slot, &mut usize)> {
        Some((self.slots.get_mut(slot)?, &mut self.held))
    }

    pub(super) fn get(&self, id: StreamId) -> Option<&Stream> {
        self.slots.get(self.place(id)?.1.slot)?.stream.as_ref()
    }

    pub(super) fn at_mut(&mut self, slot: usize) -> Option<&mut Stream> {
        self.slots.get_mut(slot)?.stream.as_mut()
    }

    /// The slots of all streams.
    pub(super) fn slots(&self) -> impl Iterator<Item = usize> + use<> {
        let slots: Vec<_> = self.places.iter().map(|place| place.slot).collect();
        slots.into_iter()
    }

    /// The slot of the stream with the lowest id.
    pub(super) fn first(&self) -> Option<usize> {
        self.places.front().map(|place| place.slot)
    }

    pub(super) fn insert(&mut self, stream: Stream) -> usize {
        let slot = self.free.pop().unwrap_or(self.slots.len());
        self.recent = slot;
        let place = Place { id: stream.id, wire: stream.wire, slot };
        match self.places.back() {
            Some(last) if last.id > place.id => {
                let before = self.places.partition_point(|other| other.id < place.id);
                self.places.insert(before, place);
            }
            Some(_) | None => self.places.push_back(place),
        }
        match self.slots.get_mut(slot) {
            Some(place) => place.stream = Some(stream),
            None => {
                let bell = Bell::new(&self.ready, slot);
                self.slots.push(Slot { waker: bell.waker(), bell, stream: Some(stream) });
            }
        }
        slot
    }

    pub(super) fn remove(&mut self, slot: usize) -> Option<Stream> {
        self.vacate(slot);
        self.slots.get_mut(slot)?.stream.take()
    }

    /// Drops a stream where it is: it is larger than what is mostly wanted of it.
    pub(super) fn discard(&mut self, slot: usize) {
        self.vacate(slot);
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.stream = None;
        }
    }

    /// Takes note that the stream of this slot goes.
    fn vacate(&mut self, slot: usize) {
        let stream = self.slots.get(slot).and_then(|slot| slot.stream.as_ref());
        let Some((id, owed)) = stream.map(|stream| (stream.id, stream.owed())) else { return };
        match self.place(id) {
            Some((0, _)) => drop(self.places.pop_front()),
            Some((place, _)) => drop(self.places.remove(place)),
            None => {}
        }
        self.held = self.held.saturating_sub(owed);
        self.free.push(slot);
    }
}
