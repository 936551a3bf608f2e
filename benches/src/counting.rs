//! An allocator that counts what is live and how often it was asked, thread by thread: for tests of
//! how much memory something takes. Each of them makes it its own: `#[global_allocator] static ALLOCATOR: Counting = Counting;`
#![expect(unsafe_code, reason = "a counting allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Far from both ends: a thread may free what another one allocated.
const START: usize = 1 << 40;

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(START) };
    static PEAK: Cell<usize> = const { Cell::new(START) };
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, which counts.
#[derive(Debug)]
pub struct Counting;

// SAFETY: everything is passed on to the system's allocator as it came. The counters are plain
// cells without a destructor, so that using them neither allocates nor outlives their thread.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.set(LIVE.get() + layout.size());
        PEAK.set(PEAK.get().max(LIVE.get()));
        COUNT.set(COUNT.get() + 1);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.set(LIVE.get() - layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Bytes that this thread has allocated and not freed, counted from some number.
#[must_use]
pub fn live_bytes() -> usize {
    LIVE.get()
}

/// How often this thread has allocated; growing what is allocated counts as doing so.
#[must_use]
pub fn allocations() -> usize {
    COUNT.get()
}

/// The most that [`live_bytes`] has been since [`restart_peak`].
#[must_use]
pub fn peak_bytes() -> usize {
    PEAK.get()
}

/// Forgets the peak.
pub fn restart_peak() {
    PEAK.set(LIVE.get());
}
