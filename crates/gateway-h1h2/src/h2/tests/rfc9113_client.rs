//! What RFC 9113 asks of a client, frame by frame of what a server may send it; what it asks of a
//! server is in `rfc9113`. Tests are named after its sections.

use super::super::frame::{
    CONTINUATION, DATA, GOAWAY, HEADERS, PING, PRIORITY, RST_STREAM, SETTINGS, WINDOW_UPDATE,
};
use super::wire::{
    COMPRESSION_ERROR, END_HEADERS, END_STREAM, ENDS, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, PADDED,
    PROTOCOL_ERROR, STREAM_CLOSED, Side, WITH_PRIORITY, block, frame,
};
use super::*;

const STATUS: &[(&str, &str)] = &[(":status", "200")];

/// A client that has asked for one thing, and then was sent these frames.
fn asked(frames: &[Vec<u8>]) -> Side {
    let mut side = Side::client(options(), vec![request(Method::GET, "/")]);
    frames.iter().for_each(|frame| side.feed(frame));
    side
}

/// A client that is in the middle of a response, and then was sent these frames.
fn answered(frames: &[Vec<u8>]) -> Side {
    asked(&[&[head(1, END_HEADERS)][..], frames].concat())
}

fn head(stream: u32, flags: u8) -> Vec<u8> {
    frame(HEADERS, flags, stream, &block(STATUS))
}

fn bytes_sent(side: &Side) -> usize {
    let data = side.written.iter().filter(|(kind, _, _)| *kind == DATA);
    data.map(|(_, _, data)| data.len()).sum()
}

/// A connection error (§5.4.1) with one of these codes, as the last word.
#[track_caller]
fn ends(side: &Side, codes: &[u32]) {
    let code = side.ended().flatten().unwrap_or(u32::MAX);
    assert!(codes.contains(&code), "{code}: {:?} {:?}", side.log, side.written);
    assert_eq!(side.written.last().map(|(kind, _, _)| *kind), Some(GOAWAY));
    assert!(!side.connection.can_open() && !side.connection.wants_input());
}

/// A stream error (§5.4.2): RST_STREAM for stream 1, an end that is not a clean one, and the
/// connection goes on.
#[track_caller]
fn resets(mut side: Side, code: u32) {
    let reset = side.written.iter().find(|(kind, stream, _)| (*kind, *stream) == (RST_STREAM, 1));
    let payload = reset.map(|(_, _, payload)| payload.clone());
    assert_eq!(payload, Some(code.to_be_bytes().to_vec()), "{:?} {:?}", side.log, side.written);
    assert_ne!(side.told(0).last().copied(), Some("end"));
    goes_on(&mut side);
}

/// A PING is answered, and so is a further request.
#[track_caller]
fn goes_on(side: &mut Side) {
    assert_eq!(side.ended(), None, "{:?} {:?}", side.log, side.written);
    side.feed(&frame(PING, 0, 0, b"goes on?"));
    let (kind, _, payload) = side.written.last().expect("an answer");
    assert_eq!((*kind, &payload[..]), (PING, &b"goes on?"[..]));
    side.ask(request(Method::GET, "/more"));
    let asked = side.written.iter().rev().find(|(kind, _, _)| *kind == HEADERS);
    let stream = asked.map(|(_, stream, _)| *stream).expect("a request");
    side.feed(&head(stream, ENDS));
    assert_eq!(side.told(u64::from(stream) / 2), ["200 Empty", "end"], "{:?}", side.log);
}

#[test]
fn s4_frames() {
    let mut reserved = frame(PING, 0, 0, b"12345678");
    reserved[5] |= 0x80;
    let unknown = [frame(0xff, 0, 0, b"unknown"), frame(0xff, 0xff, 1, b"unknown")];
    for ignored in [unknown[0].clone(), unknown[1].clone(), frame(PING, 0x16, 0, &[0; 8]), reserved]
    {
        goes_on(&mut answered(&[ignored]));
    }
    let most = answered(&[frame(DATA, END_STREAM, 1, &vec![0; 1 << 14])]);
    assert_eq!(most.told(0), ["200 Unknown", "16384 bytes", "end"]);
    for kind in [DATA, HEADERS, 0xff] {
        ends(&answered(&[frame(kind, 0, 1, &vec![0; (1 << 14) + 1])]), &[FRAME_SIZE_ERROR]);
    }
}

