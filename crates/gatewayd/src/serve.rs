//! Listening: sockets, admission, the sessions' tasks, and stopping.

mod accept;
mod admission;
mod gateway;
mod listeners;

pub(crate) use admission::{Admission, Place};
pub(crate) use gateway::{Gateway, Life};
pub(crate) use listeners::Listeners;
