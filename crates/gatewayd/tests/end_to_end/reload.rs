//! Everything loaded anew while the gateway runs: nothing is lost, nothing wrong comes into
//! force, and whatever begins afterwards is under the new generation.

use std::io::{self, Read};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

use crate::authority::{OriginAuthority, Validity, trusting};
use crate::client::Client;
use crate::curl::{fetch, fetch_trusting};
use crate::gateway::{Gateway, PATIENCE, Setup};
use crate::message::{read_head, read_response, response};
use crate::origin::Origin;

/// A rule that blocks a path.
fn blocks(path: &str) -> String {
    format!(
        "[[rule]]\nid = \"path\"\nlayer = \"http\"\naction = \"block\"\n\
         filter = 'http.request.uri.path == \"{path}\"'\n"
    )
}

const WRONG: &str = "[[rule]]\nid = \"path\"\nlayer = \"http\"\naction = \"block\"\n\
                     filter = 'http.request.uri.pat == \"/\"'\n";

/// A client that follows HTTP: it keeps its connection until a response says that it ends.
struct Visitor<'a, F> {
    gateway: &'a Gateway,
    connect: F,
    kept: Option<Client>,
}

impl<'a, F: Fn(&'a Gateway) -> Client> Visitor<'a, F> {
    fn new(gateway: &'a Gateway, connect: F) -> Self {
        Self { gateway, connect, kept: None }
    }

    /// The status of a GET.
    fn get(&mut self, target: &str, host: &str) -> io::Result<u16> {
        let mut client = self.kept.take().unwrap_or_else(|| (self.connect)(self.gateway));
        client.try_send(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"))?;
        let answer = read_response(&mut client.wire, "GET")?;
        if answer.head.field("connection") != Some("close") {
            self.kept = Some(client);
        }
        Ok(answer.head.status())
    }
}

/// Asks until `stop`, some hundred times a second at the most, and counts.
fn ask(stop: &AtomicBool, pace: Duration, count: &AtomicUsize, mut once: impl FnMut() -> u16) {
    let mut next = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        let status = once();
        assert_eq!(status, 200);
        count.fetch_add(1, Ordering::Relaxed);
        next = (next + pace).max(Instant::now());
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
}

