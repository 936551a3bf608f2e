//! Documents: what word processors and the like put around their text and the files in it.

mod cfb;
pub(crate) mod compressed_rtf;
pub(crate) mod gathered;
pub(crate) mod hangul;
mod office;
pub(crate) mod ole1;
mod pdf;
pub(crate) mod rtf;
pub(crate) mod vba;

pub(crate) use office::{number, rk};
