//! What belongs to one hop, and in which order messages follow one another.

use super::subject::{GET, Subject, answered, asked, refused, response_refused};

pub(super) fn rfc_9112_9_6_refused_connect(subject: &dyn Subject) {
    for (connect, status) in [
        ("CONNECT a.test:25 HTTP/1.1\r\nHost: a.test:25\r\n\r\n", 403),
        ("CONNECT a.test HTTP/1.1\r\nHost: a.test\r\n\r\n", 400),
    ] {
        // Sent in hope, behind it.
        refused(subject, &format!("{connect}{GET}"), status);
    }
    let mut talk = subject.begin();
    talk.client(b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n");
    assert!(talk.client_text().starts_with("HTTP/1.1 200 ") && !talk.client_is_closed());
}

pub(super) fn rfc_9110_7_6_1_fields_of_one_hop(subject: &dyn Subject) {
    let passes = asked(
        subject,
        "GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\nConnection: keep-alive, X-Hop ,x-two\r\n\
         Keep-Alive: timeout=5\r\nX-Hop: 1\r\nX-TWO: 2\r\nProxy-Connection: close\r\nTE: gzip\r\n\
         Upgrade: h2c\r\nHTTP2-Settings: x\r\nX-End: 3\r\nCookie: a=b\r\n\r\n",
    );
    let names: Vec<String> = passes
        .lines()
        .skip(1)
        .filter_map(|line| Some(line.split_once(':')?.0.to_ascii_lowercase()))
        .collect();
    let gone = ["connection", "keep-alive", "x-hop", "x-two", "proxy-connection", "te", "upgrade"];
    assert!(gone.iter().all(|name| !names.iter().any(|there| there == name)), "{passes}");
    assert!(passes.contains("\r\nX-End: 3\r\n") && passes.contains("\r\nCookie: a=b\r\n"));
    for option in ["Host", "Content-Length", "authorization", "Cookie", "Via", ":path"] {
        let request = format!(
            "GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\nAuthorization: x\r\n\
             Connection: close, {option}\r\n\r\n"
        );
        refused(subject, &request, 400);
    }
    let back = answered(
        subject,
        "HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nX-End: 2\r\n\
         Content-Length: 0\r\n\r\n",
    );
    assert!(back.contains("\r\nX-End: 2\r\n") && !back.contains("X-Hop"), "{back}");
    assert!(!back.contains("Keep-Alive"), "{back}");
}

pub(super) fn rfc_9110_11_7_authentication_with_proxies(subject: &dyn Subject) {
    let passes = asked(
        subject,
        "GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\nProxy-Authorization: Basic eA==\r\n\
         Authorization: Basic eQ==\r\n\r\n",
    );
    assert!(!passes.contains("Proxy-Authorization"), "{passes}");
    assert!(passes.contains("\r\nAuthorization: Basic eQ==\r\n"), "{passes}");
    let back = answered(
        subject,
        "HTTP/1.1 401 No\r\nProxy-Authenticate: Basic\r\nProxy-Authentication-Info: x\r\n\
         WWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n",
    );
    assert!(back.contains("\r\nWWW-Authenticate: Basic\r\n"), "{back}");
    assert!(!back.contains("Proxy-Auth"), "{back}");
}

pub(super) fn rfc_9110_7_6_3_via(subject: &dyn Subject) {
    let request =
        |via: &str| format!("GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\nVia: {via}\r\n\r\n");
    let passes = asked(subject, &request("1.0 fred"));
    assert!(passes.contains("\r\nVia: 1.0 fred\r\n"), "{passes}");
    assert!(passes.contains("\r\nVia: 1.1 gateway\r\n"), "{passes}");
    let back = answered(subject, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert!(back.contains("\r\nVia: 1.1 gateway\r\n"), "{back}");
    let mut talk = subject.begin();
    talk.client(request("1.0 fred, 1.1 Gateway (x)").as_bytes());
    assert!(talk.client_text().starts_with("HTTP/1.1 508 "), "{}", talk.client_text());
    assert_eq!(talk.at_origin(), "");
}

pub(super) fn rfc_9110_7_6_2_max_forwards(subject: &dyn Subject) {
    let request = |method: &str, left: u32| {
        format!("{method} http://a.test/x HTTP/1.1\r\nHost: a.test\r\nMax-Forwards: {left}\r\n\r\n")
    };
    assert!(asked(subject, &request("OPTIONS", 3)).contains("\r\nMax-Forwards: 2\r\n"));
    assert!(asked(subject, &request("GET", 0)).contains("\r\nMax-Forwards: 0\r\n"));
    for (method, status) in [("OPTIONS", 200), ("TRACE", 405)] {
        let mut talk = subject.begin();
        talk.client(request(method, 0).as_bytes());
        let answer = talk.client_text();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{method}: {answer}");
        assert_eq!(talk.at_origin(), "", "{method}");
    }
}

pub(super) fn rfc_9110_10_1_1_expect(subject: &dyn Subject) {
    let head = "POST http://a.test/x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\n";
    // Here a rule wants to see the body: the gateway answers and asks for nothing itself.
    let mut talk = subject.begin();
    talk.client(format!("{head}Expect: 100-continue\r\n\r\n").as_bytes());
    let asks_origin = talk.at_origin().contains("\r\nExpect: 100-continue\r\n");
    if asks_origin {
        assert!(!talk.client_text().contains("100 Continue"), "nobody has said so yet");
        talk.origin(b"HTTP/1.1 100 Continue\r\n\r\n");
    }
    let said = talk.client_text();
    assert_eq!(said.matches("HTTP/1.1 100 Continue\r\n").count(), 1, "{said}");
    talk.client(b"ok");
    assert!(talk.at_origin().starts_with("POST /x ") && talk.at_origin().ends_with("\r\n\r\nok"));
    for expectation in ["200-ok", "100-continue, x", ""] {
        refused(subject, &format!("{head}Expect: {expectation}\r\n\r\nok"), 417);
    }
}

pub(super) fn rfc_9110_15_2_interim_responses(subject: &dyn Subject) {
    let early = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    let last = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let passes = answered(subject, &format!("{early}{early}{last}"));
    assert_eq!(passes.matches("HTTP/1.1 103 ").count(), 2, "{passes}");
    assert!(passes.contains("\r\nLink: </a>\r\n") && passes.contains("HTTP/1.1 200 "), "{passes}");
    let mut old = subject.begin();
    old.client(b"GET http://a.test/x HTTP/1.0\r\n\r\n");
    old.origin(format!("{early}{last}").as_bytes());
    assert!(old.client_text().starts_with("HTTP/1.1 200 "), "{}", old.client_text());
    response_refused(subject, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n");
    let flood = answered(subject, &format!("{}{last}", early.repeat(9)));
    assert!(!flood.contains("HTTP/1.1 200 "), "{flood}");
    assert!(flood.contains("HTTP/1.1 502 "), "{flood}");
}

const SOCKET: &str = "GET http://a.test/ws HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

pub(super) fn rfc_9110_7_8_upgrade(subject: &dyn Subject) {
    // Sent in hope, behind the request: not before the 101, and never if there is none.
    let frame = [0x81, 0x82, 0, 0, 0, 0, b'h', b'i'];
    let mut talk = subject.begin();
    talk.client(SOCKET.as_bytes());
    talk.client(&frame);
    let sent = talk.at_origin();
    assert!(sent.contains("\r\nUpgrade: websocket\r\n") && sent.ends_with("\r\n\r\n"), "{sent}");
    talk.origin(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
    assert!(talk.client_text().starts_with("HTTP/1.1 403 "), "{}", talk.client_text());
    assert!(!talk.at_origin().contains("hi"), "{}", talk.at_origin());
    let mut talk = subject.begin();
    talk.client(SOCKET.as_bytes());
    talk.origin(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
          Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
    );
    talk.client(&frame);
    assert!(talk.client_text().starts_with("HTTP/1.1 101 ") && talk.at_origin().ends_with("hi"));
    let with_body = SOCKET.replace("\r\n\r\n", "\r\nContent-Length: 2\r\n\r\nhi");
    refused(subject, &with_body, 400);
    let h2c = GET.replace(
        "\r\n\r\n",
        "\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n",
    );
    let passes = asked(subject, &h2c);
    assert!(!passes.contains("h2c") && !passes.contains("HTTP2"), "{passes}");
}

pub(super) fn rfc_9112_9_3_2_pipelined_requests(subject: &dyn Subject) {
    let request = |path: &str| GET.replace("/x", path);
    let mut talk = subject.begin();
    talk.client(format!("{}{}", request("/1"), request("/2")).as_bytes());
    assert!(talk.at_origin().contains("GET /1 ") && !talk.at_origin().contains("/2"));
    talk.origin(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none");
    assert!(talk.at_origin().contains("GET /2 HTTP/1.1\r\n"), "{}", talk.at_origin());
    talk.origin(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo");
    let text = talk.client_text();
    let (one, two) = (text.find("one"), text.find("two"));
    assert!(one.is_some() && one < two, "{text}");
    // A request that is answered before its body has come: what is left of it is no request.
    let inner = request("/inner");
    let mut talk = subject.begin();
    let length = inner.len();
    let head = format!(
        "POST http://a.test/blocked HTTP/1.1\r\nHost: a.test\r\nContent-Length: {length}\r\n\r\n"
    );
    talk.client(head.as_bytes());
    assert!(talk.client_text().starts_with("HTTP/1.1 403 "), "{}", talk.client_text());
    talk.client(inner.as_bytes());
    talk.client(request("/after").as_bytes());
    assert!(!talk.at_origin().contains("/inner"), "{}", talk.at_origin());
    let goes_on = talk.at_origin().contains("GET /after ");
    assert!(goes_on || talk.client_is_closed(), "{}", talk.at_origin());
}
