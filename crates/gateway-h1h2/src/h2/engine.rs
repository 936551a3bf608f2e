//! The engine: the `h2` crate, set up and polled by hand. Another frame layer would take the place
//! of this file, of `stream` and of what `receive_head` and `send_head` convert.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use h2::client::{self, SendRequest};
use h2::server::{self, SendResponse};
use h2::{Reason, RecvStream};
use http::Request;

use super::pipe::Pipe;
use super::{Fault, Options};

/// The largest window there is (RFC 9113 §6.9.1).
const WINDOW_BYTES_MAX: u32 = (1 << 31) - 1;
/// The largest window of one stream that can be asked for.
const CREDIT_BYTES_MAX: u32 = 16 << 20;
/// What a client assumes until the server has said how many streams it takes.
const STREAMS_ASSUMED: usize = 100;

pub(super) enum Engine {
    /// A server that waits for the preface.
    Greeting(server::Handshake<Pipe, Bytes>),
    Server(server::Connection<Pipe, Bytes>),
    Client {
        connection: client::Connection<Pipe, Bytes>,
        /// What opens streams; gone when no more may be opened.
        requests: Option<SendRequest<Bytes>>,
        /// How many streams the peer takes at a time. The engine learns it when it is polled, and
        /// asking it costs a lock.
        streams_max: usize,
    },
    Ended,
}

/// What polling came to.
#[expect(clippy::large_enum_variant, reason = "passed on at once, never stored")]
pub(super) enum Polled {
    /// A request has come.
    Accepted(Request<RecvStream>, SendResponse<Bytes>),
    /// The state changed: poll again.
    Again,
    /// Nothing until something is woken.
    Pending,
    /// The connection has ended in order.
    Closed,
    /// The peer broke the protocol, and has been told.
    Failed(Fault),
}

fn windows(options: &Options) -> (u32, u32) {
    let stream = options.credit_bytes.clamp(1, CREDIT_BYTES_MAX);
    let all = stream.saturating_mul(options.limits.streams_max.max(1));
    // The window of a connection cannot be made smaller than it is at first.
    (stream, all.clamp(65_535, WINDOW_BYTES_MAX))
}

impl Engine {
    pub(super) fn server(pipe: Pipe, options: &Options) -> Self {
        let (stream, all) = windows(options);
        let mut builder = server::Builder::new();
        builder
            .initial_window_size(stream)
            .initial_connection_window_size(all)
            .max_header_list_size(options.limits.header_list_bytes_max)
            .max_concurrent_streams(options.limits.streams_max)
            .reset_stream_duration(options.reset_memory);
        if options.extended_connect {
            builder.enable_connect_protocol();
        }
        Self::Greeting(builder.handshake(pipe))
    }

    pub(super) fn client(pipe: Pipe, options: &Options) -> Self {
        let (stream, all) = windows(options);
        let mut builder = client::Builder::new();
        builder
            .initial_window_size(stream)
            .initial_connection_window_size(all)
            .max_header_list_size(options.limits.header_list_bytes_max)
            .initial_max_send_streams(STREAMS_ASSUMED)
            .reset_stream_duration(options.reset_memory)
            .enable_push(false);
        let handshake = pin!(builder.handshake(pipe));
        // It writes the preface and waits for nothing.
        match handshake.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok((requests, connection))) => {
                let streams_max = requests.current_max_send_streams();
                Self::Client { connection, requests: Some(requests), streams_max }
            }
            Poll::Ready(Err(_)) | Poll::Pending => Self::Ended,
        }
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Polled {
        match self {
            Self::Greeting(handshake) => match Pin::new(handshake).poll(context) {
                Poll::Pending => Polled::Pending,
                Poll::Ready(Ok(connection)) => {
                    *self = Self::Server(connection);
                    Polled::Again
                }
                Poll::Ready(Err(error)) => self.end(&error, Fault::Preface),
            },
            Self::Server(connection) => match connection.poll_accept(context) {
                Poll::Pending => Polled::Pending,
                Poll::Ready(Some(Ok((request, respond)))) => Polled::Accepted(request, respond),
                Poll::Ready(None) => self.close(),
                Poll::Ready(Some(Err(error))) => self.end(&error, Fault::Protocol),
            },
            Self::Client { connection, requests, streams_max } => {
                let polled = Pin::new(connection).poll(context);
                if let Some(requests) = requests {
                    *streams_max = requests.current_max_send_streams();
                }
                match polled {
                    Poll::Pending => Polled::Pending,
                    Poll::Ready(Ok(())) => self.close(),
                    Poll::Ready(Err(error)) => self.end(&error, Fault::Protocol),
                }
            }
            Self::Ended => Polled::Pending,
        }
    }

    fn close(&mut self) -> Polled {
        *self = Self::Ended;
        Polled::Closed
    }

    fn end(&mut self, error: &h2::Error, otherwise: Fault) -> Polled {
        *self = Self::Ended;
        // What the peer says of us, and the end of its bytes, are no faults of its.
        if error.is_remote() || error.is_io() {
            return Polled::Closed;
        }
        Polled::Failed(error.reason().map_or(otherwise, |reason| match otherwise {
            Fault::Preface => Fault::Preface,
            _ => fault(reason),
        }))
    }

    /// Takes no new streams and closes when the last one has ended; false if that must wait for
    /// the greeting.
    pub(super) fn leave(&mut self) -> bool {
        match self {
            Self::Greeting(_) => return false,
            Self::Server(connection) => connection.graceful_shutdown(),
            Self::Client { requests, .. } => *requests = None,
            Self::Ended => {}
        }
        true
    }

    pub(super) fn is_ended(&self) -> bool {
        matches!(self, Self::Ended)
    }

    /// What opens streams, if they may be opened.
    pub(super) fn requests(&mut self) -> Option<&mut SendRequest<Bytes>> {
        match self {
            Self::Client { requests, .. } => requests.as_mut(),
            Self::Greeting(_) | Self::Server(_) | Self::Ended => None,
        }
    }

    /// How many streams the peer takes at a time.
    pub(super) fn streams_taken_by_peer(&self) -> usize {
        match self {
            Self::Client { requests: Some(_), streams_max, .. } => *streams_max,
            Self::Client { requests: None, .. }
            | Self::Greeting(_)
            | Self::Server(_)
            | Self::Ended => 0,
        }
    }

    /// Whether the peer takes extended CONNECT.
    pub(super) fn peer_takes_extended_connect(&self) -> bool {
        match self {
            Self::Client { requests: Some(requests), .. } => {
                requests.is_extended_connect_protocol_enabled()
            }
            Self::Client { requests: None, .. }
            | Self::Greeting(_)
            | Self::Server(_)
            | Self::Ended => false,
        }
    }

    /// Whether a server has streams that are not all written.
    pub(super) fn has_streams(&self) -> bool {
        match self {
            Self::Server(connection) => connection.has_streams(),
            Self::Greeting(_) | Self::Client { .. } | Self::Ended => false,
        }
    }
}

/// What the engine found wrong.
pub(super) fn fault(reason: Reason) -> Fault {
    match reason {
        Reason::COMPRESSION_ERROR => Fault::Compression,
        Reason::ENHANCE_YOUR_CALM => Fault::Flood,
        Reason::FLOW_CONTROL_ERROR => Fault::FlowControl,
        Reason::FRAME_SIZE_ERROR => Fault::FrameSize,
        Reason::STREAM_CLOSED => Fault::StreamClosed,
        _ => Fault::Protocol,
    }
}
