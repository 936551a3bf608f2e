//! Scripts: what goes in and out of a connection over the course of exchanges.

use bytes::Bytes;
use http::{Method, StatusCode};

use super::{FIRST, events, outline, output, receive};
use crate::h1::{Check, Connection, Options};
use crate::{
    BodySize, Event, Fields, PathAndQuery, RequestHead, ResetReason, ResponseHead, StreamId, Target,
};
use crate::{Close, SendError};

const SECOND: StreamId = StreamId::new(1);

fn server() -> Connection {
    Connection::server(Options::default())
}

fn client() -> Connection {
    Connection::client(Options::default())
}

fn response(status: u16, body: BodySize) -> Event {
    let mut head = ResponseHead::new(StatusCode::from_u16(status).expect("a status"));
    head.body = body;
    Event::ResponseHead(Box::new(head))
}

fn data(text: &'static str) -> Event {
    Event::Data(Bytes::from_static(text.as_bytes()))
}

fn request(method: Method, target: &'static str) -> RequestHead {
    let target = Target::parse(&method, Bytes::from_static(target.as_bytes())).expect("a target");
    let mut head = RequestHead::new(method, target);
    head.fields.append("Host", "a").expect("a field");
    head
}

/// Asks and takes what was written.
fn ask(connection: &mut Connection, head: RequestHead) -> String {
    let stream = connection.open();
    connection.send(stream, Event::RequestHead(Box::new(head))).expect("a request");
    connection.send(stream, Event::End).expect("its end");
    output(connection)
}

/// Answers with an empty 204 and takes what was written.
fn answer(connection: &mut Connection, stream: StreamId) -> String {
    connection.send(stream, response(204, BodySize::Empty)).expect("a head");
    connection.send(stream, Event::End).expect("the end");
    output(connection)
}

