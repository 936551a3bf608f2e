//! Programs for Windows that were packed: what they unpack to in memory.

pub(crate) mod layout;
pub(crate) mod nrv;
pub(crate) mod upx;
