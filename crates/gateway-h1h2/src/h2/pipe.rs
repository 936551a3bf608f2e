//! The byte queues between a connection and the engine: what the engine takes for a socket.
//!
//! Nothing here wakes anybody: who adds input or takes output polls the engine afterwards.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::frame::PREFACE_BYTES;
use super::purse::Purse;
use super::tap::{Inlet, Notes, Outlet, Stop};
use super::{Fault, Limits};

/// One end of both queues; the engine holds the other one.
#[derive(Clone, Debug)]
pub(super) struct Pipe(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    queues: Mutex<Queues>,
    /// There may be something to read: the engine asks once for each request that it gives, and mostly
    /// there is nothing.
    fed: AtomicBool,
}

/// Both queues with their taps.
#[derive(Debug)]
pub(super) struct Queues {
    input: VecDeque<Bytes>,
    input_bytes: usize,
    /// No more input will come.
    pub(super) ended: bool,
    inlet: Inlet,
    pub(super) output: BytesMut,
    outlet: Outlet,
    output_bytes_max: usize,
    /// The engine has found no room for output.
    pub(super) blocked: bool,
    pub(super) notes: Notes,
    pub(super) purse: Purse,
    /// The peer has used up a budget: nothing more is read.
    pub(super) fault: Option<Fault>,
}

/// Which side sends the preface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Greets {
    Peer,
    Us,
}

impl Pipe {
    pub(super) fn new(greets: Greets, limits: &Limits) -> Self {
        let (from_peer, from_us) = match greets {
            Greets::Peer => (PREFACE_BYTES, 0),
            Greets::Us => (0, PREFACE_BYTES),
        };
        let queues = Queues {
            input: VecDeque::new(),
            input_bytes: 0,
            ended: false,
            inlet: Inlet::new(from_peer),
            output: BytesMut::new(),
            outlet: Outlet::new(from_us),
            output_bytes_max: limits.output_bytes_max.max(1),
            blocked: false,
            notes: Notes::default(),
            purse: Purse::new(&limits.budgets),
            fault: None,
        };
        Self(Arc::new(Shared { queues: Mutex::new(queues), fed: AtomicBool::new(false) }))
    }

    /// The queues. Nobody else holds them: connection and engine run in turn.
    pub(super) fn queues(&self) -> MutexGuard<'_, Queues> {
        self.0.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds bytes from the peer.
    pub(super) fn push(&self, bytes: Bytes) {
        self.queues().push(bytes);
        self.feed();
    }

    /// No more input will come.
    pub(super) fn end(&self) {
        self.queues().ended = true;
        self.feed();
    }

    /// Lets a frame pass that waited for what came before it; says whether there was one.
    pub(super) fn lift(&self) -> bool {
        let lifted = self.queues().inlet.lift();
        if lifted {
            self.feed();
        }
        lifted
    }

    fn feed(&self) {
        self.0.fed.store(true, Ordering::Release);
    }
}

impl Queues {
    fn push(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.input_bytes += bytes.len();
            self.input.push_back(bytes);
        }
    }

    /// Bytes from the peer that the engine has not taken.
    pub(super) fn unread(&self) -> usize {
        self.input_bytes
    }

    /// Throws away what the engine has not taken.
    pub(super) fn clear_input(&mut self) {
        self.input.clear();
        self.input_bytes = 0;
    }

    /// Whether the peer owes the end of a head or frame: which one, counted from the first.
    pub(super) fn owes_head(&self) -> Option<u64> {
        self.inlet.begun().filter(|_| self.input.is_empty())
    }

    /// Whether a frame may be written by hand behind the output.
    pub(super) fn is_between_frames(&self) -> bool {
        self.outlet.is_between_frames()
    }

    fn read(&mut self, buffer: &mut ReadBuf<'_>) {
        while let Some(piece) = self.input.front_mut() {
            let wanted = piece.len().min(buffer.remaining());
            let bytes = piece.get(..wanted).unwrap_or_default();
            if wanted == 0 || self.fault.is_some() {
                return;
            }
            let passed = self.inlet.pass(bytes, &mut self.notes, &mut self.purse);
            buffer.put_slice(bytes.get(..passed.bytes).unwrap_or_default());
            self.input_bytes -= passed.bytes;
            piece.advance(passed.bytes);
            if piece.is_empty() {
                self.input.pop_front();
            }
            match passed.stop {
                None => {}
                Some(Stop::Held) => return,
                Some(Stop::Fault(fault)) => self.fault = Some(fault),
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> usize {
        let room = self.output_bytes_max.saturating_sub(self.output.len());
        let front = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        self.outlet.pass(front, &mut self.notes, &mut self.purse);
        self.output.extend_from_slice(front);
        self.blocked |= front.len() < bytes.len();
        front.len()
    }
}

impl AsyncRead for Pipe {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.0.fed.load(Ordering::Acquire) {
            return Poll::Pending;
        }
        let mut queues = self.queues();
        let before = buffer.filled().len();
        queues.read(buffer);
        let end = queues.ended && queues.input.is_empty();
        if buffer.filled().len() > before || end {
            return Poll::Ready(Ok(()));
        }
        self.0.fed.store(false, Ordering::Release);
        Poll::Pending
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
        _: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut queues = self.queues();
        let mut written = 0;
        for slice in slices {
            let taken = queues.write(slice);
            written += taken;
            if taken < slice.len() {
                break;
            }
        }
        let any = slices.iter().any(|slice| !slice.is_empty());
        if written == 0 && any { Poll::Pending } else { Poll::Ready(Ok(written)) }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