#[test]
fn s4_3_blocks() {
    for unreadable in [&b"\x00\xff\xff\xff\xff\xff\x07"[..], b"\x40\x05ab", b"\x80", b"\xff\x07"] {
        let side = asked(&[frame(HEADERS, ENDS, 1, unreadable)]);
        ends(&side, &[COMPRESSION_ERROR, PROTOCOL_ERROR]);
    }
    for between in [
        frame(PRIORITY, 0, 1, &[0, 0, 0, 0, 1]),
        head(3, ENDS),
        frame(DATA, 0, 1, b"x"),
        frame(PING, 0, 0, b"12345678"),
        frame(SETTINGS, 0, 0, &[]),
        frame(0xff, 0, 1, b"unknown"),
        frame(CONTINUATION, END_HEADERS, 3, &[]),
    ] {
        ends(&asked(&[head(1, END_STREAM), between]), &[PROTOCOL_ERROR]);
    }
}

#[test]
fn s5_1_idle_streams() {
    for wrong in [
        head(3, ENDS),
        frame(DATA, END_STREAM, 3, b"x"),
        frame(RST_STREAM, 0, 3, &[0, 0, 0, 8]),
        frame(WINDOW_UPDATE, 0, 3, &[0, 0, 0, 1]),
        frame(CONTINUATION, END_HEADERS, 3, &block(STATUS)),
    ] {
        ends(&asked(&[wrong]), &[PROTOCOL_ERROR]);
    }
    goes_on(&mut asked(&[frame(PRIORITY, 0, 7, &[0, 0, 0, 0, 1])]));
}

#[test]
fn s5_1_closed_streams() {
    let reset = frame(RST_STREAM, 0, 1, &[0, 0, 0, 8]);
    for before in [vec![head(1, ENDS)], vec![head(1, END_HEADERS), reset.clone()]] {
        for late in [frame(DATA, 0, 1, b"x"), frame(DATA, END_STREAM, 1, b""), head(1, ENDS)] {
            ends(&asked(&[before.clone(), vec![late]].concat()), &[STREAM_CLOSED]);
        }
        let more = frame(CONTINUATION, END_HEADERS, 1, &block(STATUS));
        ends(&asked(&[before.clone(), vec![more]].concat()), &[PROTOCOL_ERROR]);
        for fine in [
            frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 1]),
            frame(PRIORITY, 0, 1, &[0, 0, 0, 0, 1]),
            reset.clone(),
        ] {
            goes_on(&mut asked(&[before.clone(), vec![fine]].concat()));
        }
    }
}

#[test]
fn s5_1_1_streams_of_servers() {
    ends(&asked(&[head(2, ENDS)]), &[PROTOCOL_ERROR]);
    ends(&asked(&[head(0, ENDS)]), &[PROTOCOL_ERROR]);
}

#[test]
fn s6_1_data() {
    let side = answered(&[
        frame(DATA, 0, 1, b"one"),
        frame(DATA, PADDED, 1, b"\x03two\0\0\0"),
        frame(DATA, END_STREAM, 1, b""),
    ]);
    assert_eq!(side.told(0), ["200 Unknown", "data one", "data two", "end"]);
    ends(&answered(&[frame(DATA, 0, 0, b"x")]), &[PROTOCOL_ERROR]);
    for payload in [&b"\x04abc"[..], b"\xff", b""] {
        let side = answered(&[frame(DATA, PADDED, 1, payload)]);
        ends(&side, &[PROTOCOL_ERROR, FRAME_SIZE_ERROR]);
    }
}

#[test]
fn s6_2_headers() {
    let padded = [&[3][..], &block(STATUS), &[0; 3]].concat();
    let both = [&[3, 0, 0, 0, 0, 9][..], &block(STATUS), &[0; 3]].concat();
    for (flags, payload) in [(PADDED, padded), (PADDED | WITH_PRIORITY, both)] {
        let mut side = asked(&[frame(HEADERS, ENDS | flags, 1, &payload)]);
        assert_eq!(side.told(0), ["200 Empty", "end"]);
        goes_on(&mut side);
    }
    let beyond = [&[255][..], &block(STATUS)].concat();
    ends(&asked(&[frame(HEADERS, ENDS | PADDED, 1, &beyond)]), &[PROTOCOL_ERROR]);
}

#[test]
fn s6_3_priority() {
    ends(&asked(&[frame(PRIORITY, 0, 0, &[0, 0, 0, 0, 1])]), &[PROTOCOL_ERROR]);
    let side = asked(&[frame(PRIORITY, 0, 1, &[0, 0, 0, 0])]);
    assert_eq!(side.code(GOAWAY).or_else(|| side.code(RST_STREAM)), Some(FRAME_SIZE_ERROR));
}

