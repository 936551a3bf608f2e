//! When HTTP ends on a connection: `Upgrade` (RFC 9110 §7.8) and CONNECT (§9.3.6) in both roles, and
//! what becomes of the bytes around that moment.

use bytes::Bytes;
use http::{Method, StatusCode};

use super::{FIRST, events, outline, output, receive};
use crate::h1::{Check, Connection, Options};
use crate::{BodySize, Close, Event, RequestHead, ResponseHead, SendError, StreamId, Target};

const SECOND: StreamId = StreamId::new(1);
const CONNECT: &str = "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n";
const OFFER: &str = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: b/2, c\r\n\r\n";
const NEXT: &str = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";

fn server(input: &str) -> Connection {
    let mut connection = Connection::server(Options::default());
    receive(&mut connection, input);
    connection
}

/// A client that has asked.
fn client(method: Method, target: &'static str, upgrade: Option<&str>) -> Connection {
    let target = Target::parse(&method, Bytes::from_static(target.as_bytes())).expect("a target");
    let mut head = RequestHead::new(method, target);
    head.fields.append("Host", "a").expect("a field");
    if let Some(protocols) = upgrade {
        head.fields.append("Upgrade", protocols).expect("a field");
    }
    let mut connection = Connection::client(Options::default());
    let stream = connection.open();
    connection.send(stream, Event::RequestHead(Box::new(head))).expect("a request");
    connection.send(stream, Event::End).expect("its end");
    connection
}

fn response(status: u16, upgrade: Option<&str>) -> Event {
    let mut head = ResponseHead::new(StatusCode::from_u16(status).expect("a status"));
    if let Some(protocols) = upgrade {
        head.fields.append("Upgrade", protocols).expect("a field");
    }
    Event::ResponseHead(Box::new(head))
}

/// The events of a connection that fails, and what it fails by.
fn failure(connection: &mut Connection) -> (String, Check) {
    let mut told = Vec::new();
    loop {
        match connection.poll_event() {
            Ok(Some((_, event))) => told.push(event),
            Ok(None) => panic!("it does not fail after {}", outline(&told)),
            Err(error) => return (outline(&told), error.check),
        }
    }
}

#[test]
fn a_server_keeps_what_came_before_its_answer() {
    // However it is cut: it belongs to what follows HTTP, and is no request.
    for (head, told, answer, expected) in [
        (CONNECT, "CONNECT a:443 End", response(200, None), "HTTP/1.1 200 OK\r\n\r\n"),
        (
            OFFER,
            "GET /ws End",
            response(101, Some("C")),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: C\r\nConnection: Upgrade\r\n\r\n",
        ),
    ] {
        let all = format!("{head}{NEXT}");
        for cut in 0..=all.len() {
            let (before, after) = all.split_at(cut);
            let mut connection = server(before);
            let mut all = events(&mut connection);
            receive(&mut connection, after);
            all.extend(events(&mut connection));
            assert_eq!(outline(&all), told, "cut at {cut}");
            connection.send(FIRST, answer.clone()).expect("the answer");
            assert_eq!(outline(&events(&mut connection)), "Upgrade");
            assert_eq!(output(&mut connection), expected);
            let more = connection.send(FIRST, Event::Data("x".into()));
            assert_eq!(more, Err(SendError::Closed));
            assert_eq!((connection.wants_input(), connection.wants_close()), (false, None));
            // What comes on the wire behind the answer follows what came before it.
            receive(&mut connection, "and more");
            assert_eq!(events(&mut connection), []);
            assert_eq!(connection.into_unread(), format!("{NEXT}and more"), "cut at {cut}");
        }
    }
}

#[test]
fn a_client_keeps_what_came_behind_the_answer() {
    for (mut connection, answer, told) in [
        (
            client(Method::GET, "/ws", Some("b/2, c")),
            "HTTP/1.1 101 Switch\r\nUpgrade: B/2\r\nConnection: Upgrade\r\n\r\n",
            "101 Upgrade",
        ),
        (
            client(Method::CONNECT, "b:443", None),
            "HTTP/1.0 200 Connection established\r\n\r\n",
            "200 Upgrade",
        ),
        (
            client(Method::CONNECT, "b:443", None),
            "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 299 Fine\r\nContent-Length: 3\r\n\r\n",
            "103 299 Upgrade",
        ),
    ] {
        let behind = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        let all = format!("{answer}{behind}");
        let mut received = Vec::new();
        for byte in all.as_bytes() {
            connection.receive(Bytes::copy_from_slice(&[*byte]));
            received.extend(events(&mut connection));
        }
        assert_eq!(outline(&received), told);
        assert!(!connection.wants_input() && !connection.can_open() && !connection.is_idle());
        assert!(!connection.peer_keep_alive());
        assert_eq!(connection.into_unread(), behind);
    }
}

