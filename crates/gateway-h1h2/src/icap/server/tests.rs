//! What clients may offer in which pieces, and what is answered.

use proptest::prelude::*;

use super::*;
use crate::icap::{Event, Exchange, Modify, Service};
use crate::{BodySize, RequestHead, ResponseHead, Target};
use http::{Method, StatusCode};

const RESPONSE: &str = "HTTP/1.1 200 OK\r\nX-A: b\r\n\r\n";

fn respmod(more: &str, body: &str) -> String {
    format!(
        "RESPMOD icap://a.test/scan?x=y ICAP/1.0\r\nHost: a.test\r\n{more}\
         Encapsulated: res-hdr=0, res-body={}\r\n\r\n{RESPONSE}{body}",
        RESPONSE.len()
    )
}

fn output(server: &mut Server) -> String {
    let bytes: Vec<u8> = std::iter::from_fn(|| server.poll_output()).flatten().collect();
    String::from_utf8(bytes).unwrap()
}

/// What is asked when `wire` comes in pieces of `size`, data joined, up to where an answer is due.
fn asked(server: &mut Server, wire: &[u8], size: usize) -> Vec<Ask> {
    let mut asks = Vec::new();
    for piece in wire.chunks(size) {
        server.receive(piece);
        while let Some(ask) = server.poll() {
            match (asks.last_mut(), ask) {
                (Some(Ask::Data(last)), Ask::Data(next)) => {
                    *last = [&last[..], &next[..]].concat().into();
                }
                (_, ask) => asks.push(ask),
            }
        }
    }
    asks
}

#[test]
fn a_message_comes_in_any_pieces() {
    let wire =
        respmod("Allow: 204, 206\r\nX-Client-IP: 10.0.0.1\r\n", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    for size in [1, 2, 7, 4096] {
        let mut server = Server::new();
        let asks = asked(&mut server, wire.as_bytes(), size);
        let [Ask::Message(message), Ask::Data(data), Ask::End] = &asks[..] else {
            panic!("{asks:?}")
        };
        assert_eq!((&*message.service, message.kind), ("scan", Kind::Response));
        assert!(message.allow_204 && message.has_body && message.request.is_none());
        assert_eq!(message.client, Some([10, 0, 0, 1].into()));
        let head = message.response.as_ref().unwrap();
        assert_eq!((head.status.as_u16(), head.fields.get("x-a")), (200, Some(&b"b"[..])));
        assert_eq!(data, "abcde");
        assert!(!server.wants_input() && server.may_leave_unmodified());
        server.unmodified(&Said::new("t"));
        assert_eq!(
            output(&mut server),
            "ICAP/1.0 204 No Content\r\nISTag: \"t\"\r\nConnection: keep-alive\r\n\
             Encapsulated: null-body=0\r\n\r\n"
        );
        assert!(server.is_idle() && server.wants_input());
    }
}

#[test]
fn a_preview_is_gone_beyond_or_answered() {
    for (end, whole) in [("0\r\n\r\n", false), ("0; ieof\r\n\r\n", true)] {
        let wire = respmod("Preview: 3\r\n", &format!("3\r\nabc\r\n{end}"));
        let mut server = Server::new();
        let asks = asked(&mut server, wire.as_bytes(), 5);
        assert_eq!(asks.last(), Some(if whole { &Ask::End } else { &Ask::Preview }));
        assert!(server.may_leave_unmodified() && !server.is_over());
        if whole {
            server.unmodified(&Said::default());
            assert!(server.is_idle());
            continue;
        }
        server.go_on();
        assert_eq!(output(&mut server), "ICAP/1.0 100 Continue\r\n\r\n");
        assert!(!server.may_leave_unmodified());
        let asks = asked(&mut server, b"2\r\nde\r\n0\r\n\r\n", 3);
        assert_eq!(asks, [Ask::Data("de".into()), Ask::End]);
        server.begin(&Said::new("t"), Head::Original, BodySize::Unknown);
        server.push("abcde".into());
        server.finish(BodySize::Unknown);
        let said = output(&mut server);
        let (head, rest) = said.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("Encapsulated: res-hdr=0, res-body={}", RESPONSE.len())));
        assert_eq!(rest, format!("{RESPONSE}5\r\nabcde\r\n0\r\n\r\n"));
        assert!(server.is_idle());
    }
}

