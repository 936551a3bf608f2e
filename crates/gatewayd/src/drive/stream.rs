//! The one seam between the machines and sockets: a byte stream, with or without TLS.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::os::fd::BorrowedFd;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio_rustls::{client, server};

use super::pipe::Pipe;
use super::socket::Socket;
use super::unix::Unix;

/// Bytes that are read into the memory of the thread at the most.
pub(super) const COPIED_BYTES_MAX: usize = 16 << 10;

/// Pieces that are written in one call at the most.
const PIECES_MAX: usize = 64;
/// Pieces of most calls, at the most: the room for many costs more than writing few.
const FEW_PIECES: usize = 4;

thread_local! {
    /// Where little is read to before it is copied.
    static READ: RefCell<Vec<u8>> = RefCell::new(vec![0; COPIED_BYTES_MAX]);
}

/// A connection, as the driver reads and writes it.
#[derive(Debug)]
pub(crate) enum Stream {
    /// As accepted or connected.
    Tcp(Socket),
    /// By a socket in the file system: with a Worker, either way, or with a scanner.
    Unix(Unix),
    /// To another session of this process.
    Memory(Pipe),
    /// TLS with a client, under a minted certificate.
    Client(Box<server::TlsStream<Replayed>>),
    /// TLS with an origin, or with a service of ICAP.
    Origin(Box<client::TlsStream<Socket>>),
}

/// What was read, and how much there was room for.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) bytes: Bytes,
    pub(super) room: usize,
}

impl Stream {
    /// Whether nothing has come since it was last read: an idle connection on which something
    /// came, be it its end, is of no use.
    pub(crate) fn is_quiet(&mut self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        self.poll_read_into(&mut context, &mut BytesMut::with_capacity(1)).is_pending()
    }

    /// Reads what is there into the spare room of `bytes`.
    pub(crate) fn poll_read_into(
        &mut self,
        context: &mut Context<'_>,
        bytes: &mut impl BufMut,
    ) -> Poll<io::Result<usize>> {
        let reading = std::pin::pin!(self.read_buf(bytes));
        reading.poll(context)
    }

    /// Reads what is there, `most` bytes at the most; no bytes at the end. Few bytes are read
    /// into memory of the thread and copied, so that a connection on which little comes has no
    /// buffer of its own; what is larger goes into `spare`, which is used again.
    pub(super) fn poll_read_bytes(
        &mut self,
        context: &mut Context<'_>,
        spare: &mut BytesMut,
        most: usize,
    ) -> Poll<io::Result<Read>> {
        let bytes = match self {
            Self::Unix(stream) => std::task::ready!(stream.poll_read_bytes(context, most))?,
            Self::Memory(pipe) => std::task::ready!(pipe.poll_read_bytes(context, most))?,
            Self::Tcp(_) | Self::Client(_) | Self::Origin(_) => {
                if most <= COPIED_BYTES_MAX {
                    let bytes = std::task::ready!(self.poll_read_copied(context, most))?;
                    return Poll::Ready(Ok(Read { bytes, room: most }));
                }
                // What is left of a buffer will do for most of what comes.
                if spare.capacity() < most / 4 {
                    spare.reserve(most);
                }
                let room = spare.capacity().min(most);
                std::task::ready!(self.poll_read_into(context, &mut spare.limit(room)))?;
                return Poll::Ready(Ok(Read { bytes: spare.split().freeze(), room }));
            }
        };
        Poll::Ready(Ok(Read { bytes, room: most }))
    }

    /// The same by way of the memory of this thread.
    fn poll_read_copied(
        &mut self,
        context: &mut Context<'_>,
        most: usize,
    ) -> Poll<io::Result<Bytes>> {
        READ.with_borrow_mut(|read| {
            let room = read.get_mut(..most).unwrap_or_default();
            let mut into = ReadBuf::new(room);
            std::task::ready!(Pin::new(self).poll_read(context, &mut into))?;
            Poll::Ready(Ok(Bytes::copy_from_slice(into.filled())))
        })
    }

    /// Writes from the front of `pending`, at most [`PIECES_MAX`] pieces in one call.
    pub(crate) fn poll_write_from(
        &mut self,
        context: &mut Context<'_>,
        pending: &mut VecDeque<Bytes>,
    ) -> Poll<io::Result<usize>> {
        if let Self::Memory(pipe) = self {
            return pipe.poll_write_pieces(context, pending);
        }
        match pending.len() {
            0..=FEW_PIECES => self.poll_write_pieces::<FEW_PIECES>(context, pending),
            _ => self.poll_write_pieces::<PIECES_MAX>(context, pending),
        }
    }