#[test]
fn pipelined_requests_wait_their_turn() {
    let mut connection = server();
    receive(
        &mut connection,
        "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n\
         hiGET /3 HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    assert_eq!(outline(&events(&mut connection)), "GET /1 End");
    assert_eq!(connection.send(SECOND, Event::End), Err(SendError::Stream { stream: SECOND }));
    answer(&mut connection, FIRST);
    assert_eq!(outline(&events(&mut connection)), "POST /2 \"hi\" End");
    assert_eq!(connection.send(FIRST, Event::End), Err(SendError::Stream { stream: FIRST }));
    answer(&mut connection, SECOND);
    assert_eq!(outline(&events(&mut connection)), "GET /3 End");
    assert!(!connection.is_idle());
    answer(&mut connection, StreamId::new(2));
    assert!(connection.is_idle() && connection.wants_input());
    connection.receive_eof();
    assert_eq!(events(&mut connection), []);
    assert_eq!(connection.wants_close(), Some(Close::Graceful));
}

#[test]
fn bodies_are_framed_by_what_the_client_knows() {
    for (version, body, expected) in [
        ("1.1", BodySize::Length(2), "Content-Length: 2\r\n\r\nhi"),
        ("1.1", BodySize::Unknown, "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
        ("1.0", BodySize::Length(2), "Content-Length: 2\r\nConnection: close\r\n\r\nhi"),
        ("1.0", BodySize::Unknown, "Connection: close\r\n\r\nhi"),
    ] {
        let mut connection = server();
        receive(&mut connection, &format!("GET / HTTP/{version}\r\nHost: a\r\n\r\n"));
        assert_eq!(outline(&events(&mut connection)), "GET / End");
        for event in [response(200, body), data("hi"), data(""), Event::End] {
            connection.send(FIRST, event).expect("in order");
        }
        assert_eq!(output(&mut connection), format!("HTTP/1.1 200 OK\r\n{expected}"));
        assert_eq!(connection.wants_close().is_some(), version == "1.0");
    }
}

#[test]
fn bodiless_responses_take_no_data() {
    for (method, status, body, expected) in [
        ("HEAD", 200, BodySize::Length(9), "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
        ("HEAD", 200, BodySize::Unknown, "HTTP/1.1 200 OK\r\n\r\n"),
        ("GET", 304, BodySize::Length(9), "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"),
        ("GET", 204, BodySize::Length(9), "HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET", 204, BodySize::Unknown, "HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET", 200, BodySize::Empty, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    ] {
        let mut connection = server();
        receive(&mut connection, &format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n"));
        events(&mut connection);
        connection.send(FIRST, response(status, body)).expect("a head");
        assert_eq!(connection.send(FIRST, data("x")), Err(SendError::BodyNotAllowed));
        connection.send(FIRST, Event::End).expect("the end");
        assert_eq!(output(&mut connection), expected);
        assert!(connection.is_idle());
    }
}

#[test]
fn a_length_is_kept_to_the_byte() {
    let mut connection = server();
    receive(&mut connection, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    events(&mut connection);
    connection.send(FIRST, response(200, BodySize::Length(3))).expect("a head");
    connection.send(FIRST, data("ab")).expect("within the length");
    assert_eq!(connection.send(FIRST, Event::End), Err(SendError::BodyTooShort { missing: 1 }));
    assert_eq!(connection.send(FIRST, data("cd")), Err(SendError::BodyTooLong { excess: 1 }));
    connection.send(FIRST, data("c")).expect("within the length");
    connection.send(FIRST, Event::End).expect("complete");
    assert_eq!(output(&mut connection), "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
}

#[test]
fn a_cut_is_never_a_clean_end() {
    for (version, body, close) in [
        ("1.1", BodySize::Unknown, Close::Graceful),
        ("1.1", BodySize::Length(9), Close::Graceful),
        ("1.0", BodySize::Unknown, Close::Abort),
    ] {
        let mut connection = server();
        receive(&mut connection, &format!("GET / HTTP/{version}\r\nHost: a\r\n\r\n"));
        events(&mut connection);
        connection.send(FIRST, response(200, body)).expect("a head");
        connection.send(FIRST, data("abc")).expect("data");
        connection.send(FIRST, Event::Reset(ResetReason::Cancelled)).expect("a cut");
        assert_eq!(connection.wants_close(), Some(close));
        let written = output(&mut connection);
        assert!(written.contains("abc") && !written.contains("\r\n0\r\n"), "{written}");
        assert_eq!(connection.send(FIRST, Event::End), Err(SendError::Closed));
        assert!(!connection.wants_input());
        assert_eq!(events(&mut connection), []);
    }
}

#[test]
fn trailers_go_where_there_is_place() {
    let mut trailers = Fields::new();
    trailers.append("X-Sum", "1").expect("a field");
    trailers.append("Host", "evil").expect("a field");
    for (body, expected) in [
        (BodySize::Unknown, "Transfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 1\r\n\r\n"),
        (BodySize::Length(0), "Content-Length: 0\r\n\r\n"),
    ] {
        let mut connection = server();
        receive(&mut connection, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        events(&mut connection);
        connection.send(FIRST, response(200, body)).expect("a head");
        connection.send(FIRST, Event::Trailers(Box::new(trailers.clone()))).expect("trailers");
        assert_eq!(connection.send(FIRST, data("x")), Err(SendError::Order));
        connection.send(FIRST, Event::End).expect("the end");
        assert_eq!(output(&mut connection), format!("HTTP/1.1 200 OK\r\n{expected}"));
    }
}

#[test]
fn interim_responses_pass_to_those_who_know_them() {
    for (version, expected) in [("1.1", "HTTP/1.1 103 Early Hints\r\nLink: b\r\n\r\n"), ("1.0", "")]
    {
        let mut connection = server();
        receive(&mut connection, &format!("GET / HTTP/{version}\r\nHost: a\r\n\r\n"));
        events(&mut connection);
        let mut head = ResponseHead::new(StatusCode::EARLY_HINTS);
        head.fields.append("Link", "b").expect("a field");
        connection.send(FIRST, Event::Informational(Box::new(head.clone()))).expect("interim");
        assert_eq!(output(&mut connection), expected);
        assert_eq!(
            connection.send(FIRST, Event::ResponseHead(Box::new(head))),
            Err(SendError::Order)
        );
    }
    let mut connection = client();
    ask(&mut connection, request(Method::GET, "/"));
    receive(&mut connection, "HTTP/1.1 103 Early Hints\r\nLink: b\r\n\r\nHTTP/1.1 204 C\r\n\r\n");
    assert_eq!(outline(&events(&mut connection)), "103 204 End");
    assert!(connection.is_idle());
}

#[test]
fn unread_request_bodies_are_drained_or_end_the_connection() {
    let next = "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
    let small = Options::default().limits.drain_bytes_max;
    for (length, kept) in [(small, true), (small + 1, false)] {
        let mut connection = server();
        receive(
            &mut connection,
            &format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"),
        );
        assert_eq!(outline(&events(&mut connection)), "POST /");
        answer(&mut connection, FIRST);
        assert_eq!(connection.wants_close().is_none(), kept);
        receive(&mut connection, &"x".repeat(usize::try_from(length).expect("small")));
        receive(&mut connection, next);
        assert_eq!(outline(&events(&mut connection)), if kept { "GET /2 End" } else { "" });
    }
    // A chunked body shows its size only while it is drained.
    let mut connection = server();
    receive(&mut connection, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    events(&mut connection);
    answer(&mut connection, FIRST);
    assert_eq!(connection.wants_close(), None);
    receive(&mut connection, &format!("fffff\r\n{}", "x".repeat(0x18000)));
    assert_eq!(events(&mut connection), []);
    assert_eq!(connection.wants_close(), Some(Close::Graceful));
}

#[test]
fn credit_holds_bodies_back() {
    let mut connection = Connection::server(Options { credit_bytes: 2, ..Options::default() });
    receive(&mut connection, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabcdef");
    assert_eq!(outline(&events(&mut connection)), "POST / \"ab\"");
    assert!(!connection.wants_input());
    connection.credit(SECOND, 9);
    assert_eq!(events(&mut connection), []);
    connection.credit(FIRST, 3);
    assert_eq!(outline(&events(&mut connection)), "\"cde\"");
    connection.credit(FIRST, 1);
    assert_eq!(outline(&events(&mut connection)), "\"f\" End");
    assert!(connection.wants_input());
}

#[test]
fn body_bytes_are_not_copied() {
    let body = Bytes::from(vec![7; 4096]);
    let mut connection = server();
    receive(&mut connection, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4096\r\n\r\n");
    connection.receive(body.clone());
    let received = events(&mut connection);
    let [_, Event::Data(data), Event::End] = received.as_slice() else {
        panic!("{}", outline(&received));
    };
    assert_eq!(data.as_ptr(), body.as_ptr());
    connection.send(FIRST, response(200, BodySize::Unknown)).expect("a head");
    connection.send(FIRST, Event::Data(body.clone())).expect("data");
    let mut pieces = Vec::new();
    connection.poll_output(&mut pieces);
    assert_eq!(pieces[1].as_ptr(), body.as_ptr());
}

#[test]
fn the_end_of_the_stream_cuts_what_is_announced() {
    for (input, expected) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", "200 \"abc\" Truncated"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
            "200 \"abc\" Truncated",
        ),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "200 Truncated"),
        ("HTTP/1.1 200 OK\r\n\r\nabc", "200 \"abc\" End"),
        ("HTTP/1.1 200 OK\r\n", "Truncated"),
        ("HTTP/1.1 103 Hints\r\n\r\n", "103 Truncated"),
        ("", "Unanswered"),
    ] {
        let mut connection = client();
        ask(&mut connection, request(Method::GET, "/"));
        receive(&mut connection, input);
        connection.receive_eof();
        assert_eq!(outline(&events(&mut connection)), expected, "{input}");
        assert_eq!(connection.wants_close(), Some(Close::Graceful), "{input}");
        assert!(!connection.is_idle());
    }
}

#[test]
fn a_broken_connection_completes_nothing() {
    let mut connection = client();
    ask(&mut connection, request(Method::GET, "/"));
    receive(&mut connection, "HTTP/1.1 200 OK\r\n\r\nabc");
    connection.receive_abort();
    assert_eq!(outline(&events(&mut connection)), "200 \"abc\" Truncated");
}

#[test]
fn a_cut_request_can_still_be_answered() {
    let mut connection = server();
    receive(&mut connection, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc");
    connection.receive_eof();
    assert_eq!(outline(&events(&mut connection)), "POST / \"abc\" Truncated");
    assert_eq!(connection.wants_close(), None);
    assert!(answer(&mut connection, FIRST).contains("Connection: close"));
    assert_eq!(connection.wants_close(), Some(Close::Graceful));
}

#[test]
fn an_error_repeats_and_takes_one_answer() {
    let mut connection = server();
    receive(&mut connection, "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/3.0\r\n\r\n");
    assert_eq!(outline(&events(&mut connection)), "GET / End");
    answer(&mut connection, FIRST);
    let error = connection.poll_event().expect_err("a version nobody has");
    assert_eq!((error.check, error.stream), (Check::VersionUnsupported, SECOND));
    assert_eq!(error.offset, 27 + 6);
    assert_eq!(
        error.to_string(),
        "version-unsupported at byte 33: The version is neither 1.0 nor 1.1."
    );
    assert_eq!(connection.poll_event(), Err(error));
    assert!(!connection.wants_input());
    assert_eq!(connection.wants_close(), None);
    connection.send(SECOND, response(505, BodySize::Empty)).expect("an answer");
    connection.send(SECOND, Event::End).expect("its end");
    assert_eq!(connection.wants_close(), Some(Close::Graceful));
    assert_eq!(connection.poll_event(), Err(error));
}

#[test]
fn a_client_keeps_a_connection_while_both_sides_do() {
    for (fields, response, kept) in [
        (None, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true),
        (Some("close"), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false),
        (None, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: Close\r\n\r\n", false),
        (None, "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false),
        (None, "HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", true),
    ] {
        let mut connection = client();
        let mut head = request(Method::GET, "/");
        if let Some(option) = fields {
            head.fields.append("Connection", option).expect("a field");
        }
        let written = ask(&mut connection, head);
        assert_eq!(written.contains("Connection: close"), fields.is_some());
        receive(&mut connection, response);
        assert_eq!(outline(&events(&mut connection)), "200 End");
        assert_eq!(connection.is_idle(), kept, "{response}");
        assert_eq!(connection.peer_keep_alive(), kept, "{response}");
        assert_eq!(connection.wants_close().is_none(), kept, "{response}");
    }
}

#[test]
fn a_server_says_when_it_closes() {
    for (input, asks, kept) in [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", false, true),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, close\r\n\r\n", false, false),
        ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", false, false),
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", true, false),
    ] {
        let mut connection = server();
        receive(&mut connection, input);
        events(&mut connection);
        if asks {
            connection.close_when_idle();
        }
        assert_eq!(connection.wants_close(), None);
        assert_eq!(answer(&mut connection, FIRST).contains("Connection: close"), !kept, "{input}");
        assert_eq!(connection.wants_close().is_none(), kept, "{input}");
    }
    let mut connection = server();
    connection.close_when_idle();
    assert_eq!(connection.wants_close(), Some(Close::Graceful));
}

#[test]
fn an_early_answer_lets_the_request_go_on() {
    let mut connection = client();
    let stream = connection.open();
    let mut head = request(Method::POST, "/");
    head.body = BodySize::Unknown;
    connection.send(stream, Event::RequestHead(Box::new(head))).expect("a request");
    connection.send(stream, data("a")).expect("data");
    receive(&mut connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(outline(&events(&mut connection)), "200 End");
    assert!(!connection.is_idle());
    connection.send(stream, data("b")).expect("data");
    connection.send(stream, Event::End).expect("the end");
    assert!(connection.is_idle());
    let written = output(&mut connection);
    assert!(written.ends_with("\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n"), "{written}");
}

#[test]
fn a_client_cannot_send_what_is_ambiguous() {
    let head = |method: Method, target| RequestHead::new(method, target);
    let origin = Target::Origin(PathAndQuery::ROOT);
    let mut two_hosts = head(Method::GET, origin.clone());
    two_hosts.fields.append("Host", "a").expect("a field");
    two_hosts.fields.append("Host", "b").expect("a field");
    let mut connect_body = request(Method::CONNECT, "b:443");
    connect_body.body = BodySize::Length(1);
    let mut upgrade_body = request(Method::POST, "/");
    upgrade_body.fields.append("Upgrade", "x").expect("a field");
    upgrade_body.body = BodySize::Unknown;
    let mut connect_path = request(Method::GET, "/");
    connect_path.method = Method::CONNECT;
    let mut star = request(Method::GET, "/");
    star.target = Target::Asterisk;
    for (head, error) in [
        (head(Method::GET, origin), SendError::Host),
        (two_hosts, SendError::Host),
        (connect_body, SendError::BodyNotAllowed),
        (upgrade_body, SendError::BodyNotAllowed),
        (connect_path, SendError::Target),
        (star, SendError::Target),
    ] {
        let mut connection = client();
        let stream = connection.open();
        assert_eq!(connection.send(stream, Event::RequestHead(Box::new(head))), Err(error));
        assert_eq!(connection.output_bytes(), 0);
        assert!(connection.is_idle());
    }
}

#[test]
fn a_client_writes_targets_and_hosts_that_agree() {
    let mut absolute = request(Method::GET, "http://B.example:8080?q");
    absolute.fields.append("X", "1").expect("a field");
    assert_eq!(
        ask(&mut client(), absolute.clone()),
        "GET http://b.example:8080/?q HTTP/1.1\r\nHost: b.example:8080\r\nX: 1\r\n\r\n"
    );
    absolute.target = absolute.target.to_origin_form();
    assert_eq!(ask(&mut client(), absolute), "GET /?q HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n");
    assert_eq!(
        ask(&mut client(), request(Method::POST, "/")),
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
    );
    let everything = request(Method::OPTIONS, "http://b");
    assert_eq!(
        ask(&mut client(), everything.clone()),
        "OPTIONS http://b HTTP/1.1\r\nHost: b\r\n\r\n"
    );
    let mut everything_here = everything;
    everything_here.target = everything_here.target.to_origin_form();
    assert_eq!(ask(&mut client(), everything_here), "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
}

#[test]
fn a_reason_that_would_break_the_line_is_not_sent() {
    for (reason, expected) in [("Fine", "Fine"), ("", "OK"), ("x\r\nSet-Cookie: a", "OK")] {
        let mut connection = server();
        receive(&mut connection, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        events(&mut connection);
        let mut head = ResponseHead::new(StatusCode::OK);
        head.reason = Bytes::copy_from_slice(reason.as_bytes());
        connection.send(FIRST, Event::ResponseHead(Box::new(head))).expect("a head");
        let expected = format!("HTTP/1.1 200 {expected}\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(output(&mut connection), expected);
    }
}

#[test]
fn absolute_targets_rule_over_host() {
    let mut connection = server();
    receive(
        &mut connection,
        "GET http://B.example/x HTTP/1.1\r\nA: 1\r\nHost: evil\r\nC: 2\r\n\r\n",
    );
    let received = events(&mut connection);
    let Some(Event::RequestHead(head)) = received.first() else {
        panic!("{}", outline(&received));
    };
    let names: Vec<_> = head.fields.iter().collect();
    let expected: [(&str, &[u8]); 3] = [("A", b"1"), ("Host", b"b.example"), ("C", b"2")];
    assert_eq!(names, expected);
    assert_eq!(connection.counts().of(Check::HostNotTarget), 1);
    assert_eq!(connection.counts().iter().count(), 1);
}
