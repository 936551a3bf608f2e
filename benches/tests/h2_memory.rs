//! What a connection of HTTP/2 holds, counted by an allocator: within 128 KiB and 64 KiB for each
//! stream in progress, and within 16 MiB whatever heads a peer makes of few bytes.

use bytes::Bytes;
use gateway_benches::{Counting, live_bytes, peak_bytes, restart_peak};
use gateway_h1h2::h2::{Connection, Options};
use gateway_h1h2::{
    Authority, BodySize, Event, PathAndQuery, RequestHead, ResponseHead, Scheme, StreamId, Target,
};
use http::{Method, StatusCode};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const KIB: usize = 1 << 10;
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0x0;
const HEADERS: u8 = 0x1;
const SETTINGS: u8 = 0x4;
const WINDOW_UPDATE: u8 = 0x8;
const END_STREAM: u8 = 0x1;
const END_HEADERS: u8 = 0x4;

/// What a connection with so many streams may hold.
fn bound(streams: usize) -> usize {
    128 * KIB + streams * 64 * KIB
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A field that goes into no table; both texts shorter than 127 bytes.
fn literal(name: &str, value: &str) -> Vec<u8> {
    let (name_bytes, value_bytes) = (name.len() as u8, value.len() as u8);
    [&[0, name_bytes], name.as_bytes(), &[value_bytes], value.as_bytes()].concat()
}

fn request_block(method: &str) -> Vec<u8> {
    [(":method", method), (":scheme", "https"), (":authority", "a.example"), (":path", "/")]
        .map(|(name, value)| literal(name, value))
        .concat()
}

/// A connection, and what it holds more than at the begin.
struct Held {
    connection: Connection,
    before: usize,
}

impl Held {
    fn new(connection: impl FnOnce() -> Connection) -> Self {
        let before = live_bytes();
        restart_peak();
        Self { connection: connection(), before }
    }

    /// Takes bytes, throws the output away and hands out the events.
    fn feed(&mut self, bytes: &[u8]) -> Vec<(StreamId, Event)> {
        // Who owns it drops it: what the caller has read is not the connection's to answer for.
        self.connection.receive(Bytes::copy_from_slice(bytes));
        let mut told = Vec::new();
        loop {
            while let Ok(Some(event)) = self.connection.poll_event() {
                told.push(event);
            }
            let mut output = Vec::new();
            if self.connection.poll_output(&mut output) == 0 || self.is_over() {
                return told;
            }
        }
    }

    fn is_over(&self) -> bool {
        self.connection.wants_close().is_some()
    }

    fn now(&self) -> usize {
        live_bytes() - self.before
    }

    fn peak(&self) -> usize {
        peak_bytes() - self.before
    }
}

fn greeted_server() -> Held {
    let mut held = Held::new(|| Connection::server(Options::default()));
    held.feed(&[PREFACE, &frame(SETTINGS, 0, 0, &[]), &frame(SETTINGS, 1, 0, &[])].concat());
    held
}

#[track_caller]
fn check(what: &str, streams: usize, bytes: usize) {
    assert!(bytes <= bound(streams), "{what}: {bytes} bytes for {streams} streams");
    record(&format!("{what}, {streams} streams"), bytes);
}

/// What `benches/RESULTS.md` records.
#[expect(clippy::print_stderr, reason = "figures are what this is for")]
fn record(what: &str, bytes: usize) {
    eprintln!("{what}: {} KiB", bytes / KIB);
}

#[test]
fn streams_without_bodies() {
    for streams in [1, 10, 128] {
        let mut held = greeted_server();
        let mut told = Vec::new();
        for number in 0..streams as u32 {
            let flags = END_STREAM | END_HEADERS;
            told.extend(held.feed(&frame(HEADERS, flags, 2 * number + 1, &request_block("GET"))));
        }
        assert_eq!(told.len(), 2 * streams);
        drop(told);
        check("requests that wait for their responses", streams, held.now());
    }
}

#[test]
fn bodies_that_nobody_has_asked_for() {
    // Every window full, in frames of many sizes; the caller has given no credit.
    let sizes = [16_128, 12_288, 9_216, 4_032, 1_024, 200];
    let many = sizes.map(|piece| (128, piece));
    for (streams, piece) in [(1, 16_128), (1, 1_024), (10, 16_128)].into_iter().chain(many) {
        let mut held = greeted_server();
        for number in 0..streams as u32 {
            held.feed(&frame(HEADERS, END_HEADERS, 2 * number + 1, &request_block("POST")));
        }
        restart_peak();
        let mut told = Vec::new();
        for _ in 0..63 * KIB / piece {
            for number in 0..streams as u32 {
                told.extend(held.feed(&frame(DATA, 0, 2 * number + 1, &vec![0; piece])));
            }
        }
        let body = told.iter().map(|(_, event)| match event {
            Event::Data(data) => data.len(),
            _ => 0,
        });
        assert_eq!(body.sum::<usize>(), streams * (63 * KIB / piece) * piece);
        // The caller has them all: what it holds is counted too.
        let list = told.capacity() * size_of::<(StreamId, Event)>();
        check(&format!("windows full of {piece} bytes each"), streams, held.now() - list);
        drop(told);
        check("the same once the caller has used them, without credit", 0, held.now());
    }
}

#[test]
fn responses_that_nobody_reads() {
    for streams in [1, 10, 128] {
        let mut held = greeted_server();
        // No window for streams.
        held.feed(&frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]));
        for number in 0..streams as u32 {
            let flags = END_STREAM | END_HEADERS;
            held.feed(&frame(HEADERS, flags, 2 * number + 1, &request_block("GET")));
        }
        restart_peak();
        for number in 0..streams as u64 {
            let stream = StreamId::new(2 * number + 1);
            let mut head = ResponseHead::new(StatusCode::OK);
            head.body = BodySize::Unknown;
            held.connection.send(stream, Event::ResponseHead(Box::new(head))).unwrap();
            let mut given = 0;
            while held.connection.wants_data(stream) {
                held.connection.send(stream, Event::Data(vec![0; 16 * KIB].into())).unwrap();
                given += 16 * KIB;
            }
            assert!(given >= 32 * KIB && held.connection.pending(stream) == given);
            held.feed(&[]);
        }
        check("responses without a window", streams, held.now());
        check("responses without a window, at most", streams, held.peak());
    }
}

