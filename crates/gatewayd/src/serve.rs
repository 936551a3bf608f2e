//! Listening: sockets, admission, the sessions' tasks, and stopping.

mod accept;
mod admission;
mod crew;
mod gateway;
mod listeners;
mod live;
mod outlet;
mod settings;

pub(crate) use accept::Serving;
pub(crate) use admission::Place;
pub(crate) use crew::Crew;
pub(crate) use gateway::{Gateway, GatewayError, Life, Shared};
pub(crate) use listeners::{Listeners, ServeError};
pub(crate) use live::Live;
pub(crate) use outlet::Outlet;
