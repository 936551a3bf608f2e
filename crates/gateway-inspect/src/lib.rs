//! The one streaming contract of the gateway: how content is looked at while it passes.
//!
//! An [`Examiner`] opens an [`Inspector`] for a [`Part`] of a body. The inspector is shown the
//! part once, [`Window`] by window, puts what it finds into [`Findings`] and says how far the
//! bytes are cleared: *no finding still to come starts before here*. A [`Chain`] drives all
//! inspectors of a part as one; a [`Tally`] counts what a whole body holds; a [`Hold`] keeps wire
//! bytes back until they are cleared and decided, and gives them out as the same
//! [`Bytes`](bytes::Bytes), uncopied.
//!
//! Finding is not deciding, and deciding is not releasing: no inspector says "block".
//!
//! This crate does not unpack, match or decide anything itself, does no IO and has no clock.
//!
//! ```
//! use std::sync::Arc;
//! use gateway_inspect::*;
//!
//! /// Finds the byte `!`.
//! struct Bangs(PartId, Arc<Entry>);
//!
//! impl Inspector for Bangs {
//!     fn reach(&self) -> Reach { Reach::Span { lookback: 0 } }
//!     fn memory_max(&self) -> usize { 0 }
//!     fn push(&mut self, window: Window<'_>, found: &mut Findings) -> Progress {
//!         for (i, _) in window.fresh().iter().enumerate().filter(|(_, b)| **b == b'!') {
//!             let at = window.fresh_at() + i;
//!             let span = Span::new(at, at + 1);
//!             found.push(Finding::content(self.1.clone(), self.0, span, Confidence::High));
//!         }
//!         Progress::More { clear_to: window.end() }
//!     }
//!     fn finish(&mut self, _: Window<'_>, _: &mut Findings) -> Outcome { Outcome::Clean }
//! }
//!
//! let entry = Entry { scanner: "demo", id: "bang".into(), name: "Bang".into(), profiles: vec![] };
//! let bangs = Box::new(Bangs(PartId::ROOT, Arc::new(entry)));
//! let mut chain = Chain::new([bangs as Box<dyn Inspector>], &Limits::default());
//! let mut found = Findings::new(10);
//! assert_eq!(chain.push(b"stop!", &mut found).span, Offset::new(5));
//! assert_eq!(found.as_slice()[0].place.start(), Some(Offset::new(4)));
//! ```

mod chain;
#[cfg(feature = "conformance")]
pub mod conformance;
mod finding;
mod findings;
mod hold;
mod inspector;
mod limits;
mod mask;
mod offset;
mod part;
mod quote;
mod sensitive;
mod tally;
mod unscannable;
mod wanted;
mod window;

pub use chain::{Chain, ChainOutcome, Clearance};
pub use finding::{Confidence, Entry, Finding, HoldFrom, Place, Profile};
pub use findings::{Beyond, Findings};
pub use hold::{Hold, HoldPolicy, Permit, overwrite};
pub use inspector::{Examiner, Inspector, Outcome, Progress, Reach};
pub use limits::Limits;
pub use mask::Mask;
pub use offset::{Offset, Span};
pub use part::{Container, Containers, Part, PartId, PartKind};
pub use quote::{Quote, QuoteLimits, Quotes, Quoting, Shown};
pub use sensitive::Sensitive;
pub use tally::Tally;
pub use unscannable::Unscannable;
pub use wanted::Wanted;
pub use window::Window;
