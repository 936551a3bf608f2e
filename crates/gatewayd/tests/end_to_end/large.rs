//! Bodies larger than any memory that the gateway may use.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::authority::{OriginAuthority, Validity, trusting};
use crate::client::Client;
use crate::gateway::{Gateway, Setup};
use crate::message::{read_head, response};
use crate::origin::Origin;

const MIB: usize = 1 << 20;

/// What the origin sends over and over: text, with something to look at in it.
fn block() -> Vec<u8> {
    let mut block = Vec::with_capacity(MIB);
    let mut number = 0_u32;
    while block.len() < MIB {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        writeln!(block, "line {number}: 4111-1111 1234-5678 order, AKIA, BEGIN of something")
            .unwrap();
    }
    block.truncate(MIB);
    block
}

/// An origin of `/N`: N MiB.
fn handler(target: &str, out: &mut dyn Write) -> std::io::Result<()> {
    let mib: usize = target.rsplit('/').next().and_then(|n| n.parse().ok()).unwrap_or(0);
    let block = block();
    write!(out, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", mib * MIB)?;
    (0..mib).try_for_each(|_| out.write_all(&block))
}

/// Reads so many MiB and compares every byte.
fn download(client: &mut Client, target: &str, host: &str, mib: usize) {
    client.send(format!("GET {target}{mib} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
    let head = read_head(&mut client.wire).unwrap().unwrap();
    assert_eq!(head.status(), 200, "{head:?}");
    let block = block();
    let mut piece = vec![0; MIB];
    for number in 0..mib {
        client.wire.read_exact(&mut piece).unwrap();
        assert!(piece == block, "MiB {number} is not what was sent");
    }
}

fn scanning(setup: Setup) -> Gateway {
    setup
        .block("cards", r#"any(dlp.download.profiles[*] == "financial")"#)
        .block("personal", r#"any(dlp.download.profiles[*] == "personal")"#)
        .block("keys", r#"any(dlp.download.profiles[*] == "credentials")"#)
        .block("malware", "av.infected")
        .start()
}

/// Downloads 10 MiB, then 1 GiB; the memory of the gateway may grow by no more than 16 MiB.
fn check(gateway: &Gateway, client: &mut Client, target: &str, host: &str) {
    download(client, target, host, 10);
    let before_kib = gateway.memory_kib("VmRSS");
    download(client, target, host, 1_024);
    let (now_kib, most_kib) = (gateway.memory_kib("VmRSS"), gateway.memory_kib("VmHWM"));
    let grown_kib = now_kib.max(most_kib).saturating_sub(before_kib);
    assert!(grown_kib <= 16 << 10, "{before_kib} KiB, {now_kib} KiB, at the most {most_kib} KiB");
    let url = format!("{target}1024");
    let record = gateway.http_record(url.split("test").last().unwrap());
    assert_eq!(record["BytesScanned"], 1 << 30, "{record}");
}

#[test]
fn a_gibibyte_in_the_clear_is_scanned_in_bounded_memory() {
    let origin = Origin::http(None, |request, out| handler(request.head.target(), out));
    let gateway = scanning(Setup::new());
    let host = format!("origin.test:{}", origin.port);
    let mut client = Client::new(&gateway);
    check(&gateway, &mut client, &format!("http://{host}/"), &host);
}

#[test]
fn a_gibibyte_in_tls_is_scanned_in_bounded_memory() {
    let authority = OriginAuthority::new("Origins");
    let tls = authority.server("origin.test", Validity::Current);
    let origin = Origin::http(Some(tls), |request, out| handler(request.head.target(), out));
    let gateway = scanning(Setup::new().tunnels_to(&origin).trusts(&authority));
    let host = format!("origin.test:{}", origin.port);
    let mut client = Client::tls(&gateway, &trusting(&gateway.ca()), "origin.test", origin.port);
    check(&gateway, &mut client, "/", &host);
}

#[test]
fn a_large_upload_is_scanned_in_bounded_memory() {
    const SENT_MIB: usize = 256;
    let origin = Origin::raw(None, |connection| {
        let head = read_head(connection)?.unwrap_or_default();
        let length: usize = head.field("content-length").unwrap().parse().unwrap();
        let (block, mut piece) = (block(), vec![0; MIB]);
        for _ in 0..length / MIB {
            connection.read_exact(&mut piece)?;
            assert!(piece == block, "not what was sent");
        }
        connection.get_mut().write_all(&response("200 OK", "Connection: close\r\n", b"all\n"))
    });
    let gateway = Setup::new()
        .block("cards", r#"any(dlp.upload.profiles[*] == "financial")"#)
        .block("malware", "av.infected")
        .start();
    let upload = |mib: usize| {
        let mut client = Client::new(&gateway);
        let (port, length) = (origin.port, mib * MIB);
        client.send(format!(
            "PUT http://origin.test:{port}/{mib} HTTP/1.1\r\nHost: x\r\n\
             Content-Length: {length}\r\n\r\n"
        ));
        let block = block();
        (0..mib).for_each(|_| client.send(&block));
        assert_eq!(client.response("PUT").text(), "all\n");
    };
    upload(10);
    let before_kib = gateway.memory_kib("VmRSS");
    upload(SENT_MIB);
    let grown_kib = gateway.memory_kib("VmHWM").saturating_sub(before_kib);
    assert!(grown_kib <= 16 << 10, "{before_kib} KiB, and {grown_kib} KiB more");
}

/// What the client does not take, the gateway does not fetch.
#[test]
fn a_client_that_does_not_read_stops_the_origin() {
    const WHOLE_MIB: usize = 256;
    let sent = Arc::new(AtomicUsize::new(0));
    let count = sent.clone();
    let origin = Origin::http(None, move |_, out| {
        let block = block();
        write!(out, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", WHOLE_MIB * MIB)?;
        (0..WHOLE_MIB).try_for_each(|_| {
            out.write_all(&block)?;
            count.fetch_add(1, Ordering::SeqCst);
            Ok(())
        })
    });
    let gateway = scanning(Setup::new());
    let mut client = Client::new(&gateway);
    let port = origin.port;
    client.send(format!("GET http://origin.test:{port}/ HTTP/1.1\r\nHost: x\r\n\r\n"));
    assert_eq!(read_head(&mut client.wire).unwrap().unwrap().status(), 200);
    let mut before = usize::MAX;
    while before != sent.load(Ordering::SeqCst) {
        before = sent.load(Ordering::SeqCst);
        thread::sleep(Duration::from_millis(500));
    }
    assert!(before < 64, "{before} MiB for nobody");
    let most_kib = gateway.memory_kib("VmHWM");
    assert!(most_kib < 128 << 10, "{most_kib} KiB");
    // It goes on where it stopped.
    let (block, mut piece) = (block(), vec![0; MIB]);
    for _ in 0..WHOLE_MIB {
        client.wire.read_exact(&mut piece).unwrap();
        assert!(piece == block);
    }
}
