//! RFC 9113 §4 and §6: the frames, one by one.

use super::Answer::{Body, Ends, GoesOn, Pong, Resets, Response, Settled};
use super::wire::*;
use super::{Case, case};

pub(super) fn cases(wire: &Wire) -> Vec<Case> {
    [
        format(wire),
        data(wire),
        headers(wire),
        priority_and_reset(wire),
        settings(wire),
        ping_and_go_away(wire),
        window_update(wire),
        windows(wire),
        continuation(wire),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn format(w: &Wire) -> Vec<Case> {
    const S: &str = "RFC 9113 §4.1";
    let mut reserved = frame(PING, 0, 0, b"reserved");
    reserved[5] |= 0x80;
    let most = vec![0; 1 << 14];
    let more = vec![0; (1 << 14) + 1];
    let (size, block) = (Ends(&[FRAME_SIZE_ERROR]), "RFC 9113 §4.3");
    vec![
        case(S, "unknown type", vec![frame(0x16, 0, 0, &[0; 8])], GoesOn),
        case(S, "unknown flags", vec![frame(PING, 0x16, 0, b"somemore")], Pong(*b"somemore")),
        case(S, "reserved bit", vec![reserved], Pong(*b"reserved")),
        case(
            "RFC 9113 §4.2",
            "DATA of 16 KiB",
            vec![w.open(), frame(DATA, END_STREAM, 1, &most)],
            Response(1),
        ),
        case(
            "RFC 9113 §4.2",
            "longer DATA",
            vec![w.open(), frame(DATA, END_STREAM, 1, &more)],
            Resets(1, &[FRAME_SIZE_ERROR]),
        ),
        case("RFC 9113 §4.2", "longer HEADERS", vec![frame(HEADERS, ENDS, 1, &more)], size),
        case(
            block,
            "block that breaks off",
            vec![frame(HEADERS, ENDS, 1, b"\x00\xff\xff\xff\xff\xff\x07")],
            Ends(&[COMPRESSION_ERROR, PROTOCOL_ERROR]),
        ),
        case(
            block,
            "PRIORITY within a block",
            vec![frame(HEADERS, END_STREAM, 1, &w.get()), priority(1, 0, 9)],
            Ends(&[PROTOCOL_ERROR]),
        ),
        case(
            block,
            "another head within a block",
            vec![frame(HEADERS, END_STREAM, 1, &w.get()), w.asked(3)],
            Ends(&[PROTOCOL_ERROR]),
        ),
        case("RFC 9113 §5.5", "extension", vec![frame(0x20, 0, 0, &[0; 8])], GoesOn),
        case(
            "RFC 9113 §5.5",
            "extension within a block",
            vec![frame(HEADERS, END_STREAM, 1, &w.get()), frame(0x20, 0, 0, &[0; 8])],
            Ends(&[PROTOCOL_ERROR]),
        ),
    ]
}

fn data(w: &Wire) -> Vec<Case> {
    const S: &str = "RFC 9113 §6.1";
    let end = |payload: &[u8]| frame(DATA, END_STREAM, 1, payload);
    vec![
        case(S, "a body", vec![w.open(), end(b"body")], Response(1)),
        case(S, "in two frames", vec![w.open(), frame(DATA, 0, 1, b"a"), end(b"b")], Response(1)),
        case(
            S,
            "padding",
            vec![w.open(), frame(DATA, PADDED | END_STREAM, 1, b"\x03body\0\0\0")],
            Response(1),
        ),
        case(
            S,
            "without a stream",
            vec![frame(DATA, END_STREAM, 0, b"x")],
            Ends(&[PROTOCOL_ERROR]),
        ),
        case(S, "behind the end", vec![w.asked(1), end(b"x")], Resets(1, &[STREAM_CLOSED])),
        case(
            S,
            "padding that is longer than the frame",
            vec![w.open(), frame(DATA, PADDED | END_STREAM, 1, b"\x05body")],
            Ends(&[PROTOCOL_ERROR]),
        ),
    ]
}

fn headers(w: &Wire) -> Vec<Case> {
    const S: &str = "RFC 9113 §6.2";
    let padded = |padding: u8| [&[padding][..], &w.get(), &[0; 3]].concat();
    let with_priority = [&[0, 0, 0, 0, 9][..], &w.get()].concat();
    vec![
        case(S, "a request", vec![w.asked(1)], Response(1)),
        case(S, "padding", vec![frame(HEADERS, ENDS | PADDED, 1, &padded(3))], Response(1)),
        case(
            S,
            "priority",
            vec![frame(HEADERS, ENDS | WITH_PRIORITY, 1, &with_priority)],
            Response(1),
        ),
        case(
            S,
            "a block that another frame breaks off",
            vec![frame(HEADERS, 0, 1, &w.get()), priority(1, 0, 1)],
            Ends(&[PROTOCOL_ERROR]),
        ),
        case(
            S,
            "a block that another stream breaks off",
            vec![frame(HEADERS, 0, 1, &w.get()), w.asked(3)],
            Ends(&[PROTOCOL_ERROR]),
        ),
        case(
            S,
            "without a stream",
            vec![frame(HEADERS, ENDS, 0, &w.get())],
            Ends(&[PROTOCOL_ERROR]),
        ),
        case(
            S,
            "padding that is longer than the frame",
            vec![frame(HEADERS, ENDS | PADDED, 1, &padded(255))],
            Ends(&[PROTOCOL_ERROR]),
        ),
    ]
}

fn priority_and_reset(w: &Wire) -> Vec<Case> {
    const P: &str = "RFC 9113 §6.3";
    const R: &str = "RFC 9113 §6.4";
    let taken = |frame| vec![frame, w.asked(3)];
    vec![
        case(P, "lowest weight", taken(priority(1, 0, 0)), Response(3)),
        case(P, "highest weight", taken(priority(1, 0, 255)), Response(3)),
        case(P, "on another stream", taken(priority(1, 3, 9)), Response(3)),
        case(P, "alone on another stream", taken(priority(1, 0x8000_0003, 9)), Response(3)),
        case(P, "of a later stream", vec![priority(7, 0, 9), w.asked(3)], Response(3)),
        case(P, "without a stream", vec![priority(0, 1, 9)], Ends(&[PROTOCOL_ERROR])),
        case(
            P,
            "of four bytes",
            vec![w.open(), frame(PRIORITY, 0, 1, &[0, 0, 0, 0])],
            Resets(1, &[FRAME_SIZE_ERROR]),
        ),
        case(R, "of an open stream", vec![w.open(), reset(1)], GoesOn),
        case(R, "without a stream", vec![reset(0)], Ends(&[PROTOCOL_ERROR])),
        case(R, "of an idle stream", vec![reset(1)], Ends(&[PROTOCOL_ERROR])),
        case(
            R,
            "of three bytes",
            vec![w.open(), frame(RST_STREAM, 0, 1, &[0, 0, 8])],
            Ends(&[FRAME_SIZE_ERROR]),
        ),
        case(
            "RFC 9113 §7",
            "unknown code",
            vec![w.open(), frame(RST_STREAM, 0, 1, &[0, 0, 0, 0xff])],
            GoesOn,
        ),
    ]
}

fn settings(w: &Wire) -> Vec<Case> {
    const S: &str = "RFC 9113 §6.5";
    const D: &str = "RFC 9113 §6.5.2";
    let twice = [[0, 4, 0, 0, 0, 100], [0, 4, 0, 0, 0, 1]].concat();
    vec![
        case(S, "of everything", vec![frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 100])], Settled),
        case(
            S,
            "acknowledgement with a payload",
            vec![frame(SETTINGS, 1, 0, &[0; 6])],
            Ends(&[FRAME_SIZE_ERROR]),
        ),
        case(
            S,
            "of a stream",
            vec![frame(SETTINGS, 0, 1, &[0, 3, 0, 0, 0, 100])],
            Ends(&[PROTOCOL_ERROR]),
        ),
        case(
            S,
            "of three bytes",
            vec![frame(SETTINGS, 0, 0, &[0, 3, 0])],
            Ends(&[FRAME_SIZE_ERROR]),
        ),
        case(D, "push neither on nor off", vec![setting(2, 2)], Ends(&[PROTOCOL_ERROR])),
        case(D, "window too large", vec![setting(4, 1 << 31)], Ends(&[FLOW_CONTROL_ERROR])),
        case(D, "frames too small", vec![setting(5, (1 << 14) - 1)], Ends(&[PROTOCOL_ERROR])),
        case(D, "frames too large", vec![setting(5, 1 << 24)], Ends(&[PROTOCOL_ERROR])),
        case(D, "unknown", vec![setting(0xff, 1)], GoesOn),
        case(
            "RFC 9113 §6.5.3",
            "the last of two windows",
            vec![frame(SETTINGS, 0, 0, &twice), w.asked(1)],
            Body(1),
        ),
        case("RFC 9113 §6.5.3", "acknowledged", vec![setting(1, 0)], Settled),
    ]
}

