//! Streaming content decoding and unpacking: a body becomes a tree of parts, each inspected once.

mod anchor;
mod archive;
mod body;
mod budget;
mod coding;
#[cfg(test)]
mod fixture;
mod inbox;
#[cfg(any(test, feature = "fuzz"))]
mod laws;
mod level;
mod limits;
mod report;
mod sniff;
mod unpack;

pub use body::BodyInfo;
pub use budget::{Budget, Step};
pub use coding::{Coding, UnknownCoding};
#[cfg(any(test, feature = "fuzz"))]
pub use laws::content_tree;
pub use limits::Limits;
pub use report::{PartEnd, PartEvent, Report};
pub use sniff::{Ended, SNIFF_BYTES_MAX, Sniff, sniff};
pub use unpack::Unpacker;
