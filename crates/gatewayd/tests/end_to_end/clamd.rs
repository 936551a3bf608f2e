//! Bodies that a real `clamd` looks at: what it finds, and what no verdict of it means.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::archive::{Encrypted, gzip, zip};
use crate::curl::fetch;
use crate::daemon::{self, Daemon};
use crate::gateway::{Gateway, PATIENCE, Setup};
use crate::message::response;
use crate::monitor::{MONITOR, ask, port};
use crate::origin::Origin;
use crate::scanning::EICAR;

/// What the daemon's own database knows, and nobody else does.
pub(crate) const WORM: &[u8] = b"a worm-of-the-daemon sits here";
const NDB: &str = "Daemon.Worm-1:0:*:776f726d2d6f662d7468652d6461656d6f6e\n\
    Daemon.Eicar-1:0:*:58354f2150254041505b345c505a58353428505e2937434329377d2445494341522d5354414e444152442d41\
    4e544956495255532d544553542d46494c452124482b482a\n";
/// How `curl` calls a transfer that broke off.
const BROKEN: [i32; 2] = [18, 56];

/// A daemon with a database of its own.
pub(crate) struct Clamd(pub(crate) Daemon);

impl Clamd {
    pub(crate) fn start() -> Self {
        let dir = daemon::folder("clamd");
        fs::create_dir_all(dir.join("db")).unwrap();
        fs::write(dir.join("db/own.ndb"), NDB).unwrap();
        let path = dir.display();
        let config = format!(
            "LocalSocket {path}/socket\nDatabaseDirectory {path}/db\nTemporaryDirectory {path}\n\
             Foreground yes\nStreamMaxLength 2M\nLogFile {path}/log\n"
        );
        let (file, socket) = (dir.join("clamd.conf"), dir.join("socket"));
        fs::write(&file, config).unwrap();
        let arguments = ["--config-file", file.to_str().unwrap()];
        Self(Daemon::start("clamd", &arguments, dir, move || UnixStream::connect(&socket).is_ok()))
    }

    pub(crate) fn address(&self) -> String {
        format!("unix:{}", self.socket().display())
    }

    /// Where it listens.
    pub(crate) fn socket(&self) -> PathBuf {
        self.0.dir().join("socket")
    }
}

fn gateway(address: &str, more: &str) -> Gateway {
    let table = format!("[clamd]\naddress = \"{address}\"\n{more}\n");
    Setup::new().block("malware", "av.infected").tables(&table).start()
}

fn scan_of(gateway: &Gateway, path: &str) -> serde_json::Value {
    gateway.http_record(path)["ExternalScans"][0].clone()
}

#[test]
fn what_only_clamd_knows_is_blocked_and_told() {
    let origin = Origin::http(None, |request, out| {
        let body: Vec<u8> = match request.head.target() {
            "/worm" => WORM.to_vec(),
            "/zip" => zip("a.txt", WORM, Encrypted::No),
            "/coded" => {
                let coded = gzip(WORM);
                return out.write_all(&response("200 OK", "Content-Encoding: gzip\r\n", &coded));
            }
            _ => b"thanks\n".to_vec(),
        };
        out.write_all(&response("200 OK", "", &body))
    });
    let mut clamd = Clamd::start();
    let gateway = gateway(&clamd.address(), "");
    let url = |path: &str| format!("http://origin.test:{}{path}", origin.port);
    for path in ["/worm", "/zip", "/coded"] {
        let fetched = fetch(&gateway, &url(path), &[]);
        assert_eq!(fetched.status(), 403, "{path}: {fetched:?}");
        assert_eq!(fetched.json()["rule_id"], "malware", "{path}");
        let record = gateway.http_record(path);
        let scan = &record["ExternalScans"][0];
        assert_eq!((&scan["Scanner"], &scan["Verdict"]), (&"clamd".into(), &"found".into()));
        assert_eq!(scan["Detail"], "Daemon.Worm-1.UNOFFICIAL", "{record}");
        assert_eq!(record["MatchedSignatures"][0]["Scanner"], "clamd", "{record}");
    }
    let upload = String::from_utf8(WORM.to_vec()).unwrap();
    let fetched = fetch(&gateway, &url("/up"), &["--data-raw", &upload]);
    assert_eq!(fetched.status(), 403, "{fetched:?}");
    assert!(origin.requests().iter().all(|request| request.body.is_empty()));

    // Clean content passes, over kept connections, and a daemon that was started anew is found.
    for number in 0..6 {
        if number == 3 {
            clamd.0.start_anew();
        }
        let path = format!("/clean-{number}");
        let fetched = fetch(&gateway, &url(&path), &[]);
        assert_eq!((fetched.status(), fetched.text().as_str()), (200, "thanks\n"), "{path}");
        let scan = scan_of(&gateway, &path);
        assert_eq!((&scan["Verdict"], &scan["Bytes"]), (&"clean".into(), &7.into()), "{scan}");
    }
}

