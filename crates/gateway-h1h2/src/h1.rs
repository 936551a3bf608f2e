//! HTTP/1.1 for both roles (RFC 9112): [`Connection`] and what it needs.
//!
//! How it is built, from the wire up:
//!
//! * `input` holds the pieces received; `scan` finds the end of a head in them, whatever the
//!   pieces; `chunked` decodes bodies; `intake` is these three under one roof.
//! * `lines` reads a head of sound form in one pass over its bytes, by the classes of bytes in
//!   `fields::octets`; `head` makes a [`RequestHead`](crate::RequestHead) or
//!   [`ResponseHead`](crate::ResponseHead) of it: `declare` weighs the framing fields, `host`
//!   makes `Host` and target agree. What is of no sound form `mend` looks at line by line, to name
//!   the [`Check`] and to mend where the [`Checks`] allow it.
//! * `connection` is the surface, `state` where both directions are, `receive` what input does to it, `send` what
//!   commands do; `offer` is what a request asks to change to; `encode` and `output` write.
//!
//! # For the driver
//!
//! After an error on a server one response may be sent under [`H1Error::stream`]. When
//! [`Connection::wants_close`] says so, write all output first. Where it says
//! [`Close::Graceful`](crate::Close::Graceful), end the sending direction and read on for a short while: closing at once
//! with unread bytes makes many systems throw away the response that was just sent.

mod check;
mod chunked;
mod connection;
mod counts;
mod declare;
mod encode;
mod error;
mod head;
mod host;
mod input;
mod intake;
mod judge;
mod lines;
mod mend;
mod offer;
mod options;
mod output;
mod receive;
mod replay;
mod scan;
mod send;
mod state;

pub(crate) use head::is_forbidden_trailer;
pub(crate) use lines::{Look, alone};

pub use check::{Check, Checks, Severity, SeverityError};
pub use connection::Connection;
pub use counts::{Counts, Found};
pub use error::H1Error;
pub use options::{Limits, Options};
pub use replay::{Transcript, replay_requests, replay_responses};

#[cfg(test)]
mod tests;
