//! Large bodies of answers: those that a Worker leaves as they were go on without it, and nothing
//! else changes for them.

use std::io::Read;
use std::process::Command;
use std::sync::{Mutex, mpsc};

use crate::authority::{OriginAuthority, Validity, trusting};
use crate::client::Client;
use crate::curl::fetch;
use crate::gateway::{Gateway, PATIENCE, Setup};
use crate::message::{read_head, response};
use crate::origin::Origin;
use crate::workerd::Lab;

const ALL: &str = r#"http.request.host == "origin.test""#;
/// Leaves the body, though not the head.
const LEAVES: &str = r#"
    const response = await next(request);
    const changed = new Response(response.body, response);
    changed.headers.set("X-Worker", "1");
    return changed;"#;
const BYTES: usize = 4 << 20;

fn body(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|n| (n / 3 % 251) as u8).collect()
}

/// An origin that sends half of its body, and goes on, or breaks off, when it is told to.
fn halting() -> (Origin, mpsc::Sender<bool>, OriginAuthority) {
    let authority = OriginAuthority::new("Origins");
    let tls = authority.server("origin.test", Validity::Current);
    let (go_on, told) = mpsc::channel::<bool>();
    let told = Mutex::new(told);
    let origin = Origin::raw(Some(tls), move |connection| {
        read_head(connection)?;
        let out = connection.get_mut();
        let whole = body(BYTES);
        let (first, second) = whole.split_at(BYTES / 2);
        out.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {BYTES}\r\n\r\n").as_bytes())?;
        out.write_all(first)?;
        out.flush()?;
        if told.lock().unwrap().recv_timeout(PATIENCE) == Ok(true) {
            out.write_all(second)?;
        }
        out.flush()
    });
    (origin, go_on, authority)
}

/// A gateway before that origin, and a client that has the first half of the answer.
fn halfway(origin: &Origin, authority: &OriginAuthority) -> (Gateway, Client, Vec<u8>) {
    let gateway = Setup::new()
        .tunnels_to(origin)
        .trusts(authority)
        .forward("w", ALL)
        .worker("w", "", "", LEAVES)
        .with_workerd()
        .start();
    let config = trusting(&gateway.ca());
    let mut client = Client::tls(&gateway, &config, "origin.test", origin.port);
    client.send(format!("GET /half HTTP/1.1\r\nHost: origin.test:{}\r\n\r\n", origin.port));
    let head = read_head(&mut client.wire).unwrap().unwrap();
    assert_eq!((head.status(), head.field("x-worker")), (200, Some("1")), "{head:?}");
    assert_eq!(head.field("content-length"), Some(&*BYTES.to_string()));
    let mut first = vec![0; BYTES / 2];
    client.wire.read_exact(&mut first).unwrap();
    (gateway, client, first)
}

/// The process of the one Worker.
fn workerd_of(gateway: &Gateway) -> String {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", gateway.pid())).unwrap();
    let mut children = tasks
        .map_while(Result::ok)
        .filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    children.find(|children| !children.is_empty()).unwrap().trim().to_owned()
}

#[test]
fn a_body_that_is_left_goes_on_without_the_worker() {
    let (origin, go_on, authority) = halting();
    let (gateway, mut client, mut read) = halfway(&origin, &authority);
    // The Worker is done with it: it can even die.
    let pid = workerd_of(&gateway);
    assert!(Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
    gateway.wait_for("its end", |g| g.terminal().contains("its process ended").then_some(()));
    go_on.send(true).unwrap();
    let mut rest = vec![0; BYTES / 2];
    client.wire.read_exact(&mut rest).unwrap();
    read.extend(rest);
    assert!(read == body(BYTES), "it is the body of the origin");
    let record = gateway.http_record("/half");
    assert_eq!((&record["WorkerOutcome"], &record["Action"]), (&"ok".into(), &"forward".into()));
    assert_eq!(record["WorkerNextCalled"], true);
    assert_eq!(record["BytesReceived"], BYTES);
    assert_eq!(record["OriginTLSVersion"], "TLSv1.3");
}

#[test]
fn a_body_that_is_left_and_breaks_off_is_cut() {
    let (origin, go_on, authority) = halting();
    let (gateway, mut client, _) = halfway(&origin, &authority);
    go_on.send(false).unwrap();
    let mut rest = Vec::new();
    let _ = client.wire.read_to_end(&mut rest);
    assert!(rest.len() < BYTES / 2);
    let record = gateway.http_record("/half");
    assert_eq!(record["WorkerOutcome"], "broken");
}

#[test]
fn whatever_a_worker_does_with_a_body_the_client_gets_what_it_answers() {
    let handle = r#"
        const path = new URL(request.url).pathname;
        if (path === "/own") return new Response("own", { headers: { "gw-worker-body": "origin" } });
        const response = await next(request);
        if (path === "/read") return new Response(await response.arrayBuffer(), response);
        if (path === "/clone") {
          const copy = await response.clone().arrayBuffer();
          const both = new Response(response.body, response);
          both.headers.set("X-Copy", String(copy.byteLength));
          return both;
        }
        if (path === "/through") {
          return new Response(response.body.pipeThrough(new TransformStream()), response);
        }
        if (path === "/other") return new Response("other", response);
        if (path === "/status") return new Response(response.body, { status: 404 });
        if (path === "/late") await new Promise((resolve) => setTimeout(resolve, 300));
        return response;"#;
    let setup = Setup::new()
        .block("down", r#"any(dlp.download.profiles[*] == "financial")"#)
        .forward("w", ALL)
        .worker("w", "", "", handle);
    let lab = Lab::new(setup, |request| {
        let mut body = body(BYTES / 4);
        if request.head.target() == "/card" {
            body[700_000..700_021].copy_from_slice(b" 4111 1111 1111 1111 ");
        }
        response("200 OK", "gw-worker-body: origin\r\n", &body)
    });
    let get = |path: &str, arguments: &[&str]| fetch(&lab.gateway, &lab.url(path), arguments);
    for path in ["/read", "/clone", "/through", "/status", "/late", "/left"] {
        for version in ["--http1.1", "--http2"] {
            let fetched = get(path, &[version]);
            let status = if path == "/status" { 404 } else { 200 };
            assert_eq!(fetched.status(), status, "{path} {}", lab.gateway.terminal());
            assert!(fetched.body == body(BYTES / 4), "{path}: {} bytes", fetched.body.len());
            assert_eq!(fetched.head.field("gw-worker-body"), None, "{path}");
        }
        assert_eq!(lab.gateway.http_record(path)["WorkerOutcome"], "ok", "{path}");
    }
    for (path, text) in [("/own", "own"), ("/other", "other")] {
        assert_eq!(get(path, &[]).text(), text);
    }
    let head = get("/left", &["--head"]);
    assert_eq!((head.status(), head.body.len()), (200, 0));
    // A request with a body of its own, which the Worker leaves too.
    let posted = get("/left", &["-d", "x"]);
    assert!(posted.status() == 200 && posted.body == body(BYTES / 4));
    let card = get("/card", &[]);
    assert_eq!(card.status(), 0, "it is cut");
    let at = |text: &[u8]| card.body.windows(text.len()).any(|window| window == text);
    assert!(!at(b"4111"), "{} bytes", card.body.len());
    let record = lab.gateway.http_record("/card");
    assert_eq!((&record["Action"], &record["PolicyID"]), (&"block".into(), &"down".into()));
}
