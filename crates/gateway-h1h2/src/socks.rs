//! SOCKS for the server's role, version 5 (RFC 1928), 4 and 4a: the talk before a relay, and the
//! header of relayed datagrams. It connects nothing and relays nothing.

mod address;
mod datagram;
mod message;
mod server;
mod version4;

pub use address::{Destination, Host, HostError};
pub use datagram::{DatagramError, decode_datagram, encode_datagram};
pub use message::{Auth, Command, Event, Reply, Request, SocksError};
pub use server::Server;

/// The version byte that opens every message of a SOCKS 5 client.
pub const VERSION: u8 = 5;

/// The version byte that opens the request of a SOCKS 4 client.
pub const VERSION_4: u8 = version4::VERSION;
