//! The ClientHello, cut up in every way that TCP and TLS allow: the gateway decides on the whole,
//! or not at all.

use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rustls::{ClientConfig, ClientConnection};

use crate::authority::{OriginAuthority, Validity, trusting, trusting_classically};
use crate::client::{Client, connect, session};
use crate::curl::fetch;
use crate::gateway::{Gateway, Setup};
use crate::message::{read_head, response};
use crate::origin::Origin;

/// Connections at a time.
const AT_A_TIME: usize = 16;
/// Between two segments, so that the second is not read together with the first.
const PAUSE: Duration = Duration::from_millis(2);

struct Lab {
    gateway: Gateway,
    origin: Origin,
}

impl Lab {
    fn new(setup: Setup) -> Self {
        let authority = OriginAuthority::new("Origins");
        let tls = authority.server("origin.test", Validity::Current);
        let origin = Origin::fixed(Some(tls), response("200 OK", "", b"hello\n"));
        let gateway = setup.tunnels_to(&origin).trusts(&authority).start();
        Self { gateway, origin }
    }

    /// Whether a hello sent in these pieces is answered under a certificate of the gateway.
    fn is_intercepted(&self, mut session: ClientConnection, pieces: &[&[u8]]) -> bool {
        let authority = format!("origin.test:{}", self.origin.port);
        let mut tunnel = connected(&self.gateway, &authority);
        for (number, piece) in pieces.iter().enumerate() {
            if number > 0 {
                thread::sleep(PAUSE);
            }
            tunnel.write_all(piece).unwrap();
        }
        // The client trusts the gateway's authority alone.
        let shaken = session.complete_io(&mut tunnel);
        shaken.is_ok() && session.peer_certificates().is_some_and(|chain| chain.len() == 2)
    }

    /// Cuts the hello of `config` in two at every offset; gives the offsets that got through.
    fn bypasses(&self, config: &Arc<ClientConfig>) -> Vec<usize> {
        let length = hello(&mut session(config, "origin.test")).len();
        assert!(length > 150, "{length}");
        let next = AtomicUsize::new(1);
        thread::scope(|scope| {
            let work = || {
                let mut through = Vec::new();
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= length {
                        return through;
                    }
                    let mut session = session(config, "origin.test");
                    let bytes = hello(&mut session);
                    let (first, second) = bytes.split_at(at.min(bytes.len()));
                    if !self.is_intercepted(session, &[first, second]) {
                        through.push(at);
                    }
                }
            };
            let workers: Vec<_> = (0..AT_A_TIME).map(|_| scope.spawn(work)).collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
        })
    }
}

/// A tunnel that was answered.
fn connected(gateway: &Gateway, authority: &str) -> TcpStream {
    let mut stream = connect(gateway);
    write!(stream, "CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n").unwrap();
    // The server speaks second in TLS: nothing but the head can be there.
    let head = read_head(&mut BufReader::new(&stream)).unwrap().unwrap();
    assert_eq!(head.status(), 200, "{head:?}");
    stream
}

/// The hello that `session` begins with.
fn hello(session: &mut ClientConnection) -> Vec<u8> {
    let mut bytes = Vec::new();
    while session.wants_write() {
        session.write_tls(&mut bytes).unwrap();
    }
    bytes
}

/// The same handshake message in records of so many bytes (RFC 8446 §5.1).
fn in_records_of(hello: &[u8], bytes: usize) -> Vec<u8> {
    let message = &hello[5..];
    message
        .chunks(bytes)
        .flat_map(|piece| {
            let length = u16::try_from(piece.len()).unwrap().to_be_bytes();
            [&hello[..3], &length, piece].concat()
        })
        .collect()
}

#[test]
fn a_hello_split_anywhere_is_intercepted() {
    let lab = Lab::new(Setup::new());
    let config = trusting_classically(&lab.gateway.ca());
    assert_eq!(lab.bypasses(&config), Vec::<usize>::new());
}

#[test]
fn a_post_quantum_hello_split_anywhere_is_intercepted() {
    let lab = Lab::new(Setup::new());
    let config = trusting(&lab.gateway.ca());
    assert_eq!(lab.bypasses(&config), Vec::<usize>::new());
}

