//! What the benches share: how time is measured, and inputs that are generated from a seed.
//!
//! `cargo bench -p gateway-benches` runs all of them, `RESULTS.md` holds the figures.

mod body;
mod counting;
mod cpu_time;
mod dice;
mod least;
mod request;
mod signatures;

pub use body::{Body, bodies};
pub use counting::{Counting, allocations, live_bytes, peak_bytes, restart_peak};
pub use cpu_time::{CpuTime, criterion};
pub use dice::Dice;
pub use least::{Spent, spent, spent_once};
pub use request::REQUEST;
pub use signatures::{SignatureCounts, signatures};
