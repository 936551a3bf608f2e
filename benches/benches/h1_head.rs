//! Parsing a request head of 703 bytes, beside `httparse` alone and `httparse` with a
//! `http::Request` built from it.
//!
//! The rivals only tokenise; ours also decides on framing, runs its checks, validates the target
//! and can be fed byte by byte. The whole exchange adds the answer.

use std::hint::black_box;
use std::mem::MaybeUninit;

use bytes::Bytes;
use criterion::{Criterion, Throughput};
use gateway_benches::{CpuTime, REQUEST, criterion};
use gateway_h1h2::h1::{Connection, Options};
use gateway_h1h2::{Event, RequestHead, ResponseHead};
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri};

fn server_head(server: &mut Connection, head: Bytes) -> RequestHead {
    server.receive(head);
    match server.poll_event() {
        Ok(Some((_, Event::RequestHead(head)))) => *head,
        other => panic!("{other:?}"),
    }
}

fn exchange(server: &mut Connection, head: Bytes, output: &mut Vec<Bytes>) -> RequestHead {
    let head = server_head(server, head);
    let Ok(Some((stream, Event::End))) = server.poll_event() else { panic!("no end") };
    let answer = Event::ResponseHead(Box::new(ResponseHead::new(StatusCode::NO_CONTENT)));
    for event in [answer, Event::End] {
        server.send(stream, event).expect("an answer");
    }
    output.clear();
    server.poll_output(output);
    head
}

fn tokens<'h, 'b>(
    fields: &'h mut [MaybeUninit<httparse::Header<'b>>; 128],
    head: &'b [u8],
) -> httparse::Request<'h, 'b> {
    let mut request = httparse::Request::new(&mut []);
    let status = request.parse_with_uninit_headers(head, fields).expect("a valid head");
    assert!(status.is_complete());
    request
}

/// As hyper does it: values share the buffer, names are looked up or copied.
fn http_request(head: &Bytes) -> http::Request<()> {
    let mut fields = [MaybeUninit::uninit(); 128];
    let tokens = tokens(&mut fields, head);
    let mut request = http::Request::new(());
    let method = tokens.method.expect("a method").as_bytes();
    *request.method_mut() = Method::from_bytes(method).expect("a method");
    let path = head.slice_ref(tokens.path.expect("a target").as_bytes());
    *request.uri_mut() = Uri::from_maybe_shared(path).expect("a target");
    request.headers_mut().reserve(tokens.headers.len());
    for field in tokens.headers.iter() {
        let name = HeaderName::from_bytes(field.name.as_bytes()).expect("a name");
        let value = HeaderValue::from_maybe_shared(head.slice_ref(field.value)).expect("a value");
        request.headers_mut().append(name, value);
    }
    request
}

fn heads(criterion: &mut Criterion<CpuTime>) {
    let head = Bytes::from(REQUEST.to_vec());
    let mut group = criterion.benchmark_group("h1 head of 703 bytes");
    group.throughput(Throughput::Bytes(head.len() as u64));
    group.bench_function("httparse alone", |bencher| {
        bencher.iter(|| {
            let mut fields = [MaybeUninit::uninit(); 128];
            black_box(tokens(&mut fields, black_box(&head)));
        });
    });
    group.bench_function("httparse and http::Request", |bencher| {
        bencher.iter(|| black_box(http_request(black_box(&head))));
    });
    group.bench_function("gateway-h1h2, a connection for each", |bencher| {
        bencher.iter(|| {
            let mut server = Connection::server(Options::default());
            black_box(server_head(&mut server, head.clone()))
        });
    });
    group.bench_function("gateway-h1h2, whole exchange", |bencher| {
        let mut server = Connection::server(Options::default());
        let mut output = Vec::new();
        bencher.iter(|| black_box(exchange(&mut server, head.clone(), &mut output)));
    });
    group.bench_function("gateway-h1h2, whole exchange and HeaderMap", |bencher| {
        let mut server = Connection::server(Options::default());
        let mut output = Vec::new();
        bencher.iter(|| {
            let head = exchange(&mut server, head.clone(), &mut output);
            black_box(head.fields.header_map())
        });
    });
    group.finish();
}

/// The same head in pieces of 16 bytes: ours beside a parser that begins anew with each of them.
fn drips(criterion: &mut Criterion<CpuTime>) {
    let head = Bytes::from(REQUEST.to_vec());
    let pieces: Vec<Bytes> = head.chunks(16).map(|piece| head.slice_ref(piece)).collect();
    let mut group = criterion.benchmark_group("h1 head of 703 bytes in 44 pieces");
    group.bench_function("httparse anew for each", |bencher| {
        bencher.iter(|| {
            for end in pieces.iter().scan(0, |end, piece| {
                *end += piece.len();
                Some(*end)
            }) {
                let mut fields = [MaybeUninit::uninit(); 128];
                let mut request = httparse::Request::new(&mut []);
                let front = black_box(&head[..end]);
                let _ = black_box(request.parse_with_uninit_headers(front, &mut fields));
            }
        });
    });
    group.bench_function("gateway-h1h2", |bencher| {
        bencher.iter(|| {
            let mut server = Connection::server(Options::default());
            for piece in &pieces {
                server.receive(piece.clone());
                let _ = black_box(server.poll_event());
            }
            assert!(!server.is_idle(), "a head has come");
        });
    });
    group.finish();
}

fn main() {
    let mut criterion = criterion().configure_from_args();
    heads(&mut criterion);
    drips(&mut criterion);
    criterion.final_summary();
}
