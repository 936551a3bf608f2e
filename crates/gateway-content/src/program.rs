//! Programs for Windows that were packed: what they unpack to in memory.

pub(crate) mod emulator;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod fixture;
#[cfg(any(test, feature = "fuzz"))]
mod laws;
pub(crate) mod layout;
mod loader;
pub(crate) mod nrv;
mod rebuild;
mod run;
pub(crate) mod unpacking;
pub(crate) mod upx;

#[cfg(any(test, feature = "fuzz"))]
pub use laws::content_emulator;
