//! CONNECT: what is refused, what is relayed unseen, what is answered inside TLS.

use std::io::{Read, Write};

use crate::authority::{OriginAuthority, Validity, trusting};
use crate::client::Client;
use crate::curl::{fetch, fetch_trusting};
use crate::gateway::Setup;
use crate::message::response;
use crate::origin::Origin;
use crate::ports::free_port;

/// An origin under this name, in TLS, that says hello.
fn hello(authority: &OriginAuthority, name: &str, validity: Validity) -> Origin {
    let tls = authority.server(name, validity);
    Origin::fixed(Some(tls), response("200 OK", "", b"hello\n"))
}

#[test]
fn a_blocked_connect_is_answered_403() {
    let authority = OriginAuthority::new("Origins");
    let origin = hello(&authority, "origin.test", Validity::Current);
    let mut gateway = Setup::new()
        .tunnels_to(&origin)
        .trusts(&authority)
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
    let url = format!("https://blocked.test:{}/", origin.port);
    let fetched = fetch(&gateway, &url, &[]);
    assert_eq!((fetched.exit, fetched.connect_status), (56, 403), "{fetched:?}");
    let mut client = Client::new(&gateway);
    client.send(format!("CONNECT blocked.test:{} HTTP/1.1\r\nHost: x\r\n\r\n", origin.port));
    let answer = client.response("GET");
    assert_eq!(answer.head.status(), 403);
    assert!(answer.text().contains("no-tunnel"), "{}", answer.text());
    assert_eq!(client.rest(), b"", "the connection closes");
    // The same rule by address, and for a request in the clear.
    let plain = fetch(&gateway, &format!("http://blocked.test:{}/", origin.port), &[]);
    assert_eq!(plain.status(), 403, "{plain:?}");
    assert_eq!(origin.accepted(), 0);
    let fetched = fetch(&gateway, &format!("https://origin.test:{}/", origin.port), &[]);
    assert_eq!(fetched.status(), 200, "{fetched:?}");
    let records = gateway.stop();
    let sessions = records.iter().filter(|record| record["HTTPMethod"] == "CONNECT");
    let blocked = sessions.filter(|record| record["PolicyID"] == "no-tunnel");
    assert_eq!(blocked.count(), 2);
}

#[test]
fn a_rule_on_the_address_sees_what_the_name_resolves_to() {
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let gateway = Setup::new()
        .tunnels_to(&origin)
        .rules(
            r#"
            [[rule]]
            id = "no-loopback"
            layer = "l4"
            action = "block"
            filter = 'net.dst.ip in { 127.0.0.0/8 }'
            "#,
        )
        .start();
    for host in ["origin.test", "127.0.0.1"] {
        let tunnel = fetch(&gateway, &format!("https://{host}:{}/", origin.port), &[]);
        assert_eq!(tunnel.connect_status, 403, "{tunnel:?}");
        let plain = fetch(&gateway, &format!("http://{host}:{}/", origin.port), &[]);
        assert_eq!(plain.status(), 403, "{plain:?}");
    }
    assert_eq!(origin.accepted(), 0);
}

#[test]
fn a_rule_on_the_sni_is_answered_inside_tls_under_a_minted_certificate() {
    let authority = OriginAuthority::new("Origins");
    let origin = hello(&authority, "blocked.test", Validity::Current);
    for layer in ["l4", "http"] {
        let rule = format!(
            "[[rule]]\nid = \"sni\"\nname = \"Rule sni\"\nlayer = \"{layer}\"\n\
             action = \"block\"\nfilter = 'net.sni.host == \"blocked.test\"'\n"
        );
        let gateway = Setup::new().tunnels_to(&origin).trusts(&authority).rules(&rule).start();
        let url = format!("https://blocked.test:{}/", origin.port);
        let fetched = fetch(&gateway, &url, &["-H", "Accept: text/html"]);
        assert_eq!((fetched.connect_status, fetched.status()), (200, 403), "{fetched:?}");
        assert!(fetched.text().contains("Rule sni"), "{}", fetched.text());
        assert_eq!(origin.requests().len(), 0);
        // A rule on connections is enforced before there is one to the origin.
        assert!(layer != "l4" || origin.accepted() == 0);
    }
}

