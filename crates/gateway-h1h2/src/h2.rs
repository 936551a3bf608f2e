//! HTTP/2 for both roles (RFC 9113): [`Connection`] and what it needs.

mod budget;
mod connection;
mod error;
mod fault;
mod options;

pub use budget::Budgets;
pub use connection::Connection;
pub use error::H2Error;
pub use fault::Fault;
pub use options::{Limits, Options};