#[test]
fn a_hundred_reloads_under_load_lose_no_request() {
    let authority = OriginAuthority::new("Origins");
    let tls = authority.server("origin.test", Validity::Current);
    let secure = Origin::fixed(Some(tls), response("200 OK", "", b"hello\n"));
    let plain = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let gateway = Setup::new()
        .tunnels_to(&secure)
        .trusts(&authority)
        .tables("[reload]\nwatch_ms = 0\n[log]\nterminal = \"off\"\n")
        .start();
    let (stop, count) = (AtomicBool::new(false), AtomicUsize::new(0));
    let config = trusting(&gateway.ca());
    let url = format!("http://origin.test:{}/", plain.port);
    let began = Instant::now();
    std::thread::scope(|scope| {
        let (gateway, stop, count, url, config) = (&gateway, &stop, &count, &*url, &config);
        let port = secure.port;
        let ms = Duration::from_millis;
        for _ in 0..2 {
            scope.spawn(move || {
                let mut visitor = Visitor::new(gateway, Client::new);
                ask(stop, ms(6), count, || visitor.get(url, "x").unwrap());
            });
        }
        scope.spawn(move || {
            let connect = |gateway: &Gateway| Client::tls(gateway, config, "origin.test", port);
            let mut visitor = Visitor::new(gateway, connect);
            let host = format!("origin.test:{port}");
            ask(stop, ms(10), count, || visitor.get("/", &host).unwrap());
        });
        scope.spawn(move || {
            ask(stop, ms(20), count, || Client::new(gateway).get(url, "x").head.status());
        });
        scope.spawn(move || {
            ask(stop, ms(50), count, || {
                let mut client = Client::tls(gateway, config, "origin.test", port);
                client.get("/", &format!("origin.test:{port}")).head.status()
            });
        });
        for number in 0..100 {
            let wrong = number % 10 == 9;
            let path = format!("/{number}");
            let rules = if wrong { WRONG.to_owned() } else { blocks(&path) };
            gateway.write("policy/rules.toml", &rules);
            gateway.reload();
            let blocked = if wrong { format!("/{}", number - 1) } else { path };
            let status =
                Client::new(gateway).get(&format!("{}{}", url.trim_end_matches('/'), blocked), "x");
            assert_eq!(status.head.status(), 403, "{number}\n{}", gateway.terminal());
            // Some requests for every generation.
            let so_far = count.load(Ordering::Relaxed);
            let until = Instant::now() + PATIENCE;
            while count.load(Ordering::Relaxed) < so_far + 10 {
                assert!(Instant::now() < until, "the clients are stuck");
                std::thread::sleep(ms(1));
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    let (count, seconds) = (count.load(Ordering::Relaxed), began.elapsed().as_secs_f64());
    println!(
        "{count} requests, {:.0} a second, 100 reloads, 10 of them wrong",
        count as f64 / seconds
    );
    let terminal = gateway.terminal();
    assert_eq!(terminal.matches("reload failed, nothing has changed").count(), 10);
    assert_eq!(terminal.matches("a new generation is in force").count(), 90);
    assert!(terminal.contains("generation=91"), "{terminal}");
}

#[test]
fn a_wrong_file_changes_nothing_and_says_where() {
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let gateway = Setup::new().rules(&blocks("/no")).tables("[reload]\nwatch_ms = 0\n").start();
    let get =
        |path: &str| fetch(&gateway, &format!("http://origin.test:{}{path}", origin.port), &[]);
    let good = gateway.read("policy/rules.toml");
    let config = gateway.read("gateway.toml");
    for (file, right, wrong, says) in [
        ("policy/rules.toml", &*good, WRONG, "policy/rules.toml:5:11: "),
        ("policy/rules.toml", &good, "[[rule]]\nid = \"cut of", "policy/rules.toml:2:"),
        ("policy/dlp.toml", "", "profil = 1\n", "policy/dlp.toml:1:1: "),
        ("gateway.toml", &config, "lisen = []\n", "gateway.toml:1:1: "),
        (
            "gateway.toml",
            &config,
            "listen = [\"203.0.113.1:80\"]\nclients = [\"10.0.0.0/8\"]\n",
            "cannot listen on 203.0.113.1:80",
        ),
    ] {
        gateway.write(file, wrong);
        let check = gateway.command(&["check"]);
        gateway.reload();
        let terminal = gateway.terminal();
        let said = terminal.split("reload failed, nothing has changed: ").last().unwrap();
        assert!(said.contains(says), "{terminal}");
        assert_eq!((get("/no").status(), get("/yes").status()), (403, 200), "{file}");
        // What the command says without a running gateway; only sockets it does not try.
        let checked = String::from_utf8_lossy(&check.stdout).into_owned();
        let tries = !says.starts_with("cannot listen");
        assert_eq!(
            (check.status.code(), checked.contains(says)),
            (Some(if tries { 2 } else { 0 }), tries),
            "{checked}"
        );
        gateway.write(file, right);
    }
    assert!(!gateway.terminal().contains("new generation"));
    gateway.reload();
    assert!(gateway.terminal().contains("generation=2"));
    assert_eq!((get("/no").status(), get("/yes").status()), (403, 200));
    assert_eq!(gateway.http_record("/yes")["ConfigGeneration"], 1);
}

#[test]
fn what_is_in_progress_ends_under_the_old_rules_and_the_next_begins_under_the_new() {
    let (go, gone) = mpsc::channel::<()>();
    let gone = Mutex::new(gone);
    let origin = Origin::http(None, move |request, out| {
        out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe")?;
        out.flush()?;
        if request.head.target() == "/slow" {
            gone.lock().unwrap().recv_timeout(PATIENCE).unwrap();
        }
        out.write_all(b"llo")
    });
    let gateway = Setup::new().tables("[reload]\nwatch_ms = 0\n").start();
    let url = |path: &str| format!("http://origin.test:{}{path}", origin.port);
    let mut busy = Client::new(&gateway);
    busy.send(format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", url("/slow")));
    assert_eq!(read_head(&mut busy.wire).unwrap().unwrap().status(), 200);
    gateway.write("policy/rules.toml", &(blocks("/slow")));
    gateway.reload();
    assert_eq!(Client::new(&gateway).get(&url("/slow"), "x").head.status(), 403);
    go.send(()).unwrap();
    let mut body = [0; 5];
    busy.wire.read_exact(&mut body).unwrap();
    assert_eq!(&body, b"hello");
    // One more request under the old rules, so that none is lost; then the client comes back.
    go.send(()).unwrap();
    let last = busy.get(&url("/slow"), "x");
    assert_eq!((last.head.status(), last.head.field("connection")), (200, Some("close")));
    assert_eq!(busy.rest(), b"");
    let mut generations: Vec<_> = gateway.wait_for("three records", |gateway| {
        let records = gateway.records();
        let of_requests: Vec<u64> = records
            .iter()
            .filter(|record| record["RecordType"] == "http")
            .map(|record| record["ConfigGeneration"].as_u64().unwrap())
            .collect();
        (of_requests.len() == 3).then_some(of_requests)
    });
    generations.sort_unstable();
    assert_eq!(generations, [1, 1, 2]);
}

#[test]
fn a_new_authority_signs_for_new_handshakes() {
    let authority = OriginAuthority::new("Origins");
    let tls = authority.server("origin.test", Validity::Current);
    let origin = Origin::fixed(Some(tls), response("200 OK", "", b"hello\n"));
    let gateway = Setup::new()
        .tunnels_to(&origin)
        .trusts(&authority)
        .tables("[reload]\nwatch_ms = 0\n")
        .start();
    let url = format!("https://origin.test:{}/", origin.port);
    let old = gateway.ca().with_file_name("old.pem");
    std::fs::copy(gateway.ca(), &old).unwrap();
    let config = trusting(&old);
    let mut kept = Client::tls(&gateway, &config, "origin.test", origin.port);
    let host = format!("origin.test:{}", origin.port);
    assert_eq!(kept.get("/", &host).head.status(), 200);
    // A reload that leaves the authority alone leaves the minted certificates alone.
    gateway.reload();
    assert_eq!(fetch(&gateway, &url, &[]).status(), 200);
    for file in ["ca.pem", "ca.key"] {
        std::fs::remove_file(gateway.ca().with_file_name(file)).unwrap();
    }
    gateway.reload();
    assert!(gateway.terminal().contains("there is no CA"), "{}", gateway.terminal());
    assert_eq!(fetch_trusting(&gateway, old.to_str().unwrap(), &url, &[]).status(), 200);
    assert!(gateway.command(&["ca", "init"]).status.success());
    gateway.reload();
    assert_eq!(fetch(&gateway, &url, &[]).status(), 200);
    assert_eq!(fetch_trusting(&gateway, old.to_str().unwrap(), &url, &[]).status(), 0);
    // A handshake that is done is not done again, and no ticket of the old authority opens.
    assert_eq!(kept.get("/", &host).head.status(), 200);
    let mut again = Client::tls(&gateway, &config, "origin.test", origin.port);
    assert!(again.try_send(format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")).is_err());
}

#[test]
fn files_that_change_are_loaded_once_they_keep_still() {
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let gateway = Setup::new().rules(&blocks("/one")).tables("[reload]\nwatch_ms = 50\n").start();
    let status = |path: &str| {
        fetch(&gateway, &format!("http://origin.test:{}{path}", origin.port), &[]).status()
    };
    assert_eq!((status("/one"), status("/two")), (403, 200));
    gateway.write("policy/rules.toml", &blocks("/two"));
    gateway.wait_for("the new rule", |_| (status("/two") == 403).then_some(()));
    assert_eq!(status("/one"), 200);
    // What is wrong is told once, and what is put right is loaded.
    gateway.write("policy/rules.toml", WRONG);
    let failures = |gateway: &Gateway| gateway.terminal().matches("reload failed").count();
    gateway.wait_for("a word of the wrong rule", |gateway| (failures(gateway) == 1).then_some(()));
    assert_eq!((status("/one"), status("/two")), (200, 403));
    gateway.write("policy/rules.toml", &blocks("/one"));
    gateway.wait_for("the rule put right", |_| (status("/one") == 403).then_some(()));
    assert_eq!((status("/two"), failures(&gateway)), (200, 1));
}

#[test]
fn listeners_open_and_close_and_what_waits_for_a_restart_is_told() {
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let gateway =
        Setup::new().tables("[reload]\nwatch_ms = 0\n[log]\nqueue_records_max = 1000\n").start();
    let url = format!("http://origin.test:{}/", origin.port);
    let mut kept = Client::new(&gateway);
    assert_eq!(kept.get(&url, "x").head.status(), 200);
    let config = gateway.read("gateway.toml");
    let both = config.replace("[\"127.0.0.1:0\"]", "[\"127.0.0.1:0\", \"127.0.0.2:0\"]");
    assert_ne!(both, config);
    gateway.write("gateway.toml", &both.replace("= 1000", "= 2000"));
    gateway.reload();
    let terminal = gateway.terminal();
    assert!(terminal.contains("only after a restart setting=\"log\""), "{terminal}");
    let address = terminal.split("address=127.0.0.2:").nth(1).unwrap();
    let port: u16 = address.split_whitespace().next().unwrap().parse().unwrap();
    assert!(TcpStream::connect(("127.0.0.2", port)).is_ok());
    assert_eq!(fetch(&gateway, &url, &[]).status(), 200);
    let other = both.replace("\"127.0.0.1:0\", ", "");
    gateway.write("gateway.toml", &other);
    gateway.reload();
    let until = Instant::now() + PATIENCE;
    while TcpStream::connect(("127.0.0.1", gateway.port)).is_ok() {
        assert!(Instant::now() < until, "it still accepts");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(TcpStream::connect(("127.0.0.2", port)).is_ok());
    // Who came in by the door that is shut is still served.
    assert_eq!(kept.get(&url, "x").head.status(), 200);
}

#[test]
fn nothing_outlives_its_generation_for_longer_than_allowed() {
    let origin = Origin::raw(None, |connection| {
        let mut all = Vec::new();
        connection.get_mut().write_all(b"SSH-2.0-x\r\n")?;
        let _ = connection.read_to_end(&mut all);
        Ok(())
    });
    let gateway = Setup::new()
        .tunnels_to(&origin)
        .timeout("superseded_ms", 300)
        .timeout("drain_ms", 300)
        .rules(&format!(
            "[[rule]]\nid = \"off\"\nlayer = \"http\"\naction = \"off\"\nfilter = 'net.dst.port == {}'\n",
            origin.port
        ))
        .tables("[reload]\nwatch_ms = 0\n")
        .start();
    let mut old = Client::tunnel(&gateway, &format!("origin.test:{}", origin.port));
    let mut hello = [0; 11];
    old.wire.read_exact(&mut hello).unwrap();
    gateway.reload();
    let mut new = Client::tunnel(&gateway, &format!("origin.test:{}", origin.port));
    new.wire.read_exact(&mut hello).unwrap();
    assert_eq!(old.rest(), b"");
    gateway.wait_for("the record of the old tunnel", |gateway| {
        let records = gateway.records();
        let session =
            records.iter().find(|r| r["RecordType"] == "session" && r["Interim"].is_null())?;
        assert_eq!(session["ConfigGeneration"], 1);
        Some(())
    });
    new.send("still there");
}
