//! What a head must not hold, in both directions (RFC 9113 §8.2, §8.3, §10.3).

use super::super::frame::{CONTINUATION, DATA, HEADERS, RST_STREAM};
use super::*;
use crate::{Fields, SendError};
use wire::{END_HEADERS, ENDS, Side, block, frame};

/// A GET with one thing changed: the pseudo-field or field of this name has another value, or
/// stands there besides.
fn changed(name: &str, value: Option<&str>) -> Vec<u8> {
    let mut fields = wire::GET.to_vec();
    fields.retain(|(other, _)| *other != name);
    let place = if name.starts_with(':') { 0 } else { fields.len() };
    if let Some(value) = value {
        fields.insert(place, (name, value));
    }
    block(&fields)
}

/// A request that is told to nobody but its sender.
#[track_caller]
fn refused_by_engine(block: &[u8]) {
    let mut side = Side::server(options());
    side.feed(&frame(HEADERS, ENDS, 1, block));
    assert!(side.told(1).is_empty(), "{:?}", side.log);
    assert!(side.code(RST_STREAM).is_some() || side.ended().is_some());
}

/// A request that is told as an error, and may be answered.
#[track_caller]
fn refused(block: &[u8], told: &str) {
    let mut side = Side::server(options());
    let (front, rest) = block.split_at(block.len().min(16_000));
    side.feed(&frame(HEADERS, 1, 1, front));
    side.feed(&frame(CONTINUATION, END_HEADERS, 1, rest));
    assert_eq!((side.told(1), side.ended()), (vec![told], None));
    let page = response(400, BodySize::Empty);
    side.connection.send(StreamId::new(1), Event::ResponseHead(Box::new(page))).expect("a page");
    side.connection.send(StreamId::new(1), Event::End).expect("its end");
    side.feed(&wire::get(3, ENDS, &[]));
    assert!(side.written.iter().any(|(kind, stream, _)| (*kind, *stream) == (HEADERS, 1)));
    assert_eq!(side.told(3).len(), 2, "the next stream goes on");
}

#[test]
fn pseudo_fields() {
    for (name, value) in [
        (":method", None),
        (":scheme", None),
        (":path", None),
        (":path", Some("")),
        (":path", Some("x")),
        (":path", Some("/a b")),
        (":path", Some("/ HTTP/1.1\r\nHost: x\r\n\r\nGET /")),
        (":method", Some("GET / HTTP/1.1\r\nx: y")),
        (":method", Some("G ET")),
        (":authority", Some("")),
        (":authority", Some("a b")),
        (":authority", Some("a\r\nx: y")),
        (":status", Some("200")),
        (":protocol", Some("websocket")),
        (":unknown", Some("x")),
    ] {
        refused_by_engine(&changed(name, value));
    }
    for (name, value, told) in [
        (":authority", None, "host 400"),
        (":authority", Some("user@a.example"), "authority 400"),
        (":authority", Some("a.example:0"), "authority 400"),
        (":path", Some("*"), "target 400"),
        (":scheme", Some("ftp"), "target 400"),
        (":method", Some("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ"), "method 501"),
        (":method", Some("PRI"), "method 501"),
    ] {
        refused(&changed(name, value), told);
    }
    let long = format!("/{}", "x".repeat(16 * 1024));
    refused(&changed(":path", Some(&long)), "target-too-long 414");
    let twice = [wire::GET.as_slice(), &[(":path", "/b")]].concat();
    refused_by_engine(&block(&twice));
    let behind = [("a", "b"), wire::GET[0]];
    refused_by_engine(&block(&[&wire::GET[1..], &behind].concat()));
}

