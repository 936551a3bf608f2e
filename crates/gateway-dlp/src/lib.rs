//! Streaming data loss prevention: finds card numbers, keys, tokens, words and patterns in bodies
//! while they pass.
//!
//! A [`DlpBuilder`] takes profiles, each a group of entries: predefined [`detectors`], regular
//! expressions ([`RegexEntry`]), word lists ([`WordsEntry`]), paths ([`PathEntry`]) and the cells of
//! tables ([`DatasetEntry`]), documents ([`FingerprintEntry`]) and source code ([`SourceKind`]). What a match must fulfil besides are its [`Conditions`], what a profile
//! makes of findings its [`Precision`]. It builds a [`Dlp`], an immutable
//! [`Examiner`](gateway_inspect::Examiner) that is shared by all streams. Its inspectors find the
//! same in any chunking, byte for byte; they clear everything up to the earliest candidate that is
//! still open, so a short event without one passes at once while the first nine digits of a card
//! number stay. Memory and work are bounded for any content: see [`Limits`].
//!
//! The scanner name of its findings is [`SCANNER`]; an inspector is opened only where a profile is
//! wanted, by `dlp.` and its id or with all of `dlp`.
//!
//! This crate does not unpack content, decide about findings or show what it matched. The feature
//! `oracle` adds a slow search of whole buffers to test against.
//!
//! ```
//! use gateway_dlp::{Dlp, DlpBuilder, Limits, ProfileConfig, RegexEntry};
//! use gateway_inspect::{Chain, Examiner, Findings, Offset, Part, PartKind, Place, Wanted};
//!
//! let ticket = RegexEntry::new("ticket", "Ticket number", r"\bTCK-[0-9]+\b");
//! let profile = ProfileConfig::new("internal", ["payment_card", "ticket"]);
//! let dlp: Dlp = DlpBuilder::new().regex(ticket).profile(profile).build(&Limits::default())?;
//!
//! let part = Part::root(PartKind::Text, None);
//! let inspector = dlp.open(&part, &Wanted::from_iter(["dlp.internal"])).unwrap();
//! let mut chain = Chain::new([inspector], &Default::default());
//! let mut found = Findings::new(100);
//! assert_eq!(chain.push(b"no candidate", &mut found).span, Offset::new(12));
//! assert_eq!(chain.push(b", but 4111 1111 ", &mut found).span, Offset::new(18));
//! assert_eq!(chain.push(b"1111 1111!", &mut found).span, Offset::new(38));
//! let Place::Content { span, .. } = found.as_slice()[0].place else { unreachable!() };
//! assert_eq!((span.start, span.end), (Offset::new(18), Offset::new(37)));
//! # Ok::<(), gateway_dlp::BuildError>(())
//! ```

mod anchor;
mod automaton;
mod builder;
mod bytes;
mod candidate;
mod compiled;
mod conditions;
mod config;
pub mod dataset;
mod detectors;
mod digested;
mod dlp;
mod engine;
mod error;
mod evidence;
pub mod fingerprint;
mod frequency;
mod fringe;
mod heads;
mod inspector;
mod jumps;
mod lane;
#[cfg(test)]
mod laws;
mod leads;
mod limits;
mod literals;
mod look;
mod machine;
mod matcher;
mod notice;
#[cfg(any(test, feature = "oracle"))]
pub mod oracle;
mod pattern;
mod plan;
mod precision;
mod preview;
mod program;
mod reel;
#[cfg(feature = "rule-files")]
pub mod rule_file;
mod runner;
mod sample;
#[cfg(test)]
mod scan;
mod sieve;
mod signs;
mod source;
mod spotter;
mod steps;
mod streaks;
mod suggest;
mod table;
mod takers;
mod tokens;
mod trie;
mod validate;
mod walk;
mod words;
#[cfg(test)]
mod work;

pub use builder::DlpBuilder;
pub use conditions::{
    Allowance, Characters, Conditions, Join, Required, Secret, Target, Visibility,
};
pub use config::{
    Bounds, Case, DatasetEntry, FingerprintEntry, PathEntry, ProfileConfig, RegexEntry, WordsEntry,
};
pub use detectors::{
    Category, Detector, Example, PredefinedProfile, detectors, predefined_profiles,
};
pub use dlp::{Dlp, SCANNER};
pub use error::BuildError;
pub use evidence::Evidence;
pub use limits::Limits;
pub use precision::{Adjustment, Change, Exclusion, Instances, Precision, Proximity};
pub use source::SourceKind;