#[test]
fn a_late_finding_cuts_and_a_clean_body_arrives_byte_for_byte() {
    let text: Vec<u8> = (0..100_000_u32).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
    let worm = [&text[..], WORM].concat();
    let (clean, infected) = (text.clone(), worm.clone());
    let origin = Origin::http(None, move |request, out| {
        let body = if request.head.target() == "/clean" { &clean } else { &infected };
        out.write_all(&response("200 OK", "", body))
    });
    let clamd = Clamd::start();
    for (more, page) in [("", false), ("hold = \"whole\"", true)] {
        let gateway = gateway(&clamd.address(), more);
        let url = |path: &str| format!("http://origin.test:{}{path}", origin.port);
        let fetched = fetch(&gateway, &url("/clean"), &[]);
        assert_eq!((fetched.status(), fetched.body == text), (200, true));
        let fetched = fetch(&gateway, &url("/worm"), &[]);
        if page {
            assert_eq!(fetched.status(), 403, "{:?}", fetched.head);
        } else {
            assert!(BROKEN.contains(&fetched.exit), "{}", fetched.exit);
            assert!(worm.starts_with(&fetched.body));
            assert!(fetched.body.len() + (64 << 10) <= worm.len(), "{}", fetched.body.len());
        }
        assert_eq!(gateway.http_record("/worm")["Action"], "block");
        assert_eq!(scan_of(&gateway, "/worm")["Verdict"], "found");
    }
}

/// Many bodies at once, each with a verdict of its own, by either way.
#[test]
fn each_of_many_bodies_at_once_gets_its_own_verdict() {
    let origin = Origin::http(None, |request, out| {
        let padding = if request.head.target().ends_with("large") { 300_000 } else { 100 };
        let filling = vec![b'.'; padding];
        let worm = if request.head.target().starts_with("/worm") { WORM } else { b"" };
        out.write_all(&response("200 OK", "", &[&filling, worm].concat()))
    });
    let clamd = Clamd::start();
    for transfer in ["stream", "file"] {
        let more = format!("hold = \"whole\"\ntransfer = \"{transfer}\"");
        let gateway = gateway(&clamd.address(), &more);
        thread::scope(|scope| {
            for number in 0..12 {
                let (kind, size) = (number % 2, ["small", "large"][number / 2 % 2]);
                let path = format!("/{}-{number}-{size}", ["clean", "worm"][kind]);
                let url = format!("http://origin.test:{}{path}", origin.port);
                let gateway = &gateway;
                scope.spawn(move || {
                    let fetched = fetch(gateway, &url, &[]);
                    assert_eq!(fetched.status(), [200, 403][kind], "{transfer} {path}");
                    let scan = scan_of(gateway, &path);
                    assert_eq!(
                        scan["Verdict"],
                        ["clean", "found"][kind],
                        "{transfer} {path}: {scan}"
                    );
                });
            }
        });
    }
}