fn ping_and_go_away(w: &Wire) -> Vec<Case> {
    const P: &str = "RFC 9113 §6.7";
    const G: &str = "RFC 9113 §6.8";
    let unasked = frame(PING, 1, 0, b"unasked!");
    let unknown = frame(GOAWAY, 0, 0, &[0, 0, 0, 0, 0, 0, 0, 0xff]);
    vec![
        case(
            P,
            "answered",
            vec![frame(PING, 0, 0, b"\0\x01\x02\x03\x04\x05\x06\x07")],
            Pong([0, 1, 2, 3, 4, 5, 6, 7]),
        ),
        // The first that comes back is the answer to the second.
        case(
            P,
            "an answer has none",
            vec![unasked, frame(PING, 0, 0, b"question")],
            Pong(*b"question"),
        ),
        case(P, "of a stream", vec![frame(PING, 0, 1, b"12345678")], Ends(&[PROTOCOL_ERROR])),
        case(P, "of six bytes", vec![frame(PING, 0, 0, b"123456")], Ends(&[FRAME_SIZE_ERROR])),
        case(
            "RFC 9113 §5.4.1",
            "GOAWAY before the end",
            vec![w.asked(1), frame(PING, 0, 0, b"123456")],
            Ends(&[FRAME_SIZE_ERROR]),
        ),
        case(G, "behind a request", vec![w.asked(1), frame(GOAWAY, 0, 0, &[0; 8])], Response(1)),
        case(G, "of a stream", vec![frame(GOAWAY, 0, 1, &[0; 8])], Ends(&[PROTOCOL_ERROR])),
        case("RFC 9113 §7", "GOAWAY of an unknown code", vec![w.asked(1), unknown], Response(1)),
    ]
}

