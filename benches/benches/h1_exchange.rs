//! Exchanges of HTTP/1.1 on connections that are kept alive, in memory: a server beside hyper's, and
//! the whole way of a request through a proxy's codecs, to the origin and back.
//!
//! On both sides of a comparison the same bytes are copied in and out, as a socket would. hyper's
//! connection is polled by hand, so no runtime is on its bill; it writes no `Date`, as ours does not.

use std::cell::RefCell;
use std::convert::Infallible;
use std::hint::black_box;
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use criterion::Criterion;
use gateway_benches::{CpuTime, REQUEST, criterion};
use gateway_h1h2::h1::{Connection, Options};
use gateway_h1h2::{
    BodySize, Event, ResponseHead, StreamId, UpgradeField, append_via, strip_hop_by_hop,
};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;

const READ_BYTES: usize = 8 << 10;
const HELLO: &[u8] = b"Hello, World!";

/// What a server of web pages answers, with a body of 1 KiB behind it.
const RESPONSE: &[u8] = b"\
    HTTP/1.1 200 OK\r\n\
    Date: Mon, 23 Jun 2025 00:00:00 GMT\r\n\
    Content-Type: text/html; charset=utf-8\r\n\
    Content-Length: 1024\r\n\
    Connection: keep-alive\r\n\
    Cache-Control: max-age=0, private, must-revalidate\r\n\
    Set-Cookie: sid=0123456789abcdef; Path=/; HttpOnly\r\n\
    Server: nginx\r\n\
    Vary: Accept-Encoding\r\n\
    \r\n";

/// One end of a connection with the buffers that a driver has.
struct Leg {
    connection: Connection,
    read: BytesMut,
    output: Vec<Bytes>,
    written: Vec<u8>,
}

impl Leg {
    fn new(connection: Connection) -> Self {
        let read = BytesMut::with_capacity(READ_BYTES);
        Self { connection, read, output: Vec::new(), written: Vec::new() }
    }

    fn receive(&mut self, wire: &[u8]) {
        self.read.reserve(wire.len());
        self.read.extend_from_slice(wire);
        self.connection.receive(self.read.split().freeze());
    }

    fn next(&mut self) -> (StreamId, Event) {
        match self.connection.poll_event() {
            Ok(Some(next)) => next,
            other => panic!("{other:?}"),
        }
    }

    fn send(&mut self, stream: StreamId, event: Event) {
        self.connection.send(stream, event).expect("what can be sent");
    }

    fn write(&mut self) -> &[u8] {
        self.written.clear();
        self.connection.poll_output(&mut self.output);
        for piece in self.output.drain(..) {
            self.written.extend_from_slice(&piece);
        }
        &self.written
    }
}

fn hello(server: &mut Leg) {
    server.receive(REQUEST);
    let (stream, Event::RequestHead(request)) = server.next() else { panic!("no head") };
    black_box(request);
    let (_, Event::End) = server.next() else { panic!("no end") };
    let mut head = ResponseHead::new(StatusCode::OK);
    head.body = BodySize::Length(HELLO.len() as u64);
    server.send(stream, Event::ResponseHead(Box::new(head)));
    server.send(stream, Event::Data(Bytes::from_static(HELLO)));
    server.send(stream, Event::End);
    assert!(server.write().ends_with(HELLO));
}

/// The two directions of a connection in memory.
#[derive(Default)]
struct Wire {
    input: &'static [u8],
    output: Vec<u8>,
}

#[derive(Clone, Default)]
struct Io(Rc<RefCell<Wire>>);

impl Read for Io {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let mut wire = self.0.borrow_mut();
        if wire.input.is_empty() {
            return Poll::Pending;
        }
        let (now, rest) = wire.input.split_at(wire.input.len().min(into.remaining()));
        into.put_slice(now);
        wire.input = rest;
        Poll::Ready(Ok(()))
    }
}

impl Write for Io {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.borrow_mut().output.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    black_box(request);
    Ok(Response::new(Full::new(Bytes::from_static(HELLO))))
}

fn servers(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("h1 server exchange, request of 703 bytes");
    group.bench_function("gateway-h1h2", |bencher| {
        let mut server = Leg::new(Connection::server(Options::default()));
        bencher.iter(|| hello(&mut server));
    });
    group.bench_function("hyper", |bencher| {
        let io = Io::default();
        let mut builder = http1::Builder::new();
        builder.auto_date_header(false);
        let mut server = pin!(builder.serve_connection(io.clone(), service_fn(answer)));
        let mut context = Context::from_waker(Waker::noop());
        bencher.iter(|| {
            {
                let mut wire = io.0.borrow_mut();
                wire.input = REQUEST;
                wire.output.clear();
            }
            for _ in 0..4 {
                assert!(server.as_mut().poll(&mut context).is_pending());
                if io.0.borrow().output.ends_with(HELLO) {
                    return;
                }
            }
            panic!("no answer");
        });
    });
    group.finish();
}

/// A request from a client's connection to an origin's, its answer from there to the client's.
fn relay(client: &mut Leg, origin: &mut Leg, response: &[u8]) {
    client.receive(REQUEST);
    let (stream, Event::RequestHead(mut head)) = client.next() else { panic!("no head") };
    let (_, Event::End) = client.next() else { panic!("no end") };
    strip_hop_by_hop(&mut head.fields, UpgradeField::Strip);
    append_via(&mut head.fields, head.version, "gateway").expect("a name");
    let asked = origin.connection.open();
    origin.send(asked, Event::RequestHead(head));
    origin.send(asked, Event::End);
    black_box(origin.write());

    origin.receive(response);
    let (_, Event::ResponseHead(mut head)) = origin.next() else { panic!("no head") };
    let (_, Event::Data(body)) = origin.next() else { panic!("no body") };
    let (_, Event::End) = origin.next() else { panic!("no end") };
    strip_hop_by_hop(&mut head.fields, UpgradeField::Strip);
    append_via(&mut head.fields, head.version, "gateway").expect("a name");
    for event in [Event::ResponseHead(head), Event::Data(body), Event::End] {
        client.send(stream, event);
    }
    black_box(client.write());
}

fn relays(criterion: &mut Criterion<CpuTime>) {
    let response = [RESPONSE, &[b'x'; 1024]].concat();
    criterion.bench_function("h1 relay, request of 703 bytes and 1 KiB back", |bencher| {
        let mut client = Leg::new(Connection::server(Options::default()));
        let mut origin = Leg::new(Connection::client(Options::default()));
        bencher.iter(|| relay(&mut client, &mut origin, &response));
    });
}

fn main() {
    let mut criterion = criterion().configure_from_args();
    servers(&mut criterion);
    relays(&mut criterion);
    criterion.final_summary();
}