/// A daemon that answers nobody before so many scans are open on one connection, and then the last first.
fn backwards(wanted: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || {
                let (mut seen, mut bytes) = (Vec::new(), [0; 4096]);
                let is_whole = |seen: &[u8]| {
                    let text = String::from_utf8_lossy(seen).into_owned();
                    let contents: Vec<&str> = text.split("zINSTREAM\0").skip(1).collect();
                    let last = contents.last().copied().unwrap_or_default();
                    // A length, what there is of it, and no more.
                    contents.len() == wanted && last.len() > 8 && last.ends_with("\0\0\0\0")
                };
                while !is_whole(&seen) {
                    match stream.read(&mut bytes) {
                        Ok(0) | Err(_) => return,
                        Ok(read) => seen.extend_from_slice(&bytes[..read]),
                    }
                }
                // Bodies say what they are, and commands are numbered as they came.
                let text = String::from_utf8_lossy(&seen).into_owned();
                let contents: Vec<&str> = text.split("zINSTREAM").skip(1).collect();
                for (number, content) in contents.iter().enumerate().rev() {
                    let found = if content.contains("worm") { "Own.Worm FOUND" } else { "OK" };
                    stream
                        .write_all(format!("{}: stream: {found}\0", number + 1).as_bytes())
                        .unwrap();
                }
                let _ = stream.read(&mut bytes);
            });
        }
    });
    address
}

#[test]
fn scans_in_flight_on_one_connection_are_told_apart_by_their_numbers() {
    let origin = Origin::http(None, |request, out| {
        out.write_all(&response("200 OK", "", request.head.target().as_bytes()))
    });
    let gateway = gateway(&backwards(4), "");
    thread::scope(|scope| {
        for (path, status) in
            [("/clean-1", 200), ("/worm-1", 403), ("/clean-2", 200), ("/worm-2", 403)]
        {
            let url = format!("http://origin.test:{}{path}", origin.port);
            let gateway = &gateway;
            scope.spawn(move || assert_eq!(fetch(gateway, &url, &[]).status(), status, "{path}"));
        }
    });
}

/// A daemon that says that it is too much while more is being sent, and reads no more.
#[test]
fn a_word_of_the_daemon_is_heard_while_it_is_written_to() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let open = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut bytes = [0; 64 << 10];
        let read = stream.read(&mut bytes).unwrap();
        assert!(read > 0);
        stream.write_all(b"1: INSTREAM size limit exceeded. ERROR\0").unwrap();
        stream
    });
    let origin =
        Origin::http(None, |_, out| out.write_all(&response("200 OK", "", &vec![b'a'; 16 << 20])));
    // Only what is heard in time can be it: nobody waits so long for bytes to be taken.
    let gateway = gateway(&address, "send_ms = 600000\nanswer_ms = 600000");
    let fetched = fetch(&gateway, &format!("http://origin.test:{}/large", origin.port), &[]);
    assert_ne!(fetched.exit, 0);
    let scan = scan_of(&gateway, "/large");
    assert_eq!((&scan["Verdict"], &scan["Detail"]), (&"failed".into(), &"too_large".into()));
    drop(open.join().unwrap());
}

