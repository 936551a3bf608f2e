//! From start to stop: what is in progress is finished, and everything is on record.

use std::collections::BTreeSet;
use std::io::Read;
use std::net::TcpStream;
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::authority::{OriginAuthority, Validity, trusting};
use crate::client::Client;
use crate::curl::fetch;
use crate::gateway::{Gateway, PATIENCE, Setup};
use crate::message::{read_head, response};
use crate::origin::Origin;

/// An origin that sends half of its response, and the rest when told.
fn halting(authority: &OriginAuthority) -> (Origin, mpsc::Sender<()>) {
    let (go, gone) = mpsc::channel();
    let gone = Mutex::new(gone);
    let tls = authority.server("origin.test", Validity::Current);
    let origin = Origin::http(Some(tls), move |_, out| {
        out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n")?;
        out.write_all(&[b'a'; 100_000])?;
        out.flush()?;
        gone.lock().unwrap().recv_timeout(PATIENCE).unwrap();
        out.write_all(&[b'b'; 100_000])
    });
    (origin, go)
}

/// A client that has the first half.
fn half_way(gateway: &Gateway, origin: &Origin) -> Client {
    let config = trusting(&gateway.ca());
    let mut client = Client::tls(gateway, &config, "origin.test", origin.port);
    client.send(format!("GET / HTTP/1.1\r\nHost: origin.test:{}\r\n\r\n", origin.port));
    assert_eq!(read_head(&mut client.wire).unwrap().unwrap().status(), 200);
    let mut half = vec![0; 30_000];
    client.wire.read_exact(&mut half).unwrap();
    client
}

fn wait_until_refused(gateway: &Gateway) {
    let until = Instant::now() + PATIENCE;
    while TcpStream::connect(("127.0.0.1", gateway.port)).is_ok() {
        assert!(Instant::now() < until, "it still accepts");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn what_is_in_progress_is_finished_and_nothing_new_begun() {
    let authority = OriginAuthority::new("Origins");
    let (origin, go) = halting(&authority);
    let mut gateway =
        Setup::new().tunnels_to(&origin).trusts(&authority).block("malware", "av.infected").start();
    let mut client = half_way(&gateway, &origin);
    let mut idle = Client::new(&gateway);
    gateway.terminate();
    wait_until_refused(&gateway);
    // Whoever is not being served is let go at once.
    assert_eq!(idle.rest(), b"");
    go.send(()).unwrap();
    let mut rest = vec![0; 170_000];
    client.wire.read_exact(&mut rest).unwrap();
    assert!(rest[..70_000].iter().all(|byte| *byte == b'a'));
    assert!(rest[70_000..].iter().all(|byte| *byte == b'b'));
    assert_eq!(client.rest(), b"");
    drop(client);
    let status = gateway.wait();
    assert!(status.success(), "{status}");
    let records = gateway.records();
    let request = records.iter().find(|record| record["RecordType"] == "http").unwrap();
    assert_eq!((&request["Action"], &request["BytesReceived"]), (&"allow".into(), &200_000.into()));
}

#[test]
fn what_does_not_end_is_broken_off_when_the_time_is_over() {
    let authority = OriginAuthority::new("Origins");
    let (origin, go) = halting(&authority);
    let mut gateway =
        Setup::new().tunnels_to(&origin).trusts(&authority).timeout("drain_ms", 300).start();
    let mut client = half_way(&gateway, &origin);
    gateway.terminate();
    let rest = client.rest();
    assert!(rest.len() <= 70_000, "{}", rest.len());
    let status = gateway.wait();
    assert!(status.success(), "{status}");
    let _ = go.send(());
    let records = gateway.records();
    let count = |kind| records.iter().filter(|record| record["RecordType"] == kind).count();
    assert_eq!((count("http"), count("session")), (1, 1), "{records:?}");
}

#[test]
fn every_connection_and_every_request_has_one_record() {
    let authority = OriginAuthority::new("Origins");
    let tls = authority.server("origin.test", Validity::Current);
    let secure = Origin::fixed(Some(tls), response("200 OK", "", b"hello\n"));
    let plain = Origin::fixed(None, response("200 OK", "", b"4111 1111 1111 1111\n"));
    let mut gateway = Setup::new()
        .tunnels_to(&secure)
        .trusts(&authority)
        .block("cards", r#"any(dlp.profiles[*] == "financial")"#)
        .start();
    let (http, https) = (
        format!("http://origin.test:{}/", plain.port),
        format!("https://origin.test:{}/", secure.port),
    );
    // Connections and requests: 1 and 3, 1 and 2, 1 and 1, 1 and 1, 1 and none, 1 and none.
    let mut client = Client::new(&gateway);
    for _ in 0..3 {
        assert_eq!(client.get(&http, "x").head.status(), 403);
    }
    drop(client);
    let mut client = Client::tls(&gateway, &trusting(&gateway.ca()), "origin.test", secure.port);
    for _ in 0..2 {
        let host = format!("origin.test:{}", secure.port);
        assert_eq!(client.get("/", &host).head.status(), 200);
    }
    drop(client);
    let card = "number=4111111111111111&expires=12/34";
    assert_eq!(fetch(&gateway, &https, &["--data", card]).status(), 403);
    assert_eq!(fetch(&gateway, &http, &[]).status(), 403);
    drop(Client::new(&gateway));
    drop(Client::tunnel(&gateway, &format!("origin.test:{}", secure.port)));
    let records = gateway.stop();
    let of = |kind: &'static str| records.iter().filter(move |record| record["RecordType"] == kind);
    assert_eq!((of("session").count(), of("http").count()), (6, 7), "{records:?}");
    let ids = |kind, name: &str| -> BTreeSet<String> {
        of(kind).map(|record: &Value| record[name].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids("session", "SessionID").len(), 6);
    assert_eq!(ids("http", "RequestID").len(), 7);
    assert!(ids("http", "SessionID").is_subset(&ids("session", "SessionID")));
    for text in [gateway.records_text(), gateway.terminal()] {
        assert!(!text.contains("4111111111111111") && !text.contains("4111 1111"), "{text}");
        assert!(!text.contains("expires=12/34"), "{text}");
    }
}

#[test]
fn a_client_that_leaves_takes_its_origin_connection_with_it() {
    let (told, tell) = mpsc::channel();
    let told = Mutex::new(told);
    let origin = Origin::raw(None, move |connection| {
        read_head(connection)?;
        connection.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")?;
        let mut rest = Vec::new();
        let _ = connection.read_to_end(&mut rest);
        told.lock().unwrap().send(rest).unwrap();
        Ok(())
    });
    // Its end may be that of its side alone.
    let gateway = Setup::new().timeout("half_closed_ms", 200).start();
    let mut client = Client::new(&gateway);
    let port = origin.port;
    client.send(format!("GET http://origin.test:{port}/left HTTP/1.1\r\nHost: x\r\n\r\n"));
    assert_eq!(read_head(&mut client.wire).unwrap().unwrap().status(), 200);
    drop(client);
    assert_eq!(tell.recv_timeout(PATIENCE).unwrap(), b"");
    let record = gateway.http_record("/left");
    assert_eq!(record["ConnectionCloseReason"], "CLIENT_CLOSED", "{record}");
}
