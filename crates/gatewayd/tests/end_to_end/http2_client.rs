//! A client of HTTP/2 on a plain socket, for what `curl` does not do: it speaks by the project's own
//! codec.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_h1h2::{
    BodySize, Codec, CodecOptions, Event, RequestHead, SendError, StreamId, Target, Version,
};
use http::Method;

use crate::gateway::{Gateway, PATIENCE};

/// A connection to the proxy port that begins as HTTP/2.
pub(crate) struct Http2Client {
    stream: TcpStream,
    codec: Codec,
    told: BTreeMap<StreamId, Told>,
}

/// What was said on a stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) status: Option<u16>,
    pub(crate) body: Vec<u8>,
    /// It has ended, in order or not.
    pub(crate) ended: bool,
}

impl Http2Client {
    /// A connection on which nothing was asked.
    pub(crate) fn new(gateway: &Gateway) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", gateway.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let codec = Codec::client(Version::Http2, CodecOptions::default());
        Self { stream, codec, told: BTreeMap::new() }
    }

    /// Asks for a tunnel to `authority`.
    pub(crate) fn connect(&mut self, authority: &str) -> StreamId {
        let method = Method::CONNECT;
        let target = Target::parse(&method, Bytes::copy_from_slice(authority.as_bytes())).unwrap();
        let stream = self.ask(RequestHead::new(method, target));
        self.send(stream, Event::End);
        stream
    }

    /// Asks, by extended CONNECT, for `protocol` at `url`; what is sent then is of that.
    pub(crate) fn connect_for(&mut self, protocol: &'static str, url: &str) -> StreamId {
        let target = Target::parse(&Method::GET, Bytes::copy_from_slice(url.as_bytes())).unwrap();
        let mut head = RequestHead::new(Method::CONNECT, target);
        head.protocol = Some(protocol.into());
        let stream = self.ask(head);
        self.send(stream, Event::End);
        stream
    }

    /// Sends a head without a body, as soon as the gateway takes it.
    pub(crate) fn ask(&mut self, mut head: RequestHead) -> StreamId {
        head.body = BodySize::Empty;
        let stream = self.codec.open();
        let mut sent = self.codec.send(stream, Event::RequestHead(Box::new(head.clone())));
        let until = Instant::now() + PATIENCE;
        // Extended CONNECT may be asked once the gateway has said that it takes it.
        while sent == Err(SendError::ExtendedConnect) && Instant::now() < until {
            self.turn();
            sent = self.codec.send(stream, Event::RequestHead(Box::new(head.clone())));
        }
        sent.unwrap();
        self.write();
        stream
    }

    /// Sends `event` on a stream.
    pub(crate) fn send(&mut self, stream: StreamId, event: Event) {
        self.codec.send(stream, event).unwrap();
        self.write();
    }

    /// What has been said on a stream so far.
    pub(crate) fn told(&self, stream: StreamId) -> Told {
        self.told.get(&stream).cloned().unwrap_or_default()
    }

    /// Reads until what was said on a stream is as wanted.
    pub(crate) fn wait_for<T>(
        &mut self,
        stream: StreamId,
        wanted: impl Fn(&Told) -> Option<T>,
    ) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(there) = wanted(&self.told(stream)) {
                return there;
            }
            assert!(Instant::now() < until, "it does not come after {:?}", self.told(stream));
            self.turn();
        }
    }

    /// The status of the answer, once it is there.
    pub(crate) fn status(&mut self, stream: StreamId) -> u16 {
        self.wait_for(stream, |told| told.status)
    }

    /// Takes what comes within a moment.
    fn turn(&mut self) {
        let mut bytes = [0; 16 << 10];
        if let Ok(read) = self.stream.read(&mut bytes) {
            assert!(read > 0, "the connection is closed");
            self.codec.receive(Bytes::copy_from_slice(&bytes[..read]));
        }
        while let Some((stream, event)) = self.codec.poll_event().unwrap() {
            let told = self.told.entry(stream).or_default();
            match event {
                Event::ResponseHead(head) => told.status = Some(head.status.as_u16()),
                Event::Data(bytes) => {
                    told.body.extend_from_slice(&bytes);
                    self.codec.credit(stream, bytes.len() as u64);
                }
                Event::End | Event::Reset(_) | Event::Retry => told.ended = true,
                _ => {}
            }
        }
        self.write();
    }

    fn write(&mut self) {
        let mut pieces = Vec::new();
        self.codec.poll_output(&mut pieces);
        self.stream.write_all(&pieces.concat()).unwrap();
    }
}
