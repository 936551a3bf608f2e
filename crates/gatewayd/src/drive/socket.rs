//! A TCP connection that is written to in as few pieces as can be.
//!
//! Most of what a gateway writes is a head and a small body. The kernel takes one piece by `send`
//! for less than it takes two by `writev`, by more than it costs to copy them together.

use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Bytes that are copied together at the most: beyond, the copy costs more than it saves.
const GATHERED_BYTES_MAX: usize = 4 << 10;

thread_local! {
    /// Where pieces are copied together.
    static GATHERED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// A TCP connection.
#[derive(Debug)]
pub(crate) struct Socket(pub(crate) TcpStream);

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_read(context, into)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().0).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let stream = Pin::new(&mut self.get_mut().0);
        if let [bytes] = slices {
            return stream.poll_write(context, bytes);
        }
        if slices.iter().map(|slice| slice.len()).sum::<usize>() > GATHERED_BYTES_MAX {
            return stream.poll_write_vectored(context, slices);
        }
        GATHERED.with_borrow_mut(|gathered| {
            gathered.clear();
            slices.iter().for_each(|slice| gathered.extend_from_slice(slice));
            stream.poll_write(context, gathered)
        })
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn pieces_arrive_in_order_however_they_are_written() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut other, _) = listener.accept().await.unwrap();
        let mut socket = Socket(stream);
        let mut expected = Vec::new();
        for lengths in [&[5][..], &[3, 0, 4], &[4_000, 96], &[4_000, 97], &[]] {
            let pieces: Vec<Vec<u8>> = lengths.iter().map(|len| vec![*len as u8; *len]).collect();
            let slices: Vec<IoSlice<'_>> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
            let sum = lengths.iter().sum::<usize>();
            assert_eq!(socket.write_vectored(&slices).await.unwrap(), sum, "{lengths:?}");
            expected.extend(pieces.concat());
        }
        socket.shutdown().await.unwrap();
        let mut arrived = Vec::new();
        other.read_to_end(&mut arrived).await.unwrap();
        assert!(arrived == expected);
    }
}
