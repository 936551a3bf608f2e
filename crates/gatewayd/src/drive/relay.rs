//! A relay of bytes between two streams, without a look at them.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use gateway_log::CloseReason;
use tokio::io::AsyncWrite;
use tokio::time::{Instant, Sleep, sleep_until};

use super::stream::Stream;
use crate::metrics::Present;

/// Bytes in flight in each direction. Large pieces halve the cost of system calls.
const BUFFER_BYTES: usize = 256 << 10;
/// How often a long relay tells how far it is.
const REPORT_EVERY: Duration = Duration::from_secs(60);

/// A relay, until both directions have ended or none has moved for too long.
pub(super) struct Relay {
    client: Stream,
    origin: Stream,
    up: Direction,
    down: Direction,
    idle: Duration,
    last: Instant,
    timer: Pin<Box<Sleep>>,
    report_at: Instant,
    _present: Present,
}

#[derive(Default)]
struct Direction {
    buffer: BytesMut,
    bytes: u64,
    state: Ended,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Ended {
    #[default]
    No,
    /// The sender has ended; the end is still to be passed on.
    Came,
    Passed,
}

/// What a relay has to say.
pub(super) enum Said {
    /// It goes on, and has relayed so many bytes from the client and from the origin.
    Progress(u64, u64),
    /// It has ended.
    Ended(u64, u64, CloseReason),
}

impl Relay {
    pub(super) fn new(client: Stream, origin: Stream, idle: Duration, present: Present) -> Self {
        let now = Instant::now();
        let report_at = now + REPORT_EVERY;
        let timer = Box::pin(sleep_until(report_at.min(now + idle)));
        Self {
            client,
            origin,
            up: Direction::default(),
            down: Direction::default(),
            idle,
            last: now,
            timer,
            report_at,
            _present: present,
        }
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Said> {
        let before = self.up.bytes + self.down.bytes;
        let up = self.up.poll(context, &mut self.client, &mut self.origin);
        let down = self.down.poll(context, &mut self.origin, &mut self.client);
        if self.up.bytes + self.down.bytes != before {
            self.last = Instant::now();
        }
        let ended = |reason| Poll::Ready(Said::Ended(self.up.bytes, self.down.bytes, reason));
        match (up, down) {
            (Poll::Ready(Err(_)), _) => return ended(CloseReason::ClientError),
            (_, Poll::Ready(Err(_))) => return ended(CloseReason::OriginError),
            (Poll::Ready(Ok(())), Poll::Ready(Ok(()))) => return ended(CloseReason::ClientClosed),
            (Poll::Pending | Poll::Ready(Ok(())), Poll::Pending)
            | (Poll::Pending, Poll::Ready(Ok(()))) => {}
        }
        while self.timer.as_mut().poll(context).is_ready() {
            let now = Instant::now();
            if now >= self.last + self.idle {
                return ended(CloseReason::ClientIdleTimeout);
            }
            let report = now >= self.report_at;
            if report {
                self.report_at = now + REPORT_EVERY;
            }
            self.timer.as_mut().reset(self.report_at.min(self.last + self.idle));
            if report {
                return Poll::Ready(Said::Progress(self.up.bytes, self.down.bytes));
            }
        }
        Poll::Pending
    }
}

impl Direction {
    /// Relays until there is nothing to read or no room to write; ready when it has ended.
    fn poll(
        &mut self,
        context: &mut Context<'_>,
        from: &mut Stream,
        to: &mut Stream,
    ) -> Poll<io::Result<()>> {
        loop {
            while self.buffer.has_remaining() {
                let written = ready!(Pin::new(&mut *to).poll_write(context, &self.buffer))?;
                if written == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                self.buffer.advance(written);
                self.bytes += written as u64;
            }
            match self.state {
                Ended::Passed => return Poll::Ready(Ok(())),
                Ended::Came => {
                    ready!(Pin::new(&mut *to).poll_shutdown(context))?;
                    self.state = Ended::Passed;
                }
                Ended::No => {
                    self.buffer.clear();
                    self.buffer.reserve(BUFFER_BYTES);
                    match from.poll_read_into(context, &mut self.buffer) {
                        Poll::Ready(read) => {
                            if read? == 0 {
                                self.state = Ended::Came;
                            }
                        }
                        Poll::Pending => {
                            // What is not moving holds no memory.
                            self.buffer = BytesMut::new();
                            ready!(Pin::new(&mut *to).poll_flush(context))?;
                            return Poll::Pending;
                        }
                    }
                }
            }
        }
    }
}
