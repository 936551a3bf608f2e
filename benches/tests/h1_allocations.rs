//! How often HTTP/1.1 asks for memory, and how often it looks at the bytes of a head that drips in.

use bytes::{Bytes, BytesMut};
use gateway_benches::{Counting, REQUEST, allocations};
use gateway_h1h2::h1::{Connection, Options};
use gateway_h1h2::{BodySize, Event, RequestHead, ResponseHead, StreamId};
use http::StatusCode;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn head(server: &mut Connection, wire: Bytes) -> (StreamId, Box<RequestHead>) {
    server.receive(wire);
    match server.poll_event() {
        Ok(Some((stream, Event::RequestHead(head)))) => (stream, head),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_head_costs_two_allocations() {
    let wire = Bytes::from_static(REQUEST);
    let before = allocations();
    let mut server = Connection::server(Options::default());
    let (_, head) = head(&mut server, wire);
    // The head itself and the places of its fields.
    assert_eq!(allocations() - before, 2);
    assert_eq!(head.fields.len(), 12);
}

#[test]
fn an_exchange_on_a_connection_that_is_kept_costs_three() {
    let mut server = Connection::server(Options::default());
    let (mut read, mut output) = (BytesMut::with_capacity(4096), Vec::new());
    let mut last = 0;
    for _ in 0..10 {
        let before = allocations();
        read.reserve(REQUEST.len());
        read.extend_from_slice(REQUEST);
        let (stream, head) = head(&mut server, read.split().freeze());
        assert_eq!(server.poll_event().unwrap(), Some((stream, Event::End)));
        drop(head);
        let mut answer = ResponseHead::new(StatusCode::OK);
        answer.body = BodySize::Length(5);
        server.send(stream, Event::ResponseHead(Box::new(answer))).unwrap();
        server.send(stream, Event::Data(Bytes::from_static(b"hello"))).unwrap();
        server.send(stream, Event::End).unwrap();
        server.poll_output(&mut output);
        assert!(output.concat().ends_with(b"hello"));
        output.clear();
        last = allocations() - before;
    }
    // The two of the request and the head of the answer; one more is this test's own.
    assert_eq!(last, 4);
}

#[test]
fn a_dripping_head_is_linear_work() {
    for fields in [1, 10, 100] {
        let line = "X-Padding: 0123456789abcdefghijklmnopqrstuvwxyz\r\n";
        let wire = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", line.repeat(fields));
        for piece_bytes in [1, 2, 7, 64, 1_000, wire.len()] {
            let mut server = Connection::server(Options::default());
            let mut heads = 0;
            for piece in wire.as_bytes().chunks(piece_bytes) {
                server.receive(Bytes::copy_from_slice(piece));
                while let Some((_, event)) = server.poll_event().unwrap() {
                    heads += usize::from(matches!(event, Event::RequestHead(_)));
                }
            }
            assert_eq!(heads, 1);
            let most = 2 * wire.len() as u64;
            assert!(server.head_bytes_examined() <= most, "{piece_bytes} of {}", wire.len());
        }
    }
}
