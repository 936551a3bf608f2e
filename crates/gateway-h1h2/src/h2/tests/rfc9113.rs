//! What RFC 9113 asks of an endpoint, frame by frame: one module for each of its sections, named
//! after it. Codes are those of its §7.

mod s3;
mod s4;
mod s5;
mod s6;
mod s7;
mod s8;

use super::super::frame::{
    CONTINUATION, DATA, GOAWAY, HEADERS, PING, PRIORITY, PUSH_PROMISE, RST_STREAM, SETTINGS,
    WINDOW_UPDATE,
};
use super::wire::{
    CANCEL, COMPRESSION_ERROR, END_HEADERS, END_STREAM, ENDS, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR,
    GET, PADDED, PREFACE, PROTOCOL_ERROR, REFUSED_STREAM, STREAM_CLOSED, Side, WITH_PRIORITY,
    block, frame, get,
};
use super::*;

/// A request whose body is still to come.
fn open() -> Vec<u8> {
    get(1, END_HEADERS, &[])
}

/// A request that is complete and waits for its response: half-closed (remote).
fn asked() -> Vec<u8> {
    get(1, ENDS, &[])
}

/// A server that was sent these frames, one after the other.
fn server(frames: &[Vec<u8>]) -> Side {
    let mut side = Side::server(options());
    frames.iter().for_each(|frame| side.feed(frame));
    side
}

/// A server that has answered the request on stream 1, and then was sent these frames.
fn closed(frames: &[Vec<u8>]) -> Side {
    let mut side = server(&[asked()]);
    answer(&mut side, 1, "x");
    frames.iter().for_each(|frame| side.feed(frame));
    side
}

fn answer(side: &mut Side, stream: u64, body: &str) {
    let id = StreamId::new(stream);
    let head = Event::ResponseHead(Box::new(response(200, BodySize::Unknown)));
    for event in [head, data(body), Event::End] {
        side.connection.send(id, event).expect("a response");
    }
    side.feed(&[]);
}

/// A connection error (§5.4.1): GOAWAY with this code, and the end of the connection.
#[track_caller]
fn ends(side: &Side, code: u32) {
    assert_eq!(side.ended(), Some(Some(code)), "{:?} {:?}", side.log, side.written);
    assert_eq!(side.written.last().map(|(kind, _, _)| *kind), Some(GOAWAY));
}

/// A stream error (§5.4.2): RST_STREAM with this code for stream 1, and the connection goes on.
#[track_caller]
fn resets(side: &mut Side, code: u32) {
    let reset = side.written.iter().find(|(kind, stream, _)| (*kind, *stream) == (RST_STREAM, 1));
    let payload = reset.map(|(_, _, payload)| payload.clone());
    assert_eq!(payload, Some(code.to_be_bytes().to_vec()), "{:?} {:?}", side.log, side.written);
    goes_on(side);
}

/// Frames for a stream that is closed, or half-closed by the peer: STREAM_CLOSED, as an error of the
/// connection, which may stand in for one of a stream (§5.4.1).
#[track_caller]
fn is_closed(side: &Side) {
    ends(side, STREAM_CLOSED);
}

/// The connection is as it was: a PING is answered, and a request told.
#[track_caller]
fn goes_on(side: &mut Side) {
    assert_eq!(side.ended(), None, "{:?} {:?}", side.log, side.written);
    side.feed(&frame(PING, 0, 0, b"goes on?"));
    let (kind, _, payload) = side.written.last().expect("an answer");
    assert_eq!((*kind, &payload[..]), (PING, &b"goes on?"[..]));
    side.feed(&get(99, ENDS, &[]));
    assert_eq!(side.told(99).len(), 2, "{:?}", side.log);
}
