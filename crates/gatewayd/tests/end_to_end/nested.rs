//! Connections within a connection: CONNECT over HTTP/2, and how many of them a client may have.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_h1h2::{
    BodySize, Codec, CodecOptions, Event, RequestHead, ResetReason, StreamId, Target, Version,
};
use http::Method;

use crate::gateway::{Gateway, PATIENCE, Setup};
use crate::message::response;
use crate::origin::Origin;

/// A client that speaks HTTP/2 on the proxy port, and asks for tunnels.
struct Client {
    stream: TcpStream,
    codec: Codec,
    statuses: Vec<(StreamId, u16)>,
}

impl Client {
    fn new(gateway: &Gateway) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", gateway.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let codec = Codec::client(Version::Http2, CodecOptions::default());
        Self { stream, codec, statuses: Vec::new() }
    }

    fn write(&mut self) {
        let mut pieces = Vec::new();
        self.codec.poll_output(&mut pieces);
        self.stream.write_all(&pieces.concat()).unwrap();
    }

    /// Asks for a tunnel.
    fn connect(&mut self, authority: &str) -> StreamId {
        let method = Method::CONNECT;
        let target = Target::parse(&method, Bytes::copy_from_slice(authority.as_bytes())).unwrap();
        let mut head = RequestHead::new(method, target);
        head.body = BodySize::Empty;
        let stream = self.codec.open();
        self.codec.send(stream, Event::RequestHead(Box::new(head))).unwrap();
        self.codec.send(stream, Event::End).unwrap();
        self.write();
        stream
    }

    /// The status of the answer, once it is there.
    fn status(&mut self, stream: StreamId) -> u16 {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some((_, status)) = self.statuses.iter().find(|(of, _)| *of == stream) {
                return *status;
            }
            assert!(Instant::now() < until, "no answer");
            let mut bytes = [0; 4096];
            if let Ok(read) = self.stream.read(&mut bytes) {
                assert!(read > 0, "the connection is closed");
                self.codec.receive(Bytes::copy_from_slice(&bytes[..read]));
            }
            while let Some((stream, event)) = self.codec.poll_event().unwrap() {
                if let Event::ResponseHead(head) = event {
                    self.statuses.push((stream, head.status.as_u16()));
                }
            }
            self.write();
        }
    }

    fn leave(&mut self, stream: StreamId) {
        self.codec.send(stream, Event::Reset(ResetReason::Cancelled)).unwrap();
        self.write();
    }
}

#[test]
fn tunnels_within_a_connection_count_as_connections_of_their_client() {
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let setup = Setup::new()
        .tunnels_to(&origin)
        .tables("[limits]\nconnections_per_client_max = 3\n[http2]\nclient = true\n");
    let gateway = setup.start();
    let authority = format!("origin.test:{}", origin.port);
    // Three places: the connection itself, and two tunnels.
    let mut client = Client::new(&gateway);
    let tunnels: Vec<StreamId> = (0..3).map(|_| client.connect(&authority)).collect();
    let statuses: Vec<u16> = tunnels.iter().map(|tunnel| client.status(*tunnel)).collect();
    assert_eq!(statuses, [200, 200, 503]);
    // Another connection has no place either, until a tunnel ends.
    let mut other = TcpStream::connect(("127.0.0.1", gateway.port)).unwrap();
    assert_eq!(other.read(&mut [0]).unwrap_or(0), 0, "it is turned away");
    client.leave(tunnels[0]);
    let until = Instant::now() + PATIENCE;
    loop {
        let tunnel = client.connect(&authority);
        match client.status(tunnel) {
            200 => break,
            // The place becomes free when the tunnel has really ended.
            status => assert_eq!(status, 503),
        }
        assert!(Instant::now() < until, "the place does not become free");
    }
}
