//! SOCKS version 5 (RFC 1928) for the server's role: the talk before a relay, and the header of
//! relayed datagrams. It connects nothing and relays nothing.

mod address;
mod datagram;
mod server;

pub use address::{Destination, Host, HostError};
pub use datagram::{DatagramError, decode_datagram, encode_datagram};
pub use server::{Auth, Command, Event, Reply, Request, Server, SocksError};

/// The version byte that opens every message of a SOCKS 5 client.
pub const VERSION: u8 = 5;
