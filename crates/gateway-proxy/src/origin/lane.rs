//! A session's place on an origin connection that others use too: one exchange at a time.
//!
//! The connection itself is a [`Shared`](crate::Shared), which a driver of its own runs; what the
//! two say to each other goes through the drivers as messages.

use std::collections::VecDeque;

use gateway_h1h2::{CodecError, Event, ResetReason, SendError, StreamId};

/// What a session says to a connection that it shares.
#[derive(Debug)]
#[non_exhaustive]
pub enum LaneInput {
    /// A step of the request; a head begins an exchange.
    Event(Event),
    /// So many more body bytes of the response may come.
    Credit(u64),
}

/// What a connection says to a session that shares it.
#[derive(Debug)]
#[non_exhaustive]
pub enum LaneReport {
    /// A step of the response.
    Event(Event),
    /// The origin sent something that is refused; the exchange has ended.
    Fault(CodecError),
    /// So many body bytes of the request have left.
    Taken(u64),
    /// The connection carries no more than what is in progress.
    Closed,
}

/// Body bytes of a request on their way to the connection, beyond which the client is not read.
const PENDING_BYTES_MAX: u64 = 64 << 10;

/// The session's side. Its methods are those of [`Codec`](gateway_h1h2::Codec), as far as they make
/// sense for one exchange at a time.
#[derive(Debug, Default)]
pub(super) struct Lane {
    opened: u64,
    current: Option<Current>,
    reports: VecDeque<(StreamId, Result<Event, CodecError>)>,
    out: VecDeque<(StreamId, LaneInput)>,
    closed: bool,
}

/// The exchange in progress.
#[derive(Debug)]
struct Current {
    stream: StreamId,
    /// Body bytes of the request that have not left.
    pending: u64,
    asked: bool,
    answered: bool,
}

impl Lane {
    pub(super) const fn is_idle(&self) -> bool {
        self.current.is_none()
    }

    pub(super) const fn can_open(&self) -> bool {
        self.current.is_none() && !self.closed
    }

    /// Whether it must be let go.
    pub(super) fn is_over(&self) -> bool {
        self.closed && self.current.is_none() && self.reports.is_empty()
    }

    pub(super) fn has_room(&self, stream: StreamId) -> bool {
        self.current
            .as_ref()
            .is_none_or(|current| current.stream != stream || current.pending < PENDING_BYTES_MAX)
    }

    /// Body bytes of `stream` that have not left.
    pub(super) fn pending(&self, stream: StreamId) -> usize {
        let current = self.current.as_ref().filter(|current| current.stream == stream);
        current.map_or(0, |current| usize::try_from(current.pending).unwrap_or(usize::MAX))
    }

    pub(super) const fn open(&mut self) -> StreamId {
        self.opened += 1;
        StreamId::new(self.opened - 1)
    }

    pub(super) fn send(&mut self, stream: StreamId, event: Event) -> Result<(), SendError> {
        if matches!(event, Event::RequestHead(_)) {
            if !self.can_open() {
                return Err(SendError::Closed);
            }
            let current = Current { stream, pending: 0, asked: false, answered: false };
            self.current = Some(current);
        }
        let current = self.current.as_mut().filter(|current| current.stream == stream);
        let current =
            current.filter(|current| !current.asked).ok_or(SendError::Stream { stream })?;
        match &event {
            Event::Data(data) => current.pending += data.len() as u64,
            Event::End => current.asked = true,
            Event::Reset(_) => (current.asked, current.answered) = (true, true),
            _ => {}
        }
        self.out.push_back((stream, LaneInput::Event(event)));
        self.end();
        Ok(())
    }

    /// The exchange `stream` is nobody's any more.
    pub(super) fn give_up(&mut self, stream: StreamId) {
        if self.current.take_if(|current| current.stream == stream).is_some() {
            let cut = Event::Reset(ResetReason::Cancelled);
            self.out.push_back((stream, LaneInput::Event(cut)));
        }
    }

    pub(super) fn credit(&mut self, stream: StreamId, bytes: u64) {
        if self.current.as_ref().is_some_and(|c| c.stream == stream && !c.answered) {
            self.out.push_back((stream, LaneInput::Credit(bytes)));
        }
    }

    /// Takes what the connection says of `stream`.
    pub(super) fn receive(&mut self, stream: StreamId, report: LaneReport) {
        if matches!(report, LaneReport::Closed) {
            self.closed = true;
            return;
        }
        // What is said of an exchange that was given up comes too late.
        let Some(current) = self.current.as_mut().filter(|c| c.stream == stream) else { return };
        match report {
            LaneReport::Taken(bytes) => current.pending = current.pending.saturating_sub(bytes),
            LaneReport::Event(event) => {
                match &event {
                    Event::End => current.answered = true,
                    Event::Reset(_) | Event::Retry => {
                        (current.asked, current.answered) = (true, true);
                    }
                    _ => {}
                }
                self.reports.push_back((stream, Ok(event)));
            }
            LaneReport::Fault(error) => {
                (current.asked, current.answered) = (true, true);
                self.reports.push_back((stream, Err(error)));
            }
            LaneReport::Closed => {}
        }
        self.end();
    }

    fn end(&mut self) {
        if self.current.as_ref().is_some_and(|current| current.asked && current.answered) {
            self.current = None;
        }
    }

    pub(super) fn poll_event(&mut self) -> Option<(StreamId, Result<Event, CodecError>)> {
        self.reports.pop_front()
    }

    /// What the connection is to be told next.
    pub(super) fn poll_input(&mut self) -> Option<(StreamId, LaneInput)> {
        self.out.pop_front()
    }
}
