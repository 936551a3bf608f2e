//! RFC 9113 §8: messages, and what their fields may be.

use super::Answer::{Bodiless, Ends, Refusal, Resets, Response};
use super::wire::*;
use super::{Answer, Case, case};

const MALFORMED: Answer = Resets(1, &[PROTOCOL_ERROR]);

pub(super) fn cases(wire: &Wire) -> Vec<Case> {
    [exchanges(wire), names(wire), pseudo_fields(wire), lengths(wire)]
        .into_iter()
        .flatten()
        .collect()
}

fn exchanges(w: &Wire) -> Vec<Case> {
    const S: &str = "RFC 9113 §8.1";
    let trailers = |name, flags| frame(HEADERS, flags, 1, &block(&[(name, "x")]));
    let body = || frame(DATA, 0, 1, b"body");
    let promise = [&[0, 0, 0, 2][..], &w.get()].concat();
    vec![
        case(S, "GET", vec![w.asked(1)], Response(1)),
        case(S, "HEAD", vec![frame(HEADERS, ENDS, 1, &block(&w.pseudo("HEAD")))], Bodiless),
        case(S, "POST", vec![w.open(), frame(DATA, END_STREAM, 1, b"body")], Response(1)),
        case(S, "POST with trailers", vec![w.open(), body(), trailers("x-sum", ENDS)], Response(1)),
        case(S, "a second head", vec![w.open(), body(), trailers("x-sum", END_HEADERS)], MALFORMED),
        case(
            "RFC 9113 §8.3",
            "a pseudo-field behind a body",
            vec![w.open(), body(), trailers(":method", ENDS)],
            MALFORMED,
        ),
        case(
            "RFC 9113 §8.4",
            "a client that pushes",
            vec![w.open(), frame(PUSH_PROMISE, END_HEADERS, 1, &promise)],
            Ends(&[PROTOCOL_ERROR]),
        ),
    ]
}

/// A GET with one field besides.
fn with(w: &Wire, source: &'static str, name: &'static str, value: &str) -> Case {
    let fields = [w.get(), block(&[(name, value)])].concat();
    case(source, name, vec![frame(HEADERS, ENDS, 1, &fields)], MALFORMED)
}

fn names(w: &Wire) -> Vec<Case> {
    const B: &str = "RFC 9113 §8.2.1";
    const C: &str = "RFC 9113 §8.2.2";
    let blank = [w.get(), block(&[("blank", " b")])].concat();
    let te = [w.get(), block(&[("te", "trailers")])].concat();
    vec![
        with(w, "RFC 9113 §8.2", "X-TEST", "ok"),
        with(w, B, "a b", "c"),
        with(w, B, "a\r\nb", "c"),
        with(w, B, "crlf", "b\r\nc: d"),
        with(w, B, "nul", "b\0"),
        with(w, C, "connection", "keep-alive"),
        with(w, C, "keep-alive", "timeout=5"),
        with(w, C, "proxy-connection", "keep-alive"),
        with(w, C, "transfer-encoding", "chunked"),
        with(w, C, "upgrade", "h2c"),
        with(w, C, "te", "trailers, deflate"),
        case(B, "blank", vec![frame(HEADERS, ENDS, 1, &blank)], Refusal),
        case(C, "te: trailers", vec![frame(HEADERS, ENDS, 1, &te)], Response(1)),
    ]
}

fn pseudo_fields(w: &Wire) -> Vec<Case> {
    const S: &str = "RFC 9113 §8.3";
    const R: &str = "RFC 9113 §8.3.1";
    let pseudo = w.pseudo("GET");
    let sent = |fields: &[(&str, &str)]| vec![frame(HEADERS, ENDS, 1, &block(fields))];
    let [method, scheme, authority, path] = pseudo;
    let mut cases = vec![
        case(S, "unknown", sent(&[method, scheme, authority, path, (":test", "ok")]), MALFORMED),
        case(S, "status", sent(&[method, scheme, authority, path, (":status", "200")]), MALFORMED),
        case(S, "behind a field", sent(&[method, scheme, authority, ("x", "y"), path]), MALFORMED),
        case(R, "empty path", sent(&[method, scheme, authority, (":path", "")]), MALFORMED),
        case(R, "no method", sent(&[scheme, authority, path]), MALFORMED),
        case(R, "no scheme", sent(&[method, authority, path]), MALFORMED),
        case(R, "no path", sent(&[method, scheme, authority]), MALFORMED),
    ];
    let twice = [("method", method), ("scheme", scheme), ("authority", authority), ("path", path)];
    for (about, field) in twice {
        let fields = [&pseudo[..], &[field]].concat();
        cases.push(case(R, about, sent(&fields), MALFORMED));
    }
    cases
}

fn lengths(w: &Wire) -> Vec<Case> {
    const S: &str = "RFC 9113 §8.1.1";
    let head = |flags| w.post(flags, &[("content-length", "4")]);
    let data = |flags, body: &[u8]| frame(DATA, flags, 1, body);
    vec![
        case(S, "right", vec![head(END_HEADERS), data(END_STREAM, b"four")], Response(1)),
        case(S, "too short", vec![head(END_HEADERS), data(END_STREAM, b"two")], MALFORMED),
        case(
            S,
            "too long, in two frames",
            vec![head(END_HEADERS), data(0, b"four"), data(END_STREAM, b"five")],
            MALFORMED,
        ),
        case(S, "none", vec![head(ENDS)], MALFORMED),
    ]
}
