//! Events that must not wait for one another, under rules that look at every byte.

use std::io::{BufRead, Write};
use std::sync::{Mutex, mpsc};

use crate::authority::{OriginAuthority, Validity, trusting};
use crate::client::Client;
use crate::gateway::{PATIENCE, Setup};
use crate::message::{chunk, read_chunk, read_head};
use crate::origin::Origin;

/// How an origin frames its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Chunks,
    ToTheEnd,
}

/// How the client and the origin talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carrier {
    Clear,
    Tls,
}

/// The origin sends each event only after the client has told that it has the one before.
#[test]
fn each_event_arrives_before_the_next_is_sent() {
    for framing in [Framing::Chunks, Framing::ToTheEnd] {
        in_order(framing, Carrier::Clear);
        in_order(framing, Carrier::Tls);
    }
}

fn in_order(framing: Framing, carrier: Carrier) {
    let authority = OriginAuthority::new("Origins");
    let tls = (carrier == Carrier::Tls).then(|| authority.server("origin.test", Validity::Current));
    let (confirm, confirmed) = mpsc::channel::<u32>();
    let confirmed = Mutex::new(confirmed);
    let origin = Origin::raw(tls, move |connection| {
        read_head(connection)?;
        let out = connection.get_mut();
        out.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n")?;
        out.write_all(match framing {
            Framing::Chunks => b"Transfer-Encoding: chunked\r\n\r\n",
            Framing::ToTheEnd => b"Connection: close\r\n\r\n",
        })?;
        for number in 1..=5 {
            let event = format!("data: event {number}\n\n").into_bytes();
            out.write_all(&if framing == Framing::Chunks { chunk(&event) } else { event })?;
            out.flush()?;
            let has = confirmed.lock().unwrap().recv_timeout(PATIENCE);
            assert_eq!(has, Ok(number), "the client has no event {number}");
        }
        if framing == Framing::Chunks {
            out.write_all(b"0\r\n\r\n")?;
            out.flush()?;
        }
        Ok(())
    });
    let gateway = Setup::new()
        .tunnels_to(&origin)
        .trusts(&authority)
        .block("cards", r#"any(dlp.download.profiles[*] == "financial")"#)
        .block("keys", r#"any(dlp.download.profiles[*] == "credentials")"#)
        .block("malware", "av.infected")
        .start();
    let host = format!("origin.test:{}", origin.port);
    let (mut client, target) = match carrier {
        Carrier::Tls => {
            let config = trusting(&gateway.ca());
            let client = Client::tls(&gateway, &config, "origin.test", origin.port);
            (client, "/events".to_owned())
        }
        Carrier::Clear => (Client::new(&gateway), format!("http://{host}/events")),
    };
    client.send(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
    let head = read_head(&mut client.wire).unwrap().unwrap();
    assert_eq!(head.status(), 200, "{head:?}");
    let mut text = Vec::new();
    for number in 1..=5 {
        while !text.ends_with(format!("data: event {number}\n\n").as_bytes()) {
            text.extend(read_chunk(&mut client.wire).unwrap().unwrap());
        }
        confirm.send(number).unwrap();
    }
    assert!(read_chunk(&mut client.wire).unwrap().is_none());
    let mut line = String::new();
    client.wire.read_line(&mut line).unwrap();
    assert_eq!(line, "\r\n");
}