    fn poll_write_pieces<const MAX: usize>(
        &mut self,
        context: &mut Context<'_>,
        pending: &mut VecDeque<Bytes>,
    ) -> Poll<io::Result<usize>> {
        let mut slices = [IoSlice::new(&[]); MAX];
        let mut count = 0;
        for (slice, bytes) in slices.iter_mut().zip(pending.iter()) {
            *slice = IoSlice::new(bytes);
            count += 1;
        }
        let slices = slices.get(..count).unwrap_or_default();
        let written = std::task::ready!(Pin::new(self).poll_write_vectored(context, slices))?;
        let mut left = written;
        while let Some(front) = pending.front_mut() {
            if front.len() > left {
                front.advance(left);
                break;
            }
            left -= front.len();
            pending.pop_front();
        }
        Poll::Ready(Ok(written))
    }

    /// Sends `bytes`, few of them, and with them the descriptor of a file, which only a Unix socket takes.
    pub(crate) fn poll_send_file(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
        file: BorrowedFd<'_>,
    ) -> Poll<io::Result<()>> {
        match self {
            Self::Unix(stream) => stream.poll_send_file(context, bytes, file),
            Self::Tcp(_) | Self::Memory(_) | Self::Client(_) | Self::Origin(_) => {
                Poll::Ready(Err(io::ErrorKind::Unsupported.into()))
            }
        }
    }

    /// Breaks the connection off: the other end sees a reset, not an end. What is cut on a Unix
    /// socket shows by its framing alone.
    pub(crate) fn abort(self) {
        self.break_off();
    }

    /// The addresses of this end and of the other, where there are any.
    pub(crate) fn addresses(&self) -> io::Result<(SocketAddr, SocketAddr)> {
        let stream = match self {
            Self::Tcp(socket) => &socket.0,
            Self::Unix(_) | Self::Memory(_) => return Err(io::ErrorKind::Unsupported.into()),
            Self::Client(stream) => return stream.get_ref().0.stream.addresses(),
            Self::Origin(stream) => &stream.get_ref().0.0,
        };
        Ok((stream.local_addr()?, stream.peer_addr()?))
    }

    fn break_off(&self) {
        match self {
            Self::Tcp(socket) => drop(socket.0.set_zero_linger()),
            // What is cut there shows by its framing alone.
            Self::Unix(_) => {}
            Self::Memory(pipe) => pipe.break_off(),
            Self::Client(stream) => stream.get_ref().0.stream.break_off(),
            Self::Origin(stream) => drop(stream.get_ref().0.0.set_zero_linger()),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(context, into),
            Self::Unix(stream) => Pin::new(stream).poll_read(context, into),
            Self::Memory(pipe) => Pin::new(pipe).poll_read(context, into),
            Self::Client(stream) => Pin::new(stream).poll_read(context, into),
            Self::Origin(stream) => Pin::new(stream).poll_read(context, into),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Unix(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Memory(pipe) => Pin::new(pipe).poll_write(context, bytes),
            Self::Client(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Origin(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write_vectored(context, slices),
            Self::Unix(stream) => Pin::new(stream).poll_write_vectored(context, slices),
            Self::Memory(pipe) => Pin::new(pipe).poll_write_vectored(context, slices),
            Self::Client(stream) => Pin::new(stream).poll_write_vectored(context, slices),
            Self::Origin(stream) => Pin::new(stream).poll_write_vectored(context, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(context),
            Self::Unix(stream) => Pin::new(stream).poll_flush(context),
            Self::Memory(pipe) => Pin::new(pipe).poll_flush(context),
            Self::Client(stream) => Pin::new(stream).poll_flush(context),
            Self::Origin(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Unix(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Memory(pipe) => Pin::new(pipe).poll_shutdown(context),
            Self::Client(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Origin(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

/// A connection some bytes of which were read before: they are read once more, first.
#[derive(Debug)]
pub(crate) struct Replayed {
    before: Bytes,
    stream: Stream,
}

impl Replayed {
    /// `before`, then what comes on `stream`.
    pub(crate) fn new(before: Bytes, stream: Stream) -> Self {
        Self { before, stream }
    }
}

impl AsyncRead for Replayed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.before.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, into);
        }
        let len = self.before.len().min(into.remaining());
        let piece = self.before.split_to(len);
        into.put_slice(&piece);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Replayed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