/// The engine within and clamd look at the same bodies: what the verdict of clamd counts for is set.
#[test]
fn scanners_look_at_the_same_body_as_set() {
    let both = [EICAR.concat(), WORM.to_vec()].concat();
    let origin = Origin::http(None, move |request, out| {
        let body: &[u8] = match request.head.target() {
            "/eicar" => &EICAR.concat(),
            "/worm" => WORM,
            "/both" => &both,
            _ => b"thanks\n",
        };
        out.write_all(&response("200 OK", "", body))
    });
    let clamd = Clamd::start();
    let url = |path: &str| format!("http://origin.test:{}{path}", origin.port);
    for (opinion, path, status, scanners) in [
        ("any", "/clean", 200, &[][..]),
        ("any", "/eicar", 403, &["gateway"]),
        ("any", "/worm", 403, &["clamd"]),
        ("all", "/clean", 200, &[]),
        // clamd knows the test file too, and is heard.
        ("all", "/eicar", 403, &["gateway", "clamd"]),
        ("all", "/worm", 403, &["clamd"]),
        ("second", "/eicar", 403, &["gateway"]),
        ("second", "/clean", 200, &[]),
    ] {
        let gateway = gateway(&clamd.address(), &format!("opinion = \"{opinion}\""));
        let fetched = fetch(&gateway, &url(path), &[]);
        assert_eq!(fetched.status(), status, "{opinion} {path}");
        let record = gateway.http_record(path);
        let found = record["MatchedSignatures"].as_array().cloned().unwrap_or_default();
        let by = |name: &str| found.iter().any(|one| one["Scanner"] == name);
        for scanner in scanners {
            assert!(by(scanner), "{opinion} {path} {scanner}: {record}");
        }
        assert!(!scanners.is_empty() || found.is_empty(), "{opinion} {path}: {record}");
    }
}

#[test]
fn a_second_opinion_that_comes_late_is_told_and_refused_from_then_on() {
    let origin = Origin::http(None, |request, out| {
        let body = if request.head.target() == "/worm" { WORM } else { b"thanks\n" };
        out.write_all(&response("200 OK", "", body))
    });
    let clamd = Clamd::start();
    let gateway = gateway(&clamd.address(), &format!("opinion = \"second\"\n{MONITOR}"));
    let url = |path: &str| format!("http://origin.test:{}{path}", origin.port);
    // Whether clamd is faster than the client's own connection is no matter: later it is refused.
    let first = fetch(&gateway, &url("/worm"), &[]);
    assert!(first.status() == 403 || first.body == WORM, "{first:?}");
    let named = |records: Vec<serde_json::Value>| {
        let name = "Daemon.Worm-1.UNOFFICIAL";
        records.into_iter().find(|record| record["MatchedSignatures"][0]["Name"] == name)
    };
    let told = gateway.wait_for("what clamd has found", |gateway| named(gateway.records()));
    if first.status() == 200 {
        assert_eq!(told["LateFinding"], true, "{told}");
        assert_eq!(told["ExternalScans"][0]["Verdict"], "found", "{told}");
        assert_eq!(told["Action"], "allow", "{told}");
        let again = fetch(&gateway, &url("/worm"), &[]);
        assert_eq!((again.status(), &again.json()["rule_id"]), (403, &"clamd".into()));
        let counted = r#"gateway_findings_total{by="late"} 1"#;
        let port = port(&gateway);
        gateway.wait_for("a late finding in the metrics", |_| {
            ask(port, "/metrics").text().contains(counted).then_some(())
        });
    }
    assert_eq!(fetch(&gateway, &url("/clean"), &[]).status(), 200);
}

/// An origin that stops in the middle of its body until it is told to go on.
fn hesitant(body: Vec<u8>) -> (Origin, Receiver<()>, Sender<()>) {
    let (reached, at_the_middle) = channel();
    let (go_on, told) = channel::<()>();
    let told = Mutex::new(told);
    let reached = Mutex::new(reached);
    let origin = Origin::http(None, move |_, out| {
        let whole = response("200 OK", "", &body);
        let (first, second) = whole.split_at(whole.len() / 2);
        out.write_all(first)?;
        out.flush()?;
        reached.lock().unwrap().send(()).unwrap();
        let _ = told.lock().unwrap().recv_timeout(PATIENCE);
        out.write_all(second)
    });
    (origin, at_the_middle, go_on)
}

