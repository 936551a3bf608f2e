//! One connection of a session, with what is still to be written to it.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use gateway_proxy::Close;
use tokio::io::AsyncWrite;

use super::stream::{COPIED_BYTES_MAX, Stream};
use super::woken::Awaited;

/// Bytes of a first read; one that was filled is followed by a larger one, and one that brought
/// little by a first one again.
const READ_BYTES_MIN: usize = COPIED_BYTES_MAX;
/// Bytes that are little.
const FEW_BYTES: usize = 4 << 10;
/// Bytes of a read, at the most.
const READ_BYTES_MAX: usize = 256 << 10;

/// Bytes that wait to be written, beyond which no more are taken from the session.
const PENDING_BYTES_MAX: usize = 64 << 10;

/// One connection of a session.
pub(super) struct Wire {
    pub(super) stream: Stream,
    pending: VecDeque<Bytes>,
    pending_bytes: usize,
    /// What comes on the stream.
    coming: Awaited,
    read: BytesMut,
    read_bytes: usize,
    /// What follows once everything is written.
    after: After,
    flushed: bool,
    ended: bool,
    /// There was no room for output of the session.
    skipped: bool,
    /// Bytes wait that the other end did not take when it was last tried.
    blocked: bool,
    /// When it last took some of such bytes.
    taken: Option<Instant>,
    /// Whether the other end takes no more.
    deaf: bool,
    /// What was written of a response that may be wanted again.
    kept: Option<Kept>,
}

/// Bytes of a response that are kept at the most: somewhat more than can be on their way to a Worker
/// that reads none of its body.
const KEPT_BYTES_MAX: usize = 2 << 20;

/// A response from its first byte on, as far as it was written.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pieces: VecDeque<Bytes>,
    bytes: usize,
}

/// What follows once everything is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    Nothing,
    /// The sending side is shut.
    Shutdown,
    /// The connection is let go.
    Close(Close),
}

/// What became of writing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// All there was.
    All,
    /// All there was, and the connection is to be let go.
    Closed(Close),
}

impl Wire {
    pub(super) fn new(stream: Stream) -> Self {
        Self {
            stream,
            pending: VecDeque::new(),
            pending_bytes: 0,
            coming: Awaited::new(),
            read: BytesMut::new(),
            read_bytes: READ_BYTES_MIN,
            after: After::Nothing,
            flushed: true,
            ended: false,
            skipped: false,
            blocked: false,
            taken: None,
            deaf: false,
            kept: None,
        }
    }

    /// A connection that begins with what was kept of another one.
    pub(super) fn beginning_with(kept: Kept, stream: Stream) -> Self {
        Self { pending: kept.pieces, pending_bytes: kept.bytes, ..Self::new(stream) }
    }

    /// Keeps what is written from here on, until the other end has said something, or it is too
    /// much.
    pub(super) fn keep(&mut self) {
        self.kept = Some(Kept::default());
    }

    /// Takes what was kept; `None` if that is not all of it, or nothing at all.
    pub(super) fn take_kept(&mut self) -> Option<Kept> {
        self.kept.take().filter(|kept| kept.bytes > 0)
    }

    /// When the other end last took bytes that it had let wait, if it has since this was last asked.
    pub(super) fn last_taken(&mut self) -> Option<Instant> {
        self.taken.take()
    }

    /// Bytes that wait to be written.
    pub(super) fn pending_bytes(&self) -> usize {
        self.pending_bytes
    }

    /// Whether there is room for more output; remembers if not.
    pub(super) fn has_room(&mut self) -> bool {
        self.skipped = self.pending_bytes > PENDING_BYTES_MAX;
        !self.skipped
    }

    /// Whether there is room again that there was not when it was last asked for.
    pub(super) fn takes_again(&mut self) -> bool {
        self.skipped && self.pending_bytes <= PENDING_BYTES_MAX
    }

    /// Whether the other end has ended its side.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Whether it is being let go.
    pub(super) fn is_closing(&self) -> bool {
        matches!(self.after, After::Close(_))
    }

    /// Whether something may have come since it was last read.
    pub(super) fn is_worth_reading(&self) -> bool {
        self.coming.is_worth_asking()
    }

    /// Whether something may still come from the other end.
    pub(super) fn can_be_read(&self) -> bool {
        !self.ended && !self.is_closing()
    }