#[test]
fn s6_4_rst_stream() {
    for code in [[0, 0, 0, 8], [0, 0, 0, 0xff]] {
        let mut side = answered(&[frame(RST_STREAM, 0, 1, &code)]);
        assert_eq!(side.told(0), ["200 Unknown", "reset Cancelled"]);
        goes_on(&mut side);
    }
    ends(&answered(&[frame(RST_STREAM, 0, 0, &[0; 4])]), &[PROTOCOL_ERROR]);
    ends(&answered(&[frame(RST_STREAM, 0, 1, &[0; 3])]), &[FRAME_SIZE_ERROR]);
}

#[test]
fn s6_5_settings() {
    let setting =
        |id: u8, value: u32| frame(SETTINGS, 0, 0, &[&[0, id][..], &value.to_be_bytes()].concat());
    ends(&asked(&[frame(SETTINGS, 1, 0, &[0; 6])]), &[FRAME_SIZE_ERROR]);
    ends(&asked(&[frame(SETTINGS, 0, 1, &[0, 3, 0, 0, 0, 9])]), &[PROTOCOL_ERROR]);
    ends(&asked(&[frame(SETTINGS, 0, 0, &[0; 3])]), &[FRAME_SIZE_ERROR]);
    for (id, value, code) in [
        (2, 2, PROTOCOL_ERROR),
        (4, 1 << 31, FLOW_CONTROL_ERROR),
        (5, (1 << 14) - 1, PROTOCOL_ERROR),
        (5, 1 << 24, PROTOCOL_ERROR),
    ] {
        ends(&asked(&[setting(id, value)]), &[code]);
    }
    for (id, value) in [(1, 0), (4, 0), (5, (1 << 24) - 1), (6, 1 << 20), (0xff, 1)] {
        let mut side = asked(&[setting(id, value)]);
        let (kind, _, payload) = side.written.last().expect("an acknowledgement");
        assert_eq!((*kind, payload.len()), (SETTINGS, 0));
        goes_on(&mut side);
    }
}

#[test]
fn s6_7_ping() {
    goes_on(&mut asked(&[]));
    let side = asked(&[frame(PING, 1, 0, b"12345678")]);
    assert!(side.written.iter().all(|(kind, _, _)| *kind != PING), "an answer has no answer");
    ends(&asked(&[frame(PING, 0, 1, b"12345678")]), &[PROTOCOL_ERROR]);
    ends(&asked(&[frame(PING, 0, 0, b"123456")]), &[FRAME_SIZE_ERROR]);
}

#[test]
fn s6_8_go_away() {
    ends(&asked(&[frame(GOAWAY, 0, 1, &[0; 8])]), &[PROTOCOL_ERROR]);
    // Of a code that is not known: what it was to answer still comes.
    let leaves = frame(GOAWAY, 0, 0, &[0, 0, 0, 1, 0, 0, 0, 0xff]);
    let side = asked(&[leaves, head(1, ENDS)]);
    assert!(!side.connection.can_open());
    assert!(side.ended().is_some());
    assert!(!side.told(0).is_empty());
}

/// A client with a body for a server that has given it no window.
fn uploads(body: &str) -> Side {
    let mut side = Side::client(options(), Vec::new());
    side.feed(&frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]));
    let stream = side.connection.open();
    let mut head = request(Method::POST, "/");
    head.body = BodySize::Length(body.len() as u64);
    for event in [Event::RequestHead(Box::new(head)), data(body), Event::End] {
        side.connection.send(stream, event).expect("a request");
    }
    side.feed(&[]);
    side
}

#[test]
fn s6_9_windows() {
    let window = |stream, bytes: u32| frame(WINDOW_UPDATE, 0, stream, &bytes.to_be_bytes());
    let setting = |bytes: u8| frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, bytes]);
    ends(&answered(&[window(0, 0)]), &[PROTOCOL_ERROR]);
    ends(&answered(&[frame(WINDOW_UPDATE, 0, 0, &[0; 3])]), &[FRAME_SIZE_ERROR]);
    ends(&answered(&[window(0, 0x7fff_ffff)]), &[FLOW_CONTROL_ERROR]);
    let mut side = uploads("some text");
    assert_eq!(bytes_sent(&side), 0);
    // A window below nothing (§6.9.2) opens with what is above it.
    for (frame, sent) in
        [(window(1, 3), 3), (setting(2), 5), (setting(0), 5), (window(1, 1), 5), (window(1, 2), 6)]
    {
        side.feed(&frame);
        assert_eq!(bytes_sent(&side), sent);
    }
    side.feed(&window(1, 9));
    assert_eq!(bytes_sent(&side), 9);
    let mut side = uploads("some text");
    side.feed(&window(1, 0x7fff_ffff));
    side.feed(&window(1, 1));
    assert_eq!(bytes_sent(&side), 9);
    side.feed(&head(1, ENDS));
    assert_eq!(side.told(0), ["200 Empty", "end"]);
}

