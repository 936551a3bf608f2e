//! Steps of machines and automata, counted for tests of how much work bodies make: they are the same on every
//! computer, as time is not.

/// Steps that a match counts: somebody judges it.
const MATCH_STEPS: usize = 16;

/// Counts instructions, and bytes that repeats take or give back, for tests of how much work bodies
/// make; it costs nothing elsewhere.
#[inline(always)]
pub(crate) fn count_steps(steps: usize) {
    #[cfg(test)]
    STEPS.set(STEPS.get() + steps);
    #[cfg(not(test))]
    let _ = steps;
}

/// Counts a match.
#[inline(always)]
pub(crate) fn count_match() {
    count_steps(MATCH_STEPS);
}

#[cfg(test)]
thread_local! {
    /// Steps of all machines of this thread.
    pub(crate) static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}
