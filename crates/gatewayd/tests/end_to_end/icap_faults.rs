//! ICAP servers that are not there, silent, slow, broken or wrong: each follows `on_error`.

use std::fmt::Write as _;
use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::c_icap::{CIcap, table};
use crate::curl::{Fetched, fetch};
use crate::gateway::{Gateway, PATIENCE, Setup};
use crate::message::{Head, read_head, response};
use crate::origin::Origin;
use crate::ports::free_port;

pub(crate) const OPTIONS: &str = "ICAP/1.0 200 OK\r\nMethods: REQMOD, RESPMOD\r\nISTag: \"t\"\r\n\
    Preview: 4\r\nAllow: 204\r\nEncapsulated: null-body=0\r\n\r\n";

/// A server that answers `OPTIONS` as it should, and leaves all else to `behave`.
pub(crate) fn broken(
    options: &'static str,
    behave: impl Fn(&mut BufReader<TcpStream>) -> std::io::Result<()> + Send + Sync + 'static,
) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let behave = Arc::new(behave);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let behave = behave.clone();
            thread::spawn(move || {
                let mut stream = BufReader::new(stream);
                while let Ok(Some(head)) = read_head(&mut stream) {
                    let goes_on = if head.start.starts_with("OPTIONS") {
                        stream.get_mut().write_all(options.as_bytes())
                    } else {
                        behave(&mut stream)
                    };
                    if goes_on.is_err() {
                        return;
                    }
                }
            });
        }
    });
    port
}

const END: std::io::ErrorKind = std::io::ErrorKind::ConnectionAborted;

/// Says this, and closes.
fn saying(text: &'static str) -> u16 {
    broken(OPTIONS, move |stream| {
        // What was sent is read: nothing that is said is lost to a reset.
        stream.get_mut().set_read_timeout(Some(Duration::from_millis(100)))?;
        let mut bytes = [0; 4096];
        while stream.read(&mut bytes).is_ok_and(|read| read > 0) {}
        stream.get_mut().write_all(text.as_bytes())?;
        Err(END.into())
    })
}

/// Reads on, and never says a word.
fn silent() -> u16 {
    broken(OPTIONS, |stream| {
        let mut bytes = [0; 4096];
        while stream.read(&mut bytes)? > 0 {}
        Err(END.into())
    })
}

fn nobody() -> u16 {
    free_port()
}

fn origin() -> Origin {
    Origin::http(None, |_, out| out.write_all(&response("200 OK", "", b"the answer of the origin")))
}

fn gateway(port: u16, more: &str) -> Gateway {
    Setup::new().tables(&table(port, "x", more)).start()
}

#[test]
fn every_fault_follows_the_failure_setting() {
    let origin = origin();
    let quick = "answer_ms = 400";
    let no_reqmod = broken(
        "ICAP/1.0 200 OK\r\nMethods: OTHER\r\nISTag: \"t\"\r\nEncapsulated: null-body=0\r\n\r\n",
        |_| Err(END.into()),
    );
    let busy = broken("ICAP/1.0 503 Overloaded\r\n\r\n", |_| Err(END.into()));
    let mute = broken("", |_| Err(END.into()));
    let cases = [
        (nobody(), "", "unreachable"),
        (silent(), quick, "timed_out"),
        (mute, quick, "timed_out"),
        (no_reqmod, "", "refused"),
        (busy, "", "busy"),
        (saying(""), "", "broken"),
        (saying("ICAP/1.0 503 Overloaded\r\n\r\n"), "", "busy"),
        (saying("ICAP/1.0 500 Server error\r\n\r\n"), "", "refused"),
        (saying("ICAP/1.0 404 Not found\r\n\r\n"), "", "refused"),
        (saying("HTTP/1.1 200 OK\r\n\r\nwelcome"), "", "garbled"),
        (saying("ICAP/1.0 200 OK\r\n\r\n"), "", "garbled"),
        (saying("ICAP/1.0 206 Partial\r\n\r\n"), "", "garbled"),
        (
            saying("ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=19\r\n\r\nHTTP/1.1 "),
            "",
            "broken",
        ),
    ];
    // One service for each case, each way and each setting, told apart by path.
    let mut paths = Vec::new();
    let mut tables = String::new();
    for (number, (port, more, detail)) in cases.into_iter().enumerate() {
        for messages in ["requests", "responses"] {
            for on_error in ["block", "allow"] {
                let path = format!("/{number}-{messages}-{on_error}");
                writeln!(
                    tables,
                    "[[icap]]\nname = \"{path}\"\nurl = \"icap://127.0.0.1:{port}/x\"\n\
                     messages = \"{messages}\"\non_error = \"{on_error}\"\n\
                     when = 'http.request.uri.path == \"{path}\"'\n{more}"
                )
                .unwrap();
                paths.push((path, detail, on_error == "allow"));
            }
        }
    }
    let gateway = Setup::new().tables(&tables).start();
    let fetched: Vec<Fetched> = (paths.iter())
        .map(|(path, ..)| {
            let url = format!("http://origin.test:{}{path}", origin.port);
            fetch(&gateway, &url, &["--data-raw", "some longer text"])
        })
        .collect();
    for ((path, detail, passes), fetched) in paths.into_iter().zip(fetched) {
        let record = gateway.http_record(&path);
        let case = format!("{detail}: {record}");
        let told = &record["Adaptations"][0];
        assert_eq!(told["Detail"], detail, "{case}");
        if passes {
            assert_eq!(fetched.status(), 200, "{case}");
            assert_eq!(fetched.text(), "the answer of the origin", "{case}");
            assert_eq!(told["Outcome"], "bypassed", "{case}");
        } else {
            assert_eq!(fetched.status(), 403, "{case}");
            assert_eq!(record["Action"], "block", "{case}");
            assert_eq!(record["PolicyID"], path, "{case}");
            assert_eq!(told["Outcome"], "failed", "{case}");
        }
    }
}