#[test]
fn s6_9_1_a_server_that_sends_beyond_its_window() {
    let mut side = answered(&[]);
    for _ in 0..5 {
        side.feed(&frame(DATA, 0, 1, &vec![0; 16_384]));
    }
    let code = side.code(RST_STREAM).or_else(|| side.ended().flatten());
    assert_eq!(code, Some(FLOW_CONTROL_ERROR));
    assert_ne!(side.told(0).last().copied(), Some("end"));
}

#[test]
fn s6_10_continuation() {
    let more = |flags, stream| frame(CONTINUATION, flags, stream, &block(&[("a", "b")]));
    let mut side = asked(&[head(1, END_STREAM), more(0, 1), more(END_HEADERS, 1)]);
    assert_eq!(side.told(0), ["200 Empty a=b a=b", "end"]);
    goes_on(&mut side);
    ends(&asked(&[head(1, END_STREAM), more(END_HEADERS, 0)]), &[PROTOCOL_ERROR]);
    ends(&answered(&[more(END_HEADERS, 1)]), &[PROTOCOL_ERROR]);
    ends(&answered(&[frame(DATA, 0, 1, b"x"), more(END_HEADERS, 1)]), &[PROTOCOL_ERROR]);
    ends(
        &asked(&[head(1, END_STREAM), more(END_HEADERS, 1), more(END_HEADERS, 1)]),
        &[PROTOCOL_ERROR],
    );
}

#[test]
fn s8_1_messages() {
    let trailers = |flags| frame(HEADERS, flags, 1, &block(&[("sum", "1")]));
    let side = answered(&[frame(DATA, 0, 1, b"x"), trailers(ENDS)]);
    assert_eq!(side.told(0), ["200 Unknown", "data x", "trailers sum=1", "end"]);
    resets(answered(&[frame(DATA, 0, 1, b"x"), trailers(END_HEADERS)]), PROTOCOL_ERROR);
    // A body without a head in front of it.
    let side = asked(&[frame(DATA, END_STREAM, 1, b"x")]);
    assert!(side.ended().is_some() || side.code(RST_STREAM) == Some(PROTOCOL_ERROR));
    assert_ne!(side.told(0).last().copied(), Some("end"));
}

#[test]
fn s8_1_1_lengths() {
    let head =
        |flags| frame(HEADERS, flags, 1, &block(&[(":status", "200"), ("content-length", "4")]));
    let data = |flags, body: &[u8]| frame(DATA, flags, 1, body);
    resets(asked(&[head(END_HEADERS), data(END_STREAM, b"abc")]), PROTOCOL_ERROR);
    resets(asked(&[head(END_HEADERS), data(0, b"abc"), data(END_STREAM, b"de")]), PROTOCOL_ERROR);
    // Both sides have ended: there is nothing left to reset.
    let mut side = asked(&[head(ENDS)]);
    assert_eq!(side.told(0), ["message 502"]);
    goes_on(&mut side);
    let side = asked(&[head(END_HEADERS), data(END_STREAM, b"abcd")]);
    assert_eq!(side.told(0), ["200 Length(4)", "data abcd", "end"]);
}

/// No head that is told as one, and no end that is a clean one.
#[track_caller]
fn malformed(fields: &[(&str, &str)]) {
    let side = asked(&[frame(HEADERS, ENDS, 1, &block(fields))]);
    let told = side.told(0).first().copied().unwrap_or_default().to_owned();
    assert!(told.ends_with(" 502") || told == "reset Unanswered", "{fields:?}: {told}");
    assert_ne!(side.told(0).last().copied(), Some("end"));
}

#[test]
fn s8_2_fields() {
    for field in [
        ("X-TEST", "ok"),
        ("a b", "c"),
        ("a\r\nb", "c"),
        ("a", "b\r\nc: d"),
        ("a", "b\0"),
        ("a", " b"),
        ("a", "b\t"),
        ("connection", "keep-alive"),
        ("proxy-connection", "keep-alive"),
        ("keep-alive", "timeout=5"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
    ] {
        malformed(&[STATUS[0], field]);
    }
}

#[test]
fn s8_3_2_status() {
    malformed(&[("a", "b")]);
    malformed(&[("a", "b"), STATUS[0]]);
    malformed(&[(":status", "abc")]);
    malformed(&[(":status", "20")]);
    malformed(&[STATUS[0], STATUS[0]]);
}
