//! Frames made by hand, and what came back.

use super::super::frame::{
    CONTINUATION, DATA, GOAWAY, HEADERS, PING, RST_STREAM, SETTINGS, WINDOW_UPDATE,
};
use super::*;

pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
pub(super) const END_STREAM: u8 = 0x1;
pub(super) const END_HEADERS: u8 = 0x4;
pub(super) const ENDS: u8 = END_STREAM | END_HEADERS;
pub(super) const PADDED: u8 = 0x8;
pub(super) const WITH_PRIORITY: u8 = 0x20;

// Error codes (RFC 9113 §7).
pub(super) const PROTOCOL_ERROR: u32 = 0x1;
pub(super) const FLOW_CONTROL_ERROR: u32 = 0x3;
pub(super) const STREAM_CLOSED: u32 = 0x5;
pub(super) const FRAME_SIZE_ERROR: u32 = 0x6;
pub(super) const REFUSED_STREAM: u32 = 0x7;
pub(super) const CANCEL: u32 = 0x8;
pub(super) const COMPRESSION_ERROR: u32 = 0x9;

/// One frame.
pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a small payload").to_be_bytes();
    let stream = stream.to_be_bytes();
    [&length[1..], &[kind, flags], &stream, payload].concat()
}

/// A header block of literal fields that goes into no table.
pub(super) fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let text = |text: &str| {
        let mut out = Vec::new();
        match u8::try_from(text.len()) {
            Ok(short @ 0..127) => out.push(short),
            _ => {
                let mut rest = text.len() - 127;
                out.push(127);
                while rest >= 128 {
                    out.push((rest % 128) as u8 | 128);
                    rest /= 128;
                }
                out.push(rest as u8);
            }
        }
        [out, text.as_bytes().to_vec()].concat()
    };
    fields.iter().flat_map(|(name, value)| [vec![0], text(name), text(value)].concat()).collect()
}

/// The pseudo-fields of a GET.
pub(super) const GET: [(&str, &str); 4] =
    [(":method", "GET"), (":scheme", "https"), (":authority", "a.example"), (":path", "/")];

/// A request with these fields besides.
pub(super) fn get(stream: u32, flags: u8, more: &[(&str, &str)]) -> Vec<u8> {
    frame(HEADERS, flags, stream, &block(&[&GET, more].concat()))
}

/// One role and what it has told and written.
pub(super) struct Side {
    pub(super) connection: Connection,
    pub(super) log: Log,
    /// Frames it has written: kind, stream and payload.
    pub(super) written: Vec<(u8, u32, Vec<u8>)>,
    output: Vec<u8>,
}

impl Side {
    /// A server that has been greeted.
    pub(super) fn server(options: Options) -> Self {
        let mut side = Self::new(Connection::server(options));
        side.feed(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat());
        side.feed(&frame(SETTINGS, 1, 0, &[]));
        side
    }

    /// A client that has been greeted and has asked for these.
    pub(super) fn client(options: Options, requests: Vec<RequestHead>) -> Self {
        let mut side = Self::new(Connection::client(options));
        side.feed(&[frame(SETTINGS, 0, 0, &[]), frame(SETTINGS, 1, 0, &[])].concat());
        requests.into_iter().for_each(|head| side.ask(head));
        side
    }

    /// Asks for one thing more.
    pub(super) fn ask(&mut self, head: RequestHead) {
        let stream = self.connection.open();
        self.connection.send(stream, Event::RequestHead(Box::new(head))).expect("a request");
        self.connection.send(stream, Event::End).expect("its end");
        self.feed(&[]);
    }

    pub(super) fn new(connection: Connection) -> Self {
        Self { connection, log: Log::new(), written: Vec::new(), output: Vec::new() }
    }