#[test]
fn a_server_switches_to_nothing_that_was_not_offered() {
    let with_old_version = OFFER.replace("HTTP/1.1", "HTTP/1.0");
    let without_option = OFFER.replace("Connection: Upgrade\r\n", "");
    for (input, answer) in [
        (NEXT, response(101, Some("c"))),
        (OFFER, response(101, None)),
        (OFFER, response(101, Some("d"))),
        (OFFER, response(101, Some("b"))),
        (OFFER, response(101, Some("c, d"))),
        // RFC 9110 §7.8: of HTTP/1.0 it is ignored, and so is what is not meant for this hop.
        (&with_old_version, response(101, Some("c"))),
        (&without_option, response(101, Some("c"))),
        (CONNECT, response(101, Some("c"))),
    ] {
        let mut connection = server(input);
        events(&mut connection);
        assert_eq!(connection.send(FIRST, answer), Err(SendError::UpgradeUnasked), "{input}");
        // Nothing was written, and any other answer will do.
        assert_eq!(output(&mut connection), "");
        connection.send(FIRST, response(426, Some("c"))).expect("a refusal");
        connection.send(FIRST, Event::End).expect("its end");
        let written = output(&mut connection);
        assert!(written.starts_with("HTTP/1.1 426 "), "{written}");
        assert_eq!(events(&mut connection), []);
    }
}

#[test]
fn a_server_does_not_switch_before_the_request_has_ended() {
    // The check that refuses a body with `Upgrade` may be relaxed: then it is no offer.
    let mut options = Options::default();
    options.checks.set(Check::BodyInUpgrade, crate::h1::Severity::Repair).expect("it has leeway");
    let mut connection = Connection::server(options);
    let head = OFFER.replace("\r\n\r\n", "\r\nContent-Length: 2\r\n\r\n");
    receive(&mut connection, &head);
    assert_eq!(outline(&events(&mut connection)), "GET /ws");
    let switch = response(101, Some("c"));
    assert_eq!(connection.send(FIRST, switch.clone()), Err(SendError::UpgradeUnasked));
    receive(&mut connection, "hi");
    connection.credit(FIRST, 2);
    assert_eq!(outline(&events(&mut connection)), "\"hi\" End");
    assert_eq!(connection.send(FIRST, switch), Err(SendError::UpgradeUnasked));
    // By default it is refused at once.
    let (told, check) = failure(&mut server(&format!("{head}hi")));
    assert_eq!((told.as_str(), check), ("", Check::BodyInUpgrade));
}

