//! One origin connection: its codec and what it is doing.

use bytes::Bytes;
use gateway_h1h2::{Event, ResetReason, StreamId, h1};

use crate::dial::{Close, Dialed, OriginId};
use crate::key::OriginKey;

/// An origin connection of a session. HTTP/1.1 carries one exchange at a time.
pub(crate) struct Origin {
    pub(crate) id: OriginId,
    pub(crate) key: OriginKey,
    state: State,
}

enum State {
    /// The driver is connecting for this stream of the client, if it still waits.
    Dialing(Option<StreamId>),
    /// Connected.
    Open(Box<Open>),
    /// Nothing more is read or written.
    Closed,
}

struct Open {
    codec: h1::Connection,
    dialed: Dialed,
    /// The exchange in progress: stream of the client, stream of this connection.
    exchange: Option<(StreamId, StreamId)>,
    failed: bool,
}

impl Origin {
    /// A connection that the driver was asked for.
    pub(crate) fn dialing(id: OriginId, key: OriginKey, stream: Option<StreamId>) -> Self {
        Self { id, key, state: State::Dialing(stream) }
    }

    // Getters.

    /// The stream that waits for the connection.
    pub(crate) fn waiting(&self) -> Option<StreamId> {
        match &self.state {
            State::Dialing(stream) => *stream,
            State::Open(_) | State::Closed => None,
        }
    }

    /// Whether it is connected and could carry an exchange now.
    pub(crate) fn is_idle(&self) -> bool {
        match &self.state {
            State::Open(open) => {
                open.exchange.is_none()
                    && !open.failed
                    && open.codec.is_idle()
                    && open.codec.wants_close().is_none()
            }
            State::Dialing(_) | State::Closed => false,
        }
    }

    /// Whether no exchange is in progress.
    pub(crate) fn is_unused(&self) -> bool {
        match &self.state {
            State::Open(open) => open.exchange.is_none(),
            State::Dialing(stream) => stream.is_none(),
            State::Closed => true,
        }
    }

    /// What the driver said of it, for the next exchange over it.
    pub(crate) fn dialed_again(&self) -> Option<Dialed> {
        match &self.state {
            State::Open(open) => Some(Dialed {
                reused: true,
                connect: std::time::Duration::ZERO,
                ..open.dialed.clone()
            }),
            State::Dialing(_) | State::Closed => None,
        }
    }

    /// Whether bytes should be read from it.
    pub(crate) fn wants_input(&self) -> bool {
        match &self.state {
            // An idle connection is read so that its end shows.
            State::Open(open) => !open.failed && open.codec.wants_input(),
            State::Dialing(_) | State::Closed => false,
        }
    }

    /// Whether it must be closed: it failed, was cut, or the origin will take no more.
    pub(crate) fn must_close(&self) -> Option<Close> {
        match &self.state {
            State::Open(open) if open.failed => Some(Close::Abort),
            State::Open(open) => open.codec.wants_close().map(Into::into),
            State::Dialing(_) | State::Closed => None,
        }
    }

    // What comes from outside.

    /// The driver has connected it. Gives the stream that waits.
    pub(crate) fn opened(&mut self, dialed: Dialed, options: h1::Options) -> Option<StreamId> {
        let waiting = self.waiting();
        let codec = h1::Connection::client(options);
        self.state = State::Open(Box::new(Open { codec, dialed, exchange: None, failed: false }));
        waiting
    }

    /// Bytes have come; `None` stands for their end.
    pub(crate) fn receive(&mut self, bytes: Option<Bytes>) {
        if let State::Open(open) = &mut self.state {
            match bytes {
                Some(bytes) => open.codec.receive(bytes),
                None => open.codec.receive_eof(),
            }
        }
    }

    /// The stream that waited does no more.
    pub(crate) fn forget(&mut self, stream: StreamId) {
        match &mut self.state {
            State::Dialing(waiting) if *waiting == Some(stream) => *waiting = None,
            State::Open(open) if open.exchange.is_some_and(|(client, _)| client == stream) => {
                open.exchange = None;
            }
            State::Dialing(_) | State::Open(_) | State::Closed => {}
        }
    }

    // Commands.

    /// Sends an event of the exchange of the client's `stream`.
    pub(crate) fn send(&mut self, stream: StreamId, event: Event) {
        let State::Open(open) = &mut self.state else { return };
        let own = match open.exchange {
            Some((client, own)) if client == stream => own,
            Some(_) => return,
            None => {
                let own = open.codec.open();
                open.exchange = Some((stream, own));
                own
            }
        };
        let is_cut = matches!(event, Event::Reset(_));
        // An origin that takes no more of a request says so in its answer, or by closing.
        if open.codec.send(own, event).is_err() && !is_cut {
            open.failed = true;
        }
    }

    /// Lets the origin send so many more body bytes.
    pub(crate) fn credit(&mut self, stream: StreamId, bytes: u64) {
        if let State::Open(open) = &mut self.state
            && let Some((client, own)) = open.exchange
            && client == stream
        {
            open.codec.credit(own, bytes);
        }
    }

    /// Nothing more is read or written. Gives what had come after an upgrade.
    pub(crate) fn close(&mut self) -> Bytes {
        match std::mem::replace(&mut self.state, State::Closed) {
            State::Open(open) => open.codec.into_unread(),
            State::Dialing(_) | State::Closed => Bytes::new(),
        }
    }

    // What goes out.

    /// The next event of the response in progress, with the stream of the client that it is for.
    pub(crate) fn poll_event(&mut self) -> Option<(StreamId, Event)> {
        let State::Open(open) = &mut self.state else { return None };
        loop {
            match open.codec.poll_event() {
                Ok(None) => return None,
                Ok(Some((own, event))) => match open.exchange {
                    Some((client, exchange)) if exchange == own => return Some((client, event)),
                    // Of an exchange that was given up.
                    Some(_) | None => {}
                },
                Err(_) if open.failed => return None,
                Err(_) => {
                    open.failed = true;
                    let (client, _) = open.exchange?;
                    return Some((client, Event::Reset(ResetReason::Truncated)));
                }
            }
        }
    }

    /// Moves what is to be written to the end of `out`.
    pub(crate) fn poll_output(&mut self, out: &mut Vec<Bytes>) -> usize {
        match &mut self.state {
            State::Open(open) => open.codec.poll_output(out),
            State::Dialing(_) | State::Closed => 0,
        }
    }
}
