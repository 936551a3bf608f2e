//! Whole exchanges between both roles.

use http::Method;

use super::*;
use crate::{Fields, ResetReason, SendError};

fn fields(lines: &[(&str, &str)]) -> Fields {
    let mut fields = Fields::new();
    for (name, value) in lines {
        fields.append(name, value).expect("a field");
    }
    fields
}

#[test]
fn a_request_and_its_response() {
    let mut pair = Pair::new(usize::MAX);
    let stream = pair.ask([Event::RequestHead(Box::new(request(Method::GET, "/x?y"))), Event::End]);
    let head = response(200, BodySize::Length(5));
    pair.answer(stream, [Event::ResponseHead(Box::new(head)), data("world"), Event::End]);
    pair.check(
        &["GET https://a.example/x?y Empty host=a.example", "end"],
        &["200 Length(5)", "data world", "end"],
    );
    assert!(pair.client.is_idle() && pair.server.is_idle());
}

#[test]
fn bodies_trailers_and_interim_responses_go_both_ways() {
    let mut pair = Pair::new(usize::MAX);
    let mut head = request(Method::POST, "/");
    head.body = BodySize::Unknown;
    head.fields = fields(&[("X-Upper", "A"), ("TE", "gzip, trailers"), ("Connection", "TE")]);
    let trailers = || Event::Trailers(Box::new(fields(&[("Grpc-Status", "0"), ("Host", "b")])));
    let stream = pair.ask([Event::RequestHead(Box::new(head)), data("one"), data("two")]);
    let hints = response(103, BodySize::Empty);
    pair.answer(stream, [Event::Informational(Box::new(response(100, BodySize::Empty)))]);
    pair.answer(stream, [Event::Informational(Box::new(hints))]);
    for event in [trailers(), Event::End] {
        pair.client.send(stream, event).expect("the end of the request");
    }
    pair.run();
    let head = response(200, BodySize::Unknown);
    pair.answer(
        stream,
        [Event::ResponseHead(Box::new(head)), data("three"), trailers(), Event::End],
    );
    pair.check(
        &[
            "POST https://a.example/ Unknown host=a.example x-upper=A te=trailers",
            "data one",
            "data two",
            "trailers grpc-status=0",
            "end",
        ],
        &["100 Empty", "103 Empty", "200 Unknown", "data three", "trailers grpc-status=0", "end"],
    );
    assert!(pair.client.is_idle() && pair.server.is_idle());
}

#[test]
fn messages_without_a_body() {
    for (method, status, size, told) in [
        (Method::HEAD, 200, BodySize::Length(9), "200 Length(9)"),
        (Method::HEAD, 200, BodySize::Unknown, "200 Empty"),
        (Method::GET, 204, BodySize::Length(9), "204 Empty"),
        (Method::GET, 304, BodySize::Length(9), "304 Length(9)"),
        (Method::GET, 200, BodySize::Empty, "200 Empty"),
        (Method::GET, 200, BodySize::Length(0), "200 Length(0)"),
    ] {
        let mut pair = Pair::new(usize::MAX);
        let stream = pair.ask([Event::RequestHead(Box::new(request(method, "/"))), Event::End]);
        let head = Event::ResponseHead(Box::new(response(status, size)));
        pair.server.send(on_wire(stream), head).expect("a head");
        let sent = pair.server.send(on_wire(stream), data("x"));
        assert_eq!(sent, Err(SendError::BodyNotAllowed));
        pair.answer(stream, [Event::Trailers(Box::new(fields(&[("a", "b")]))), Event::End]);
        assert_eq!(pair.to_client[&0], [told, "end"]);
        assert!(pair.client.is_idle() && pair.server.is_idle());
    }
}

#[test]
fn lengths_are_kept_to() {
    let mut pair = Pair::new(usize::MAX);
    let mut head = request(Method::PUT, "/");
    head.body = BodySize::Length(3);
    let stream = pair.ask([Event::RequestHead(Box::new(head))]);
    let excess = pair.client.send(stream, data("four"));
    assert_eq!(excess, Err(SendError::BodyTooLong { excess: 1 }));
    pair.client.send(stream, data("tw")).expect("some");
    let missing = pair.client.send(stream, Event::End);
    assert_eq!(missing, Err(SendError::BodyTooShort { missing: 1 }));
    pair.client.send(stream, data("o")).expect("the rest");
    pair.client.send(stream, Event::End).expect("the end");
    assert_eq!(pair.client.send(stream, Event::End), Err(SendError::Order));
    pair.run();
    assert_eq!(pair.to_server[&1][1..], ["data tw", "data o", "end"]);
}

