//! A stream over a Unix socket: a connection with a Worker, either way, or with a scanner.
//!
//! Each time one end of a Unix socket reads, the kernel wakes whoever watches the other end for
//! room, whether a write waits for room or not. A connection that is watched for both would be
//! woken for nothing by every message that it sends, at the expense of the Worker that reads it. So
//! it is watched for room only from when a write has found none.
//!
//! The other end may watch for both, as Workers do. What comes after a write is therefore only looked
//! at, and stays in the socket until some answers lie there: then they are taken out together, before
//! a write that wakes the Worker anyway.
//!
//! Of what the runtime has, only ends of pipes are watched for one direction and take any descriptor
//! without more ado; so they do the watching here. Nothing but that is left to them.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use rustix::buffer::spare_capacity;
use rustix::io::Errno;
use rustix::net::{RecvFlags, Shutdown, recv, shutdown};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::unix::pipe;

/// Bytes that may be on their way to the other end, as the kernel counts them (socket(7),
/// `SO_SNDBUF`): as much as is read at once, so that bodies go over in few and large pieces.
const SEND_BYTES: usize = 512 << 10;

/// Bytes that are looked at before they are taken out, at the most.
const SEEN_BYTES_MAX: usize = 4 << 10;

/// Bytes that were given and may stay in the socket when the next message is written. Each look
/// copies them once more.
const KEPT_BYTES_MAX: usize = 1 << 10;

/// One end.
#[derive(Debug)]
pub(crate) struct Unix {
    /// The socket, watched for what comes.
    socket: pipe::Receiver,
    /// The same, watched for room, if a write has had to wait.
    room: Option<pipe::Sender>,
    /// A write has had to wait since the last flush.
    waited: bool,
    /// What comes next begins an answer.
    answers: bool,
    /// Bytes at the front of the socket that were given already.
    seen: usize,
}

impl Unix {
    /// Connects to the socket at `path`.
    pub(crate) async fn connect(path: &Path) -> io::Result<Self> {
        Self::new(tokio::net::UnixStream::connect(path).await?)
    }

    /// A connection that stands.
    pub(crate) fn new(stream: tokio::net::UnixStream) -> io::Result<Self> {
        let stream = stream.into_std()?;
        // Where the system gives less, less is on its way.
        let _ = rustix::net::sockopt::set_socket_send_buffer_size(&stream, SEND_BYTES);
        let socket = pipe::Receiver::from_owned_fd_unchecked(OwnedFd::from(stream))?;
        Ok(Self { socket, room: None, waited: false, answers: true, seen: 0 })
    }

