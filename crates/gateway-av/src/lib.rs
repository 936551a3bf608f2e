//! Streaming anti-virus: digest and body signatures over any chunking, and findings only.
//!
//! A [`DatabaseBuilder`] reads ClamAV signature files that its caller has loaded; what it builds,
//! an [`Av`], is immutable and shared. [`Av::examiners`] gives the examiners to be put into a
//! [`Chain`](gateway_inspect::Chain), where they look at every part of a body:
//!
//! | looks for | kept back until | reports |
//! |---|---|---|
//! | the EICAR test file, always in | it is no EICAR file any more | the 68 bytes |
//! | bodies (`.ndb`) | the earliest live candidate is decided | the bytes of the last sub-part |
//! | logical signatures (`.ldb`) | as for their bodies; the end, while the expression holds but need not in the end | the match with which it came to hold |
//! | digests (`.hdb`, `.hsb`) | the end, or no size can match any more | the part as a whole |
//! | logical signatures with regular expressions, offsets from sections of ELF programs or from version information | the end | the part as a whole |
//! | sections and imports of Windows programs (`.mdb`, `.msb`, `.imp`) | the last of them has passed | the part as a whole |
//! | members of containers (`.cdb`) | nothing; the end, where a size is asked for that is not declared | the part as a whole |
//!
//! Nothing is found in parts that `.fp` and `.sfp` files list; where a part may be one of them, by its
//! size, what is found waits for its end.
//!
//! # What clearance means for a body with a gap
//! The `*` of a body, and `{n-}`, is a gap without bound: were the bytes of the first sub-part
//! kept back until the last is found, no stream would ever flow. So a sub-part that has matched
//! is remembered, not held; the finding, and what is held for it, is the *last* sub-part, the one
//! after the last unbounded gap. Gaps with a bound, `{n-m}`, are held whole.
//!
//! # Work and memory
//! One pass for each width of literals that bodies are searched by, and one for each kind of
//! digest that can match; what a hit is compared with is bounded by [`DatabaseLimits`]. The bytes
//! are in the look-back of the chain; an inspector holds up to 1,024 segments that are under way,
//! and some bytes more for each signature with an unbounded gap or several members. At most 32 different signatures are reported of a part,
//! each once: the match that ends first.
//!
//! Signatures that can be judged at the end of a part only have a pass of their own, over parts that they
//! may be for. It keeps the bytes of a part, up to [`DatabaseLimits::whole_bytes_max`], where a regular
//! expression may have to be searched for in them; what is needed and was not kept is never clean.
//!
//! Signature files also come in [containers](container), whose [signatures](signed) are verified, and are
//! brought up to date by [scripts](update). What was loaded can be kept as an [image], which loads faster.
//! Where little of a database has changed, that alone can be [laid upon](Av::overlay) what stands, which is shared.
//!
//! [`Scope`] narrows what is looked at to what a preset says, and [`Outcomes`] says what becomes of what
//! a scan came to.
//!
//! With the feature `yara`, rules of YARA are looked for besides (module `yara`), part by part and each
//! as a whole.
//!
//! [`clamd`] speaks with a ClamAV daemon, without IO, for those who scan there instead or besides.
//!
//! This crate decides nothing, unpacks nothing and does no IO.
//!
//! ```
//! use gateway_av::DatabaseBuilder;
//! use gateway_inspect::{Chain, Findings, Limits, Part, PartKind, Wanted};
//!
//! let mut builder = DatabaseBuilder::default();
//! let error = builder.add_file("own.ndb", b"Own.Worm-1:0:*:776f7").unwrap_err();
//! assert!(error.to_string().starts_with("own.ndb:1:21: expected two hex digits"));
//! builder.add_file("own.ndb", b"Own.Worm-1:0:*:776f726d*6d6f{1-3}6521\n").unwrap();
//! let av = builder.build();
//!
//! let part = Part::root(PartKind::Text, None);
//! let mut chain = Chain::open(&av.examiners(), &part, &Wanted::all(), &Limits::default());
//! let mut found = Findings::new(0);
//! for chunk in ["a wo", "rm, mo", "r", "ee! "] {
//!     chain.push(chunk.as_bytes(), &mut found);
//! }
//! assert_eq!(&*found.as_slice()[0].entry.id, "Own.Worm-1");
//! ```

mod anchor;
mod assembly;
mod at_end;
mod av;
mod blocks;
mod bodies;
mod body_line;
mod body_scan;
mod body_set;
mod byte_compare;
mod compiled;
mod counting;
mod database;
mod digest_set;
mod digests;
mod eicar;
mod elf;
mod end_pass;
mod exempt;
mod expression;
mod file_types;
mod files;
mod flags;
mod follower;
mod follows;
mod found;
mod hash_line;
mod heads;
mod hex_body;
mod ignored_line;
mod imports;
mod index;
mod known;
mod layer;
mod layout;
mod line;
mod lines;
mod literal;
mod load_error;
mod logical;
mod logical_line;
mod mark;
mod mask;
mod member_line;
mod members;
mod names;
#[cfg(test)]
mod oracle;
mod ordinals;
mod outcomes;
mod overlay;
mod pass;
mod pe;
mod perl;
mod piece;
mod programs;
mod regex_member;
mod report;
mod resources;
mod rest;
mod scope;
mod segment;
mod tar;
mod target;
mod tier;

pub mod clamd;
pub mod container;
pub mod fuzzing;
pub mod image;
pub mod signed;
pub mod update;
#[cfg(feature = "yara")]
pub mod yara;

pub use av::{Av, SCANNER};
pub use database::{ContainerInPieces, DatabaseBuilder, DatabaseLimits, FileInPieces};
pub use eicar::eicar;
pub use load_error::{LineError, LoadError};
pub use outcomes::{Consequence, Outcomes, Seen, Verdict};
pub use overlay::{NotOverlaid, Overlay, Replaced};
pub use report::{Report, Unsupported};
pub use scope::{Criteria, Plan, Scope};