#[test]
fn a_client_believes_no_switch_that_it_did_not_ask_for() {
    let offers = || client(Method::GET, "/ws", Some("b/2, c"));
    for (mut connection, answer) in [
        (client(Method::GET, "/", None), "HTTP/1.1 101 Switch\r\nUpgrade: c\r\n\r\n"),
        (client(Method::CONNECT, "b:1", None), "HTTP/1.1 101 Switch\r\nUpgrade: c\r\n\r\n"),
        (offers(), "HTTP/1.1 101 Switch\r\n\r\n"),
        (offers(), "HTTP/1.1 101 Switch\r\nUpgrade: \r\n\r\n"),
        (offers(), "HTTP/1.1 101 Switch\r\nUpgrade: b\r\n\r\n"),
        (offers(), "HTTP/1.1 101 Switch\r\nUpgrade: d\r\n\r\n"),
        (offers(), "HTTP/1.1 101 Switch\r\nUpgrade: c\r\nUpgrade: d\r\n\r\n"),
    ] {
        receive(&mut connection, &format!("{answer}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
        let (told, check) = failure(&mut connection);
        assert_eq!((told.as_str(), check), ("", Check::SwitchUnasked), "{answer}");
        // What came behind it is nobody's: the connection ends.
        assert_eq!(connection.wants_close(), Some(Close::Graceful));
        assert!(!connection.wants_input() && !connection.can_open());
    }
}

#[test]
fn a_client_that_is_still_asking_believes_no_switch() {
    let mut connection = Connection::client(Options::default());
    let target = Target::parse(&Method::GET, Bytes::from_static(b"/ws")).expect("a target");
    let mut head = RequestHead::new(Method::GET, target);
    head.fields.append("Host", "a").expect("a field");
    head.fields.append("Upgrade", "c").expect("a field");
    let stream = connection.open();
    connection.send(stream, Event::RequestHead(Box::new(head))).expect("a request");
    let early = connection.send(stream, Event::Data("x".into()));
    assert_eq!(early, Err(SendError::BodyNotAllowed), "nothing goes before the answer");
    receive(&mut connection, "HTTP/1.1 101 Switch\r\nUpgrade: c\r\n\r\n");
    assert_eq!(failure(&mut connection).1, Check::SwitchUnasked);
}

#[test]
fn a_refused_connect_ends_the_connection_of_a_server() {
    for status in [101, 199, 302, 403, 407, 502] {
        let mut connection = server(&format!("{CONNECT}{NEXT}"));
        assert_eq!(outline(&events(&mut connection)), "CONNECT a:443 End");
        if status < 200 {
            // It decides nothing, or is not an answer to CONNECT.
            assert!(connection.send(FIRST, response(status, None)).is_err());
            continue;
        }
        let head = response(status, None);
        connection.send(FIRST, head).expect("a refusal");
        connection.send(FIRST, Event::End).expect("its end");
        let written = output(&mut connection);
        let fields = "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        assert!(written.ends_with(fields), "{written}");
        assert_eq!(connection.wants_close(), Some(Close::Graceful));
        // What was sent in hope is no request, and neither is what comes now.
        receive(&mut connection, NEXT);
        assert_eq!(events(&mut connection), []);
        assert!(!connection.wants_input());
    }
}

#[test]
fn a_refused_connect_ends_the_connection_of_a_client() {
    for answer in [
        "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno",
        "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic\r\nConnection: keep-alive\r\n\
         Content-Length: 2\r\n\r\nno",
        "HTTP/1.1 302 There\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n",
    ] {
        let mut connection = client(Method::CONNECT, "b:443", None);
        receive(&mut connection, answer);
        connection.credit(FIRST, 100);
        let told = outline(&events(&mut connection));
        assert!(told.ends_with(" \"no\" End"), "a page, and no tunnel: {told}");
        assert_eq!(connection.wants_close(), Some(Close::Graceful), "{answer}");
        assert!(!connection.can_open() && !connection.is_idle());
    }
}

#[test]
fn an_upgrade_that_is_not_taken_goes_on_as_http() {
    let mut connection = server(&format!("{OFFER}{NEXT}"));
    assert_eq!(outline(&events(&mut connection)), "GET /ws End");
    let mut head = ResponseHead::new(StatusCode::NO_CONTENT);
    head.body = BodySize::Empty;
    connection.send(FIRST, Event::ResponseHead(Box::new(head))).expect("an answer");
    connection.send(FIRST, Event::End).expect("its end");
    assert_eq!(outline(&events(&mut connection)), "GET /next End");
    let late = connection.send(SECOND, response(101, Some("c")));
    assert_eq!(late, Err(SendError::UpgradeUnasked), "the offer was that of another request");

    let mut connection = client(Method::GET, "/ws", Some("c"));
    let written = output(&mut connection);
    assert!(written.ends_with("Upgrade: c\r\nConnection: Upgrade\r\n\r\n"), "{written}");
    receive(&mut connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(outline(&events(&mut connection)), "200 End");
    assert!(connection.can_open(), "the connection lives on");
}

#[test]
fn who_sends_no_more_has_its_tunnel_all_the_same() {
    for (input, answer) in [(CONNECT, response(200, None)), (OFFER, response(101, Some("c")))] {
        let mut connection = server(&format!("{input}all there is"));
        connection.receive_eof();
        assert_eq!(events(&mut connection).len(), 2, "head and end");
        connection.send(FIRST, answer).expect("the answer");
        assert_eq!(outline(&events(&mut connection)), "Upgrade");
        assert_eq!(connection.wants_close(), None);
        assert_eq!(connection.into_unread(), "all there is");
    }
}
