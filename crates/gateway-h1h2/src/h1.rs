//! HTTP/1.1 for both roles: [`Connection`] and what it needs.

mod check;
mod connection;
mod error;
mod options;

pub use check::{Check, Checks, Counts, Severity, SeverityError};
pub use connection::{Close, Connection};
pub use error::{Blame, H1Error, SendError};
pub use options::{Limits, Options};
