//! The streams of a connection: found by their id and by their identifier on the wire, each in a
//! slot with a waker that is used again.

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
    /// In order of ids: they mostly come in order, so that this is a queue.
    by_id: Vec<(StreamId, usize)>,
    by_wire: Vec<(u32, usize)>,
}

pub(super) struct Slot {
    pub(super) bell: Arc<Bell>,
    pub(super) waker: Waker,
    pub(super) stream: Option<Stream>,
}

impl Streams {
    pub(super) fn new(ready: Arc<Ready>) -> Self {
        Self { ready, slots: Vec::new(), free: Vec::new(), by_id: Vec::new(), by_wire: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    pub(super) fn slot(&self, id: StreamId) -> Option<usize> {
        let place = self.by_id.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.by_id.get(place).map(|(_, slot)| *slot)
    }

    pub(super) fn slot_by_wire(&self, wire: u32) -> Option<usize> {
        let place = self.by_wire.binary_search_by_key(&wire, |(wire, _)| *wire).ok()?;
        self.by_wire.get(place).map(|(_, slot)| *slot)
    }

    pub(super) fn slot_mut(&mut self, slot: usize) -> Option<&mut Slot> {
        self.slots.get_mut(slot)
    }

    pub(super) fn get(&self, id: StreamId) -> Option<&Stream> {
        self.slots.get(self.slot(id)?)?.stream.as_ref()
    }

    pub(super) fn at_mut(&mut self, slot: usize) -> Option<&mut Stream> {
        self.slots.get_mut(slot)?.stream.as_mut()
    }

    /// The slot of the stream with the lowest id.
    pub(super) fn first(&self) -> Option<usize> {
        self.by_id.first().map(|(_, slot)| *slot)
    }

    pub(super) fn insert(&mut self, stream: Stream) -> usize {
        let slot = self.free.pop().unwrap_or(self.slots.len());
        let id = self.by_id.partition_point(|(id, _)| *id < stream.id);
        self.by_id.insert(id, (stream.id, slot));
        let wire = self.by_wire.partition_point(|(wire, _)| *wire < stream.wire);
        self.by_wire.insert(wire, (stream.wire, slot));
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
        let stream = self.slots.get_mut(slot)?.stream.take()?;
        if let Ok(place) = self.by_id.binary_search_by_key(&stream.id, |(id, _)| *id) {
            self.by_id.remove(place);
        }
        if let Ok(place) = self.by_wire.binary_search_by_key(&stream.wire, |(wire, _)| *wire) {
            self.by_wire.remove(place);
        }
        self.free.push(slot);
        Some(stream)
    }
}
