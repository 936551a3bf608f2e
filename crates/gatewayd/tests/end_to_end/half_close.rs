//! Clients that end their side as soon as they have asked, and wait for the answer.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::{ClientConfig, StreamOwned};

use crate::authority::{OriginAuthority, Validity, trusting};
use crate::client::{Client, connect, session};
use crate::gateway::{Gateway, Setup};
use crate::message::response;
use crate::origin::Origin;

/// At a time, and each one after another.
const CLIENTS: usize = 8;
const ROUNDS: usize = 8;

/// Says what was asked for, after the end of the client's side has been there for a while.
fn slow(tls: Option<Arc<rustls::ServerConfig>>) -> Origin {
    Origin::http(tls, |request, out| {
        thread::sleep(Duration::from_millis(20));
        let body = [request.head.target().as_bytes(), &[b'.'; 100_000]].concat();
        out.write_all(&response("200 OK", "", &body))
    })
}

/// What one client is answered by `ask`, which is given a path.
fn many(ask: impl Fn(&str) -> Vec<u8> + Send + Sync) {
    let ask = &ask;
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let path = format!("/{client}/{round}");
                    let answer = ask(&path);
                    let text = String::from_utf8_lossy(&answer);
                    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
                    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{path}: {head:?}");
                    assert!(body.starts_with(&path), "{path}: {}", body.len());
                    assert_eq!(body.len(), path.len() + 100_000, "{path}");
                }
            });
        }
    });
}

/// Sends `request`, ends, and reads to the end.
fn ask_and_end(mut tcp: TcpStream, request: &str) -> Vec<u8> {
    tcp.write_all(request.as_bytes()).unwrap();
    tcp.shutdown(Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    tcp.read_to_end(&mut answer).unwrap();
    answer
}

fn ask_in_tls(gateway: &Gateway, config: &Arc<ClientConfig>, port: u16, path: &str) -> Vec<u8> {
    let tcp = Client::tunnel(gateway, &format!("origin.test:{port}")).into_tcp();
    let mut tls = StreamOwned::new(session(config, "origin.test"), tcp);
    write!(tls, "GET {path} HTTP/1.1\r\nHost: origin.test:{port}\r\n\r\n").unwrap();
    tls.conn.send_close_notify();
    tls.flush().unwrap();
    tls.sock.shutdown(Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    // The origin of these tests, seen through a relay, ends without a word.
    if let Err(error) = tls.read_to_end(&mut answer) {
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    }
    answer
}

#[test]
fn who_asks_in_the_clear_is_answered() {
    let origin = slow(None);
    let port = origin.port;
    let mut gateway = Setup::new().tunnels_to(&origin).block("malware", "av.infected").start();
    many(|path| {
        let request = format!("GET http://origin.test:{port}{path} HTTP/1.1\r\nHost: x\r\n\r\n");
        ask_and_end(connect(&gateway), &request)
    });
    // Two at once: the second is not less asked for.
    let two = ["/one", "/two"].map(|path| {
        format!("GET http://origin.test:{port}{path} HTTP/1.1\r\nHost: origin.test\r\n\r\n")
    });
    let answers = ask_and_end(connect(&gateway), &two.concat());
    let answers = String::from_utf8_lossy(&answers);
    assert_eq!(answers.matches("HTTP/1.1 200 OK\r\n").count(), 2);
    assert!(answers.contains("/two..."));
    let records = gateway.stop();
    let requests = records.iter().filter(|record| record["RecordType"] == "http");
    assert_eq!(requests.filter(|r| r["Action"] == "allow").count(), CLIENTS * ROUNDS + 2);
}

#[test]
fn who_asks_in_a_tunnel_is_answered() {
    let origin = slow(None);
    let port = origin.port;
    let gateway = Setup::new().tunnels_to(&origin).start();
    many(|path| {
        let tcp = Client::tunnel(&gateway, &format!("origin.test:{port}")).into_tcp();
        ask_and_end(tcp, &format!("GET {path} HTTP/1.1\r\nHost: origin.test:{port}\r\n\r\n"))
    });
    // All of it at once, CONNECT too.
    many(|path| {
        let request = format!(
            "CONNECT origin.test:{port} HTTP/1.1\r\nHost: origin.test:{port}\r\n\r\n\
             GET {path} HTTP/1.1\r\nHost: origin.test:{port}\r\n\r\n"
        );
        let answer = ask_and_end(connect(&gateway), &request);
        let connected = b"HTTP/1.1 200 Connection established\r\n\r\n";
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(0);
        assert_eq!(&answer[..12], &connected[..12], "{:?}", String::from_utf8_lossy(&answer));
        answer[end + 4..].to_vec()
    });
}

#[test]
fn who_asks_in_tls_is_answered() {
    let authority = OriginAuthority::new("Origins");
    let origin = slow(Some(authority.server("origin.test", Validity::Current)));
    let gateway = Setup::new().tunnels_to(&origin).trusts(&authority).start();
    let config = trusting(&gateway.ca());
    many(|path| ask_in_tls(&gateway, &config, origin.port, path));
}

#[test]
fn who_asks_through_a_relay_is_answered() {
    let authority = OriginAuthority::new("Origins");
    let origin = slow(Some(authority.server("origin.test", Validity::Current)));
    let gateway = Setup::new()
        .tunnels_to(&origin)
        .rules(
            r#"
            [[rule]]
            id = "opaque"
            layer = "http"
            action = "off"
            filter = 'net.sni.host == "origin.test"'
            "#,
        )
        .start();
    let pem = gateway.ca().with_file_name("authority.pem");
    std::fs::write(&pem, authority.pem()).unwrap();
    let config = trusting(&pem);
    many(|path| ask_in_tls(&gateway, &config, origin.port, path));
}