#[test]
fn a_length_that_is_said_twice_is_no_fault() {
    let request = "GET http://a.test/up HTTP/1.0\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n";
    let wire = format!(
        "REQMOD /av ICAP/1.0\r\nEncapsulated: req-hdr=0, req-body={}\r\n\r\n{request}\
         1\r\nx\r\n0\r\n\r\n",
        request.len()
    );
    let mut server = Server::new();
    let asks = asked(&mut server, wire.as_bytes(), 11);
    assert_eq!((asks.len(), server.fault()), (3, None), "{asks:?}");
    server.begin(&Said::default(), Head::Original, BodySize::Empty);
    server.finish(BodySize::Empty);
    assert!(output(&mut server).ends_with(request), "byte by byte");
}

#[test]
fn a_refusal_is_a_response_in_the_place_of_either() {
    let request = "POST http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n";
    let wire = format!(
        "REQMOD /dlp ICAP/1.0\r\nHost: a\r\nEncapsulated: req-hdr=0, req-body={}\r\n\r\n{request}\
         2\r\nno\r\n",
        request.len()
    );
    let mut server = Server::new();
    let asks = asked(&mut server, wire.as_bytes(), 9);
    assert_eq!(asks.len(), 2, "{asks:?}");
    let head = ResponseHead::new(StatusCode::FORBIDDEN);
    server.begin(&Said::new("t").found("Own Worm;1"), Head::Response(&head), BodySize::Length(2));
    server.push("no".into());
    server.finish(BodySize::Length(2));
    let said = output(&mut server);
    assert!(said.contains("Threat=Own_Worm_1;\r\nConnection: close\r\n"), "{said}");
    assert!(said.contains("Encapsulated: res-hdr=0, res-body="), "{said}");
    assert!(said.ends_with("2\r\nno\r\n0\r\n\r\n") && server.is_over());
}

#[test]
fn what_makes_no_sense_is_refused_and_ends_the_connection() {
    let offer = |sections: &str| {
        format!("RESPMOD /a ICAP/1.0\r\nEncapsulated: {sections}\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")
    };
    for (wire, status, error) in [
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), 400, IcapError::Head),
        ("REQMOD icap://a/ ICAP/2.0\r\n\r\n".to_owned(), 505, IcapError::Refused(505)),
        ("PURGE icap://a/ ICAP/1.0\r\n\r\n".to_owned(), 405, IcapError::Refused(405)),
        ("RESPMOD http://a/ ICAP/1.0\r\n\r\n".to_owned(), 400, IcapError::Head),
        ("RESPMOD /a ICAP/1.0\r\n\r\n".to_owned(), 400, IcapError::Encapsulated),
        (offer("res-body=0"), 400, IcapError::Encapsulated),
        (offer("req-hdr=0, req-body=19"), 400, IcapError::Encapsulated),
        (offer("res-hdr=0, res-body=0"), 400, IcapError::Encapsulated),
        (offer("res-hdr=0, res-body=17"), 400, IcapError::Http),
        (offer("req-hdr=19, res-hdr=0, res-body=38"), 400, IcapError::Encapsulated),
        (offer("res-hdr=0, null-body=99999"), 400, IcapError::HeadTooLong),
        (respmod("Preview: x\r\n", ""), 400, IcapError::Head),
        (respmod("", "zz\r\n"), 400, IcapError::Chunk),
    ] {
        let mut server = Server::new();
        asked(&mut server, wire.as_bytes(), 4096);
        assert_eq!(server.fault(), Some(&error), "{wire}");
        let said = output(&mut server);
        assert!(said.starts_with(&format!("ICAP/1.0 {status} ")), "{said}");
        assert!(server.is_over() && !server.wants_input());
    }
    let mut server = Server::new();
    asked(&mut server, &vec![b'a'; 70_000], 1_000);
    assert_eq!(server.fault(), Some(&IcapError::HeadTooLong));
}

