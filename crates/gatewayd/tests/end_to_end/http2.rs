//! HTTP/2 by `curl` and `nghttpd` on either side, and what policy does in it.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::{Mutex, mpsc};

use crate::authority::{OriginAuthority, Validity, trusting};
use crate::client::Client;
use crate::curl::fetch;
use crate::gateway::{Gateway, PATIENCE, Setup};
use crate::message::response;
use crate::nghttpd::{Nghttpd, site};
use crate::origin::Origin;
use crate::python::script;

/// How `curl` calls a stream that was reset.
const STREAM_RESET: i32 = 92;

/// An origin of each version, behind a gateway.
struct Lab {
    gateway: Gateway,
    h2: Nghttpd,
    h1: Origin,
    dir: std::path::PathBuf,
}

impl Lab {
    fn new(name: &str, setup: Setup) -> Self {
        let authority = OriginAuthority::new("Origins");
        let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("http2-{name}-{}", std::process::id()));
        let large: Vec<u8> = (0..3_000_000_u32).map(|n| (n.wrapping_mul(n) >> 7) as u8).collect();
        let late = [&[b'.'; 400_000][..], b" 4111 1111 1111 1111 ", &[b'.'; 100_000]].concat();
        let files: [(&str, &[u8]); 4] = [
            ("hello", b"hello\n"),
            ("large", &large),
            ("card", b"4111 1111 1111 1111"),
            ("late", &late),
        ];
        site(&dir, &files);
        let h2 = Nghttpd::start(&authority, &dir, &[]);
        let tls = authority.server("origin.test", Validity::Current);
        let h1 = Origin::http(Some(tls), |request, out| {
            let body = if request.body.is_empty() { b"hello\n" } else { &request.body[..] };
            out.write_all(&response("200 OK", "", body))
        });
        let gateway = setup.tunnels_to(&h1).tunnels_to_port(h2.port).trusts(&authority).start();
        Self { gateway, h2, h1, dir }
    }

    fn urls(&self, path: &str) -> [(&'static str, String); 2] {
        let h1 = format!("https://origin.test:{}{path}", self.h1.port);
        [("HTTP/2", self.h2.url(path)), ("HTTP/1.1", h1)]
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

#[test]
fn each_side_speaks_what_it_can() {
    let lab = Lab::new("each", Setup::new().block("malware", "av.infected"));
    for (flag, client) in [("--http2", "HTTP/2"), ("--http1.1", "HTTP/1.1")] {
        for (origin, url) in lab.urls(&format!("/hello?{client}")) {
            let fetched = fetch(&lab.gateway, &url, &[flag]);
            assert_eq!((fetched.status(), fetched.text()), (200, "hello\n".into()), "{url}");
            assert!(fetched.head.start.starts_with(client), "{:?}", fetched.head);
            let record = lab.gateway.http_record(&url);
            assert_eq!(record["HTTPVersion"], client, "{url}");
            assert_eq!(record["OriginHTTPVersion"], origin, "{url}");
            assert_eq!(record.get("HTTPStreamID").is_some(), client == "HTTP/2");
        }
    }
    let large = std::fs::read(lab.dir.join("www/large")).unwrap();
    let file = lab.dir.join("www/large");
    let upload = format!("@{}", file.display());
    for flag in ["--http2", "--http1.1"] {
        let fetched = fetch(&lab.gateway, &lab.h2.url("/large"), &[flag]);
        assert!(fetched.status() == 200 && fetched.body == large, "{flag}");
        for (origin, url) in lab.urls("/up") {
            let fetched = fetch(&lab.gateway, &url, &[flag, "--data-binary", &upload]);
            assert!(fetched.status() == 200 && fetched.body == large, "{flag} {origin}");
        }
    }
}

/// More than fits between the origin and a client that does not read: all responses are in progress
/// at the same time.
#[test]
fn clients_of_http1_share_connections() {
    const CLIENTS: usize = 12;
    let lab = Lab::new("share", Setup::new());
    let config = trusting(&lab.gateway.ca());
    let ask = |path: String| {
        let mut client = Client::tls(&lab.gateway, &config, "origin.test", lab.h2.port);
        let request = format!("GET {path} HTTP/1.1\r\nHost: origin.test:{}\r\n\r\n", lab.h2.port);
        client.send(request);
        client
    };
    let large = std::fs::read(lab.dir.join("www/large")).unwrap();
    // The connection is there before many ask for one.
    for number in 0..8 {
        assert_eq!(ask(format!("/hello?first-{number}")).response("GET").body, b"hello\n");
    }
    let mut clients: Vec<Client> = (0..CLIENTS).map(|n| ask(format!("/large?{n}"))).collect();
    // One that goes away in the middle takes nobody with it.
    drop(clients.pop());
    for client in clients.iter_mut().rev() {
        assert!(client.response("GET").body == large);
    }
    let ports: BTreeSet<u64> = (0..CLIENTS - 1)
        .map(|n| {
            let record = lab.gateway.http_record(&lab.h2.url(&format!("/large?{n}")));
            assert_eq!(record["HTTPVersion"], "HTTP/1.1");
            assert_eq!(record["OriginHTTPVersion"], "HTTP/2");
            record["EgressPort"].as_u64().unwrap()
        })
        .collect();
    let threads = std::thread::available_parallelism().unwrap().get();
    assert!(ports.len() <= threads, "{ports:?} of {threads} threads");
}

#[test]
fn configuration_takes_it_off_either_side() {
    let lab = Lab::new("client", Setup::new().tables("[http2]\nclient = false\n"));
    let url = lab.h2.url("/hello");
    assert_eq!(fetch(&lab.gateway, &url, &["--http2"]).text(), "hello\n");
    let record = lab.gateway.http_record(&url);
    assert_eq!(record["HTTPVersion"], "HTTP/1.1");
    assert_eq!(record["OriginHTTPVersion"], "HTTP/2");

    let lab = Lab::new("origin", Setup::new().tables("[http2]\norigin = \"never\"\n"));
    // Nghttpd speaks nothing else.
    assert_eq!(fetch(&lab.gateway, &lab.h2.url("/hello"), &["--http2"]).status(), 502);
    let [_, (_, url)] = lab.urls("/hello");
    let fetched = fetch(&lab.gateway, &url, &["--http2"]);
    assert_eq!(fetched.text(), "hello\n");
    assert!(fetched.head.start.starts_with("HTTP/2"));
}

/// A client that is still sending when it is refused is told why, as often as it asks: `curl` 7.88
/// would take the page for broken if the stream were reset at once.
#[test]
fn who_is_refused_while_sending_sees_the_page() {
    let setup = Setup::new().block("path", r#"http.request.uri.path == "/blocked""#);
    let lab = Lab::new("refused", setup);
    for bytes in [1, 100_000, 1 << 20] {
        let file = lab.dir.join("upload");
        std::fs::write(&file, vec![b'x'; bytes]).unwrap();
        let upload = ["--http2", "--data-binary", &format!("@{}", file.display())];
        for round in 0..20 {
            let fetched = fetch(&lab.gateway, &lab.h2.url("/blocked"), &upload);
            let what = format!("{bytes} bytes, round {round}");
            assert_eq!((fetched.exit, fetched.status()), (0, 403), "{what}");
            assert!(fetched.head.start.starts_with("HTTP/2"), "{what}");
            let announced = fetched.head.field("content-length").unwrap();
            assert_eq!(announced, fetched.body.len().to_string(), "{what}");
        }
    }
}

#[test]
fn a_block_is_a_page_before_the_first_byte_and_a_reset_after() {
    let lab = Lab::new(
        "block",
        Setup::new()
            .block("path", r#"http.request.uri.path == "/blocked""#)
            .block("up", r#"any(dlp.upload.profiles[*] == "financial")"#)
            .block("down", r#"any(dlp.download.profiles[*] == "financial")"#),
    );
    for path in ["/blocked", "/card"] {
        let fetched = fetch(&lab.gateway, &lab.h2.url(path), &["--http2"]);
        assert_eq!((fetched.exit, fetched.status()), (0, 403), "{path}");
        assert!(fetched.head.start.starts_with("HTTP/2"));
    }
    let data = ["--http2", "--data", "4111 1111 1111 1111"];
    assert_eq!(fetch(&lab.gateway, &lab.h2.url("/up"), &data).status(), 403);
    let fetched = fetch(&lab.gateway, &lab.h2.url("/late"), &["--http2"]);
    assert_eq!((fetched.exit, fetched.head.status()), (STREAM_RESET, 200));
    assert!(!fetched.text().contains("4111"));
    let record = lab.gateway.http_record("/late");
    assert_eq!((&record["Action"], &record["PolicyID"]), (&"block".into(), &"down".into()));
}

#[test]
fn an_idle_connection_to_an_origin_serves_the_next_client() {
    let lab = Lab::new("idle", Setup::new());
    for number in 0..3 {
        let url = lab.h2.url(&format!("/hello?{number}"));
        assert_eq!(fetch(&lab.gateway, &url, &["--http2"]).text(), "hello\n");
        let record = lab.gateway.http_record(&url);
        assert_eq!(record["ConnectionReuse"], number > 0 || record["ConnectionReuse"] == true);
        // The connection is given back at the end of its session.
        lab.gateway.wait_for("the end of the session", |gateway| {
            let session = |r: &serde_json::Value| {
                r["RecordType"] == "session" && r["SessionID"] == record["SessionID"]
            };
            let found = gateway.records().into_iter().find(session)?;
            if number > 0 {
                assert_eq!(found["ConnectionReuse"], true, "{found}");
            }
            Some(())
        });
    }
}

#[test]
fn a_client_of_the_proxy_port_may_speak_tls() {
    let table = "[proxy_tls]\nlisten = [\"127.0.0.1:0\"]\n";
    let lab = Lab::new("tls", Setup::new().tables(table));
    let proxy = format!("https://127.0.0.1:{}", lab.gateway.tls_port());
    let ca = lab.gateway.ca();
    let ca = ca.to_str().unwrap();
    for url in
        [lab.h2.url("/hello?in-tls"), format!("https://origin.test:{}/hello?in-tls", lab.h1.port)]
    {
        let arguments = ["--proxy", &proxy, "--proxy-cacert", ca, "--http2"];
        let fetched = fetch(&lab.gateway, &url, &arguments);
        assert_eq!((fetched.status(), fetched.text()), (200, "hello\n".into()), "{url}");
    }
    // Whoever trusts nobody is not served.
    let distrustful = ["--proxy", &proxy, "--http2"];
    assert_eq!(fetch(&lab.gateway, &lab.h2.url("/hello"), &distrustful).exit, 60);
}

/// In tunnels to two origins, one of which is used again; curl makes a connection for each tunnel.
#[test]
fn curl_speaks_http2_with_the_proxy() {
    let table = "[proxy_tls]\nlisten = [\"127.0.0.1:0\"]\n";
    let mut lab = Lab::new("proxy", Setup::new().tables(table));
    let h1 = format!("https://origin.test:{}/hello", lab.h1.port);
    let mut curl = script("proxy_http2.py");
    curl.arg(lab.gateway.tls_port().to_string()).arg(lab.gateway.ca());
    let output = curl.args([lab.h2.url("/hello"), h1, lab.h2.url("/hello")]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let good = "HTTP/2 200 | hello\n";
    assert_eq!(told, good.repeat(3), "{}", String::from_utf8_lossy(&output.stderr));
    let records = lab.gateway.stop();
    let outer =
        records.iter().filter(|r| r["RecordType"] == "session" && r["HTTPMethod"].is_null());
    let versions: Vec<_> = outer.map(|r| r["HTTPVersion"].as_str()).collect();
    assert_eq!(versions, [Some("HTTP/2"); 2], "what is spoken with the proxy");
}

#[test]
fn draining_says_goaway_and_finishes_what_is_in_progress() {
    let (go, gone) = mpsc::channel();
    let gone = Mutex::new(gone);
    let origin = Origin::http(None, move |_, out| {
        out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n")?;
        out.write_all(&[b'a'; 100_000])?;
        out.flush()?;
        gone.lock().unwrap().recv_timeout(PATIENCE).unwrap();
        out.write_all(&[b'b'; 100_000])
    });
    let mut gateway = Setup::new().start();
    let mut client = Command::new("nghttp")
        .args(["-v", &format!("http://127.0.0.1:{}/slow", gateway.port)])
        .arg(format!("-H:authority: origin.test:{}", origin.port))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    gateway
        .wait_for("the request at the origin", |_| (!origin.requests().is_empty()).then_some(()));
    gateway.terminate();
    // What it prints comes at once: it is told before the request is answered.
    let mut told = BufReader::new(client.stdout.take().unwrap());
    let mut seen = String::new();
    while !seen.contains("recv GOAWAY") {
        assert!(told.read_line(&mut seen).unwrap() > 0, "{seen}");
    }
    go.send(()).unwrap();
    told.read_to_string(&mut seen).unwrap();
    let body = seen.matches('b').count();
    assert!(seen.contains(":status: 200") && body >= 100_000, "{body}");
    assert!(client.wait().unwrap().success());
    assert!(gateway.wait().success());
    assert_eq!(gateway.http_record("/slow")["Action"], "allow");
}
