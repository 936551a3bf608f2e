//! The side of the origins: names, addresses, connections, TLS, and the idle ones.

mod dial;
mod pool;
mod resolve;
mod tls;

pub(crate) use dial::{Dialer, Ready};
pub(crate) use pool::{Parked, Pool};
pub(crate) use resolve::Resolver;
pub(crate) use tls::{OriginConnector, TrustError, cipher, version};
