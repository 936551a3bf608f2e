//! HTTP/2 for both roles (RFC 9113): [`Connection`] and what it needs.

mod budget;
mod connection;
mod drive;
mod engine;
mod error;
mod fault;
mod frame;
mod options;
mod pipe;
mod purse;
mod ready;
mod receive_head;
mod replay;
mod send;
mod send_head;
mod stream;
mod streams;
mod tap;

pub use budget::Budgets;
pub use connection::Connection;
pub use error::H2Error;
pub use fault::Fault;
pub use options::{Limits, Options};
pub use replay::{Answer, Transcript, replay_requests, replay_responses};

#[cfg(test)]
mod tests;
