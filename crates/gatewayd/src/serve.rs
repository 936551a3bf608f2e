//! Listening: sockets, admission, the sessions' tasks, and stopping.

mod accept;
mod gateway;
mod live;

pub(crate) use accept::{Listeners, ServeError, Serving};
pub(crate) use gateway::{Gateway, GatewayError, Life, Shared};
pub(crate) use live::Live;
