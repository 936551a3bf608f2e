//! Datagrams of a client in a stream of capsules: CONNECT-UDP (RFC 9298).

use std::collections::VecDeque;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use gateway_h1h2::capsule::{CapsuleReader, encode_datagram};
use gateway_h1h2::socks::Destination;
use gateway_proxy::CapsuleStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{oneshot, watch};

use super::run::{Client, FromClient, run};
use super::socks::Associated;
use crate::drive::Stream;
use crate::serve::{Gateway, Life};

/// The longest payload of a datagram (RFC 9298 §5).
const PAYLOAD_BYTES_MAX: usize = 65_527;
/// The context of a payload of UDP (RFC 9298 §4).
const UDP_PAYLOAD: u64 = 0;
/// Bytes that may wait for a client that does not read; datagrams beyond are lost.
const WAITING_BYTES_MAX: usize = 256 << 10;
/// Bytes of a read.
const READ_BYTES: usize = 16 << 10;

/// Relays what `asked` for, for `client`, over the stream that `stream` becomes. The receiver hears
/// when it has ended.
pub(crate) fn relay_capsules(
    gateway: &Arc<Gateway>,
    asked: CapsuleStream,
    client: SocketAddr,
    stream: impl Future<Output = Option<Stream>> + Send + 'static,
    life: watch::Receiver<Life>,
) -> (Associated, oneshot::Receiver<()>) {
    let (associated, stopped) = Associated::new();
    let (ended, has_ended) = oneshot::channel();
    let CapsuleStream { known, destination, early } = asked;
    let association = gateway.association(client, known);
    let gateway = gateway.clone();
    tokio::spawn(async move {
        if let Some(stream) = stream.await {
            let client = CapsuleClient {
                stream,
                destination,
                reader: CapsuleReader::new(PAYLOAD_BYTES_MAX),
                input: early,
                scratch: vec![0; READ_BYTES],
                waiting: VecDeque::new(),
                waiting_bytes: 0,
                stopped,
            };
            run(gateway, association, client, life).await;
        }
        let _ = ended.send(());
    });
    (associated, has_ended)
}

struct CapsuleClient {
    stream: Stream,
    /// Where all of its datagrams go.
    destination: Destination,
    reader: CapsuleReader,
    /// What was read and not looked at.
    input: Bytes,
    scratch: Vec<u8>,
    /// What is to be written.
    waiting: VecDeque<Bytes>,
    waiting_bytes: usize,
    stopped: oneshot::Receiver<()>,
}

impl Client for CapsuleClient {
    async fn receive(&mut self) -> FromClient {
        poll_fn(|context| self.poll_receive(context)).await
    }

    fn send(&mut self, _: SocketAddr, payload: &[u8]) {
        let mut capsule = Vec::with_capacity(payload.len() + 8);
        encode_datagram(UDP_PAYLOAD, payload, &mut capsule);
        if self.waiting_bytes + capsule.len() <= WAITING_BYTES_MAX {
            self.waiting_bytes += capsule.len();
            self.waiting.push_back(capsule.into());
        }
    }
}

impl CapsuleClient {
    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<FromClient> {
        if Pin::new(&mut self.stopped).poll(context).is_ready() {
            return Poll::Ready(FromClient::Gone);
        }
        while !self.waiting.is_empty() {
            match self.stream.poll_write_from(context, &mut self.waiting) {
                Poll::Ready(Ok(bytes)) => self.waiting_bytes -= bytes,
                Poll::Ready(Err(_)) => return Poll::Ready(FromClient::Gone),
                Poll::Pending => break,
            }
        }
        let _ = Pin::new(&mut self.stream).poll_flush(context);
        loop {
            match self.reader.next(&mut self.input) {
                Ok(Some(datagram)) if datagram.context == UDP_PAYLOAD => {
                    let to = self.destination.clone();
                    return Poll::Ready(FromClient::Datagram(to, datagram.payload));
                }
                // Nobody has agreed on what other contexts mean (RFC 9298 §4).
                Ok(Some(_)) => {}
                Ok(None) => {
                    let mut into = ReadBuf::new(&mut self.scratch);
                    match Pin::new(&mut self.stream).poll_read(context, &mut into) {
                        Poll::Pending => return Poll::Pending,
                        Poll::Ready(Ok(())) if !into.filled().is_empty() => {
                            self.input = Bytes::copy_from_slice(into.filled());
                        }
                        Poll::Ready(_) => return Poll::Ready(FromClient::Gone),
                    }
                }
                // What follows cannot be read.
                Err(_) => return Poll::Ready(FromClient::Gone),
            }
        }
    }
}