#[test]
fn what_must_not_be_inspected_is_relayed_byte_for_byte_under_the_origins_certificate() {
    let authority = OriginAuthority::new("Origins");
    let tls = authority.server("opaque.test", Validity::Current);
    let echo = Origin::raw(Some(tls), |connection| {
        loop {
            let mut piece = [0; 8192];
            let read = connection.read(&mut piece)?;
            if read == 0 {
                return Ok(());
            }
            connection.get_mut().write_all(&piece[..read])?;
        }
    });
    let mut gateway = Setup::new()
        .tunnels_to(&echo)
        .rules(
            r#"
            [[rule]]
            id = "opaque"
            layer = "http"
            action = "off"
            filter = 'net.sni.host == "opaque.test"'
            "#,
        )
        .block("everything", r#"http.request.method == "GET""#)
        .start();
    // The gateway's authority is not among those that this client trusts.
    let pem = gateway.ca().with_file_name("authority.pem");
    std::fs::write(&pem, authority.pem()).unwrap();
    let mut client = Client::tls(&gateway, &trusting(&pem), "opaque.test", echo.port);
    let mut state = 1_u32;
    for _ in 0..200 {
        let piece: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
        .take(5_000)
        .collect();
        client.send(&piece);
        let mut back = vec![0; piece.len()];
        client.wire.read_exact(&mut back).unwrap();
        assert!(back == piece);
    }
    // The gateway's own would not be believed.
    let url = format!("https://opaque.test:{}/", echo.port);
    assert_eq!(fetch(&gateway, &url, &[]).exit, 60);
    drop(client);
    let records = gateway.stop();
    assert!(records.iter().all(|record| record["RecordType"] == "session"), "{records:?}");
    let relayed = records
        .iter()
        .find(|record| record["Interim"] != true && record["BytesSent"].as_u64() > Some(100_000))
        .unwrap();
    assert_eq!(relayed["InspectionVerdict"], "spliced", "{relayed}");
    assert!(relayed["BytesReceived"].as_u64().unwrap() > 1_000_000, "{relayed}");
}

#[test]
fn the_port_of_the_gateway_is_no_destination() {
    // A port that is free now, so that CONNECT may name it.
    let port = free_port();
    let mut gateway = Setup::new().tunnels_to_port(port).listens_on(port).start();
    for host in ["127.0.0.1", "origin.test", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        let mut client = Client::tunnel(&gateway, &format!("{host}:{port}"));
        client.send("GET / HTTP/1.1\r\nHost: ");
        client.send(format!("{host}:{port}\r\n\r\n"));
        let answer = client.response("GET");
        assert_eq!(answer.head.status(), 403, "{host}: {answer:?}");
        let url = format!("http://{host}:{port}/");
        let mut client = Client::new(&gateway);
        client.send(format!("GET {url} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n"));
        let answer = client.response("GET");
        assert_eq!(answer.head.status(), 403, "{host}: {answer:?}");
    }
    // Eight connections of clients, and none of the gateway to itself.
    let sessions = gateway.stop();
    let sessions = sessions.iter().filter(|record| record["RecordType"] == "session");
    assert_eq!(sessions.count(), 8);
}

#[test]
fn addresses_that_are_not_on_the_internet_are_refused_unless_allowed() {
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let gateway = Setup::new().tunnels_to(&origin).internet_only().start();
    let port = origin.port;
    for host in ["origin.test", "127.0.0.1", "localhost", "2130706433", "[::1]", "[::127.0.0.1]"] {
        let fetched = fetch(&gateway, &format!("http://{host}:{port}/"), &[]);
        assert!([403, 502].contains(&fetched.status()), "{host}: {fetched:?}");
        let fetched = fetch(&gateway, &format!("https://{host}:{port}/"), &["-k"]);
        assert!([403, 502].contains(&fetched.status()), "{host}: {fetched:?}");
    }
    for host in ["10.0.0.1", "192.168.0.1", "172.16.0.1", "169.254.169.254", "[fd00::1]"] {
        let fetched = fetch(&gateway, &format!("http://{host}/"), &[]);
        assert_eq!(fetched.status(), 403, "{host}: {fetched:?}");
    }
    assert_eq!(origin.accepted(), 0);
}

#[test]
fn connect_reaches_no_port_that_is_not_named() {
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let gateway = Setup::new().start();
    for port in [origin.port, 22, 25] {
        let fetched = fetch(&gateway, &format!("https://origin.test:{port}/"), &[]);
        assert_eq!((fetched.exit, fetched.connect_status), (56, 403), "{fetched:?}");
    }
    assert_eq!(origin.accepted(), 0);
}

#[test]
fn an_origin_that_cannot_be_reached_becomes_a_page() {
    let free = free_port();
    let gateway = Setup::new().tunnels_to_port(free).start();
    for url in [
        "http://nowhere.invalid/".to_owned(),
        "https://nowhere.invalid/".to_owned(),
        format!("http://origin.test:{free}/"),
        format!("https://origin.test:{free}/"),
    ] {
        let fetched = fetch(&gateway, &url, &["-H", "Accept: text/html"]);
        assert_eq!(fetched.status(), 502, "{url}: {fetched:?}");
        assert!(fetched.text().contains("<h1>Bad Gateway</h1>"), "{url}");
    }
}

#[test]
fn an_origin_that_cannot_be_trusted_becomes_a_page_under_a_certificate_that_can() {
    let trusted = OriginAuthority::new("Origins");
    let unknown = OriginAuthority::new("Nobody knows");
    for (authority, name, validity, says) in [
        (&unknown, "origin.test", Validity::Current, "no known authority"),
        (&trusted, "origin.test", Validity::Past, "expired"),
        (&trusted, "other.test", Validity::Current, "another host"),
    ] {
        let origin = hello(authority, name, validity);
        let gateway = Setup::new().tunnels_to(&origin).trusts(&trusted).start();
        let url = format!("https://origin.test:{}/", origin.port);
        let fetched = fetch(&gateway, &url, &[]);
        assert_eq!(fetched.status(), 502, "{says}: {fetched:?}");
        assert!(fetched.text().contains(says), "{says}: {}", fetched.text());
        assert_eq!(origin.requests().len(), 0);
        // The origin's authority would not do: what the client saw was minted.
        let ca = gateway.origin_ca();
        assert_eq!(fetch_trusting(&gateway, ca.to_str().unwrap(), &url, &[]).exit, 60);
        let record = gateway.http_record("/");
        assert_eq!(record["UntrustedCertificateAction"], "error", "{record}");
    }
}