#[test]
fn a_hello_in_records_of_any_size_is_intercepted() {
    let lab = Lab::new(Setup::new());
    for config in [trusting_classically(&lab.gateway.ca()), trusting(&lab.gateway.ca())] {
        for bytes in [1, 2, 3, 4, 5, 39, 100, 1_000] {
            let mut session = session(&config, "origin.test");
            let records = in_records_of(&hello(&mut session), bytes);
            assert!(lab.is_intercepted(session, &[&records]), "records of {bytes}");
        }
        // Records of one byte, and segments that agree with them nowhere.
        let mut session = session(&config, "origin.test");
        let records = in_records_of(&hello(&mut session), 1);
        let segments: Vec<&[u8]> = records.chunks(31).collect();
        assert!(lab.is_intercepted(session, &segments));
    }
}

/// Cutting the hello up hides no name from a rule either.
#[test]
fn a_rule_on_the_sni_holds_however_the_hello_is_cut() {
    let lab = Lab::new(Setup::new().rules(
        r#"
        [[rule]]
        id = "sni"
        layer = "l4"
        action = "block"
        filter = 'net.sni.host == "origin.test"'
        "#,
    ));
    let config = trusting_classically(&lab.gateway.ca());
    assert_eq!(lab.bypasses(&config), Vec::<usize>::new());
    assert_eq!(lab.origin.accepted(), 0);
}

#[test]
fn half_a_hello_and_then_silence_is_closed() {
    let lab = Lab::new(Setup::new().timeout("client_hello_ms", 300));
    let config = trusting_classically(&lab.gateway.ca());
    let bytes = hello(&mut session(&config, "origin.test"));
    for length in [0, 1, 5, 6, bytes.len() / 2, bytes.len() - 1] {
        let mut client = Client::tunnel(&lab.gateway, &format!("origin.test:{}", lab.origin.port));
        client.send(&bytes[..length]);
        assert_eq!(client.rest(), b"", "{length} bytes");
    }
    assert_eq!(lab.origin.accepted(), 0);
    // The limit is on the hello, not on the session.
    let fetched = fetch(&lab.gateway, &format!("https://origin.test:{}/", lab.origin.port), &[]);
    assert_eq!(fetched.status(), 200);
}

#[test]
fn what_is_neither_tls_nor_http_is_refused() {
    let lab = Lab::new(Setup::new().timeout("client_hello_ms", 2_000));
    for bytes in [
        b"SSH-2.0-OpenSSH_9.6\r\n".as_slice(),
        b"\x00\x01\x02\x03\x04\x05\x06\x07",
        b"\x80\x2e\x01\x03\x01",
        b"\x16\x03\x01\x00\x05\x02\x00\x00\x01\x00",
        b"\x16\x03\x01\xff\xff",
        b"\x15\x03\x01\x00\x02\x02\x28",
        b"\x17\x03\x03\x00\x10aaaaaaaaaaaaaaaa",
        b"EHLO mail.example\r\n",
    ] {
        let mut client = Client::tunnel(&lab.gateway, &format!("origin.test:{}", lab.origin.port));
        client.send(bytes);
        let said = client.rest();
        let refused =
            said.is_empty() || said.starts_with(b"HTTP/1.1 4") || said.starts_with(b"HTTP/1.1 5");
        assert!(refused, "{bytes:?}: {said:?}");
    }
    assert_eq!(lab.origin.accepted(), 0);
}

#[test]
fn http_in_the_clear_inside_a_tunnel_is_inspected() {
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let gateway = Setup::new()
        .tunnels_to(&origin)
        .block("path", r#"http.request.uri.path contains "/secret""#)
        .start();
    let authority = format!("origin.test:{}", origin.port);
    let mut client = Client::tunnel(&gateway, &authority);
    let answer = client.get("/open", &authority);
    assert_eq!((answer.head.status(), answer.text().as_str()), (200, "hello\n"));
    assert_eq!(client.get("/secret", &authority).head.status(), 403);
    // In pieces that no word of the method survives.
    let mut client = Client::tunnel(&gateway, &authority);
    for byte in format!("GET /secret HTTP/1.1\r\nHost: {authority}\r\n\r\n").bytes() {
        client.send([byte]);
    }
    assert_eq!(client.response("GET").head.status(), 403);
    let targets: Vec<_> = origin.requests().iter().map(|r| r.head.start.clone()).collect();
    assert_eq!(targets, ["GET /open HTTP/1.1"]);
}