#[test]
fn our_own_client_understands_what_the_service_is() {
    for address in ["icap://a.test/scan", "icaps://a.test/scan"] {
        let service = Service::parse(address).unwrap();
        let mut client = Exchange::options(&service);
        let mut server = Server::new();
        let wire: Vec<u8> = std::iter::from_fn(|| client.poll_output()).flatten().collect();
        assert_eq!(asked(&mut server, &wire, 7), [Ask::Options("scan".into())], "{address}");
        server.options(&About::default(), &Said::new("tag"));
        client.receive(output(&mut server).as_bytes()).unwrap();
        let Some(Event::Options(options)) = client.poll_event() else { panic!() };
        assert!(options.reqmod && options.respmod && options.allow_204);
        assert_eq!((options.preview, &options.istag[..]), (Some(4_096), &b"\"tag\""[..]));
        assert!(client.is_reusable());
    }
}

/// What the client has in the end: the original, or what was sent back.
fn exchange(body: &[u8], modify: &Modify, size: usize) -> Vec<u8> {
    let service = Service::parse("icap://a.test/scan").unwrap();
    let target = Target::parse(&Method::POST, Bytes::from_static(b"http://a.test/x")).unwrap();
    let mut head = RequestHead::new(Method::POST, target);
    head.fields.append("Host", "a.test").unwrap();
    head.body = BodySize::Length(body.len() as u64);
    let mut client = Exchange::reqmod(&service, modify, &head);
    for piece in body.chunks(size) {
        client.push(Bytes::copy_from_slice(piece));
    }
    client.finish();
    let (mut server, mut kept, mut back) = (Server::new(), Vec::new(), Vec::new());
    for _ in 0..8 {
        let wire: Vec<u8> = std::iter::from_fn(|| client.poll_output()).flatten().collect();
        for ask in asked(&mut server, &wire, size) {
            match ask {
                Ask::Data(bytes) => kept.extend_from_slice(&bytes),
                Ask::Preview => server.go_on(),
                Ask::End if server.may_leave_unmodified() => {
                    server.unmodified(&Said::default());
                }
                Ask::End => {
                    server.begin(&Said::default(), Head::Original, BodySize::Unknown);
                    server.push(Bytes::from(kept.clone()));
                    server.finish(BodySize::Unknown);
                }
                _ => {}
            }
        }
        client.receive(output(&mut server).as_bytes()).unwrap();
        while let Some(event) = client.poll_event() {
            match event {
                Event::Unmodified => back = body.to_vec(),
                Event::Data(bytes) => back.extend_from_slice(&bytes),
                _ => {}
            }
        }
    }
    assert!(client.is_reusable() && server.is_idle());
    assert_eq!(kept, body);
    back
}

proptest! {
    #[test]
    fn our_own_client_gets_back_what_it_offers(
        body in proptest::collection::vec(b'a'..=b'z', 1..200),
        preview in proptest::option::of(0..250u32),
        allow_204: bool,
        size in 1..60usize,
    ) {
        let modify = Modify { preview, allow_204, ..Modify::default() };
        prop_assert_eq!(exchange(&body, &modify, size), body);
    }

    #[test]
    fn any_bytes_in_any_pieces_ask_for_the_same(
        flip in 0..150usize,
        byte: u8,
        size in 1..40usize,
    ) {
        let mut wire = respmod("Preview: 4\r\n", "3\r\nabc\r\n0; ieof\r\n\r\n").into_bytes();
        if let Some(at) = wire.get_mut(flip) {
            *at = byte;
        }
        let (mut one, mut other) = (Server::new(), Server::new());
        let whole = asked(&mut one, &wire, usize::MAX);
        let pieces = asked(&mut other, &wire, size);
        prop_assert_eq!(one.fault(), other.fault());
        if one.fault().is_none() {
            prop_assert_eq!(whole, pieces);
        }
    }
}
