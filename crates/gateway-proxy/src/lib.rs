//! The machines of a secure web gateway, without IO: sessions, transactions, origins, tunnels.
//!
//! * [`Session`] is one accepted connection: it peeks at what the client speaks, decides on
//!   tunnels, has TLS taken and minted for, and opens transactions.
//! * [`Transaction`] is one request and its response: it asks the rules at every gate, has bodies
//!   unpacked and inspected, holds what is undecided, and writes one record.
//! * [`Tunnel`] relays what follows HTTP.
//! * [`Policy`] is the snapshot that they run under.
//!
//! All machines have the same four groups of methods: getters; inputs (`handle(input, now)`);
//! commands, which are inputs too; and outputs (`poll`, until there is none). One mutation, then
//! drain. Time is an argument; there is no clock, no socket, no thread and no randomness here, so
//! the same inputs give the same outputs to the byte. What a driver has to do is the list of
//! variants of [`Output`], and what it can tell the list of variants of [`Input`].
//!
//! It knows no scanner: those are handed in as [`Scanner`]s.

mod body;
mod clock;
mod dial;
mod facts;
mod judge;
mod key;
mod limits;
mod origin;
mod policy;
mod reply;
mod rewrite;
mod session;
mod shadow;
/// One request and its response, for drivers of their own.
pub mod transaction;
mod tunnel;

pub use clock::Clock;
pub use dial::{Close, Dial, DialError, Dialed, OriginId, OriginTls, Reuse};
pub use key::{Alpn, OriginKey, Security, TenantId};
pub use limits::{Limits, ReplayLimits, Timeouts};
pub use policy::{AuthorityMismatch, Policy, Scanner, Settings, UnknownProtocol, WebSocketPolicy};
pub use session::{Accepted, ClientTls, ClientTlsDone, Input, Output, Session, Splice, Wire};
pub use transaction::Transaction;
pub use tunnel::Tunnel;
