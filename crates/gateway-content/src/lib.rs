//! Streaming content decoding and unpacking: a body becomes a tree of parts, and a fresh
//! [`Chain`](gateway_inspect::Chain) of inspectors looks at each once, whoever asked.
//!
//! An [`Unpacker`] takes the wire bytes of one body, takes off its content-codings (gzip, deflate, br, zstd)
//! and tells by the first bytes what it is ([`sniff`]). Archives, compressed files, mail and forms
//! are opened as they stream, a ZIP archive also inside or behind a file of another kind; documents
//! and archives whose index comes last, when all of them is there. Members are parts of their own,
//! named `zip:a.zip/zip:b.txt`, and the container is a part as well. A text in HTML, with escapes or
//! in another charset is shown once more in plain form, as a [view](gateway_inspect::Part::view);
//! what it encodes in base64, hex digits and the like is unpacked too. Findings come with the wire
//! position from which on bytes must stay ([`Report::wire_start`]), and
//! [`Unpacker::clearance`] says how far the wire is cleared.
//!
//! No limit and no error means "clean": what cannot be unpacked is the
//! [`Unscannable`](gateway_inspect::Unscannable) reason of a part. Whoever wants to hide something
//! makes readers disagree, so an archive whose directory differs from what streamed by is a
//! contradiction.
//!
//! This crate finds and decides nothing, holds and releases no bytes, does no IO and has no clock.
//! `docs/content.md` lists what is opened.
//!
//! ```
//! use std::sync::Arc;
//! use bytes::Bytes;
//! use gateway_content::*;
//! use gateway_inspect::{Examiner, Wanted};
//!
//! let codings = Coding::parse_list(b"identity").unwrap();
//! let info = BodyInfo::new(codings, None);
//! let examiners: Arc<[Arc<dyn Examiner>]> = Arc::new([]); // here: only what the parts are
//! let wanted = Wanted::from_iter([Unpacker::SCANNER]);
//! let limits = (&Limits::default(), &gateway_inspect::Limits::default());
//! let mut unpacker = Unpacker::new(examiners, wanted, &info, limits.0, limits.1);
//!
//! unpacker.push(Bytes::from_static(b"\x1f\x8b\x08\0\0\0\0\0\0\xff\xcb\xc8\xe4\x02\0"));
//! unpacker.push(Bytes::from_static(b"\x7a\x7a\x6f\xed\x03\0\0\0"));
//! unpacker.end();
//! let mut ends = Vec::new();
//! while unpacker.step(Budget::default()) != Step::Done {
//!     ends.extend(unpacker.parts()); // and `reports()`, `clearance()`
//! }
//! ends.extend(unpacker.parts());
//! let names = ends.iter().filter_map(|event| match event {
//!     PartEvent::Ended(end) => Some((end.part.name.as_str(), end.part.kind.name(), end.bytes)),
//!     _ => None,
//! });
//! assert_eq!(names.collect::<Vec<_>>(), [("gz:", "text", 3), ("", "gz", 23)]);
//! ```

mod allowance;
mod anchor;
mod archive;
#[cfg(test)]
mod behind;
mod body;
mod budget;
mod coding;
#[cfg(test)]
mod containers;
#[cfg(test)]
mod crafted;
mod declared;
#[cfg(any(test, feature = "fuzz"))]
mod decoder_laws;
#[cfg(test)]
mod disks;
mod document;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod floods;
#[cfg(any(test, feature = "fuzz"))]
mod format_laws;
mod inbox;
#[cfg(any(test, feature = "fuzz"))]
mod laws;
mod level;
mod limits;
mod mail;
#[cfg(test)]
mod nestings;
#[cfg(test)]
mod packed;
mod program;
mod report;
#[cfg(test)]
mod smuggled;
mod sniff;
#[cfg(test)]
mod solid;
mod text;
mod trace;
mod unpack;

pub use body::BodyInfo;
pub use budget::{Budget, Step};
pub use coding::{Coding, UnknownCoding};
#[cfg(any(test, feature = "fuzz"))]
pub use decoder_laws::{CONTENT_DECODERS, content_decoder, content_decoders};
#[cfg(any(test, feature = "fuzz"))]
pub use format_laws::{content_format, content_formats};
#[cfg(any(test, feature = "fuzz"))]
pub use laws::content_tree;
pub use limits::Limits;
#[cfg(any(test, feature = "fuzz"))]
pub use program::content_emulator;
pub use report::{PartEnd, PartEvent, Report};
pub use sniff::{Ended, SNIFF_BYTES_MAX, Sniff, sniff};
pub use unpack::Unpacker;
