//! Bodies that were ended and are not all framed: what waits of them for the window of a peer is
//! given up when it waits too long. Not a part of any exchange: nothing of it is told.

use std::collections::VecDeque;

use super::stream::{Handle, reset};
use super::watch::is_over;

/// What is still to be sent of streams that are over for the caller.
#[derive(Default)]
pub(super) struct Lingering(VecDeque<Tail>);

struct Tail {
    wire: u32,
    unframed: usize,
    stalled_ms: u64,
    handle: Handle,
}

impl Lingering {
    /// Goes on with a stream of which `unframed` bytes wait.
    pub(super) fn add(&mut self, wire: u32, unframed: usize, handle: Handle) {
        self.0.push_back(Tail { wire, unframed, stalled_ms: 0, handle });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Bytes were framed.
    pub(super) fn framed(&mut self, wire: u32, bytes: usize) {
        // They mostly end in the order in which they came.
        let Some(place) = self.0.iter().position(|tail| tail.wire == wire) else { return };
        let Some(tail) = self.0.get_mut(place) else { return };
        tail.stalled_ms = 0;
        tail.unframed = tail.unframed.saturating_sub(bytes);
        match (tail.unframed, place) {
            (0, 0) => drop(self.0.pop_front()),
            (0, _) => drop(self.0.remove(place)),
            _ => {}
        }
    }

    /// The stream is dead.
    pub(super) fn remove(&mut self, wire: u32) {
        self.0.retain(|tail| tail.wire != wire);
    }

    /// Resets those that have not moved for `stall_ms`, with this code; how many that were, and how
    /// long the others have waited at most.
    pub(super) fn advance(&mut self, elapsed_ms: u64, stall_ms: u64, code: u32) -> (u32, u64) {
        let (mut given_up, mut longest) = (0, 0);
        self.0.retain_mut(|tail| {
            tail.stalled_ms = tail.stalled_ms.saturating_add(elapsed_ms);
            if is_over(tail.stalled_ms, stall_ms) {
                reset(&mut tail.handle, code);
                given_up += 1;
                return false;
            }
            longest = longest.max(tail.stalled_ms);
            true
        });
        (given_up, longest)
    }

    /// The connection is over.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
