//! A connection on which descriptors of files may come with the bytes (unix(7), `SCM_RIGHTS`).

use std::collections::VecDeque;
use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;

use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::{TcpStream, UnixStream};

/// Descriptors that come with one message, at most; the system closes those beyond.
const AT_ONCE: usize = 4;
/// Descriptors that wait to be asked about.
const WAITING: usize = 16;

/// One connection.
pub(super) enum Socket {
    /// Over TCP, where no descriptor comes.
    Tcp(TcpStream),
    /// Over a Unix socket, with the descriptors that wait.
    Unix(UnixStream, VecDeque<OwnedFd>),
}

impl Socket {
    /// Reads what has come; nothing at the end.
    pub(super) async fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(into).await,
            Self::Unix(stream, descriptors) => {
                let stream = &*stream;
                let read = || receive(stream, into, descriptors);
                stream.async_io(Interest::READABLE, read).await
            }
        }
    }

    /// Writes all of `bytes`.
    pub(super) async fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.write_all(bytes).await,
            Self::Unix(stream, _) => stream.write_all(bytes).await,
        }
    }

    /// The descriptor that came first of those that wait.
    pub(super) fn descriptor(&mut self) -> Option<OwnedFd> {
        match self {
            Self::Tcp(_) => None,
            Self::Unix(_, descriptors) => descriptors.pop_front(),
        }
    }
}

fn receive(
    socket: &UnixStream,
    into: &mut [u8],
    descriptors: &mut VecDeque<OwnedFd>,
) -> io::Result<usize> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(AT_ONCE))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut parts = [IoSliceMut::new(into)];
    let message = recvmsg(socket, &mut parts, &mut control, RecvFlags::CMSG_CLOEXEC)?;
    for ancillary in control.drain() {
        if let RecvAncillaryMessage::ScmRights(came) = ancillary {
            // Of more than anybody needs, the rest is closed.
            let room = WAITING.saturating_sub(descriptors.len());
            descriptors.extend(came.take(room));
        }
    }
    Ok(message.bytes)
}
