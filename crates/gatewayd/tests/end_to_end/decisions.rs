//! What rules do to requests: allow, block, redirect, log.

use std::sync::Mutex;
use std::sync::mpsc;

use crate::authority::{OriginAuthority, Validity};
use crate::client::Client;
use crate::curl::fetch;
use crate::gateway::{PATIENCE, Setup};
use crate::message::{read_head, response};
use crate::origin::Origin;

const HTML: [&str; 2] = ["-H", "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"];

/// An origin that says hello, and the authority that vouches for it.
fn hello_in_tls() -> (Origin, OriginAuthority) {
    let authority = OriginAuthority::new("Origins");
    let tls = authority.server("origin.test", Validity::Current);
    (Origin::fixed(Some(tls), response("200 OK", "", b"hello\n")), authority)
}

#[test]
fn what_no_rule_objects_to_passes_in_the_clear_and_in_tls() {
    let plain = Origin::fixed(None, response("200 OK", "X-From: origin\r\n", b"hello\n"));
    let (secure, authority) = hello_in_tls();
    let gateway = Setup::new().tunnels_to(&secure).trusts(&authority).start();
    let fetched = fetch(&gateway, &format!("http://origin.test:{}/a?b=c", plain.port), &[]);
    assert_eq!((fetched.status(), fetched.text().as_str()), (200, "hello\n"));
    assert_eq!(fetched.head.field("x-from"), Some("origin"));
    assert_eq!(plain.requests()[0].head.start, "GET /a?b=c HTTP/1.1");
    let fetched = fetch(&gateway, &format!("https://origin.test:{}/a?b=c", secure.port), &[]);
    assert_eq!((fetched.status(), fetched.text().as_str()), (200, "hello\n"));
    assert_eq!(fetched.connect_status, 200);
    assert_eq!(secure.requests()[0].head.start, "GET /a?b=c HTTP/1.1");
}

