//! Datagrams relayed over HTTP (CONNECT-UDP), to a socket that says back what it hears.

use std::io::Read;
use std::net::UdpSocket;
use std::thread;

use gateway_h1h2::Event;

use crate::client::Client;
use crate::gateway::{Gateway, Setup};
use crate::http2_client::Http2Client;
use crate::message::read_head;

/// A query that the gateway knows as one.
const QUERY: &[u8] = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x01\0\x01";

/// A socket that sends back whatever it gets; its port.
fn echo() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    thread::spawn(move || {
        let mut datagram = [0; 2_048];
        while let Ok((bytes, from)) = socket.recv_from(&mut datagram) {
            let _ = socket.send_to(&datagram[..bytes], from);
        }
    });
    port
}

fn ask(gateway: &Gateway, host: &str, port: u16) -> Client {
    let mut client = Client::new(gateway);
    client.send(format!(
        "GET /.well-known/masque/udp/{host}/{port}/ HTTP/1.1\r\nHost: proxy.test\r\n\
         Connection: Upgrade\r\nUpgrade: connect-udp\r\nCapsule-Protocol: ?1\r\n\r\n"
    ));
    let head = read_head(&mut client.wire).unwrap().unwrap();
    assert_eq!(head.status(), 101, "{head:?}");
    client
}

fn capsule(payload: &[u8]) -> Vec<u8> {
    [&[0, u8::try_from(payload.len() + 1).unwrap(), 0], payload].concat()
}

#[test]
fn datagrams_go_there_and_back_where_rules_let_them() {
    let (port, forbidden) = (echo(), echo());
    let mut gateway = Setup::new()
        .tables("[udp]\nconnect_udp = true\n")
        .rules(&format!(
            "[[rule]]\nid = \"port\"\nlayer = \"l4\"\naction = \"block\"\n\
             filter = 'net.protocol == \"udp\" and net.dst.port == {forbidden}'\n"
        ))
        .start();
    let mut client = ask(&gateway, "origin.test", port);
    // An unknown capsule is passed over, and so is a context that nobody has agreed on.
    let wire = [b"\x17\x02xx\0\x02\x04x", &*capsule(QUERY), &capsule(QUERY)].concat();
    for piece in wire.chunks(7) {
        client.send(piece);
    }
    let mut answer = vec![0; 2 * capsule(QUERY).len()];
    client.wire.read_exact(&mut answer).unwrap();
    assert_eq!(answer, [capsule(QUERY), capsule(QUERY)].concat());
    let mut refused = ask(&gateway, "127.0.0.1", forbidden);
    refused.send(capsule(QUERY));
    gateway.wait_for("a refused flow", |gateway| {
        gateway.records().into_iter().find(|record| record["PolicyID"] == "port")
    });
    drop((client, refused));
    gateway.wait_for("both streams to end", |gateway| {
        let sessions = gateway.records().into_iter();
        (sessions.filter(|r| r["DetectedProtocol"] == "connect-udp").count() == 2).then_some(())
    });
    let records = gateway.stop();
    let flow = records
        .iter()
        .find(|record| record["DestinationPort"] == port && record["ClientDatagramsReceived"] == 2);
    let flow = flow.unwrap_or_else(|| panic!("{records:#?}"));
    assert_eq!(
        (&flow["DetectedProtocol"], &flow["ClientDatagramsSent"]),
        (&"dns".into(), &2.into())
    );
}

#[test]
fn streams_of_http2_carry_datagrams_beside_one_another() {
    let (one, other, forbidden) = (echo(), echo(), echo());
    let mut gateway = Setup::new()
        .tables("[udp]\nconnect_udp = true\n[http2]\nclient = true\n")
        .rules(&format!(
            "[[rule]]\nid = \"port\"\nlayer = \"l4\"\naction = \"block\"\n\
             filter = 'net.protocol == \"udp\" and net.dst.port == {forbidden}'\n"
        ))
        .start();
    let mut client = Http2Client::new(&gateway);
    let mut open = |host: &str, port: u16| {
        let url = format!("https://proxy.test/.well-known/masque/udp/{host}/{port}/");
        let stream = client.connect_for("connect-udp", &url);
        assert_eq!(client.status(stream), 200, "{url}");
        stream
    };
    let streams = [open("origin.test", one), open("127.0.0.1", other)];
    let refused = open("127.0.0.1", forbidden);
    client.send(refused, Event::Data(capsule(QUERY).into()));
    // Capsules do not end where frames do; the two streams take turns.
    let wire = [b"\x17\x02xx\0\x02\x04x", &*capsule(QUERY), &capsule(QUERY)].concat();
    for piece in wire.chunks(7) {
        for stream in streams {
            client.send(stream, Event::Data(piece.to_vec().into()));
        }
    }
    let answer = [capsule(QUERY), capsule(QUERY)].concat();
    for stream in streams {
        let all = client
            .wait_for(stream, |told| (told.body.len() >= answer.len()).then(|| told.body.clone()));
        assert_eq!(all, answer);
    }
    assert_eq!(client.told(refused).body, b"");
    // Each ends by itself, in order: the gateway ends its side too.
    client.send(streams[0], Event::End);
    client.wait_for(streams[0], |told| told.ended.then_some(()));
    client.send(streams[1], Event::Data(capsule(QUERY).into()));
    let longer = answer.len() + capsule(QUERY).len();
    client.wait_for(streams[1], |told| (told.body.len() >= longer).then_some(()));
    drop(client);
    gateway.wait_for("all streams to end", |gateway| {
        let sessions = gateway.records().into_iter();
        (sessions.filter(|r| r["DetectedProtocol"] == "connect-udp").count() == 3).then_some(())
    });
    let records = gateway.stop();
    for (port, datagrams) in [(one, 2), (other, 3)] {
        let flow = records.iter().find(|record| record["DestinationPort"] == port);
        let flow = flow.unwrap_or_else(|| panic!("{records:#?}"));
        assert_eq!(
            (&flow["ClientDatagramsReceived"], &flow["ClientDatagramsSent"]),
            (&datagrams.into(), &datagrams.into()),
            "{flow}"
        );
    }
    assert!(records.iter().any(|record| record["PolicyID"] == "port"), "{records:#?}");
}