#[test]
fn tunnels() {
    for protocol in [None, Some("websocket")] {
        let mut pair = Pair::new(usize::MAX);
        assert!(pair.client.takes_extended_connect());
        let mut head = request(Method::CONNECT, "/chat");
        head.protocol = protocol.map(Bytes::from);
        if protocol.is_none() {
            head.target = Target::Authority(Authority::parse("b.example:443").expect("a host"));
        }
        let stream = pair.ask([Event::RequestHead(Box::new(head)), Event::End]);
        assert!(!pair.client.wants_data(stream));
        assert_eq!(pair.client.send(stream, data("early")), Err(SendError::Order));
        pair.answer(stream, [Event::ResponseHead(Box::new(response(200, BodySize::Unknown)))]);
        for (side, id) in [(&mut pair.client, stream), (&mut pair.server, on_wire(stream))] {
            assert!(side.wants_data(id));
            side.send(id, data("through")).expect("a tunnel");
        }
        pair.run();
        pair.answer(stream, [Event::End]);
        pair.client.send(stream, data("last")).expect("the other half");
        pair.client.send(stream, Event::End).expect("the end");
        pair.run();
        let asked = match protocol {
            None => "CONNECT b.example:443 Empty host=b.example:443",
            Some(_) => "CONNECT https://a.example/chat websocket Empty host=a.example",
        };
        pair.check(
            &[asked, "end", "upgrade", "data through", "data last", "end"],
            &["200 Unknown", "upgrade", "data through", "end"],
        );
        assert!(pair.client.is_idle() && pair.server.is_idle());
    }
}

#[test]
fn a_refused_connect_is_a_response() {
    let mut pair = Pair::new(usize::MAX);
    let mut head = request(Method::CONNECT, "/");
    head.target = Target::Authority(Authority::parse("b.example:443").expect("a host"));
    let stream = pair.ask([Event::RequestHead(Box::new(head)), Event::End]);
    let head = response(403, BodySize::Length(2));
    pair.answer(stream, [Event::ResponseHead(Box::new(head)), data("no"), Event::End]);
    assert_eq!(pair.to_client[&0], ["403 Length(2)", "data no", "end"]);
    assert_eq!(pair.to_server[&1].len(), 2);
    let again = pair.client.send(stream, data("x"));
    assert!(again.is_err(), "no tunnel");
    pair.run();
    assert!(pair.server.is_idle());
}

#[test]
fn extended_connect_needs_the_consent_of_the_server() {
    let server = Options { extended_connect: false, ..options() };
    let mut pair = Pair::with(usize::MAX, options(), server);
    assert!(!pair.client.takes_extended_connect());
    let mut head = request(Method::CONNECT, "/chat");
    head.protocol = Some(Bytes::from_static(b"websocket"));
    let stream = pair.client.open();
    let sent = pair.client.send(stream, Event::RequestHead(Box::new(head)));
    assert_eq!(sent, Err(SendError::ExtendedConnect));
}

#[test]
fn resets_go_both_ways() {
    for (sent, told) in [
        (Event::Reset(ResetReason::Cancelled), "reset Cancelled"),
        (Event::Reset(ResetReason::Truncated), "reset Cancelled"),
        (Event::Retry, "retry"),
    ] {
        let mut pair = Pair::new(usize::MAX);
        let stream =
            pair.ask([Event::RequestHead(Box::new(request(Method::GET, "/"))), Event::End]);
        pair.answer(stream, [sent]);
        assert_eq!(pair.to_client[&0], [told]);
        assert!(pair.client.is_idle() && pair.server.is_idle());
    }
    let mut pair = Pair::new(usize::MAX);
    let stream = pair.ask([Event::RequestHead(Box::new(request(Method::GET, "/"))), Event::End]);
    let head = response(200, BodySize::Unknown);
    pair.answer(stream, [Event::ResponseHead(Box::new(head)), data("some")]);
    pair.client.send(stream, Event::Reset(ResetReason::Cancelled)).expect("a reset");
    pair.run();
    assert_eq!(pair.to_server[&1][1..], ["end", "reset Cancelled"]);
    let late = pair.server.send(on_wire(stream), data("more"));
    assert_eq!(late, Err(SendError::Stream { stream: on_wire(stream) }));
    assert!(pair.client.is_idle() && pair.server.is_idle());
}

