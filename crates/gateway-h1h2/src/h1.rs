//! HTTP/1.1 for both roles: [`Connection`] and what it needs.

mod check;
mod chunked;
mod connection;
mod declare;
mod encode;
mod error;
mod head;
mod host;
mod input;
mod intake;
mod judge;
mod mend;
mod options;
mod output;
mod receive;
mod replay;
mod scan;
mod send;

pub use check::{Check, Checks, Counts, Severity, SeverityError};
pub use connection::{Close, Connection};
pub use error::{Blame, H1Error, SendError};
pub use options::{Limits, Options};
pub use replay::{Transcript, replay_requests, replay_responses};

#[cfg(test)]
mod tests;
