//! What one call of a short function costs: the least and the median CPU time over many batches.
//! The least is what it takes when nobody else is in the way.

use std::hint::black_box;
use std::time::Duration;

use crate::CpuTime;
use criterion::measurement::Measurement;

/// How long a batch of calls takes.
const BATCH: Duration = Duration::from_micros(40);
/// How many batches there are.
const BATCHES: usize = 1_500;

/// Nanoseconds of one call.
#[derive(Clone, Copy, Debug)]
pub struct Spent {
    /// In the fastest batch.
    pub least_ns: f64,
    /// In the batch in the middle.
    pub median_ns: f64,
}

/// What a call of `one` takes.
pub fn spent<T>(mut one: impl FnMut() -> T) -> Spent {
    let mut calls = 1_u32;
    while calls < 1 << 24 && batch(&mut one, calls) < BATCH {
        calls *= 2;
    }
    let batches = if calls == 1 { BATCHES / 50 } else { BATCHES };
    let mut spent: Vec<Duration> = (0..batches).map(|_| batch(&mut one, calls)).collect();
    spent.sort_unstable();
    let of = |duration: &Duration| duration.as_secs_f64() * 1e9 / f64::from(calls);
    Spent { least_ns: of(&spent[0]), median_ns: of(&spent[spent.len() / 2]) }
}

fn batch<T>(one: &mut impl FnMut() -> T, calls: u32) -> Duration {
    let start = CpuTime.start();
    for _ in 0..calls {
        black_box(one());
    }
    CpuTime.end(start)
}

/// What a single call takes, and what it gives.
pub fn spent_once<T>(one: impl FnOnce() -> T) -> (T, Duration) {
    let start = CpuTime.start();
    let value = one();
    (value, CpuTime.end(start))
}
