//! Parses HTTP/1.1 requests as a server would, and shows what is in them or what is wrong.
//!
//! `cargo run -p gateway-examples --example parse_request [FILE]`
#![expect(clippy::print_stdout, reason = "a program that shows something")]

use std::{env, fs, io};

use bytes::Bytes;
use gateway_h1h2::h1::{Connection, Options};
use gateway_h1h2::{Event, ResponseHead};
use http::StatusCode;

const SAMPLE: &[u8] =
    b"POST /notes?draft HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\
    \r\n5\r\nhello\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1, 2\r\n\r\n";

fn main() -> io::Result<()> {
    let bytes = env::args().nth(1).map_or_else(|| Ok(SAMPLE.to_vec()), fs::read)?;
    for line in parse(bytes.into()) {
        println!("{line}");
    }
    Ok(())
}

/// A line per event; each request is answered, since the next one is read only then.
fn parse(bytes: Bytes) -> Vec<String> {
    let mut server = Connection::server(Options::default());
    server.receive(bytes);
    server.receive_eof();
    let mut lines = Vec::new();
    loop {
        match server.poll_event() {
            Ok(None) => return lines,
            Ok(Some((stream, Event::RequestHead(head)))) => {
                let fields = head.fields.len();
                lines.push(format!("{stream}: {} {}, {fields} fields", head.method, head.target));
            }
            Ok(Some((stream, Event::End))) => {
                let head = Event::ResponseHead(Box::new(ResponseHead::new(StatusCode::NO_CONTENT)));
                for event in [head, Event::End] {
                    if let Err(error) = server.send(stream, event) {
                        lines.push(format!("{stream}: {error}"));
                    }
                }
            }
            Ok(Some((stream, event))) => lines.push(format!("{stream}: {event:?}")),
            Err(error) => {
                lines.push(format!("{}: {}: {error}", error.stream, error.status()));
                return lines; // Nothing is read behind an error.
            }
        }
    }
}

#[test]
fn one_request_is_read_and_one_refused() {
    let lines = parse(SAMPLE.into());
    assert_eq!(lines[..2], ["0: POST /notes?draft, 1 fields", "0: Data(b\"hello\")"]);
    assert!(lines[2].starts_with("1: 400 Bad Request: "), "{lines:?}");
}
