//! What carries the exchanges of an origin connection: a codec of its own, or a place on a connection
//! that others use too.

use bytes::Bytes;
use gateway_h1h2::h1::{Checks, Found};
use gateway_h1h2::{Codec, CodecError, Event, Scope, SendError, StreamId, Version};

use super::lane::Lane;
use crate::dial::{Close, Resting};

/// Its methods are those of [`Codec`].
pub(super) enum Link {
    Codec(Box<Codec>),
    Lane(Lane),
}

impl Link {
    pub(super) fn version(&self) -> Version {
        match self {
            Self::Codec(codec) => codec.version(),
            Self::Lane(_) => Version::Http2,
        }
    }

    /// Whether more than one exchange can be in progress.
    pub(super) fn multiplexes(&self) -> bool {
        matches!(self, Self::Codec(codec) if codec.version() == Version::Http2)
    }

    pub(super) fn is_idle(&self) -> bool {
        match self {
            Self::Codec(codec) => codec.is_idle(),
            Self::Lane(lane) => lane.is_idle(),
        }
    }

    pub(super) fn can_open(&self) -> bool {
        match self {
            Self::Codec(codec) => codec.can_open(),
            Self::Lane(lane) => lane.can_open(),
        }
    }

    pub(super) fn wants_close(&self) -> Option<Close> {
        match self {
            Self::Codec(codec) => codec.wants_close().map(Into::into),
            Self::Lane(lane) => lane.is_over().then_some(Close::Graceful),
        }
    }

    /// Whether bytes should be read; those of a shared connection are read by others.
    pub(super) fn wants_input(&self) -> bool {
        match self {
            Self::Codec(codec) => codec.wants_input(),
            Self::Lane(_) => false,
        }
    }

    /// Whether `stream` can be given more body bytes before what it was given has left.
    pub(super) fn has_room(&self, stream: StreamId) -> bool {
        match self {
            Self::Codec(codec) => super::has_room(codec, stream),
            Self::Lane(lane) => lane.has_room(stream),
        }
    }

    /// Body bytes of `stream` that were sent and have not left.
    pub(super) fn pending(&self, stream: StreamId) -> usize {
        match self {
            Self::Codec(codec) => codec.pending(stream),
            Self::Lane(lane) => lane.pending(stream),
        }
    }

    pub(super) fn advance(&mut self, elapsed_ms: u64) {
        match self {
            Self::Codec(codec) => codec.advance(elapsed_ms),
            Self::Lane(_) => {}
        }
    }

    /// Takes bytes; `None` stands for their end.
    pub(super) fn receive(&mut self, bytes: Option<Bytes>) {
        match (self, bytes) {
            (Self::Codec(codec), Some(bytes)) => codec.receive(bytes),
            (Self::Codec(codec), None) => codec.receive_eof(),
            (Self::Lane(_), _) => {}
        }
    }

    pub(super) fn set_checks(&mut self, checks: Checks) {
        match self {
            Self::Codec(codec) => codec.set_checks(checks),
            Self::Lane(_) => {}
        }
    }

    /// What checks have found since this was last asked for, and those checks.
    pub(super) fn take_found(&mut self) -> Option<(Found, Checks)> {
        let Self::Codec(codec) = self else { return None };
        let found = codec.take_found();
        if found.is_empty() {
            return None;
        }
        codec.checks().map(|checks| (found, checks.clone()))
    }

    pub(super) fn open(&mut self) -> StreamId {
        match self {
            Self::Codec(codec) => codec.open(),
            Self::Lane(lane) => lane.open(),
        }
    }

    pub(super) fn send(&mut self, stream: StreamId, event: Event) -> Result<(), SendError> {
        match self {
            Self::Codec(codec) => codec.send(stream, event),
            Self::Lane(lane) => lane.send(stream, event),
        }
    }

    /// The exchange `stream` is nobody's any more.
    pub(super) fn give_up(&mut self, stream: StreamId) {
        match self {
            // What the codec still says of it is dropped.
            Self::Codec(_) => {}
            Self::Lane(lane) => lane.give_up(stream),
        }
    }

    pub(super) fn credit(&mut self, stream: StreamId, bytes: u64) {
        match self {
            Self::Codec(codec) => codec.credit(stream, bytes),
            Self::Lane(lane) => lane.credit(stream, bytes),
        }
    }

    /// The next event, or what the origin did wrong and what is at an end by it.
    pub(super) fn poll_event(&mut self) -> Result<Option<(StreamId, Event)>, (CodecError, Scope)> {
        match self {
            Self::Codec(codec) => codec.poll_event().map_err(|error| (error, error.scope())),
            Self::Lane(lane) => match lane.poll_event() {
                None => Ok(None),
                Some((stream, Ok(event))) => Ok(Some((stream, event))),
                Some((stream, Err(error))) => Err((error, Scope::Stream(stream))),
            },
        }
    }

    pub(super) fn poll_output(&mut self, out: &mut Vec<Bytes>) -> usize {
        match self {
            Self::Codec(codec) => codec.poll_output(out),
            Self::Lane(_) => 0,
        }
    }

    /// What it must not lose in the pool.
    pub(super) fn into_resting(self) -> Option<Resting> {
        match self {
            Self::Codec(codec) if codec.version() == Version::Http2 => Some(Resting(codec)),
            Self::Codec(_) | Self::Lane(_) => None,
        }
    }

    pub(super) fn into_unread(self) -> Bytes {
        match self {
            Self::Codec(codec) => codec.into_unread(),
            Self::Lane(_) => Bytes::new(),
        }
    }
}
