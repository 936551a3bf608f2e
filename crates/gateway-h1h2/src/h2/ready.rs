//! The queue of what is to be polled: wakers put numbers in, the connection takes them out.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Wake, Waker};

/// What wakers write and the connection reads.
#[derive(Debug, Default)]
pub(super) struct Ready {
    connection: AtomicBool,
    slots: Mutex<Vec<usize>>,
}

impl Ready {
    /// The connection itself is to be polled.
    pub(super) fn wake_connection(&self) {
        self.connection.store(true, Ordering::Release);
    }

    /// Whether the connection is to be polled; not any more after this.
    pub(super) fn take_connection(&self) -> bool {
        self.connection.swap(false, Ordering::Acquire)
    }

    /// Exchanges the numbers of the slots to be polled for an empty list.
    pub(super) fn take_slots(&self, empty: &mut Vec<usize>) {
        std::mem::swap(empty, &mut *self.slots.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn push(&self, slot: usize) {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).push(slot);
    }
}

impl Wake for Ready {
    fn wake(self: Arc<Self>) {
        self.wake_connection();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_connection();
    }
}

/// The waker of one slot. Slots are used again, and their wakers with them: a late wake-up of an
/// earlier stream costs one poll for nothing.
#[derive(Debug)]
pub(super) struct Bell {
    ready: Arc<Ready>,
    slot: usize,
    rung: AtomicBool,
}

impl Bell {
    pub(super) fn new(ready: &Arc<Ready>, slot: usize) -> Arc<Self> {
        Arc::new(Self { ready: Arc::clone(ready), slot, rung: AtomicBool::new(false) })
    }

    /// Puts the slot into the queue, once.
    pub(super) fn ring(&self) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            self.ready.push(self.slot);
        }
    }

    /// The slot is about to be polled: it may be woken again.
    pub(super) fn hush(&self) {
        self.rung.store(false, Ordering::Release);
    }

    pub(super) fn waker(self: &Arc<Self>) -> Waker {
        Waker::from(Arc::clone(self))
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.ring();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ring();
    }
}
