//! A byte stream in memory: two ends, each a connection to whoever holds the other.
//!
//! It behaves as a TCP connection does, for what the driver asks of one: each direction ends by
//! itself, holds so much and no more, and can be broken off, which the other end sees as a reset.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes on their way in one direction, beyond which no more are taken.
const LANE_BYTES_MAX: usize = 256 << 10;

/// One end.
#[derive(Debug)]
pub(crate) struct Pipe {
    /// What the other end writes.
    from: Arc<Mutex<Lane>>,
    /// What the other end reads.
    to: Arc<Mutex<Lane>>,
}

/// One direction.
#[derive(Debug, Default)]
struct Lane {
    pieces: VecDeque<Bytes>,
    bytes: usize,
    end: End,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum End {
    #[default]
    Open,
    /// Nothing more is written.
    Ended,
    /// What was written last may be missing, or nobody reads any more.
    Broken,
}

impl Lane {
    /// So many bytes have been read.
    fn taken(&mut self, bytes: usize) {
        self.bytes -= bytes;
        if let Some(writer) = self.writer.take() {
            writer.wake();
        }
    }

    /// What there is to read from an empty lane.
    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.end {
            End::Open => {
                self.reader = Some(context.waker().clone());
                Poll::Pending
            }
            End::Ended => Poll::Ready(Ok(())),
            End::Broken => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
        }
    }

    fn end(&mut self, end: End) {
        if self.end == End::Broken || self.end == end {
            return;
        }
        self.end = end;
        if end == End::Broken {
            self.pieces.clear();
            self.bytes = 0;
        }
        for waker in [self.reader.take(), self.writer.take()].into_iter().flatten() {
            waker.wake();
        }
    }
}

/// The two ends of a new stream.
pub(crate) fn pair() -> (Pipe, Pipe) {
    let lanes: [Arc<Mutex<Lane>>; 2] = Default::default();
    let [there, back] = lanes;
    (Pipe { from: back.clone(), to: there.clone() }, Pipe { from: there, to: back })
}

impl Pipe {
    /// Breaks it off: the other end sees a reset, not an end.
    pub(crate) fn break_off(&self) {
        lock(&self.to).end(End::Broken);
    }

    /// Takes a piece as it was written, `most` bytes of it at the most; no bytes at the end.
    pub(super) fn poll_read_bytes(
        &mut self,
        context: &mut Context<'_>,
        most: usize,
    ) -> Poll<io::Result<Bytes>> {
        let mut lane = lock(&self.from);
        let Some(front) = lane.pieces.front_mut() else {
            return lane.poll_end(context).map_ok(|()| Bytes::new());
        };
        let bytes = front.split_to(front.len().min(most));
        if front.is_empty() {
            lane.pieces.pop_front();
        }
        lane.taken(bytes.len());
        Poll::Ready(Ok(bytes))
    }

    /// Hands over pieces from the front of `pending`, uncopied; says how many bytes.
    pub(super) fn poll_write_pieces(
        &mut self,
        context: &mut Context<'_>,
        pending: &mut VecDeque<Bytes>,
    ) -> Poll<io::Result<usize>> {
        let mut lane = lock(&self.to);
        if lane.end != End::Open {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let mut written = 0;
        while lane.bytes < LANE_BYTES_MAX
            && let Some(piece) = pending.pop_front()
        {
            written += piece.len();
            lane.bytes += piece.len();
            lane.pieces.push_back(piece);
        }
        if written == 0 && !pending.is_empty() {
            lane.writer = Some(context.waker().clone());
            return Poll::Pending;
        }
        if let Some(reader) = lane.reader.take() {
            reader.wake();
        }
        Poll::Ready(Ok(written))
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        lock(&self.to).end(End::Ended);
        // Nobody reads what is still written.
        lock(&self.from).end(End::Broken);
    }
}

fn lock(lane: &Mutex<Lane>) -> MutexGuard<'_, Lane> {
    lane.lock().unwrap_or_else(PoisonError::into_inner)
}

impl AsyncRead for Pipe {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut lane = lock(&self.from);
        let before = into.remaining();
        while into.remaining() > 0
            && let Some(front) = lane.pieces.front_mut()
        {
            let len = front.len().min(into.remaining());
            into.put_slice(front.get(..len).unwrap_or_default());
            front.advance(len);
            if front.is_empty() {
                lane.pieces.pop_front();
            }
        }
        let read = before - into.remaining();
        if read > 0 {
            lane.taken(read);
            return Poll::Ready(Ok(()));
        }
        lane.poll_end(context)
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut lane = lock(&self.to);
        if lane.end != End::Open {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let room = LANE_BYTES_MAX.saturating_sub(lane.bytes);
        let wanted: usize = slices.iter().map(|slice| slice.len()).sum();
        if room == 0 && wanted > 0 {
            lane.writer = Some(context.waker().clone());
            return Poll::Pending;
        }
        let mut piece = BytesMut::with_capacity(room.min(wanted));
        for slice in slices {
            let len = slice.len().min(room - piece.len());
            piece.extend_from_slice(slice.get(..len).unwrap_or_default());
        }
        let written = piece.len();
        if written > 0 {
            lane.bytes += written;
            lane.pieces.push_back(piece.freeze());
            if let Some(reader) = lane.reader.take() {
                reader.wake();
            }
        }
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        lock(&self.to).end(End::Ended);
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::super::laws;
    use super::*;

    #[tokio::test]
    async fn bytes_pass_and_each_direction_ends_by_itself() {
        let (one, other) = pair();
        laws::each_direction_ends_by_itself(one, other).await;
    }

    #[tokio::test]
    async fn a_full_lane_waits_for_its_reader() {
        let (mut one, mut other) = pair();
        let sent = vec![7; LANE_BYTES_MAX * 3];
        let writing = tokio::spawn(async move {
            one.write_all(&sent).await.unwrap();
            sent
        });
        let mut read = Vec::new();
        other.read_to_end(&mut read).await.unwrap();
        assert_eq!(read, writing.await.unwrap());
    }

    #[tokio::test]
    async fn pieces_pass_uncopied() {
        let (mut one, mut other) = pair();
        let piece = Bytes::from(vec![7; LANE_BYTES_MAX]);
        let mut pending: VecDeque<Bytes> = [piece.clone(), piece.clone()].into();
        let mut waker = Context::from_waker(Waker::noop());
        let written = one.poll_write_pieces(&mut waker, &mut pending);
        assert!(matches!(written, Poll::Ready(Ok(LANE_BYTES_MAX))));
        assert!(one.poll_write_pieces(&mut waker, &mut pending).is_pending());
        let mut read = |most| match other.poll_read_bytes(&mut waker, most) {
            Poll::Ready(Ok(bytes)) => bytes,
            other => panic!("{other:?}"),
        };
        let (first, rest) = (read(10), read(usize::MAX));
        assert_eq!((first.as_ptr(), first.len()), (piece.as_ptr(), 10));
        assert_eq!(first.len() + rest.len(), LANE_BYTES_MAX);
        let mut waker = Context::from_waker(Waker::noop());
        let written = one.poll_write_pieces(&mut waker, &mut pending);
        assert!(matches!(written, Poll::Ready(Ok(LANE_BYTES_MAX))) && pending.is_empty());
        drop(one);
        let mut read = Vec::new();
        other.read_to_end(&mut read).await.unwrap();
        assert!(read == piece);
    }

    #[tokio::test]
    async fn a_break_is_no_end() {
        let (mut one, mut other) = pair();
        one.write_all(b"half").await.unwrap();
        one.break_off();
        let error = other.read_to_end(&mut Vec::new()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }
}
