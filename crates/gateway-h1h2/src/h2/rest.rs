//! What is left of requests whose responses are complete: read and thrown away for a while before
//! the stream is reset. Not a part of any exchange: nothing of it is told.

use std::task::{Context, Poll};

use h2::RecvStream;

use super::Limits;
use super::stream::Handle;

/// The rests that are awaited.
///
/// RFC 9113 §8.1 lets a server reset the stream (`NO_ERROR`) as soon as its response is out, but
/// clients that are still sending then take the response for a broken one. So a rest gets some
/// more window and some time; the stream is reset when the time is over.
#[derive(Default)]
pub(super) struct Rests(Vec<Rest>);

/// The rest of one request. The engine resets a stream that has not ended when both halves of it
/// are dropped.
struct Rest {
    body: RecvStream,
    _handle: Option<Handle>,
    /// Window that may still be given.
    window_bytes: u64,
    left_ms: u64,
}

impl Rests {
    /// Awaits the rest of `body`, of which `owed` bytes were delivered and not given back. `handle`
    /// is the other half, if the response is all written.
    pub(super) fn add(
        &mut self,
        body: RecvStream,
        handle: Option<Handle>,
        owed: usize,
        limits: &Limits,
    ) {
        let mut rest = Rest {
            body,
            _handle: handle,
            window_bytes: limits.drain_bytes_max,
            left_ms: limits.drain_ms_max,
        };
        rest.give(owed);
        if rest.left_ms > 0 {
            self.0.push(rest);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Throws away what has come.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) {
        self.0.retain_mut(|rest| rest.poll(context).is_pending());
    }

    /// Gives up those whose time is over.
    pub(super) fn advance(&mut self, elapsed_ms: u64) {
        self.0.retain_mut(|rest| {
            rest.left_ms = rest.left_ms.saturating_sub(elapsed_ms);
            rest.left_ms > 0
        });
    }

    /// When the first one's time is over.
    pub(super) fn due_ms(&self) -> Option<u64> {
        self.0.iter().map(|rest| rest.left_ms).min()
    }

    /// The connection is over.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Rest {
    /// Ready at the end of the request, in order or not.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            match self.body.poll_data(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(data))) => self.give(data.len()),
                // Trailers end the stream as well.
                Poll::Ready(Some(Err(_)) | None) => return Poll::Ready(()),
            }
        }
    }

    /// Lets the client send as much again, within the bound.
    fn give(&mut self, bytes: usize) {
        let bytes = bytes.min(usize::try_from(self.window_bytes).unwrap_or(usize::MAX));
        if bytes > 0 && self.body.flow_control().release_capacity(bytes).is_ok() {
            self.window_bytes -= bytes as u64;
        }
    }
}