#[test]
fn what_breaks_off_in_the_middle_of_an_answer_is_cut() {
    const HALF: &str = "ICAP/1.0 200 OK\r\nISTag: \"t\"\r\n\
        Encapsulated: res-hdr=0, res-body=19\r\n\r\n\
        HTTP/1.1 200 OK\r\n\r\n4\r\nhalf\r\n";
    let origin = origin();
    let port = saying(HALF);
    for on_error in ["block", "allow"] {
        let more = format!("messages = \"responses\"\non_error = \"{on_error}\"");
        let gateway = gateway(port, &more);
        let url = format!("http://origin.test:{}/", origin.port);
        let fetched = fetch(&gateway, &url, &[]);
        let record = gateway.http_record("/");
        assert_ne!(fetched.exit, 0, "{fetched:?}");
        assert!(b"half".starts_with(&fetched.body[..]), "{fetched:?}");
        assert_eq!(record["Adaptations"][0]["Outcome"], "failed", "{record}");
        assert_eq!(record["Adaptations"][0]["Detail"], "broken", "{record}");
        assert_eq!(record["Action"], "block", "{record}");
    }
}

#[test]
fn a_request_is_sent_nowhere_else() {
    const ELSEWHERE: &str = "ICAP/1.0 200 OK\r\nISTag: \"t\"\r\n\
        Encapsulated: req-hdr=0, null-body=53\r\n\r\n\
        GET http://other.test/ HTTP/1.1\r\nHost: other.test\r\n\r\n";
    let origin = origin();
    let gateway = gateway(saying(ELSEWHERE), "messages = \"requests\"");
    let url = format!("http://origin.test:{}/", origin.port);
    assert_eq!(fetch(&gateway, &url, &[]).status(), 403);
    let record = gateway.http_record("/");
    assert_eq!(record["Adaptations"][0]["Detail"], "misdirected", "{record}");
    assert!(origin.requests().is_empty());
}

/// A service that reads a message with a body to its end, previews included; gives its head.
pub(crate) fn read_message(stream: &mut BufReader<TcpStream>) -> std::io::Result<Head> {
    let http = read_head(stream)?.unwrap_or_default();
    let mut line = Vec::new();
    loop {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        line.push(byte[0]);
        if line.ends_with(b"\r\n0; ieof\r\n\r\n") || line.ends_with(b"\r\n0\r\n\r\n") {
            return Ok(http);
        }
    }
}

#[test]
fn a_service_gets_no_more_connections_than_it_wants() {
    const TWO: &str = "ICAP/1.0 200 OK\r\nMethods: REQMOD\r\nISTag: \"t\"\r\nPreview: 4096\r\n\
        Max-Connections: 2\r\nEncapsulated: null-body=0\r\n\r\n";
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let peak = most.clone();
    let port = broken(TWO, move |stream| {
        read_message(stream)?;
        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(50));
        now.fetch_sub(1, Ordering::SeqCst);
        stream.get_mut().write_all(b"ICAP/1.0 204 No\r\nISTag: \"t\"\r\n\r\n")
    });
    let origin = origin();
    let gateway = gateway(port, "messages = \"requests\"\nconnect_ms = 20000");
    let url = format!("http://origin.test:{}/", origin.port);
    thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                assert_eq!(fetch(&gateway, &url, &["--data-raw", "abc"]).status(), 200);
            });
        }
    });
    assert_eq!(peak.load(Ordering::SeqCst), 2);
}