    /// The other end takes no more: what waits, and all that is queued from here on, is dropped.
    pub(super) fn stop_writing(&mut self) {
        self.deaf = true;
        self.pending.clear();
        self.pending_bytes = 0;
        self.flushed = true;
        self.after = After::Nothing;
    }

    pub(super) fn queue(&mut self, pieces: &mut Vec<Bytes>) {
        if self.deaf {
            pieces.clear();
        }
        for piece in pieces.drain(..).filter(|piece| !piece.is_empty()) {
            self.pending_bytes += piece.len();
            if let Some(kept) = &mut self.kept {
                kept.bytes += piece.len();
                kept.pieces.push_back(piece.clone());
            }
            self.pending.push_back(piece);
        }
        if self.kept.as_ref().is_some_and(|kept| kept.bytes > KEPT_BYTES_MAX) {
            self.kept = None;
        }
    }

    pub(super) fn shut_down(&mut self) {
        if self.after == After::Nothing && !self.deaf {
            self.after = After::Shutdown;
        }
    }

    pub(super) fn close(&mut self, close: Close) {
        self.after = After::Close(close);
    }

    /// Writes what waits.
    pub(super) fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Written>> {
        while !self.pending.is_empty() {
            let Poll::Ready(written) = self.stream.poll_write_from(context, &mut self.pending)
            else {
                self.blocked = true;
                return Poll::Pending;
            };
            let written = written?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.pending_bytes -= written;
            self.flushed = false;
            // Who takes all there is at once needs no clock.
            if std::mem::take(&mut self.blocked) {
                self.taken = Some(Instant::now());
            }
        }
        if !self.flushed {
            ready!(Pin::new(&mut self.stream).poll_flush(context))?;
            self.flushed = true;
        }
        match self.after {
            After::Nothing => Poll::Ready(Ok(Written::All)),
            After::Shutdown => {
                ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
                self.after = After::Nothing;
                Poll::Ready(Ok(Written::All))
            }
            After::Close(close) => Poll::Ready(Ok(Written::Closed(close))),
        }
    }

    /// Reads what has come, `most` bytes at the most; no bytes at the end.
    pub(super) fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        most: usize,
    ) -> Poll<io::Result<Bytes>> {
        let most = self.read_bytes.min(most);
        let (stream, spare) = (&mut self.stream, &mut self.read);
        let read =
            self.coming.poll(context, |context| stream.poll_read_bytes(context, spare, most));
        let read = ready!(read)?;
        self.ended = read.bytes.is_empty();
        if !self.ended {
            self.kept = None;
        }
        if read.bytes.len() == read.room {
            self.read_bytes = (self.read_bytes * 2).min(READ_BYTES_MAX);
        } else if read.bytes.len() < FEW_BYTES && self.read_bytes > READ_BYTES_MIN {
            self.read_bytes = READ_BYTES_MIN;
            self.read = BytesMut::new();
        }
        Poll::Ready(Ok(read.bytes))
    }

    /// The stream, everything having been written.
    pub(super) fn into_stream(self) -> Stream {
        self.stream
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::super::pipe;
    use super::*;

    #[test]
    fn it_is_known_when_the_other_end_took_what_it_had_let_wait() {
        let (one, mut other) = pipe::pair();
        let mut wire = Wire::new(Stream::Memory(one));
        let mut context = Context::from_waker(Waker::noop());
        wire.queue(&mut vec![Bytes::from_static(b"at once")]);
        assert!(wire.poll_write(&mut context).is_ready());
        assert_eq!(wire.last_taken(), None, "nothing has waited");
        // More than it takes.
        let piece = Bytes::from(vec![0; 1 << 20]);
        wire.queue(&mut vec![piece.clone(), piece.clone(), piece]);
        for _ in 0..2 {
            assert!(wire.poll_write(&mut context).is_pending());
            assert_eq!(wire.last_taken(), None, "it lets the rest wait");
            let before = Instant::now();
            while other.poll_read_bytes(&mut context, usize::MAX).is_ready() {}
            let _ = wire.poll_write(&mut context);
            assert!(wire.last_taken().is_some_and(|at| at >= before));
            assert_eq!(wire.last_taken(), None, "it is said once");
            if wire.pending_bytes() == 0 {
                return;
            }
        }
        panic!("{} bytes wait", wire.pending_bytes());
    }
}
