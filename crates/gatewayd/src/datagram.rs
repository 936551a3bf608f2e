//! Datagrams: the sockets around associations, for clients of SOCKS and for those that the network
//! leads here. What becomes of a datagram is the association's business.

mod reply;
mod run;
mod socks;
mod tproxy;

pub(crate) use reply::transparent;
pub(crate) use socks::{Associated, associate};
pub(crate) use tproxy::TproxyListener;

/// The longest datagram that there is.
const DATAGRAM_BYTES_MAX: usize = 65_535;
