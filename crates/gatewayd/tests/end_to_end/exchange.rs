//! Requests and responses on the wire: what passes, what is taken out, what is added, in which
//! order.

use std::io::{Read, Write};
use std::sync::{Mutex, mpsc};

use crate::authority::{OriginAuthority, Validity, trusting};
use crate::client::Client;
use crate::curl::fetch;
use crate::gateway::{PATIENCE, Setup};
use crate::message::{Message, chunk, read_head, read_request, response};
use crate::origin::Origin;

const DLP_UPLOAD: &str = r#"any(dlp.upload.profiles[*] == "financial")"#;
const DLP_DOWNLOAD: &str = r#"any(dlp.download.profiles[*] == "financial")"#;

/// An origin that answers with the target of the request.
fn mirror() -> Origin {
    Origin::http(None, |request, out| {
        out.write_all(&response("200 OK", "", request.head.target().as_bytes()))
    })
}

/// Names of the fields of a head, in lower case.
fn names(message: &Message) -> Vec<String> {
    message.head.fields.iter().map(|(name, _)| name.to_ascii_lowercase()).collect()
}

#[test]
fn a_connection_serves_many_requests() {
    let (one, other) = (mirror(), mirror());
    let gateway = Setup::new().start();
    let mut client = Client::new(&gateway);
    for number in 0..20 {
        let port = if number % 2 == 0 { one.port } else { other.port };
        let answer = client.get(&format!("http://origin.test:{port}/{number}"), "origin.test");
        assert_eq!((answer.head.status(), answer.text()), (200, format!("/{number}")));
    }
    // The origins' connections are kept too.
    assert_eq!((one.accepted(), other.accepted()), (1, 1));
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let (one, other) = (mirror(), mirror());
    let gateway = Setup::new()
        .block("path", r#"http.request.uri.path contains "/secret""#)
        .block("cards", DLP_DOWNLOAD)
        .start();
    let mut client = Client::new(&gateway);
    let requests: String = (0..30)
        .map(|number| {
            let port = if number % 3 == 0 { one.port } else { other.port };
            let name = if number % 5 == 4 { "secret" } else { "open" };
            format!("GET http://origin.test:{port}/{name}/{number} HTTP/1.1\r\nHost: x\r\n\r\n")
        })
        .collect();
    client.send(requests);
    for number in 0..30 {
        let answer = client.response("GET");
        if number % 5 == 4 {
            assert_eq!(answer.head.status(), 403);
            assert!(answer.text().contains(&format!("/secret/{number}")), "{}", answer.text());
        } else {
            assert_eq!((answer.head.status(), answer.text()), (200, format!("/open/{number}")));
        }
    }
}

#[test]
fn early_hints_and_trailers_pass() {
    let origin = Origin::http(None, |_, out| {
        out.write_all(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n")?;
        out.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n")?;
        out.write_all(&[chunk(b"hello "), chunk(b"there\n")].concat())?;
        out.write_all(b"0\r\nX-Sum: 12\r\n\r\n")
    });
    for setup in [Setup::new(), Setup::new().block("cards", DLP_DOWNLOAD)] {
        let gateway = setup.start();
        let url = format!("http://origin.test:{}/", origin.port);
        let mut client = Client::new(&gateway);
        let answer = client.get(&url, "origin.test");
        assert_eq!(answer.before.len(), 1, "{answer:?}");
        assert_eq!(answer.before[0].start, "HTTP/1.1 103 Early Hints");
        assert_eq!(answer.before[0].field("link"), Some("</a.css>; rel=preload"));
        assert_eq!((answer.head.status(), answer.text().as_str()), (200, "hello there\n"));
        assert_eq!(answer.trailers, [("X-Sum".to_owned(), "12".to_owned())]);
        let fetched = fetch(&gateway, &url, &[]);
        // With heads, `curl` prints trailers too, behind the body.
        assert_eq!(
            (fetched.status(), fetched.text().as_str()),
            (200, "hello there\nX-Sum: 12\r\n")
        );
        assert_eq!(fetched.before[0].status(), 103, "{fetched:?}");
    }
}

#[test]
fn trailers_of_a_request_pass() {
    let origin = Origin::http(None, |_, out| out.write_all(&response("200 OK", "", b"")));
    for setup in [Setup::new(), Setup::new().block("cards", DLP_UPLOAD)] {
        let gateway = setup.start();
        let mut client = Client::new(&gateway);
        let port = origin.port;
        client.send(format!(
            "POST http://origin.test:{port}/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        ));
        client.send(b"5\r\nhello\r\n0\r\nX-Sum: 5\r\n\r\n");
        assert_eq!(client.response("POST").head.status(), 200);
        let request = origin.requests().pop().unwrap();
        assert_eq!(request.body, b"hello");
        assert_eq!(request.trailers, [("X-Sum".to_owned(), "5".to_owned())]);
    }
}

#[test]
fn responses_without_a_body_leave_the_connection_in_order() {
    let origin = Origin::http(None, |request, out| match request.head.target() {
        "/204" => out.write_all(b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n"),
        "/304" => out.write_all(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"),
        "/head" => out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
        "/empty" => out.write_all(&response("200 OK", "", b"")),
        _ => out.write_all(&response("200 OK", "", b"hello")),
    });
    for setup in [Setup::new(), Setup::new().block("cards", DLP_DOWNLOAD)] {
        let gateway = setup.start();
        let mut client = Client::new(&gateway);
        for (method, path, status, length) in [
            ("HEAD", "/head", 200, Some("5")),
            ("GET", "/204", 204, None),
            ("GET", "/304", 304, Some("5")),
            ("GET", "/empty", 200, Some("0")),
            ("GET", "/", 200, Some("5")),
        ] {
            let port = origin.port;
            client.send(format!(
                "{method} http://origin.test:{port}{path} HTTP/1.1\r\nHost: x\r\n\r\n"
            ));
            let answer = client.response(method);
            assert_eq!(answer.head.status(), status, "{path}");
            assert_eq!(answer.head.field("content-length"), length, "{path}");
            assert_eq!(answer.body.len(), if path == "/" { 5 } else { 0 });
        }
        let url = format!("http://origin.test:{}/head", origin.port);
        assert_eq!(fetch(&gateway, &url, &["--head"]).status(), 200);
    }
}

#[test]
fn an_expectation_is_passed_on_where_no_rule_looks_at_the_body() {
    let origin = Origin::raw(None, |connection| {
        let head = read_head(connection)?.unwrap_or_default();
        assert_eq!(head.field("expect"), Some("100-continue"), "{head:?}");
        if head.target() == "/no" {
            return connection.get_mut().write_all(&response(
                "413 Content Too Large",
                "Connection: close\r\n",
                b"no\n",
            ));
        }
        connection.get_mut().write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        let mut body = [0; 5];
        connection.read_exact(&mut body)?;
        connection.get_mut().write_all(&response("200 OK", "", &body))
    });
    let gateway = Setup::new().start();
    let head = |path| {
        let port = origin.port;
        format!(
            "POST http://origin.test:{port}{path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\
             Expect: 100-continue\r\n\r\n"
        )
    };
    let mut client = Client::new(&gateway);
    client.send(head("/yes"));
    assert_eq!(read_head(&mut client.wire).unwrap().unwrap().status(), 100);
    client.send("hello");
    assert_eq!(client.response("POST").text(), "hello");
    let mut client = Client::new(&gateway);
    client.send(head("/no"));
    let answer = client.response("POST");
    assert_eq!((answer.head.status(), answer.before.len()), (413, 0));
}

#[test]
fn an_expectation_is_met_here_where_a_rule_looks_at_the_body() {
    let origin = mirror();
    let gateway = Setup::new().block("cards", DLP_UPLOAD).start();
    for (body, status) in [("hello there, all of you", 200), ("number=4111 1111 1111 1111", 403)] {
        let mut client = Client::new(&gateway);
        let (port, length) = (origin.port, body.len());
        client.send(format!(
            "POST http://origin.test:{port}/up HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\
             Expect: 100-continue\r\n\r\n"
        ));
        assert_eq!(read_head(&mut client.wire).unwrap().unwrap().status(), 100);
        client.send(body);
        assert_eq!(client.response("POST").head.status(), status);
    }
    let requests = origin.requests();
    assert_eq!(requests.len(), 1);
    assert!(!names(&requests[0]).contains(&"expect".to_owned()), "{:?}", requests[0].head);
}

#[test]
fn what_is_between_client_and_gateway_goes_no_further() {
    let authority = OriginAuthority::new("Origins");
    let tls = authority.server("origin.test", Validity::Current);
    let handler = |_: &Message, out: &mut dyn Write| {
        let hop =
            "Connection: X-Back\r\nX-Back: 1\r\nProxy-Authenticate: Basic\r\nKeep-Alive: 5\r\n";
        out.write_all(&response("200 OK", hop, b"hello\n"))
    };
    let (plain, secure) = (Origin::http(None, handler), Origin::http(Some(tls), handler));
    let gateway = Setup::new().tunnels_to(&secure).trusts(&authority).start();
    // HTTP/2 has no `Connection`.
    let mut arguments = vec!["--http1.1", "--proxy-user", "somebody:secret"];
    for field in [
        "Connection: X-Hop, keep-alive",
        "X-Hop: 1",
        "Keep-Alive: timeout=5",
        "TE: gzip",
        "Proxy-Connection: keep-alive",
        "Proxy-Authorization: Basic c29tZWJvZHk6c2VjcmV0",
        "X-End: kept",
    ] {
        arguments.extend(["-H", field]);
    }
    for (origin, url) in [
        (&plain, format!("http://origin.test:{}/", plain.port)),
        (&secure, format!("https://origin.test:{}/", secure.port)),
    ] {
        let fetched = fetch(&gateway, &url, &arguments);
        assert_eq!(fetched.status(), 200, "{fetched:?}");
        for name in ["x-back", "proxy-authenticate", "keep-alive"] {
            assert_eq!(fetched.head.field(name), None, "{:?}", fetched.head);
        }
        assert!(fetched.head.field("via").is_some_and(|via| via.starts_with("1.1 gateway-")));
        let request = origin.requests().pop().unwrap();
        let host = url.split('/').nth(2).unwrap();
        assert_eq!(request.head.field("host"), Some(host));
        assert_eq!(request.head.field("x-end"), Some("kept"));
        assert!(request.head.field("via").is_some_and(|via| via.starts_with("1.1 gateway-")));
        let hop = ["x-hop", "keep-alive", "te", "proxy-connection", "proxy-authorization"];
        let leaked: Vec<_> =
            names(&request).into_iter().filter(|name| hop.contains(&name.as_str())).collect();
        assert!(leaked.is_empty(), "{leaked:?}");
        assert!(!format!("{request:?}").contains("c29tZWJvZHk6c2VjcmV0"), "{request:?}");
    }
    // The credentials are for the gateway; they are in no record either.
    assert!(!gateway.records_text().contains("c29tZWJvZHk6c2VjcmV0"));
}

#[test]
fn a_request_that_was_here_before_is_refused() {
    let origin = mirror();
    let gateway = Setup::new().start();
    let url = format!("http://origin.test:{}/", origin.port);
    assert_eq!(fetch(&gateway, &url, &[]).status(), 200);
    let requests = origin.requests();
    let via = requests[0].head.field("via").unwrap();
    let field = format!("Via: 1.0 elsewhere, {via}");
    assert_eq!(fetch(&gateway, &url, &["-H", &field]).status(), 508);
    assert_eq!(fetch(&gateway, &url, &["-H", "Via: 1.1 elsewhere"]).status(), 200);
    assert_eq!(origin.requests().len(), 2);
}

#[test]
fn the_target_counts_and_not_the_host_field() {
    let origin = mirror();
    let gateway = Setup::new().block("host", r#"http.request.host == "blocked.test""#).start();
    let port = origin.port;
    let mut client = Client::new(&gateway);
    let answer = client.get(&format!("http://origin.test:{port}/"), "blocked.test");
    assert_eq!(answer.head.status(), 200);
    let answer = client.get(&format!("http://blocked.test:{port}/"), "origin.test");
    assert_eq!(answer.head.status(), 403);
    let requests = origin.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].head.field("host"), Some(format!("origin.test:{port}").as_str()));
}

#[test]
fn a_request_for_another_host_than_that_of_the_tunnel_is_misdirected() {
    let authority = OriginAuthority::new("Origins");
    let tls = authority.server("origin.test", Validity::Current);
    let origin = Origin::fixed(Some(tls), response("200 OK", "", b"hello\n"));
    let gateway = Setup::new().tunnels_to(&origin).trusts(&authority).start();
    let config = trusting(&gateway.ca());
    let port = origin.port;
    for (host, status) in [
        (format!("origin.test:{port}"), 200),
        (format!("ORIGIN.test:{port}"), 200),
        (format!("other.test:{port}"), 421),
        ("origin.test".to_owned(), 421),
        (format!("origin.test.:{port}"), 421),
        (format!("origin.test:{}", port ^ 1), 421),
    ] {
        let mut client = Client::tls(&gateway, &config, "origin.test", port);
        assert_eq!(client.get("/", &host).head.status(), status, "{host}");
    }
    assert_eq!(origin.requests().len(), 2);
}

#[test]
fn a_websocket_is_relayed_both_ways() {
    let (told, tell) = mpsc::channel();
    let told = Mutex::new(told);
    let origin = Origin::raw(None, move |connection| {
        let request = read_request(connection)?.unwrap_or_default();
        let out = connection.get_mut();
        out.write_all(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
              Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x81\x05hello",
        )?;
        out.flush()?;
        let mut frame = [0; 11];
        connection.read_exact(&mut frame)?;
        connection.get_mut().write_all(b"\x81\x03bye")?;
        connection.get_mut().flush()?;
        let mut rest = Vec::new();
        let _ = connection.read_to_end(&mut rest);
        told.lock().unwrap().send((request, frame.to_vec(), rest)).unwrap();
        Ok(())
    });
    let mut gateway = Setup::new().block("cards", DLP_DOWNLOAD).start();
    let mut client = Client::new(&gateway);
    let port = origin.port;
    client.send(format!(
        "GET http://origin.test:{port}/chat HTTP/1.1\r\nHost: origin.test:{port}\r\n\
         Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ));
    let head = read_head(&mut client.wire).unwrap().unwrap();
    assert_eq!(head.status(), 101, "{head:?}");
    assert_eq!(head.field("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    assert_eq!(head.field("upgrade"), Some("websocket"));
    let mut greeting = [0; 7];
    client.wire.read_exact(&mut greeting).unwrap();
    assert_eq!(&greeting, b"\x81\x05hello");
    client.send(b"\x81\x85\x01\x02\x03\x04abcde");
    let mut answer = [0; 5];
    client.wire.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"\x81\x03bye");
    client.send(b"\x81\x84\0\0\0\0last");
    client.end();
    let (request, frame, rest) = tell.recv_timeout(PATIENCE).unwrap();
    assert_eq!(request.head.field("upgrade"), Some("websocket"), "{:?}", request.head);
    assert_eq!(
        (frame.as_slice(), rest.as_slice()),
        (&b"\x81\x85\x01\x02\x03\x04abcde"[..], &b"\x81\x84\0\0\0\0last"[..])
    );
    assert_eq!(client.rest(), b"");
    let records = gateway.stop();
    let count = |kind| records.iter().filter(|record| record["RecordType"] == kind).count();
    assert_eq!((count("http"), count("session")), (1, 1), "{records:?}");
}
