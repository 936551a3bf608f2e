//! Listening: sockets, admission, the sessions' tasks, and stopping.

mod accept;
mod gateway;

pub(crate) use accept::{Listeners, Speaks};
pub(crate) use gateway::{Gateway, Life};