#[test]
fn an_early_response_ends_the_request() {
    let mut pair = Pair::new(usize::MAX);
    let mut head = request(Method::POST, "/");
    head.body = BodySize::Unknown;
    let stream = pair.ask([Event::RequestHead(Box::new(head)), data("some")]);
    let page = Bytes::from(vec![b'x'; 300_000]);
    let head = response(413, BodySize::Length(300_000));
    pair.answer(stream, [Event::ResponseHead(Box::new(head)), Event::Data(page), Event::End]);
    // The client has still to read what its window did not let through at first.
    for _ in 0..20 {
        pair.client.credit(stream, 30_000);
        pair.run();
    }
    assert_eq!(pair.to_client[&0].first().map(String::as_str), Some("413 Length(300000)"));
    assert_eq!(pair.to_client[&0].last().map(String::as_str), Some("end"));
    // The rest of the request may still come, and nobody is told of it.
    pair.client.send(stream, data("more")).expect("a stream that lives");
    pair.run();
    assert!(!pair.server.is_idle());
    pair.client.send(stream, Event::End).expect("the end");
    pair.run();
    assert_eq!(pair.to_server[&1].last().map(String::as_str), Some("data some"));
    assert!(pair.client.is_idle() && pair.server.is_idle());
}

#[test]
fn leaving_lets_streams_end() {
    let mut pair = Pair::new(usize::MAX);
    let stream = pair.ask([Event::RequestHead(Box::new(request(Method::GET, "/"))), Event::End]);
    pair.server.close_when_idle();
    pair.run();
    assert!(!pair.client.can_open() && pair.server.wants_close().is_none());
    let next = pair.client.open();
    let late = pair.client.send(next, Event::RequestHead(Box::new(request(Method::GET, "/"))));
    assert_eq!(late, Err(SendError::Closed));
    pair.answer(
        stream,
        [Event::ResponseHead(Box::new(response(200, BodySize::Empty))), Event::End],
    );
    pair.run();
    assert_eq!(pair.to_client[&0], ["200 Empty", "end"]);
    assert_eq!(pair.server.wants_close(), Some(crate::Close::Graceful));
    assert_eq!(pair.client.wants_close(), Some(crate::Close::Graceful));

    let mut pair = Pair::new(usize::MAX);
    let stream = pair.ask([Event::RequestHead(Box::new(request(Method::GET, "/"))), Event::End]);
    pair.client.close_when_idle();
    pair.run();
    assert!(pair.client.wants_close().is_none());
    pair.answer(
        stream,
        [Event::ResponseHead(Box::new(response(200, BodySize::Empty))), Event::End],
    );
    assert_eq!(pair.to_client[&0], ["200 Empty", "end"]);
    assert_eq!(pair.client.wants_close(), Some(crate::Close::Graceful));
}

#[test]
fn the_end_of_the_connection_is_told_to_every_stream() {
    let mut pair = Pair::new(usize::MAX);
    let unanswered =
        pair.ask([Event::RequestHead(Box::new(request(Method::GET, "/"))), Event::End]);
    let cut = pair.ask([Event::RequestHead(Box::new(request(Method::GET, "/"))), Event::End]);
    let head = response(200, BodySize::Length(9));
    pair.answer(cut, [Event::ResponseHead(Box::new(head)), data("some")]);
    let mut head = request(Method::POST, "/");
    head.body = BodySize::Unknown;
    pair.ask([Event::RequestHead(Box::new(head))]);
    pair.client.receive_eof();
    pair.server.receive_eof();
    pair.run();
    assert_eq!(pair.to_client[&unanswered.number()], ["reset Unanswered"]);
    assert_eq!(pair.to_client[&cut.number()][2..], ["reset Truncated"]);
    assert_eq!(pair.to_server[&1].last().map(String::as_str), Some("reset Cancelled"));
    assert_eq!(pair.to_server[&5].last().map(String::as_str), Some("reset Truncated"));
    assert!(pair.client.wants_close().is_some() && pair.server.wants_close().is_some());
    assert!(!pair.client.can_open() && !pair.client.wants_input());
}