#[test]
fn a_blocked_host_or_path_gets_a_page_and_the_origin_nothing() {
    let plain = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let (secure, authority) = hello_in_tls();
    let mut gateway = Setup::new()
        .tunnels_to(&secure)
        .trusts(&authority)
        .block("host", r#"http.request.host == "blocked.test""#)
        .block("path", r#"http.request.uri.path contains "/secret""#)
        .start();
    for (url, id) in [
        (format!("http://blocked.test:{}/x", plain.port), "host"),
        (format!("http://origin.test:{}/a/secret/x", plain.port), "path"),
        (format!("https://origin.test:{}/secret", secure.port), "path"),
    ] {
        let html = fetch(&gateway, &url, &HTML);
        assert_eq!(html.status(), 403, "{url}: {html:?}");
        assert_eq!(html.head.field("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(html.head.field("cache-control"), Some("no-store"));
        assert!(html.head.field("content-security-policy").is_some());
        assert!(html.text().contains(&format!("Rule {id}")), "{}", html.text());
        let json = fetch(&gateway, &url, &["-H", "Accept: application/json"]);
        assert_eq!(json.status(), 403, "{url}: {json:?}");
        let page = json.json();
        assert_eq!((&page["rule_id"], &page["status"]), (&id.into(), &403.into()));
        let request_id = json.head.field("x-gateway-request-id");
        assert_eq!(page["request_id"].as_str(), request_id, "{page}");
    }
    assert_eq!((plain.requests().len(), secure.requests().len()), (0, 0));
    let records = gateway.stop();
    let blocked = records.iter().filter(|record| record["RecordType"] == "http");
    for record in blocked.clone() {
        assert_eq!(record["Action"], "block", "{record}");
        assert_eq!(record["HTTPStatusCode"], 403, "{record}");
    }
    assert_eq!(blocked.count(), 6);
}

#[test]
fn a_page_shows_what_comes_from_outside_as_text() {
    let gateway = Setup::new().block("all", r#"http.request.method == "GET""#).start();
    let url = "http://blocked.test/<script>alert('1')</script>";
    let fetched = fetch(&gateway, url, &[HTML.as_slice(), &["--globoff"]].concat());
    // A target with these bytes is no URI: whether refused or blocked, nothing is echoed raw.
    assert!(fetched.exit == 0 && fetched.head.status() >= 400, "{fetched:?}");
    assert!(!fetched.text().contains("<script>"), "{}", fetched.text());
}

#[test]
fn a_redirect_names_the_place_that_the_rule_names() {
    let (secure, authority) = hello_in_tls();
    let gateway = Setup::new()
        .tunnels_to(&secure)
        .trusts(&authority)
        .rules(
            r#"
            [[rule]]
            id = "kept"
            layer = "http"
            action = "redirect"
            redirect = { to = "https://intranet.example/", keep_path = true }
            filter = 'http.request.uri.path contains "/kept"'

            [[rule]]
            id = "fixed"
            layer = "http"
            action = "redirect"
            redirect = { to = "https://intranet.example/policy", keep_path = false }
            filter = 'http.request.uri.path contains "/fixed"'
            "#,
        )
        .start();
    for (target, location) in [
        ("/kept/x?y=1", "https://intranet.example/kept/x?y=1"),
        ("/fixed/x?y=1", "https://intranet.example/policy"),
    ] {
        let url = format!("https://origin.test:{}{target}", secure.port);
        let fetched = fetch(&gateway, &url, &[]);
        assert_eq!(fetched.status(), 302, "{fetched:?}");
        assert_eq!(fetched.head.field("location"), Some(location));
        let record = gateway.http_record(target);
        assert_eq!(record["Action"], "redirect", "{record}");
        assert_eq!(record["RedirectTargetURI"], location, "{record}");
    }
    assert_eq!(secure.requests().len(), 0);
}

/// The origin tells that it has a card number before the client has sent what follows it.
#[test]
fn a_log_only_rule_is_recorded_and_holds_nothing() {
    let (tell, told) = mpsc::channel();
    let tell = Mutex::new(tell);
    let origin = Origin::raw(None, move |connection| {
        let head = read_head(connection)?.unwrap_or_default();
        let mut card = [0; 26];
        std::io::Read::read_exact(connection, &mut card)?;
        tell.lock().unwrap().send((head, card.to_vec())).unwrap();
        let mut rest = [0; 5];
        std::io::Read::read_exact(connection, &mut rest)?;
        connection.get_mut().write_all(&response("200 OK", "", b"thanks\n"))
    });
    let mut gateway = Setup::new()
        .rules(
            r#"
            [[rule]]
            id = "watch"
            layer = "http"
            action = "block"
            filter = 'any(dlp.upload.profiles[*] == "financial")'
            log_only = true
            "#,
        )
        .start();
    let mut client = Client::new(&gateway);
    let port = origin.port;
    client.send(format!(
        "POST http://origin.test:{port}/up HTTP/1.1\r\nHost: origin.test:{port}\r\n\
         Content-Length: 31\r\n\r\ncard: 4111 1111 1111 1111 "
    ));
    let (_, card) = told.recv_timeout(PATIENCE).unwrap();
    assert_eq!(card, b"card: 4111 1111 1111 1111 ");
    client.send("done\n");
    let answer = client.response("POST");
    assert_eq!((answer.head.status(), answer.text().as_str()), (200, "thanks\n"));
    let records = gateway.stop();
    let record = records.iter().find(|record| record["RecordType"] == "http").unwrap();
    assert_eq!(record["Action"], "allow", "{record}");
    assert!(record.to_string().contains("\"watch\""), "{record}");
    assert_no_card(&gateway.records_text());
    assert_no_card(&gateway.terminal());
}

/// No form of the card number 4111 1111 1111 1111 stands in `text`.
fn assert_no_card(text: &str) {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    assert!(!digits.contains("4111111111111111"), "{text}");
}

#[test]
fn rules_see_the_request_in_the_tunnel_as_they_see_it_in_the_clear() {
    let (secure, authority) = hello_in_tls();
    let gateway = Setup::new()
        .tunnels_to(&secure)
        .trusts(&authority)
        .block(
            "field",
            r#"any(http.request.headers["x-kind"][*] == "bad") and http.request.method == "GET""#,
        )
        .start();
    let url = format!("https://origin.test:{}/", secure.port);
    let statuses: Vec<u16> = [
        fetch(&gateway, &url, &["-H", "X-Kind: bad"]),
        fetch(&gateway, &url, &["-H", "X-Kind: good"]),
        fetch(&gateway, &url, &["-H", "X-Kind: good", "-H", "x-kind: bad"]),
        fetch(&gateway, &url, &["-H", "X-Kind: bad", "-X", "POST"]),
    ]
    .iter()
    .map(crate::curl::Fetched::status)
    .collect();
    assert_eq!(statuses, [403, 200, 403, 200]);
}