    /// Takes bytes, notes events and takes the output.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.connection.receive(Bytes::copy_from_slice(bytes));
        loop {
            note(&mut self.connection, &mut self.log);
            let mut output = Vec::new();
            if self.connection.poll_output(&mut output) == 0 {
                break;
            }
            self.output.extend(output.concat());
        }
        if self.output.starts_with(PREFACE) {
            self.output.drain(..PREFACE.len());
        }
        while let Some(header) = self.output.first_chunk::<9>() {
            let length = u32::from_be_bytes([0, header[0], header[1], header[2]]) as usize;
            let stream = u32::from_be_bytes([header[5], header[6], header[7], header[8]]);
            let kind = header[3];
            if self.output.len() < 9 + length {
                break;
            }
            let frame: Vec<u8> = self.output.drain(..9 + length).collect();
            self.written.push((kind, stream, frame[9..].to_vec()));
        }
    }

    pub(super) fn told(&self, stream: u64) -> Vec<&str> {
        self.log
            .get(&stream)
            .map(|log| log.iter().map(String::as_str).collect())
            .unwrap_or_default()
    }

    /// The code of the last frame of this kind.
    pub(super) fn code(&self, kind: u8) -> Option<u32> {
        let (_, _, payload) = self.written.iter().rev().find(|(written, _, _)| *written == kind)?;
        // GOAWAY has the last stream before its code.
        let code = payload.get(if kind == GOAWAY { 4 } else { 0 }..)?;
        code.first_chunk::<4>().map(|code| u32::from_be_bytes(*code))
    }

    /// Whether the connection is at an end; the code of its GOAWAY.
    pub(super) fn ended(&self) -> Option<Option<u32>> {
        self.connection.wants_close().map(|_| self.code(GOAWAY))
    }
}

#[test]
fn events_do_not_depend_on_the_pieces() {
    let settings = frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 100, 0x10, 1, 0, 0, 0, 7]);
    let wire = [
        PREFACE.to_vec(),
        settings,
        get(1, END_HEADERS, &[("content-length", "7"), ("x", "y")]),
        frame(DATA, 0, 1, b"some"),
        get(3, END_HEADERS, &[]),
        frame(DATA, END_STREAM, 3, b""),
        frame(DATA, 0x8, 1, b"\x02abc\0\0"),
        frame(DATA, END_STREAM, 1, b""),
        get(5, END_HEADERS, &[("cookie", "a=1"), ("accept", "*/*"), ("cookie", "b=2")]),
        frame(DATA, 0, 5, b"cut"),
        frame(RST_STREAM, 0, 5, &[0, 0, 0, 8]),
        frame(PING, 0, 0, b"12345678"),
        frame(HEADERS, END_STREAM, 7, &block(&GET)[..9]),
        frame(CONTINUATION, END_HEADERS, 7, &block(&GET)[9..]),
        get(9, END_HEADERS, &[("content-length", "2")]),
        frame(DATA, END_STREAM, 9, b"three"),
        frame(WINDOW_UPDATE, 0, 0, &[0, 0, 1, 0]),
        get(11, ENDS, &[]),
        get(13, END_HEADERS, &[]),
        frame(DATA, 0, 13, b"body"),
        frame(HEADERS, ENDS, 13, &block(&[("sum", "1")])),
        get(15, END_HEADERS, &[]),
        frame(RST_STREAM, 0, 15, &[0, 0, 0, 8]),
        frame(RST_STREAM, 0, 11, &[0, 0, 0, 8]),
    ]
    .concat();
    let run = |piece: usize| {
        let mut side = Side::new(Connection::server(options()));
        for piece in wire.chunks(piece) {
            side.feed(piece);
        }
        (side.log, side.connection.wants_close())
    };
    let whole = run(wire.len());
    assert_eq!(whole.0[&1].last().map(String::as_str), Some("end"));
    assert_eq!(whole.0[&3], ["GET https://a.example/ Unknown host=a.example", "end"]);
    let five = ["GET https://a.example/ Unknown host=a.example cookie=a=1; b=2 accept=*/*"];
    assert_eq!(whole.0[&5], [five[0], "data cut", "reset Cancelled"]);
    assert_eq!(whole.0[&9].last().map(String::as_str), Some("message 400"));
    assert_eq!(whole.0[&11][1..], ["end", "reset Cancelled"]);
    assert_eq!(whole.0[&13][1..], ["data body", "trailers sum=1", "end"]);
    assert_eq!(whole.0[&15][1..], ["reset Cancelled"]);
    assert_eq!(whole.1, None);
    for piece in [1, 2, 3, 7, 8, 9, 10, 50, 1_400, 16_384] {
        assert_eq!(run(piece), whole, "pieces of {piece}");
    }
}