#[test]
fn a_daemon_that_dies_in_the_middle_is_no_verdict() {
    let body = b"nothing of interest here\n".repeat(40_000);
    for (on_error, passes) in [("block", false), ("allow", true)] {
        let (origin, at_the_middle, go_on) = hesitant(body.clone());
        let mut clamd = Clamd::start();
        let gateway = gateway(&clamd.address(), &format!("on_error = \"{on_error}\""));
        let url = format!("http://origin.test:{}/long", origin.port);
        let fetched = thread::scope(|scope| {
            let fetched = scope.spawn(|| fetch(&gateway, &url, &[]));
            at_the_middle.recv_timeout(PATIENCE).unwrap();
            clamd.0.kill();
            go_on.send(()).unwrap();
            fetched.join().unwrap()
        });
        assert_eq!(fetched.exit == 0 && fetched.body == body, passes, "{on_error}");
        let record = gateway.http_record("/long");
        assert_eq!(record["Action"], if passes { "allow" } else { "block" }, "{record}");
        assert_eq!(record["ExternalScans"][0]["Verdict"], "failed", "{record}");
        assert_eq!(record["UnscannableParts"][0]["Reason"], "scanner_failed", "{record}");
    }
}

/// Somebody at the daemon's address who answers everybody with `answer`, and with nothing if that
/// is empty.
fn impostor(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let open = Arc::new(Mutex::new(Vec::new()));
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut stream = stream;
            let mut bytes = [0; 4096];
            let _ = stream.read(&mut bytes);
            let _ = stream.write_all(answer);
            open.lock().unwrap().push(stream);
        }
    });
    address
}

pub(crate) fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[test]
fn silence_garbage_absence_and_limits_follow_the_failure_setting() {
    let origin = Origin::http(None, |request, out| {
        let length = if request.head.target() == "/large" { 3 << 20 } else { 100 };
        out.write_all(&response("200 OK", "", &vec![b'a'; length]))
    });
    let clamd = Clamd::start();
    let cases = [
        (impostor(b""), "/small", "answer_ms = 300", "timed_out"),
        (impostor(b"HTTP/1.1 400 Bad Request\r\n\r\n\0"), "/small", "", "garbled"),
        (impostor(b"1: stream: OK\0\x31: stream: OK\0"), "/small", "", "garbled"),
        (nobody(), "/small", "", "unreachable"),
        (clamd.address(), "/large", "", "too_large"),
        (clamd.address(), "/large", "bytes_max = 1048576", "too_large"),
    ];
    for (address, path, more, detail) in cases {
        for (on_error, passes) in [("block", false), ("allow", true)] {
            let gateway = gateway(&address, &format!("on_error = \"{on_error}\"\n{more}"));
            let url = format!("http://origin.test:{}{path}", origin.port);
            let fetched = fetch(&gateway, &url, &[]);
            let record = gateway.http_record(path);
            assert_eq!(fetched.status() == 200, passes, "{detail} {on_error}: {record}");
            assert_eq!(record["ExternalScans"][0]["Verdict"], "failed", "{detail}: {record}");
            assert_eq!(record["ExternalScans"][0]["Detail"], detail, "{record}");
            if !passes {
                assert_eq!(record["Action"], "block", "{record}");
                assert_eq!(record["PolicyID"], "clamd", "{record}");
            }
        }
    }
}

#[test]
fn settings_are_checked() {
    for (more, word) in [
        ("address = \"clamd\"", "expected \"unix:/path\""),
        ("answer_ms = 0", "clamd.answer_ms"),
        ("on_error = \"pass\"", "expected `block` or `allow`"),
        ("address = \"127.0.0.1:3310\"\ntransfer = \"file\"", "unix:/path"),
    ] {
        let gateway = Setup::new().start();
        gateway.write("gateway.toml", &format!("[clamd]\n{more}\n"));
        let checked = gateway.command(&["check"]);
        let said = String::from_utf8_lossy(&checked.stderr).into_owned()
            + &String::from_utf8_lossy(&checked.stdout);
        assert!(!checked.status.success() && said.contains(word), "{more}: {said}");
    }
}
