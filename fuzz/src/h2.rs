//! What the two HTTP/2 targets share.

use std::time::Duration;

use gateway_h1h2::h2::{Budgets, Options};

/// No clock, and no budgets: what those do depends on what was done before, which differs with the
/// pieces.
pub(crate) fn generous() -> Options {
    let all = u32::MAX;
    let mut options = Options { reset_memory: Duration::MAX, ..Options::default() };
    options.limits.budgets = Budgets {
        all,
        settings: all,
        ping: all,
        ignored: all,
        window_update: all,
        cancelled: all,
        data_empty: all,
        data_small: all,
        continuation: all,
    };
    options
}

/// The low six bits of a mode: the length of the pieces less one.
pub(crate) fn piece_bytes(mode: u8) -> usize {
    usize::from(mode % 64) + 1
}