#[test]
fn a_client_whose_uploads_stand_still() {
    let streams = 100;
    let mut held = Held::new(|| Connection::client(Options::default()));
    held.feed(&[frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]), frame(SETTINGS, 1, 0, &[])].concat());
    for _ in 0..streams {
        let authority = Authority::parse("a.example").unwrap();
        let path_and_query = PathAndQuery::ROOT;
        let target = Target::Absolute { scheme: Scheme::Https, authority, path_and_query };
        let mut head = RequestHead::new(Method::POST, target);
        head.body = BodySize::Unknown;
        let stream = held.connection.open();
        held.connection.send(stream, Event::RequestHead(Box::new(head))).unwrap();
        while held.connection.wants_data(stream) {
            held.connection.send(stream, Event::Data(vec![0; 16 * KIB].into())).unwrap();
        }
        held.feed(&[]);
    }
    check("requests without a window", streams, held.now());
}

/// A block that puts one field into the table and names it so many times, in a byte each.
fn bomb(name: &str, value: usize, times: usize) -> Vec<u8> {
    let mut bomb = request_block("GET");
    bomb.extend([0x40, name.len() as u8]);
    bomb.extend(name.as_bytes());
    match value {
        0..127 => bomb.push(value as u8),
        _ => bomb.extend([127, ((value - 127) % 128) as u8 | 128, ((value - 127) / 128) as u8]),
    }
    bomb.extend(vec![b'v'; value]);
    bomb.extend(vec![0x80 | 62; times]);
    bomb
}

#[test]
fn a_header_bomb_stays_below_16_mib() {
    // Many fields of nothing, some of 4,000 bytes each as long as the list may be, and far more.
    for (name, value, times) in
        [("x", 0, 1_900), ("x", 0, 120), ("x", 4_000, 14), ("x", 4_000, 300)]
    {
        for windows in [&[][..], &frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0])] {
            let mut held = greeted_server();
            held.feed(windows);
            let block = bomb(name, value, times);
            let mut wire = Vec::new();
            for number in 0..128 {
                let stream = 2 * number + 1;
                if block.len() > 16_000 {
                    wire.extend(frame(HEADERS, END_STREAM, stream, &block[..16_000]));
                    wire.extend(frame(0x9, END_HEADERS, stream, &block[16_000..]));
                } else {
                    wire.extend(frame(HEADERS, END_STREAM | END_HEADERS, stream, &block));
                }
            }
            wire.extend(frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]));
            restart_peak();
            // All at once, which is the worst.
            let sent = wire.len();
            held.connection.receive(wire.into());
            let mut told = Vec::new();
            loop {
                match held.connection.poll_event() {
                    Ok(Some(event)) => told.push(event),
                    Err(error) if error.stream().is_some() => {}
                    Ok(None) | Err(_) => break,
                }
            }
            let peak = held.peak();
            record(
                &format!("128 heads of {times} fields of {value} bytes, {sent} bytes sent"),
                peak,
            );
            assert!(peak < 16 << 20, "{peak} bytes");
        }
    }
}
