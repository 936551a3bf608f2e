//! Fuzz targets as plain functions: libFuzzer calls them on nightly, `tests/replay.rs` on stable.
//!
//! A target takes any bytes and panics when a law is broken. One target is one module here, one
//! entry in [`TARGETS`], one file in `fuzz_targets/` with its `[[bin]]` in the manifest, and one
//! folder in `corpus/`; a test compares the four.
#![forbid(unsafe_code)]

mod hold_script;
mod mutate;

pub use hold_script::hold_script;
pub use mutate::mutations;

/// A law over any bytes; a panic is a broken law.
pub type Target = fn(&[u8]);

/// Every target by name, in alphabetical order.
pub const TARGETS: &[(&str, Target)] = &[("hold_script", hold_script)];
