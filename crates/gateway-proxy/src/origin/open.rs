//! A connected origin: the exchanges in progress on it, and what it is promised for.

use gateway_h1h2::h1::Checks;
use gateway_h1h2::{CodecError, Event, ResetReason, Scope, StreamId, Version};

use super::link::Link;
use crate::dial::{Close, Dialed};
use crate::strictness::Relaxed;

/// A connected origin.
pub(super) struct Open {
    pub(super) link: Link,
    pub(super) dialed: Dialed,
    /// The exchanges in progress: stream of the client, stream of this connection.
    exchanges: Vec<(StreamId, StreamId)>,
    /// Streams of the client whose requests were promised this connection and still wait.
    promised: Vec<StreamId>,
    /// What is still to be told of exchanges that could not go on.
    lost: Vec<(StreamId, Event)>,
    /// Nothing more can be sent or read.
    failed: bool,
    /// Rules have changed the checks.
    relaxed: bool,
}

impl Open {
    /// Connected as `dialed` says, and nothing in progress.
    pub(super) const fn new(link: Link, dialed: Dialed) -> Self {
        Self {
            link,
            dialed,
            exchanges: Vec::new(),
            promised: Vec::new(),
            lost: Vec::new(),
            failed: false,
            relaxed: false,
        }
    }

    pub(super) fn own(&self, stream: StreamId) -> Option<StreamId> {
        self.exchanges.iter().find(|(client, _)| *client == stream).map(|(_, own)| *own)
    }

    fn client(&self, own: StreamId) -> Option<StreamId> {
        self.exchanges.iter().find(|(_, of)| *of == own).map(|(client, _)| *client)
    }

    pub(super) fn is_unused(&self) -> bool {
        self.exchanges.is_empty() && self.promised.is_empty()
    }

    /// Whether nothing is in progress on it, and something could be.
    pub(super) fn is_idle(&self) -> bool {
        self.is_unused() && !self.failed && self.link.is_idle() && self.link.wants_close().is_none()
    }

    /// Whether it could carry one more exchange now.
    pub(super) fn can_take(&self) -> bool {
        let is_free = self.link.multiplexes() || self.promised.is_empty();
        is_free && !self.failed && self.link.can_open() && self.link.wants_close().is_none()
    }

    /// Whether it must be closed.
    pub(super) fn must_close(&self) -> Option<Close> {
        if self.failed { Some(Close::Abort) } else { self.link.wants_close() }
    }

    /// Whether bytes should be read from it; an idle connection is read so that its end shows.
    pub(super) fn wants_input(&self) -> bool {
        !self.failed && self.link.wants_input()
    }

    /// The request of `stream` will come over this connection.
    pub(super) fn promise(&mut self, stream: StreamId) {
        self.promised.push(stream);
    }

    /// The stream that it was promised to, or that it served, does no more.
    pub(super) fn forget(&mut self, stream: StreamId) {
        if let Some(own) = self.own(stream) {
            self.link.give_up(own);
            self.exchanges.retain(|(client, _)| *client != stream);
        }
        self.promised.retain(|promised| *promised != stream);
    }

    /// Lets the checks be as `relaxed` has them for the response that comes next, or else as `usual`.
    pub(super) fn relax(&mut self, relaxed: &Relaxed, usual: &Checks) {
        if self.relaxed || !relaxed.is_empty() {
            self.relaxed = !relaxed.is_empty();
            self.link.set_checks(relaxed.over(usual));
        }
    }

    /// Sends an event of the exchange of the client's `stream`.
    pub(super) fn send(&mut self, stream: StreamId, event: Event) {
        let own = match self.own(stream) {
            Some(own) => own,
            // An exchange begins with its head.
            None if !matches!(event, Event::RequestHead(_)) => return,
            None => {
                let own = self.link.open();
                self.promised.retain(|promised| *promised != stream);
                self.exchanges.push((stream, own));
                own
            }
        };
        let is_head = matches!(event, Event::RequestHead(_));
        let is_cut = matches!(event, Event::Reset(_));
        if self.link.send(own, event).is_ok() || is_cut {
            return;
        }
        match self.link.version() {
            // An origin that takes no more of a request says so in its answer, or by closing.
            Version::Http10 | Version::Http11 => {
                self.failed = true;
                // It ended while the request waited: nobody has acted on it.
                if is_head {
                    self.lost.push((stream, Event::Retry));
                }
            }
            // The stream is refused before it began: nobody has acted on the request.
            _ if is_head => self.lost.push((stream, Event::Retry)),
            // It is over already, which the codec says too, or cannot go on as it was announced.
            _ => {
                let _ = self.link.send(own, Event::Reset(ResetReason::Cancelled));
            }
        }
    }

    /// The next event of a response in progress, with the stream of the client that it is for. What the
    /// origin did wrong goes to `fault`.
    pub(super) fn poll_event(
        &mut self,
        fault: &mut Option<CodecError>,
    ) -> Option<(StreamId, Event)> {
        if let Some(lost) = self.lost.pop() {
            return Some(lost);
        }
        loop {
            match self.link.poll_event() {
                Ok(None) => return None,
                Ok(Some((own, event))) => {
                    // What has no client any more is of an exchange that was given up.
                    if let Some(client) = self.client(own) {
                        return Some((client, event));
                    }
                }
                Err((error, scope)) => {
                    *fault = Some(error);
                    let client = match scope {
                        Scope::Stream(own) => self.client(own),
                        Scope::Connection => {
                            self.failed = true;
                            let (client, _) = self.exchanges.pop()?;
                            Some(client)
                        }
                    };
                    if let Some(client) = client {
                        return Some((client, Event::Reset(ResetReason::Truncated)));
                    }
                }
            }
        }
    }
}
