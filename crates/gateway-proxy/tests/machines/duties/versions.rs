//! Versions, and what becomes of a message between them.

use super::subject::{GET, Subject, asked, refused};
use crate::frames::{
    DATA, END_STREAM, GOAWAY, HEADERS, PREFACE, RST_STREAM, SETTINGS, frame, request,
};

pub(super) fn rfc_9112_2_3_versions(subject: &dyn Subject) {
    for (version, status) in [
        ("http/1.1", 400),
        ("Http/1.1", 400),
        ("HTTP/1.1x", 400),
        ("HTTP/01.1", 400),
        ("HTTP/1", 400),
        ("HTTP 1.1", 400),
        ("HTTP/1.2", 505),
        ("HTTP/0.9", 505),
        ("HTTP/2.0", 505),
        ("HTTP/3.0", 505),
    ] {
        refused(subject, &GET.replace("HTTP/1.1", version), status);
    }
    refused(subject, "GET http://a.test/x\r\n\r\n", 400);
    let passes = asked(subject, "GET http://a.test/x HTTP/1.0\r\n\r\n");
    assert!(passes.starts_with("GET /x HTTP/1.1\r\nHost: a.test\r\n"), "{passes}");
    assert!(passes.contains("\r\nVia: 1.0 gateway\r\n"), "{passes}");
    // Who begins with the preface speaks HTTP/2.
    let mut talk = subject.begin();
    talk.client(PREFACE);
    assert_eq!(talk.at_client().get(3..5), Some(&[SETTINGS, 0][..]), "{:?}", talk.at_client());
}

/// The kinds of the frames that the client got on this stream.
fn kinds(mut bytes: &[u8], of: u32) -> Vec<u8> {
    let mut kinds = Vec::new();
    while let [a, b, c, kind, _, d, e, f, g, rest @ ..] = bytes {
        let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
        if u32::from_be_bytes([*d, *e, *f, *g]) == of {
            kinds.push(*kind);
        }
        bytes = rest.get(length..).unwrap_or_default();
    }
    kinds
}

pub(super) fn rfc_9113_8_2_from_http2(subject: &dyn Subject) {
    for bad in [
        (":method", "GET / HTTP/1.1\r\nX: y\r\n\r\nGET"),
        (":method", "G T"),
        (":path", "/ HTTP/1.1\r\nX: y\r\n\r\nGET /"),
        (":path", "/a b"),
        (":path", ""),
        (":authority", "a.test\r\nX: y"),
        (":authority", "u@a.test"),
        (":scheme", "http://a.test/ HTTP/1.1\r\nX: y\r\n\r\n"),
        (":bad", "x"),
        ("x", "y\r\nTransfer-Encoding: chunked"),
        ("x", "y\0"),
        ("x", " y"),
        ("x", "y\t"),
        ("x: y\r\nz", "z"),
        ("X-Upper", "y"),
        ("", "y"),
        ("x y", "y"),
        ("transfer-encoding", "chunked"),
        ("transfer_encoding", "chunked"),
        ("transfer-encoding:chunked ", "chunked"),
        ("content_length", "9"),
        ("content-length", "+0"),
        ("content-length", "0, 0"),
        ("content-length", "9"),
        ("connection", "close"),
        ("keep-alive", "5"),
        ("proxy-connection", "x"),
        ("upgrade", "x"),
        ("te", "gzip"),
        ("host", "b.test"),
    ] {
        let mut talk = subject.begin();
        talk.client(PREFACE);
        talk.client(&request(1, END_STREAM, "/bad", &[bad]));
        talk.client(&request(3, END_STREAM, "/good", &[]));
        let sent = talk.at_origin();
        let told = kinds(&talk.at_client(), 1);
        if told.iter().any(|kind| [HEADERS, RST_STREAM].contains(kind)) {
            // The stream alone is refused: the others go on.
            assert!(sent.starts_with("POST /good HTTP/1.1\r\nHost: a.test\r\n"), "{bad:?}: {sent}");
            assert_eq!(sent.matches(" HTTP/1.1\r\n").count(), 1, "{bad:?}: {sent}");
        } else {
            assert!(kinds(&talk.at_client(), 0).contains(&GOAWAY), "{bad:?}");
            assert_eq!(sent, "", "{bad:?}");
        }
    }
    // A length is what comes, or the message is cut.
    for (length, data) in [("0", "abcd"), ("3", "abcd"), ("5", "abcd")] {
        let mut talk = subject.begin();
        talk.client(PREFACE);
        talk.client(&request(1, 0, "/x", &[("content-length", length)]));
        talk.client(&frame(DATA, END_STREAM, 1, data.as_bytes()));
        let sent = talk.at_origin();
        let whole = sent.split_once("\r\n\r\n").is_some_and(|(_, body)| body.len() >= 5);
        assert!(!whole && (sent.is_empty() || talk.origin_is_closed()), "{length}: {sent}");
    }
    let mut talk = subject.begin();
    talk.client(PREFACE);
    let fields = [
        ("cookie", "a=b"),
        ("x", "y"),
        ("cookie", "c=d"),
        ("te", "trailers"),
        ("content-length", "4"),
    ];
    talk.client(&request(1, 0, "/x?y", &fields));
    talk.client(&frame(DATA, END_STREAM, 1, b"abcd"));
    let sent = talk.at_origin();
    assert!(sent.starts_with("POST /x?y HTTP/1.1\r\nHost: a.test\r\n"), "{sent}");
    for line in ["cookie: a=b; c=d", "x: y", "TE: trailers", "Connection: TE", "Content-Length: 4"]
    {
        assert!(sent.contains(&format!("\r\n{line}\r\n")), "{line}: {sent}");
    }
    assert!(sent.ends_with("\r\n\r\nabcd"), "{sent}");
}

pub(super) fn rfc_9113_8_3_to_http2(subject: &dyn Subject) {
    let requests = subject.asked_over_http2(
        "GET /x?y HTTP/1.1\r\nHost: A.test:443\r\nConnection: keep-alive, X-Hop, TE\r\nX-Hop: 1\r\n\
         Keep-Alive: 5\r\nTE: gzip, trailers\r\nUpgrade: h2c\r\nCookie: a=b; c=d\r\nX-End: z\r\n\r\n",
    );
    let [request] = &requests[..] else { panic!("{} requests", requests.len()) };
    let host = request.url.trim_start_matches("https://");
    assert!(host == "a.test/x?y" || host == "a.test:443/x?y", "{}", request.url);
    let all = |wanted: &str| -> Vec<&str> {
        let of_it = request.fields.iter().filter(|(name, _)| name == wanted);
        of_it.map(|(_, value)| value.as_str()).collect()
    };
    assert_eq!(all("cookie"), ["a=b; c=d"]);
    assert_eq!(all("te"), ["trailers"]);
    assert_eq!(all("x-end"), ["z"]);
    for name in ["connection", "x-hop", "keep-alive", "upgrade", "transfer-encoding"] {
        assert!(all(name).is_empty(), "{name}");
    }
    // What would be no message there is refused here.
    refused(subject, "GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\nX: y\0\r\n\r\n", 400);
}
