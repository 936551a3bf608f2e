//! Where HTTP ends on a connection: nothing passes before both sides have said so, nothing is lost
//! that came too early, and nothing of it becomes a request or a response.

use std::io::Read;
use std::sync::{Mutex, mpsc};

use crate::client::Client;
use crate::gateway::{PATIENCE, Setup};
use crate::message::{read_head, read_request};
use crate::origin::Origin;

const AGREED: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
/// A frame of a client, which is also the beginning of no request.
const FRAME: &[u8] = b"\x81\x82\0\0\0\0hi";
const EVIL: &str = "GET http://origin.test/evil HTTP/1.1\r\nHost: origin.test\r\n\r\n";

/// An offer to change to WebSocket, or a request without one.
fn request(port: u16, path: &str, offer: bool) -> String {
    let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let upgrade = if offer { upgrade } else { "" };
    format!(
        "GET http://origin.test:{port}{path} HTTP/1.1\r\nHost: origin.test:{port}\r\n{upgrade}\r\n"
    )
}

/// An origin that answers by the path, and tells what comes after the request.
fn origin() -> (Origin, mpsc::Receiver<Vec<u8>>) {
    let (told, tell) = mpsc::channel();
    let told = Mutex::new(told);
    let origin = Origin::raw(None, move |connection| {
        let Some(request) = read_request(connection)? else { return Ok(()) };
        let answer = match request.head.target() {
            "/agrees" => format!("{AGREED}\u{1}"),
            "/refuses" => {
                "HTTP/1.1 403 No\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno".to_owned()
            }
            "/other" => format!("{}\u{1}", AGREED.replace("websocket", "other")),
            _ => format!("{AGREED}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"),
        };
        connection.get_mut().write_all(answer.as_bytes())?;
        connection.get_mut().flush()?;
        let mut rest = Vec::new();
        let _ = connection.read_to_end(&mut rest);
        told.lock().unwrap().send(rest).unwrap();
        Ok(())
    });
    (origin, tell)
}

#[test]
fn what_a_client_sends_too_early_goes_on_after_the_answer_alone() {
    // As bytes, and message by message.
    let scanned = Setup::new().block("malware", "av.infected");
    for (relay, setup) in [("bytes", Setup::new()), ("messages", scanned)] {
        let (origin, tell) = origin();
        let gateway = setup.start();
        // The frame comes with the offer, and the origin agrees.
        let mut client = Client::new(&gateway);
        client.send([request(origin.port, "/agrees", true).as_bytes(), FRAME].concat());
        assert_eq!(read_head(&mut client.wire).unwrap().unwrap().status(), 101);
        client.end();
        assert_eq!(tell.recv_timeout(PATIENCE).unwrap(), FRAME, "{relay}");
        // It refuses: then the frame is nobody's.
        let mut client = Client::new(&gateway);
        client.send([request(origin.port, "/refuses", true).as_bytes(), FRAME].concat());
        let refused = client.response("GET");
        assert_eq!((refused.head.status(), refused.text()), (403, "no".into()));
        drop(client);
        assert_eq!(tell.recv_timeout(PATIENCE).unwrap(), b"", "{relay}");
    }
}

#[test]
fn an_origin_switches_to_nothing_that_was_not_asked_for() {
    let (origin, tell) = origin();
    let gateway = Setup::new().start();
    for (path, offer) in [("/unasked", false), ("/other", true)] {
        let mut client = Client::new(&gateway);
        client.send(request(origin.port, path, offer));
        let answer = client.response("GET");
        assert_eq!(answer.head.status(), 502, "{path}: {answer:?}");
        assert!(!answer.text().contains("evil"), "{path}");
        // What came behind it is no response to what is asked next.
        client.send(request(origin.port, "/refuses", false));
        let next = client.response("GET");
        assert_eq!((next.head.status(), next.text()), (403, "no".into()), "{path}");
        drop(client);
        for _ in 0..2 {
            assert_eq!(tell.recv_timeout(PATIENCE).unwrap(), b"", "{path}");
        }
    }
}

#[test]
fn what_follows_a_refused_connect_is_no_request() {
    let (origin, _) = origin();
    let gateway = Setup::new()
        .tunnels_to(&origin)
        .rules(
            r#"
            [[rule]]
            id = "no-tunnel"
            layer = "l4"
            action = "block"
            filter = 'net.dst.host == "blocked.test"'
            "#,
        )
        .start();
    let port = origin.port;
    for (authority, status) in
        [(format!("blocked.test:{port}"), 403), ("origin.test:25".into(), 403)]
    {
        let mut client = Client::new(&gateway);
        let evil = EVIL.replace("origin.test", &format!("origin.test:{port}"));
        client.send(format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n{evil}"));
        let answer = client.response("GET");
        assert_eq!(answer.head.status(), status, "{authority}");
        assert_eq!(answer.head.field("connection"), Some("close"), "{authority}");
        let _ = client.try_send(&evil);
        assert_eq!(client.rest(), b"", "{authority}");
    }
    assert_eq!(origin.accepted(), 0);
}
