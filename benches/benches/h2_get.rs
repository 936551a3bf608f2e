//! A GET with five fields and its response of 1 KiB over HTTP/2, both ends, 100 at a time on one
//! connection: our codec, beside the `h2` crate alone over the same kind of byte queues.
//!
//! The rival is polled by hand too, everything in each turn. It builds no neutral heads, counts no
//! frames and has no budgets. Both allocate as the binary does.

use std::collections::VecDeque;
use std::future::Future;
use std::hint::black_box;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use bytes::{Buf, Bytes, BytesMut};
use criterion::{Criterion, Throughput};
use gateway_benches::{CpuTime, criterion};
use gateway_h1h2::h2::{Connection, Options};
use gateway_h1h2::{
    Authority, BodySize, Event, PathAndQuery, RequestHead, ResponseHead, Scheme, Target,
};
use http::{Method, Request, Response, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const AT_A_TIME: usize = 100;
const BODY_BYTES: usize = 1_024;
const WINDOW_BYTES: u32 = 64 * 1_024;

const REQUEST_FIELDS: [(&str, &str); 5] = [
    ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"),
    ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("accept-language", "en-US,en;q=0.5"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("cookie", "session=0123456789abcdef; theme=dark"),
];
const RESPONSE_FIELDS: [(&str, &str); 2] =
    [("content-type", "text/html; charset=utf-8"), ("cache-control", "max-age=60")];

/// Our codec in both roles.
struct Ours {
    client: Connection,
    server: Connection,
    output: Vec<Bytes>,
    request: RequestHead,
    response: ResponseHead,
    body: Bytes,
}

impl Ours {
    fn new() -> Self {
        let authority = Authority::parse("www.example.com").expect("a host");
        let path_and_query = PathAndQuery::parse("/index.html?page=1").expect("a path");
        let target = Target::Absolute { scheme: Scheme::Https, authority, path_and_query };
        let mut request = RequestHead::new(Method::GET, target);
        for (name, value) in REQUEST_FIELDS {
            request.fields.append(name, value).expect("a field");
        }
        let mut response = ResponseHead::new(StatusCode::OK);
        for (name, value) in RESPONSE_FIELDS {
            response.fields.append(name, value).expect("a field");
        }
        response.body = BodySize::Length(BODY_BYTES as u64);
        Self {
            client: Connection::client(Options::default()),
            server: Connection::server(Options::default()),
            output: Vec::new(),
            request,
            response,
            body: Bytes::from(vec![b'x'; BODY_BYTES]),
        }
    }

    fn round(&mut self) {
        for _ in 0..AT_A_TIME {
            let stream = self.client.open();
            let head = Event::RequestHead(Box::new(self.request.clone()));
            self.client.send(stream, head).expect("a request");
            self.client.send(stream, Event::End).expect("its end");
        }
        let mut left = AT_A_TIME;
        while left > 0 {
            carry(&mut self.client, &mut self.server, &mut self.output);
            while let Some((stream, event)) = self.server.poll_event().expect("requests") {
                if event == Event::End {
                    let head = Event::ResponseHead(Box::new(self.response.clone()));
                    for event in [head, Event::Data(self.body.clone()), Event::End] {
                        self.server.send(stream, event).expect("a response");
                    }
                }
                black_box(stream);
            }
            carry(&mut self.server, &mut self.client, &mut self.output);
            while let Some((stream, event)) = self.client.poll_event().expect("responses") {
                match event {
                    Event::Data(data) => self.client.credit(stream, data.len() as u64),
                    Event::End => left -= 1,
                    event => drop(black_box(event)),
                }
            }
        }
    }
}

fn carry(from: &mut Connection, to: &mut Connection, output: &mut Vec<Bytes>) {
    while from.poll_output(output) > 0 {
        for bytes in output.drain(..) {
            to.receive(bytes);
        }
    }
}

/// One end of two queues.
#[derive(Clone, Default)]
struct Queues(Arc<Mutex<(VecDeque<Bytes>, BytesMut)>>);

impl AsyncRead for Queues {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut queues = self.0.lock().expect("one thread");
        let before = buffer.filled().len();
        while let Some(piece) = queues.0.front_mut() {
            let taken = piece.len().min(buffer.remaining());
            buffer.put_slice(&piece[..taken]);
            piece.advance(taken);
            if !piece.is_empty() {
                break;
            }
            queues.0.pop_front();
        }
        if buffer.filled().len() > before { Poll::Ready(Ok(())) } else { Poll::Pending }
    }
}

impl AsyncWrite for Queues {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut queues = self.0.lock().expect("one thread");
        let taken = bytes.len().min((64 * 1_024_usize).saturating_sub(queues.1.len()));
        queues.1.extend_from_slice(&bytes[..taken]);
        if taken == 0 { Poll::Pending } else { Poll::Ready(Ok(taken)) }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let mut written = 0;
        for slice in slices {
            match Pin::new(&mut *this).poll_write(context, slice) {
                Poll::Ready(Ok(taken)) => {
                    written += taken;
                    if taken < slice.len() {
                        break;
                    }
                }
                other if written == 0 => return other,
                _ => break,
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
        Poll::Ready(Ok(()))
    }
}

/// Carries what one end has written to the other; says how many bytes.
fn shift(from: &Queues, to: &Queues) -> usize {
    let bytes = from.0.lock().expect("one thread").1.split().freeze();
    let moved = bytes.len();
    if moved > 0 {
        to.0.lock().expect("one thread").0.push_back(bytes);
    }
    moved
}

/// The `h2` crate in both roles.
struct Bare {
    ends: (Queues, Queues),
    requests: h2::client::SendRequest<Bytes>,
    client: h2::client::Connection<Queues, Bytes>,
    server: h2::server::Connection<Queues, Bytes>,
    body: Bytes,
}

impl Bare {
    fn new() -> Self {
        let (near, far) = (Queues::default(), Queues::default());
        let mut context = Context::from_waker(Waker::noop());
        let mut builder = h2::client::Builder::new();
        builder.initial_window_size(WINDOW_BYTES).initial_connection_window_size(8 << 20);
        let handshake = std::pin::pin!(builder.handshake(near.clone()));
        let Poll::Ready(Ok((requests, mut client))) = handshake.poll(&mut context) else {
            panic!("a client waits for nothing");
        };
        let mut builder = h2::server::Builder::new();
        builder.initial_window_size(WINDOW_BYTES).initial_connection_window_size(8 << 20);
        builder.max_concurrent_streams(128);
        let mut handshake = builder.handshake(far.clone());
        assert!(Pin::new(&mut handshake).poll(&mut context).is_pending());
        shift(&near, &far);
        let Poll::Ready(Ok(mut server)) = Pin::new(&mut handshake).poll(&mut context) else {
            panic!("the preface is there");
        };
        for _ in 0..4 {
            assert!(server.poll_accept(&mut context).is_pending());
            shift(&far, &near);
            assert!(Pin::new(&mut client).poll(&mut context).is_pending());
            shift(&near, &far);
        }
        let body = Bytes::from(vec![b'x'; BODY_BYTES]);
        Self { ends: (near, far), requests, client, server, body }
    }

    fn round(&mut self) {
        let mut context = Context::from_waker(Waker::noop());
        let mut waiting = Vec::with_capacity(AT_A_TIME);
        for _ in 0..AT_A_TIME {
            let mut request = Request::get("https://www.example.com/index.html?page=1");
            for (name, value) in REQUEST_FIELDS {
                request = request.header(name, value);
            }
            let request = request.body(()).expect("a request");
            waiting.push(self.requests.send_request(request, true).expect("a stream").0);
        }
        let mut bodies = Vec::with_capacity(AT_A_TIME);
        let mut left = AT_A_TIME;
        while left > 0 {
            assert!(Pin::new(&mut self.client).poll(&mut context).is_pending());
            shift(&self.ends.0, &self.ends.1);
            while let Poll::Ready(accepted) = self.server.poll_accept(&mut context) {
                let (request, mut respond) = accepted.expect("alive").expect("a request");
                black_box(request);
                let mut response = Response::builder().header("content-length", BODY_BYTES);
                for (name, value) in RESPONSE_FIELDS {
                    response = response.header(name, value);
                }
                let response = response.body(()).expect("a response");
                let mut stream = respond.send_response(response, false).expect("a stream");
                stream.send_data(self.body.clone(), true).expect("a body");
            }
            while shift(&self.ends.1, &self.ends.0) > 0 {
                assert!(Pin::new(&mut self.client).poll(&mut context).is_pending());
                assert!(self.server.poll_accept(&mut context).is_pending());
            }
            waiting.retain_mut(|response| match Pin::new(response).poll(&mut context) {
                Poll::Ready(response) => {
                    bodies.push(response.expect("a response").into_body());
                    false
                }
                Poll::Pending => true,
            });
            bodies.retain_mut(|body| {
                while let Poll::Ready(data) = body.poll_data(&mut context) {
                    let Some(data) = data else {
                        left -= 1;
                        return false;
                    };
                    let data = data.expect("data");
                    body.flow_control().release_capacity(data.len()).expect("what came");
                }
                true
            });
        }
    }
}

fn gets(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("h2 100 GETs of 1 KiB, both ends");
    group.throughput(Throughput::Elements(AT_A_TIME as u64));
    let mut bare = Bare::new();
    group.bench_function("the h2 crate alone", |bencher| bencher.iter(|| bare.round()));
    let mut ours = Ours::new();
    group.bench_function("ours", |bencher| bencher.iter(|| ours.round()));
    group.finish();
}

fn main() {
    let mut criterion = criterion().configure_from_args();
    gets(&mut criterion);
    criterion.final_summary();
}