#[test]
fn fields_of_requests() {
    for (name, value) in [
        ("connection", "close"),
        ("keep-alive", "x"),
        ("proxy-connection", "x"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
        ("te", "gzip"),
        ("Upper", "x"),
        ("a b", "x"),
        ("a:b", "x"),
        ("a\r\nb", "x"),
        ("", "x"),
        ("a", "x\r\ny"),
        ("a", "x\0"),
        ("a", "x\ny"),
        ("content-length", "1"),
        ("content-length", "-0"),
        ("content-length", "0, 0"),
    ] {
        refused_by_engine(&changed(name, Some(value)));
    }
    for (name, value, told) in [
        ("a", " x", "field-value 400"),
        ("a", "x\t", "field-value 400"),
        ("host", "b.example", "host 400"),
        ("host", "a.example:80", "host 400"),
        ("host", "a b", "host 400"),
        ("transfer_encoding", "chunked", "field-name 400"),
        ("content.length", "1", "field-name 400"),
        ("x\"y", "z", "field-name 400"),
    ] {
        refused(&changed(name, Some(value)), told);
    }
    let get = wire::GET;
    refused(&block(&[&get[..], &[("host", "a.example"); 2]].concat()), "host 400");
    let lengths = block(&[&get[..], &[("content-length", "0"); 2]].concat());
    refused(&lengths, "content-length 400");
    refused(&block(&[&get[..], &[("x", "y"); 129]].concat()), "fields-too-many 431");
}

#[test]
fn what_is_right() {
    for (name, value, target) in [
        ("x", "y", "https://a.example/"),
        (":authority", "A.Example:443", "https://a.example:443/"),
        (":scheme", "http", "http://a.example/"),
        (":path", "//x/../{\"y\"}?z", "https://a.example//x/../{\"y\"}?z"),
        ("host", "A.example:443", "https://a.example/"),
        ("te", "trailers", "https://a.example/"),
    ] {
        let mut side = Side::server(options());
        side.feed(&frame(HEADERS, ENDS, 1, &changed(name, Some(value))));
        let told = side.told(1);
        assert_eq!(told.len(), 2, "{name}: {value}");
        assert!(told[0].starts_with(&format!("GET {target} Empty host=")), "{told:?}");
        assert!(!told[0].contains("host=A"), "{told:?}");
    }
    let crumbs = [("cookie", ""), ("cookie", "a=b"), ("x", "y"), ("cookie", "c=d"), ("cookie", "")];
    let mut side = Side::server(options());
    side.feed(&frame(HEADERS, ENDS, 1, &block(&[&wire::GET[..], &crumbs].concat())));
    assert!(side.told(1)[0].ends_with("cookie=a=b; c=d x=y"), "{:?}", side.told(1));
    let mut side = Side::server(options());
    let head = [(":method", "OPTIONS"), (":scheme", "https"), (":path", "*"), ("host", "a")];
    side.feed(&frame(HEADERS, ENDS, 1, &block(&head)));
    assert_eq!(side.told(1)[0], "OPTIONS https://a Empty host=a");
    let head = [(":method", "CONNECT"), (":authority", "a.example")];
    refused(&block(&head), "target 400");
}

#[test]
fn bodies_are_what_was_announced() {
    for pieces in [[&b"ab"[..], b"cd"], [b"a", b""]] {
        let mut side = Side::server(options());
        let get = wire::get(1, END_HEADERS, &[("content-length", "3")]);
        side.feed(&get);
        side.feed(&frame(DATA, 0, 1, pieces[0]));
        side.feed(&frame(DATA, 1, 1, pieces[1]));
        assert_eq!(side.told(1).last(), Some(&"message 400"));
        assert_eq!(side.code(RST_STREAM), Some(1));
    }
}

#[test]
fn responses() {
    let respond = |flags: u8, fields: &[(&str, &str)]| {
        let mut side = Side::client(options(), vec![request(Method::GET, "/")]);
        side.feed(&frame(HEADERS, flags, 1, &block(fields)));
        side
    };
    for fields in [
        &[("a", "b")][..],
        &[(":status", "20")],
        &[(":status", "abc")],
        &[(":status", "200"), ("connection", "x")],
        &[(":status", "200"), ("transfer-encoding", "chunked")],
        &[(":status", "200"), ("A", "b")],
        &[(":status", "200"), ("a", "b\r\nc")],
        &[(":status", "200"), ("content-length", "5")],
    ] {
        let side = respond(ENDS, fields);
        let told = side.told(0).first().copied().unwrap_or_default().to_owned();
        let refused = told.ends_with(" 502") || told == "reset Unanswered";
        assert!(refused, "{fields:?}: {:?}", side.log);
    }
    for (fields, told) in [
        (&[(":status", "200"), ("a", " b")][..], "field-value 502"),
        (&[(":status", "101")], "status 502"),
        (
            &[(":status", "200"), ("content-length", "0"), ("content-length", "0")],
            "content-length 502",
        ),
    ] {
        let mut side = respond(END_HEADERS, fields);
        assert_eq!((side.told(0), side.code(RST_STREAM)), (vec![told], Some(1)));
        assert_eq!(side.connection.pending(StreamId::new(0)), 0);
        side.feed(&[]);
        assert!(side.connection.is_idle());
    }
    let mut side = respond(END_HEADERS, &[(":status", "100")]);
    for _ in 0..8 {
        side.feed(&frame(HEADERS, END_HEADERS, 1, &block(&[(":status", "103")])));
    }
    assert_eq!(side.told(0).last(), Some(&"informational-too-many 502"));

    let mut side = Side::client(options(), vec![request(Method::HEAD, "/")]);
    side.feed(&frame(HEADERS, END_HEADERS, 1, &block(&[(":status", "200")])));
    side.feed(&frame(DATA, 0, 1, b"x"));
    assert_eq!(side.told(0)[0], "200 Unknown");
    assert!(side.told(0)[1].ends_with(" 502"), "a body where there is none: {:?}", side.log);
}

/// RFC 3986 §2: what no URI holds is sent percent-encoded, and nothing else is touched.
#[test]
fn paths_that_are_no_uri_are_sent_encoded() {
    for (path, sent) in [
        ("/<b>`x`</b>", "/%3Cb%3E%60x%60%3C/b%3E"),
        ("/a?q=<\"`'>?<", "/a?q=%3C%22`'%3E?%3C"),
        ("/\"%3c%2f{|}^\\?<", "/\"%3c%2f{|}^\\?%3C"),
        ("/\"{|}^\\?%22{|}^`\\?", "/\"{|}^\\?%22{|}^`\\?"),
        ("/?", "/?"),
    ] {
        let mut pair = Pair::new(usize::MAX);
        let head = request(Method::GET, path);
        pair.ask([Event::RequestHead(Box::new(head)), Event::End]);
        let told = format!("GET https://a.example{sent} Empty host=a.example");
        assert_eq!(pair.to_server[&1], [told.as_str(), "end"]);
    }
}

#[test]
fn what_cannot_be_sent() {
    let mut pair = Pair::new(usize::MAX);
    let mut send = |change: &dyn Fn(&mut RequestHead)| {
        let mut head = request(Method::GET, "/");
        change(&mut head);
        let stream = pair.client.open();
        pair.client.send(stream, Event::RequestHead(Box::new(head)))
    };
    let host = |host: &'static str| {
        let mut fields = Fields::new();
        fields.append("Host", host).expect("a field");
        fields
    };
    assert_eq!(send(&|head| head.target = Target::Asterisk), Err(SendError::Host));
    assert_eq!(
        send(&|head| head.target = Target::Origin(PathAndQuery::ROOT)),
        Err(SendError::Host)
    );
    assert_eq!(send(&|head| head.method = Method::CONNECT), Err(SendError::Target));
    let authority = Target::Authority(Authority::parse("a:1").expect("a host"));
    assert_eq!(send(&|head| head.target = authority.clone()), Err(SendError::Target));
    let websocket = Some(Bytes::from_static(b"websocket"));
    assert_eq!(send(&|head| head.protocol = websocket.clone()), Err(SendError::Target));
    assert_eq!(
        send(&|head| {
            (head.target, head.fields) = (Target::Asterisk, host("a"));
        }),
        Err(SendError::Target)
    );
    assert_eq!(
        send(&|head| {
            (head.target, head.fields) = (Target::Origin(PathAndQuery::ROOT), host("b"));
        }),
        Ok(())
    );
    pair.run();
    assert_eq!(pair.to_server[&1], ["GET https://b/ Empty host=b", "end"]);
    let unknown = StreamId::new(99);
    let sent = pair.client.send(unknown, Event::RequestHead(Box::new(request(Method::GET, "/"))));
    assert_eq!(sent, Err(SendError::Stream { stream: unknown }));
    let server = pair.server.send(unknown, Event::End);
    assert_eq!(server, Err(SendError::Stream { stream: unknown }));
    let one = StreamId::new(1);
    let switch = Event::ResponseHead(Box::new(response(101, BodySize::Empty)));
    assert_eq!(pair.server.send(one, switch), Err(SendError::UpgradeUnasked));
    let early = Event::ResponseHead(Box::new(response(103, BodySize::Empty)));
    assert_eq!(pair.server.send(one, early), Err(SendError::Order));
    assert_eq!(pair.server.send(one, data("x")), Err(SendError::Order));
    assert_eq!(pair.server.send(one, Event::End), Err(SendError::Order));
}
