//! The admin API and page of a gateway: an HTTP service on a unix socket or on loopback.
//!
//! What it shows and changes belongs to the program around it, which hands it in as [`Parts`]:
//! a [`PolicyStore`], a [`RecordStore`], a [`Health`] and the [`Feed`] of live records. This crate
//! listens, lets in ([`Token`], host check, limits), speaks HTTP and JSON, keeps the versions of
//! the policy, and answers `why`. It handles no traffic and decides nothing.
//!
//! ```
//! use gateway_admin::Feed;
//! use gateway_log::{Record, RecordKind};
//!
//! // Where nobody listens, a record costs one look at a number.
//! let feed = Feed::default();
//! feed.offer(&Record::new(RecordKind::Http));
//! let mut listener = feed.subscribe().unwrap();
//! feed.offer(&Record::new(RecordKind::Http));
//! assert!(listener.try_next().is_some() && listener.try_next().is_none());
//! ```

mod api;
mod candidate;
mod feed;
mod gateway;
mod guard;
mod history;
mod import;
mod list_text;
mod listen;
mod page;
mod problem;
mod rewrite;
mod rule_headers;
mod rule_json;
mod rule_table;
mod rule_text;
#[cfg(test)]
mod scratch;
mod serve;
mod texts;
mod token;
mod why;

pub use feed::{Feed, Subscription};
pub use gateway::{
    Attempt, Diagnostic, Dimension, Found, Health, Hits, Installed, Parts, Point, PolicyStore,
    Question, RecordError, RecordStore, Reloads, Severity, SinkStatus, Span, Status, Sum,
};
pub use import::{Fate, ImportError, Imported, Left, import};
pub use listen::{BindError, Door, Doors};
pub use rewrite::{RewriteError, rewrite_rules};
pub use serve::{Admin, Limits};
pub use token::{Token, TokenError};
