//! The classes of smuggling between the versions: what comes over HTTP/2 goes on over HTTP/1.1 as the
//! one message that was meant, or not as a whole message, in both directions.

use bytes::Bytes;
use gateway_proxy::{Agreed, Input, Wire};

use super::{EVIL, EVIL_RESPONSE, messages};
use crate::frames::{
    DATA, END_HEADERS, END_STREAM, HEADERS, PREFACE, SETTINGS, block, frame, request,
};
use crate::scene::Scene;

type Messages = Vec<(String, String)>;

/// The whole messages in `wire`.
fn whole(wire: &[u8]) -> Messages {
    messages(wire).into_iter().filter(|(_, body)| body != "…").collect()
}

/// The same, whether bytes come at once or one by one.
fn in_any_pieces(
    wire: &[u8],
    seen: impl Fn(&mut dyn Iterator<Item = &[u8]>) -> Messages,
) -> Messages {
    let at_once = seen(&mut std::iter::once(wire));
    assert_eq!(seen(&mut wire.chunks(1)), at_once, "byte by byte");
    at_once
}

/// What origins of HTTP/1.1 are asked, as a whole, when a client of HTTP/2 asks for `/x` with these
/// fields and this body.
fn asked(fields: &[(&str, &str)], body: &str) -> Messages {
    let head = request(1, 0, "/x", fields);
    let wire = [PREFACE, &head, &frame(DATA, END_STREAM, 1, body.as_bytes())].concat();
    in_any_pieces(&wire, |pieces| {
        let mut scene = Scene::usual();
        for piece in pieces {
            if !scene.session.is_done() {
                scene.client(piece);
            }
        }
        scene.to_origin.values().flat_map(|wire| whole(wire)).collect()
    })
}

/// What a client of HTTP/1.1 is answered, as a whole, when an origin of HTTP/2 answers with these
/// fields and this body.
fn answered(fields: &[(&str, &str)], body: &str) -> Messages {
    let wire = [
        frame(SETTINGS, 0, 0, b""),
        frame(HEADERS, END_HEADERS, 1, &block(fields)),
        frame(DATA, END_STREAM, 1, body.as_bytes()),
    ]
    .concat();
    in_any_pieces(&wire, |pieces| {
        let mut scene = Scene::usual();
        scene.agreed = [Agreed::Http2, Agreed::Http11];
        scene.client("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n");
        scene.client(crate::tunnels::hello_offering("a.test", &["http/1.1"]));
        scene.take_client();
        scene.client("GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n");
        let origin = Wire::Origin(scene.last_origin());
        for piece in pieces {
            if !scene.session.is_done() && !scene.closed.contains_key(&origin) {
                scene.give(Input::Bytes(origin, Bytes::copy_from_slice(piece)));
            }
        }
        whole(&scene.to_client)
    })
}

fn one(start: &str, body: &str) -> Messages {
    vec![(start.to_owned(), body.to_owned())]
}

/// No whole request comes of these fields.
#[track_caller]
fn stopped(fields: &[(&str, &str)], body: &str) {
    assert_eq!(asked(fields, body), [], "{fields:?}");
}

/// The client is told that there is no response, or the response is cut.
#[track_caller]
fn response_stopped(fields: &[(&str, &str)], body: &str) {
    let fields = [&[(":status", "200")], fields].concat();
    let told = answered(&fields, body);
    assert!(
        told.iter().all(|(start, _)| start.starts_with("HTTP/1.1 502 ")),
        "{fields:?}: {told:?}"
    );
    assert!(told.len() < 2, "{fields:?}: {told:?}");
}

/// H2.CL: a length that is not that of the body.
#[test]
fn h2_cl() {
    let (few, many) = ((EVIL.len() - 1).to_string(), (EVIL.len() + 1).to_string());
    for length in ["0", "1", &few, &many, "+0", "0, 0", ""] {
        stopped(&[("content-length", length)], EVIL);
    }
    stopped(&[("content-length", "0"), ("content-length", &EVIL.len().to_string())], EVIL);
    let length = EVIL.len().to_string();
    assert_eq!(asked(&[("content-length", &length)], EVIL), one("POST /x HTTP/1.1", EVIL));

    let (few, many) = ((EVIL_RESPONSE.len() - 1).to_string(), EVIL_RESPONSE.len() + 1);
    for length in ["0", "1", &few, &many.to_string(), "+0", "0, 0", ""] {
        response_stopped(&[("content-length", length)], EVIL_RESPONSE);
    }
    let (status, length) = ((":status", "200"), EVIL_RESPONSE.len().to_string());
    let told = answered(&[status, ("content-length", &length)], EVIL_RESPONSE);
    assert_eq!(told, one("HTTP/1.1 200 OK", EVIL_RESPONSE));
}

/// H2.TE: a coding that would hide the body.
#[test]
fn h2_te() {
    for field in [
        ("transfer-encoding", "chunked"),
        ("transfer-encoding", "identity"),
        ("transfer_encoding", "chunked"),
        ("transfer-encoding:chunked ", "chunked"),
        ("transfer-encoding ", "chunked"),
        ("Transfer-Encoding", "chunked"),
        ("connection", "transfer-encoding"),
        ("x", "y\r\nTransfer-Encoding: chunked"),
        ("x\r\ntransfer-encoding", "chunked"),
    ] {
        stopped(&[field], &format!("0\r\n\r\n{EVIL}"));
        response_stopped(&[field], &format!("0\r\n\r\n{EVIL_RESPONSE}"));
    }
    stopped(&[("te", "chunked")], EVIL);
}

/// H2.0: a body without a length goes on with one, or in chunks.
#[test]
fn h2_0() {
    for method in ["GET", "POST", "DELETE", "OPTIONS"] {
        let start = format!("{method} /x HTTP/1.1");
        assert_eq!(asked(&[(":method", method)], EVIL), one(&start, EVIL));
        assert_eq!(asked(&[(":method", method)], ""), one(&start, ""));
    }
    let told = answered(&[(":status", "200")], EVIL_RESPONSE);
    assert_eq!(told, one("HTTP/1.1 200 OK", EVIL_RESPONSE));
}

/// Bytes that end a line in HTTP/1.1, wherever a message of HTTP/2 can hold some.
#[test]
fn h2_tunnelling_through_line_ends() {
    for field in [
        (":method", "GET / HTTP/1.1\r\nX: y\r\n\r\nGET"),
        (":path", "/ HTTP/1.1\r\nHost: a.test\r\n\r\nGET /evil"),
        (":authority", "a.test\r\nX: y"),
        (":scheme", "http://a.test/ HTTP/1.1\r\nX: y\r\n\r\n"),
        (":protocol", "x\r\nX: y"),
        ("x\r\ny", "z"),
        ("x: y\r\nz", "z"),
        ("x", "y\r\nz: z"),
        ("x", "y\rz"),
        ("x", "y\nz"),
        ("x", "y\0z"),
    ] {
        stopped(&[field], "");
        if !field.0.starts_with(':') {
            response_stopped(&[field], "");
        }
    }
    for status in ["200 OK\r\nX: y", "101", "20", "2000", "+200", ""] {
        let told = answered(&[(":status", status)], "");
        assert!(
            told.iter().all(|(start, _)| start.starts_with("HTTP/1.1 502 ")),
            "{status}: {told:?}"
        );
    }
}