#[test]
fn what_a_service_does_not_want_to_see_goes_past_it() {
    const IGNORE: &str = "ICAP/1.0 200 OK\r\nMethods: REQMOD, RESPMOD\r\nISTag: \"t\"\r\n\
        Preview: 4\r\nTransfer-Preview: *\r\nTransfer-Ignore: jpg\r\n\
        Encapsulated: null-body=0\r\n\r\n";
    let seen: Arc<Mutex<Vec<Head>>> = Arc::default();
    let heads = seen.clone();
    let port = broken(IGNORE, move |stream| {
        heads.lock().unwrap().push(read_message(stream)?);
        stream.get_mut().write_all(b"ICAP/1.0 204 No\r\nISTag: \"t\"\r\n\r\n")
    });
    let origin = origin();
    let gateway = gateway(port, "messages = \"requests\"");
    let url = |path: &str| format!("http://origin.test:{}{path}", origin.port);
    for (path, outcome) in [("/a.JPG?x", "declined"), ("/a.html", "unchanged")] {
        let fetched = fetch(&gateway, &url(path), &["--data-raw", "some longer text"]);
        assert_eq!(fetched.status(), 200, "{path}");
        let record = gateway.http_record(path);
        assert_eq!(record["Adaptations"][0]["Outcome"], outcome, "{record}");
    }
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].start, format!("POST {} HTTP/1.1", url("/a.html")));
}

#[test]
fn a_client_that_leaves_leaves_no_exchange_behind() {
    let (told, left) = std::sync::mpsc::channel();
    let told = Mutex::new(told);
    let port = broken(OPTIONS, move |stream| {
        let mut bytes = [0; 4096];
        while stream.read(&mut bytes).is_ok_and(|read| read > 0) {}
        told.lock().unwrap().send(()).unwrap();
        Err(END.into())
    });
    let origin = origin();
    // The end of a client may be that of its side alone.
    let setup = Setup::new().timeout("half_closed_ms", 200);
    let gateway = setup.tables(&table(port, "x", "messages = \"requests\"")).start();
    let url = format!("http://origin.test:{}/", origin.port);
    let fetched = fetch(&gateway, &url, &["--data-raw", "some text", "--max-time", "1"]);
    assert_eq!(fetched.exit, 28, "{fetched:?}");
    // Its connection is closed.
    left.recv_timeout(PATIENCE).unwrap();
    let record = gateway.http_record("/");
    assert_eq!(record["Adaptations"][0]["Outcome"], "abandoned", "{record}");
}

#[test]
fn settings_are_checked() {
    for (more, word) in [
        ("url = \"icap.test\"", "expected icap://host[:port]/service"),
        ("url = \"icap://h/x\"\non_error = \"pass\"", "expected `block` or `allow`"),
        ("url = \"icap://h/x\"\nwhen = 'http.request.hos == \"a\"'", "icap.0.when"),
        ("url = \"icap://h/x\"\nkept_bytes_max = 1", "icap.0.kept_bytes_max"),
    ] {
        let gateway = Setup::new().start();
        gateway.write("gateway.toml", &format!("[[icap]]\nname = \"a\"\n{more}\n"));
        let checked = gateway.command(&["check"]);
        let said = String::from_utf8_lossy(&checked.stderr).into_owned()
            + &String::from_utf8_lossy(&checked.stdout);
        assert!(!checked.status.success() && said.contains(word), "{more}: {said}");
    }
}

#[test]
fn a_server_that_is_gone_is_found_again() {
    let origin = origin();
    let mut server = CIcap::start(None);
    let gateway = Setup::new().tables(&server.table("echo", "on_error = \"allow\"")).start();
    let get = |path: &str| {
        let url = format!("http://origin.test:{}{path}", origin.port);
        assert_eq!(fetch(&gateway, &url, &["--data-raw", "abc"]).status(), 200, "{path}");
        gateway.http_record(path)["Adaptations"][0]["Outcome"].clone()
    };
    assert_ne!(get("/1"), "bypassed");
    server.stop();
    assert_eq!(get("/2"), "bypassed");
    server.start_anew();
    let number = AtomicUsize::new(3);
    gateway.wait_for("the server", |_| {
        let path = format!("/{}", number.fetch_add(1, Ordering::SeqCst));
        (get(&path) != "bypassed").then_some(())
    });
}