    /// Reads what has come, `most` bytes at the most; no bytes at the end.
    pub(super) fn poll_read_bytes(
        &mut self,
        context: &mut Context<'_>,
        most: usize,
    ) -> Poll<io::Result<Bytes>> {
        loop {
            ready!(self.socket.poll_read_ready(context))?;
            let mut given = Err(Errno::AGAIN);
            // What would block is not ready until it is told anew.
            let _ = self.socket.try_io(|| {
                given = match std::mem::take(&mut self.answers) {
                    true => look(&self.socket, &mut self.seen, most),
                    false => read(&self.socket, &mut self.seen, most),
                };
                match &given {
                    // There was no more: what comes next is told.
                    Ok(bytes) if (1..most).contains(&bytes.len()) => {
                        Err(io::ErrorKind::WouldBlock.into())
                    }
                    Ok(_) => Ok(()),
                    Err(error) => Err(io::Error::from(*error)),
                }
            });
            match given {
                Ok(bytes) => return Poll::Ready(Ok(bytes)),
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
    }

    /// Takes out what was given already.
    fn take_seen(&mut self) {
        let mut taken = [MaybeUninit::<u8>::uninit(); KEPT_BYTES_MAX + SEEN_BYTES_MAX];
        while let Some(room) = taken.get_mut(..self.seen).filter(|room| !room.is_empty()) {
            match rustix::io::read(&self.socket, room) {
                Ok((given, _)) if !given.is_empty() => self.seen -= given.len(),
                Err(Errno::INTR) => {}
                // A connection that has broken says so to whoever reads or writes.
                Ok(_) | Err(_) => self.seen = 0,
            }
        }
    }

    fn poll_write_to(
        &mut self,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.seen > KEPT_BYTES_MAX {
            self.take_seen();
        }
        self.answers = true;
        loop {
            match rustix::io::writev(&self.socket, slices) {
                Err(Errno::AGAIN) => {}
                Err(Errno::INTR) => continue,
                written => return Poll::Ready(written.map_err(io::Error::from)),
            }
            self.waited = true;
            let room = match &mut self.room {
                Some(room) => room,
                none => {
                    let same = self.socket.as_fd().try_clone_to_owned()?;
                    none.insert(pipe::Sender::from_owned_fd_unchecked(same)?)
                }
            };
            ready!(room.poll_write_ready(context))?;
            // There is none as far as is known: the next that there is, is told.
            let _ = room.try_io(|| Err::<(), _>(io::ErrorKind::WouldBlock.into()));
        }
    }
}

/// To an end that is closed with bytes in it, the other one's connection was reset (unix(7)).
impl Drop for Unix {
    fn drop(&mut self) {
        self.take_seen();
    }
}

/// Looks at what has come behind what was seen, if that is little; reads it otherwise.
fn look(socket: &pipe::Receiver, seen: &mut usize, most: usize) -> rustix::io::Result<Bytes> {
    let mut room = [MaybeUninit::<u8>::uninit(); KEPT_BYTES_MAX + SEEN_BYTES_MAX];
    let room = room.get_mut(..*seen + SEEN_BYTES_MAX.min(most)).unwrap_or_default();
    let whole = room.len();
    let ((looked, _), _) = recv(socket, room, RecvFlags::PEEK)?;
    match looked.get(*seen..) {
        Some(new) if !new.is_empty() && looked.len() < whole => {
            *seen = looked.len();
            Ok(Bytes::copy_from_slice(new))
        }
        // More than is looked at, or the end.
        Some(_) | None => read(socket, seen, most),
    }
}

/// Reads what has come behind what was seen; no bytes at the end.
fn read(socket: &pipe::Receiver, seen: &mut usize, most: usize) -> rustix::io::Result<Bytes> {
    let mut bytes = Vec::with_capacity(*seen + most);
    let read = rustix::io::read(socket, spare_capacity(&mut bytes))?;
    let known = (*seen).min(read);
    *seen -= known;
    if known > 0 && known == read {
        // Nothing new, but perhaps the end.
        return Err(Errno::INTR);
    }
    Ok(Bytes::from(bytes).split_off(known))
}

impl AsyncRead for Unix {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let bytes = ready!(self.get_mut().poll_read_bytes(context, into.remaining()))?;
        into.put_slice(&bytes);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Unix {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().poll_write_to(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().poll_write_to(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let unix = self.get_mut();
        // While large bodies pass there is never room enough; after them it need not be watched.
        if !std::mem::take(&mut unix.waited) {
            unix.room = None;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(shutdown(&self.get_mut().socket, Shutdown::Write).map_err(io::Error::from))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::super::laws;
    use super::*;

    fn pair() -> (Unix, Unix) {
        let (one, other) = tokio::net::UnixStream::pair().unwrap();
        (Unix::new(one).unwrap(), Unix::new(other).unwrap())
    }

    #[tokio::test]
    async fn bytes_pass_and_each_direction_ends_by_itself() {
        let (one, other) = pair();
        laws::each_direction_ends_by_itself(one, other).await;
    }

    /// More than there is room for, again and again: a writer that waits is woken, whether it has
    /// waited before or not.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_writer_waits_for_room_and_is_woken() {
        let (mut one, mut other) = pair();
        let sent: Vec<u8> = (0..8_000_000_u32).map(|n| (n % 251) as u8).collect();
        let expected = sent.clone();
        let writing = tokio::spawn(async move {
            for part in sent.chunks(3_000_000) {
                one.write_all(part).await.unwrap();
                one.flush().await.unwrap();
            }
            // All is read by then, and nothing is watched for room that need not be.
            let mut byte = [0];
            one.read_exact(&mut byte).await.unwrap();
            one.write_all(b"small").await.unwrap();
            one.flush().await.unwrap();
            one.write_all(b"small").await.unwrap();
            one.flush().await.unwrap();
            one.room.is_none()
        });
        let mut read = vec![0; expected.len()];
        other.read_exact(&mut read).await.unwrap();
        assert!(read == expected);
        other.write_all(b".").await.unwrap();
        let mut small = Vec::new();
        other.read_to_end(&mut small).await.unwrap();
        assert_eq!(small, b"smallsmall");
        assert!(writing.await.unwrap());
    }

    async fn read(from: &mut Unix) -> Bytes {
        std::future::poll_fn(|context| from.poll_read_bytes(context, 16 << 10)).await.unwrap()
    }

    /// What is looked at first is given once, whatever comes behind it, and when.
    #[tokio::test]
    async fn an_answer_is_given_once() {
        let (mut asks, mut answers) = pair();
        for size in [1, 100, SEEN_BYTES_MAX - 1, SEEN_BYTES_MAX, SEEN_BYTES_MAX + 1, 100_000] {
            for first in [0, 1, size / 2, size] {
                asks.write_all(b"?").await.unwrap();
                assert_eq!(read(&mut answers).await, "?");
                let answer: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
                let (one, other) = answer.split_at(first);
                let mut given = Vec::new();
                for part in [one, other] {
                    answers.write_all(part).await.unwrap();
                    let wanted = given.len() + part.len();
                    while given.len() < wanted {
                        given.extend_from_slice(&read(&mut asks).await);
                    }
                }
                assert!(given == answer, "{first} of {size}");
            }
        }
        asks.write_all(b"!").await.unwrap();
        assert_eq!(read(&mut answers).await, "!");
        drop(asks);
        assert!(read(&mut answers).await.is_empty(), "the end comes behind what was seen");
    }

    /// The other end is not told that something was left unread.
    #[tokio::test]
    async fn what_was_seen_is_taken_out_at_the_end() {
        let (mut one, mut other) = pair();
        one.write_all(b"seen").await.unwrap();
        assert_eq!(read(&mut other).await, "seen");
        assert_eq!(other.seen, 4);
        drop(other);
        assert!(read(&mut one).await.is_empty());
    }

    #[tokio::test]
    async fn what_has_come_before_it_is_asked_for_is_there() {
        let (mut one, mut other) = pair();
        for round in 0..100_u8 {
            one.write_all(&[round; 100]).await.unwrap();
            let most = usize::from(round) + 1;
            let mut read = Vec::new();
            while read.len() < 100 {
                let bytes =
                    std::future::poll_fn(|context| other.poll_read_bytes(context, most)).await;
                read.extend_from_slice(&bytes.unwrap());
            }
            assert_eq!(read, [round; 100]);
        }
    }
}