#[test]
fn responses_do_not_depend_on_the_pieces() {
    let wire = [
        frame(SETTINGS, 0, 0, &[]),
        frame(HEADERS, END_HEADERS, 1, &block(&[(":status", "103"), ("link", "</x>")])),
        frame(HEADERS, END_HEADERS, 1, &block(&[(":status", "200"), ("content-length", "4")])),
        frame(DATA, 0, 1, b"some"),
        frame(HEADERS, END_HEADERS, 3, &block(&[(":status", "204")])),
        frame(DATA, END_STREAM, 1, b""),
        frame(RST_STREAM, 0, 1, &[0; 4]),
        frame(DATA, END_STREAM, 3, b""),
        frame(HEADERS, END_HEADERS, 5, &block(&[(":status", "200")])),
        frame(DATA, 0, 5, b"cut"),
        frame(RST_STREAM, 0, 5, &[0, 0, 0, 8]),
        frame(RST_STREAM, 0, 7, &[0, 0, 0, 7]),
        frame(HEADERS, ENDS, 11, &block(&[(":status", "200")])),
        frame(GOAWAY, 0, 0, &[0, 0, 0, 9, 0, 0, 0, 0]),
        frame(HEADERS, END_HEADERS, 9, &block(&[(":status", "200")])),
    ]
    .concat();
    let run = |piece: usize| {
        let requests = (0..7).map(|_| request(Method::GET, "/")).collect();
        let mut side = Side::client(options(), requests);
        for piece in wire.chunks(piece) {
            side.feed(piece);
        }
        side.connection.receive_eof();
        side.feed(&[]);
        side.log
    };
    let whole = run(wire.len());
    assert_eq!(whole[&0], ["103 Empty link=</x>", "200 Length(4)", "data some", "end"]);
    assert_eq!(whole[&1], ["204 Empty", "end"]);
    assert_eq!(whole[&2], ["200 Unknown", "data cut", "reset Cancelled"]);
    assert_eq!(whole[&3], ["retry"]);
    assert_eq!(whole[&4], ["200 Unknown", "reset Truncated"]);
    assert_eq!(whole[&5], ["200 Empty", "end"]);
    assert_eq!(whole[&6], ["retry"], "above the last stream that the server acted on");
    for piece in [1, 2, 3, 7, 8, 9, 10, 50, 1_400] {
        assert_eq!(run(piece), whole, "pieces of {piece}");
    }
}

#[test]
fn what_is_no_http2() {
    let mut side = Side::new(Connection::server(options()));
    side.feed(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(side.told(u64::MAX), ["preface 400"]);
    assert_eq!(side.ended(), Some(Some(1)));
    let mut side = Side::server(options());
    side.feed(&frame(DATA, 0, 0, b"x"));
    assert_eq!((side.told(u64::MAX), side.ended()), (vec!["protocol 400"], Some(Some(1))));
    let mut side = Side::server(options());
    side.feed(&frame(HEADERS, ENDS, 1, &[0xff; 20]));
    assert_eq!((side.told(u64::MAX), side.ended()), (vec!["protocol 400"], Some(Some(1))));
    let mut side = Side::client(options(), vec![request(Method::GET, "/")]);
    side.feed(&frame(0x5, END_HEADERS, 1, &[0, 0, 0, 2]));
    assert_eq!(side.told(u64::MAX), ["push-promise 502"]);
    assert_eq!((side.told(0), side.ended()), (vec!["reset Unanswered"], Some(Some(1))));
}

#[test]
fn output_comes_in_portions_and_nothing_is_read_that_adds_to_a_full_one() {
    let mut options = options();
    (options.limits.budgets.ping, options.limits.budgets.all) = (u32::MAX, u32::MAX);
    let most = options.limits.unread_bytes_max + options.limits.output_bytes_max;
    let mut side = Side::server(options.clone());
    let ping = frame(PING, 0, 0, b"12345678");
    let mut taken = 0;
    while side.connection.wants_input() && taken < 10 * most {
        side.connection.receive(Bytes::from(ping.clone()));
        assert_eq!(side.connection.poll_event(), Ok(None));
        taken += ping.len();
    }
    assert!(taken < 2 * most, "{taken} bytes were taken of a peer that does not read");
    assert!(side.connection.output_bytes() <= options.limits.output_bytes_max);
    side.feed(&[]);
    assert!(side.connection.wants_input());
    let answers = side.written.iter().filter(|(kind, _, _)| *kind == PING).count();
    assert_eq!(answers * ping.len(), taken, "all are answered once they can be");
}
