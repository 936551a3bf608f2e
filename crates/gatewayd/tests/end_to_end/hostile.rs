//! Peers that break the rules of HTTP, or take their time.

use std::thread;
use std::time::Duration;

use crate::client::Client;
use crate::curl::fetch;
use crate::gateway::Setup;
use crate::message::response;
use crate::origin::Origin;

#[test]
fn half_a_head_is_closed() {
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let gateway = Setup::new().timeout("head_ms", 300).start();
    let url = format!("http://origin.test:{}/", origin.port);
    for part in ["G", "GET http://origin.te", &format!("GET {url} HTTP/1.1\r\nHost: x\r\n")] {
        let mut client = Client::new(&gateway);
        client.send(part);
        assert_eq!(client.rest(), b"", "{part:?}");
    }
    // A byte now and then does not help, nor does a request that was served before.
    let mut client = Client::new(&gateway);
    assert_eq!(client.get(&url, "x").head.status(), 200);
    let begin = format!("GET {url} HTTP/1.1\r\nHost: x\r\nX-Long: ");
    client.send(begin);
    let mut sent = 0;
    while client.try_send("a").is_ok() {
        sent += 1;
        assert!(sent < 400, "still open");
        thread::sleep(Duration::from_millis(25));
    }
    assert_eq!(origin.requests().len(), 1);
}

#[test]
fn a_client_that_asks_for_nothing_is_closed() {
    let gateway = Setup::new().timeout("keep_alive_idle_ms", 300).timeout("head_ms", 300).start();
    assert_eq!(Client::new(&gateway).rest(), b"");
}

/// What two servers could take for different requests never gets as far as a second one.
#[test]
fn an_ambiguous_request_is_refused_and_the_connection_closed() {
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let gateway = Setup::new().start();
    let url = format!("http://origin.test:{}/", origin.port);
    let smuggled = format!("0\r\n\r\nGET {url}smuggled HTTP/1.1\r\nHost: x\r\n\r\n");
    for fields in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 6\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 0x5\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding: chunked\r\n Content-Length: 5\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding:\x0bchunked\r\n",
        "X-A: b\rTransfer-Encoding: chunked\r\n",
        "X-A: b\0\r\n",
    ] {
        let mut client = Client::new(&gateway);
        client.send(format!("POST {url} HTTP/1.1\r\nHost: x\r\n{fields}\r\n{smuggled}"));
        let answer = client.response("POST");
        assert!((400..=501).contains(&answer.head.status()), "{fields:?}: {:?}", answer.head);
        assert_eq!(client.rest(), b"", "{fields:?}");
    }
    assert_eq!(origin.accepted(), 0);
}

#[test]
fn length_and_chunks_together_are_a_bad_request() {
    let gateway = Setup::new().start();
    let mut client = Client::new(&gateway);
    client.send("POST http://origin.test/ HTTP/1.1\r\nHost: x\r\n");
    client.send("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    assert_eq!(client.response("POST").head.status(), 400);
    assert_eq!(client.rest(), b"");
}

#[test]
fn an_ambiguous_response_is_not_passed_on() {
    for fields in [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: -5\r\n",
        "X-A : b\r\nContent-Length: 0\r\n",
        "X-A: b\0\r\nContent-Length: 0\r\n",
    ] {
        let origin = Origin::fixed(None, format!("HTTP/1.1 200 OK\r\n{fields}\r\nhello"));
        let gateway = Setup::new().start();
        let url = format!("http://origin.test:{}/", origin.port);
        let fetched = fetch(&gateway, &url, &[]);
        assert_eq!(fetched.status(), 502, "{fields:?}: {fetched:?}");
    }
}

#[test]
fn a_response_that_broke_off_is_not_passed_on_as_whole() {
    for begin in [
        "Content-Length: 500\r\n\r\nhello",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n",
    ] {
        let origin = Origin::http(None, move |_, out| {
            write!(out, "HTTP/1.1 200 OK\r\n{begin}")?;
            out.flush()?;
            Err(std::io::ErrorKind::ConnectionAborted.into())
        });
        let gateway = Setup::new().start();
        let url = format!("http://origin.test:{}/", origin.port);
        let fetched = fetch(&gateway, &url, &[]);
        let page = fetched.status() == 502;
        assert!(page || [18, 56].contains(&fetched.exit), "{begin:?}: {fetched:?}");
    }
}

#[test]
fn an_endless_head_is_refused() {
    let gateway = Setup::new().start();
    let mut client = Client::new(&gateway);
    client.send("GET http://origin.test/ HTTP/1.1\r\nHost: x\r\n");
    let field = format!("X-Long: {}\r\n", "a".repeat(1_000));
    for _ in 0..100 {
        // Its answer may come before all is sent.
        let _ = client.try_send(&field);
    }
    assert_eq!(client.response("GET").head.status(), 431);
    assert_eq!(client.rest(), b"");
    let mut client = Client::new(&gateway);
    let many: String = (0..200).map(|number| format!("X-{number}: a\r\n")).collect();
    client.send(format!("GET http://origin.test/ HTTP/1.1\r\nHost: x\r\n{many}\r\n"));
    assert_eq!(client.response("GET").head.status(), 431);
}

#[test]
fn a_request_that_is_for_no_proxy_is_refused() {
    let gateway = Setup::new().start();
    let mut client = Client::new(&gateway);
    assert_eq!(client.get("/", "origin.test").head.status(), 400);
    assert_eq!(client.rest(), b"");
}
