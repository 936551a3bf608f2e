//! Drives the machines: everything that moves bytes between a session and its sockets.
//!
//! It contains no decision about traffic: what to do comes from the session as outputs.

mod adaptations;
mod client_tls;
mod datagrams;
mod deferred;
mod joined;
mod lanes;
#[cfg(test)]
mod laws;
mod origins;
mod parting;
mod pipe;
mod records;
mod relay;
mod scans;
mod session;
mod shared;
mod socket;
mod stream;
mod unix;
mod wire;
mod woken;

pub(crate) use client_tls::{Minter, MinterError};
pub(crate) use pipe::Pipe;
pub(crate) use session::drive;
pub(crate) use shared::SharedOrigins;
pub(crate) use socket::Socket;
pub(crate) use stream::Stream;
pub(crate) use unix::Unix;
