//! The TLS knowledge of an intercepting gateway, without a TLS stack: who a client wants to reach,
//! and certificates that let the gateway answer in that name.
//!
//! * [`ClientHelloPeek`] reads the first message of a connection without consuming it and decides
//!   only on the whole of it, however it is split into segments and TLS records.
//! * [`QuicHelloPeek`] and [`DtlsHelloPeek`] do the same for the datagrams of QUIC and DTLS; QUIC's
//!   are opened with the keys that are derived from what is on the wire.
//! * [`Authority`] is a certificate authority that mints one leaf per [`LeafRequest`], mirroring
//!   the names of the origin's certificate; [`LeafCache`] keeps what was minted.
//!
//! Handshakes, verification of origins and all IO are the caller's. Time and random bytes are
//! arguments; the one exception is the signature on a certificate, for which the cryptographic
//! library draws its own nonce.
//!
//! ```
//! use gateway_tls::{Authority, AuthorityRequest, LeafRequest, SigningKey};
//!
//! // Where the gateway lives, these bytes come from the operating system.
//! let ca_key = SigningKey::from_random_bytes(&[7; 32])?;
//! let leaf_key = SigningKey::from_random_bytes(&[9; 32])?;
//! let (ca_serial, serial) = ([1; 16], [2; 16]);
//! let now_unix_s = 1_750_000_000;
//!
//! let common_name = "Example Gateway CA";
//! let request =
//!     AuthorityRequest { common_name, now_unix_s, validity_days: 365, serial: ca_serial };
//! let authority = Authority::create(&request, ca_key)?;
//!
//! let request = LeafRequest { host: "www.example.com", origin: None, now_unix_s, serial };
//! let leaf = authority.mint(&request, &leaf_key)?;
//! assert_eq!(leaf.names, ["www.example.com"]);
//! assert_eq!(leaf.chain.len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod assembly;
mod authority;
mod cache;
mod certificate;
mod der;
mod dtls;
mod hello;
mod host;
mod ja4;
mod key;
mod leaf;
mod peek;
mod pem;
mod quic;
#[cfg(test)]
mod sample;

pub use authority::{Authority, AuthorityError, AuthorityRequest};
pub use cache::{CacheLimits, LeafCache, LeafKey};
pub use dtls::{DtlsHelloPeek, DtlsPeek};
pub use hello::{ClientHello, HelloPart};
pub use host::HostError;
pub use key::{KeyError, SigningKey};
pub use leaf::{LeafRequest, MintError, MintedLeaf};
pub use peek::{ClientHelloPeek, HelloError, Peek, PeekLimits};
pub use quic::{QuicError, QuicHelloPeek, QuicLimits, QuicPeek};