fn window_update(w: &Wire) -> Vec<Case> {
    const S: &str = "RFC 9113 §6.9";
    const F: &str = "RFC 9113 §6.9.1";
    vec![
        case(S, "of the connection", vec![window(0, 1), w.asked(1)], Response(1)),
        case(
            S,
            "of a stream",
            vec![w.open(), window(1, 1), frame(DATA, END_STREAM, 1, b"x")],
            Response(1),
        ),
        case(S, "of nothing", vec![window(0, 0)], Ends(&[PROTOCOL_ERROR])),
        case(
            S,
            "of nothing for a stream",
            vec![w.open(), window(1, 0)],
            Resets(1, &[PROTOCOL_ERROR]),
        ),
        case(
            S,
            "of three bytes",
            vec![frame(WINDOW_UPDATE, 0, 0, &[0, 0, 1])],
            Ends(&[FRAME_SIZE_ERROR]),
        ),
        case(F, "beyond the most", vec![window(0, 0x7fff_ffff)], Ends(&[FLOW_CONTROL_ERROR])),
        case(
            F,
            "beyond the most of a stream",
            vec![w.open(), window(1, 0x7fff_ffff)],
            Resets(1, &[FLOW_CONTROL_ERROR]),
        ),
    ]
}

fn windows(w: &Wire) -> Vec<Case> {
    const S: &str = "RFC 9113 §6.9.2";
    vec![
        case("RFC 9113 §6.9.1", "a byte at a time", vec![setting(4, 1), w.asked(1)], Body(1)),
        Case {
            source: S,
            about: "a window that comes later",
            steps: vec![
                ([setting(4, 0), w.asked(1)].concat(), Response(1)),
                (setting(4, 1), Body(1)),
            ],
        },
        Case {
            source: S,
            about: "a window below nothing",
            steps: vec![
                ([setting(4, 3), w.asked(1)].concat(), Body(3)),
                ([setting(4, 2), window(1, 2)].concat(), Body(1)),
            ],
        },
        case(S, "beyond the most", vec![setting(4, u32::MAX)], Ends(&[FLOW_CONTROL_ERROR])),
    ]
}

fn continuation(w: &Wire) -> Vec<Case> {
    const S: &str = "RFC 9113 §6.10";
    let fields = w.get();
    let (front, rest) = fields.split_at(9);
    let (middle, end) = rest.split_at(9);
    let begun = || frame(HEADERS, END_STREAM, 1, front);
    let ended = |stream| frame(CONTINUATION, END_HEADERS, stream, rest);
    let late = frame(CONTINUATION, END_HEADERS, 1, &block(&[("x", "y")]));
    vec![
        case(S, "one", vec![begun(), ended(1)], Response(1)),
        case(
            S,
            "several",
            vec![
                begun(),
                frame(CONTINUATION, 0, 1, middle),
                frame(CONTINUATION, END_HEADERS, 1, end),
            ],
            Response(1),
        ),
        case(
            S,
            "and then another frame",
            vec![begun(), frame(CONTINUATION, 0, 1, rest), frame(DATA, 0, 1, b"x")],
            Ends(&[PROTOCOL_ERROR]),
        ),
        case(S, "without a stream", vec![begun(), ended(0)], Ends(&[PROTOCOL_ERROR])),
        case(S, "behind a whole head", vec![w.open(), late.clone()], Ends(&[PROTOCOL_ERROR])),
        case(S, "behind its last", vec![begun(), ended(1), late.clone()], Ends(&[PROTOCOL_ERROR])),
        case(
            S,
            "behind DATA",
            vec![w.open(), frame(DATA, 0, 1, b"x"), late],
            Ends(&[PROTOCOL_ERROR]),
        ),
    ]
}
