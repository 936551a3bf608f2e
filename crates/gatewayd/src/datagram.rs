//! Datagrams: the sockets around associations, for clients of SOCKS, for those that ask
//! for a relay over HTTP, and for those that the network leads here. What becomes of a datagram is the association's business.

mod capsules;
mod reply;
mod run;
mod socks;
mod tproxy;

pub(crate) use capsules::relay_capsules;
pub(crate) use reply::transparent;
pub(crate) use socks::{Associated, associate};
pub(crate) use tproxy::TproxyListener;

/// The longest datagram that there is.
const DATAGRAM_BYTES_MAX: usize = 65_535;
