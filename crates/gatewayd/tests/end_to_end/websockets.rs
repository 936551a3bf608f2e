//! WebSockets in intercepted TLS between real peers: the PyPI package `websockets` at both ends,
//! and a page in headless Chromium.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::authority::OriginAuthority;
use crate::gateway::{Gateway, PATIENCE, Setup};

const REASON: &str = "Blocked by a rule of your organisation.";
const DEFLATE: &str = "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12";

/// A server of its own process, and a gateway before it.
struct Lab {
    gateway: Gateway,
    server: Program,
    port: u16,
}

/// A program that says what it sees, a JSON object a line.
struct Program {
    child: Child,
    said: Receiver<Value>,
}

impl Program {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (say, said) = channel();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = say.send(serde_json::from_str(&line).unwrap_or(Value::String(line)));
            }
        });
        Self { child, said }
    }

    fn next(&self) -> Value {
        self.said.recv_timeout(3 * PATIENCE).unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn python() -> Command {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../python/bin/python");
    assert!(program.exists(), "`cargo xtask test` installs what is missing");
    let mut command = Command::new(program);
    command
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/end_to_end/ws_peers.py"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

impl Lab {
    /// A server that agrees to compression if `how` is `deflate`.
    fn new(how: &str) -> Self {
        let setup = Setup::new()
            .block("cards", r#"any(dlp.upload.profiles[*] == "financial")"#)
            .block("malware", "av.infected");
        Self::with(how, setup)
    }

    fn with(how: &str, setup: Setup) -> Self {
        let authority = OriginAuthority::new("Origins");
        let (certificate, key) = authority.certificate("origin.test");
        let dir = scratch(&format!("websockets-{how}"));
        fs::write(dir.join("cert.der"), certificate).unwrap();
        fs::write(dir.join("key.der"), key).unwrap();
        let mut command = python();
        command.arg("server").args([dir.join("cert.der"), dir.join("key.der")]).arg(how);
        let server = Program::start(&mut command);
        let port = u16::try_from(server.next()["port"].as_u64().unwrap()).unwrap();
        fs::remove_dir_all(dir).unwrap();
        let gateway = setup.tunnels_to_port(port).trusts(&authority).start();
        Self { gateway, server, port }
    }

    /// What a client says that does `action` on `path`, and what the server says of it.
    fn run(&self, path: &str, how: &str, action: &str) -> (Value, Value) {
        let proxy = format!("http://127.0.0.1:{}", self.gateway.port);
        let url = format!("wss://origin.test:{}{path}", self.port);
        let mut command = python();
        command.arg("client").arg(proxy).arg(self.gateway.ca()).args([&url, how, action]);
        let client = Program::start(&mut command);
        let seen = client.next();
        (seen, self.server.next())
    }

    fn record(&self, path: &str) -> Value {
        self.gateway.http_record(path)
    }
}

fn scratch(name: &str) -> PathBuf {
    let name = format!("{name}-{}-{:?}", std::process::id(), thread::current().id());
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&dir).unwrap();
    dir
}

#[test]
fn messages_pass_in_order_with_and_without_compression() {
    for (how, extensions) in [("deflate", DEFLATE), ("plain", "")] {
        let lab = Lab::new(how);
        let (client, server) = lab.run("/echo", how, "echo");
        assert_eq!(client["extensions"], extensions, "{client}");
        assert_eq!(client["echoed"], 10_005, "{client}");
        assert_eq!((&client["protocol"], &client["code"]), (&json!("chat"), &json!(1000)));
        let expected = json!({"path": "/echo", "messages": 10_005, "code": 1000, "reason": ""});
        assert_eq!(server, expected);
        let record = lab.record("/echo");
        for (field, value) in [
            ("Action", json!("allow")),
            ("HTTPStatusCode", json!(101)),
            ("WebSocketMessagesFromClient", json!(10_005)),
            ("WebSocketMessagesFromOrigin", json!(10_005)),
            ("WebSocketCloseCodeOfClient", json!(1000)),
            ("WebSocketCloseCodeOfOrigin", json!(1000)),
            ("WebSocketCompressed", json!(how == "deflate")),
            ("WebSocketProtocol", json!("chat")),
        ] {
            assert_eq!(record[field], value, "{field} of {record}");
        }
        assert_eq!(record["WebSocketCloseCodeSent"], Value::Null);
    }
}

#[test]
fn a_card_number_up_and_malware_down_close_with_1008_at_both_ends() {
    for how in ["deflate", "plain"] {
        let lab = Lab::new(how);
        for (path, action, rule, before) in
            [("/count", "card", "cards", 1), ("/eicar", "eicar", "malware", 1)]
        {
            let (client, server) = lab.run(path, how, action);
            assert_eq!((&client["code"], &client["reason"]), (&json!(1008), &json!(REASON)));
            let expected =
                json!({"path": path, "messages": before, "code": 1008, "reason": REASON});
            assert_eq!(server, expected);
            let record = lab.record(path);
            assert_eq!(record["Action"], "block", "{record}");
            assert_eq!(record["PolicyID"], rule);
            assert_eq!(record["WebSocketCloseCodeSent"], 1008);
            assert_eq!(record["DecisionTrail"].as_array().map(Vec::len), Some(1), "{record}");
        }
        let log = lab.gateway.records_text();
        assert!(!log.contains("1111 1111") && log.contains("financial"), "{log}");
    }
}

#[test]
fn a_card_number_is_overwritten_in_messages_that_are_written_anew() {
    let rule = "[[rule]]\nid = \"cards\"\nlayer = \"http\"\naction = \"redact\"\n\
        filter = 'any(dlp.profiles[*] == \"financial\")'\n";
    for how in ["deflate", "plain"] {
        let setup = || Setup::new().rules(rule);
        let lab = Lab::with(how, setup().settings("websocket = \"rewrite\"\n"));
        let stars = "*".repeat(19);
        for (path, told) in [
            ("/echo", format!("my card is {stars}, keep it")),
            ("/card", format!("its card is {stars}")),
        ] {
            let (client, _) = lab.run(path, how, "told");
            assert_eq!((&client["told"], &client["code"]), (&json!(told), &json!(1000)));
            let record = lab.record(path);
            assert_eq!(
                (&record["Action"], &record["PolicyID"]),
                (&json!("redact"), &json!("cards"))
            );
            assert_eq!(record["UploadDlpMatchCounts"][0]["Redacted"], 1, "{record}");
            let down = if path == "/card" { json!(1) } else { Value::Null };
            assert_eq!(record["DownloadDlpMatchCounts"][0]["Redacted"], down, "{record}");
        }
        assert!(!lab.gateway.records_text().contains("1111 1111"));
        // Frames that pass as they came cannot be changed.
        let lab = Lab::with(how, setup());
        let (client, _) = lab.run("/echo", how, "told");
        assert_eq!(client["code"], 1008, "{client}");
    }
}

#[test]
fn a_large_message_streams_in_little_memory() {
    let lab = Lab::new("plain");
    lab.run("/echo", "plain", "card");
    let before = lab.gateway.memory_kib("VmHWM");
    let (client, server) = lab.run("/digest", "plain", "large");
    assert_eq!(client["same"], true, "{client}");
    assert_eq!((&server["messages"], &server["code"]), (&json!(1), &json!(1000)));
    let grown = lab.gateway.memory_kib("VmHWM") - before;
    assert!(grown < 24 << 10, "{grown} KiB");
    let record = lab.record("/digest");
    assert_eq!(record["WebSocketMessagesFromClient"], 1);
    assert!(record["BytesScanned"].as_u64().unwrap() >= 64 << 20, "{record}");
}

#[test]
fn a_bomb_is_stopped_before_it_unpacks() {
    let lab = Lab::new("deflate");
    let (client, server) = lab.run("/count", "deflate", "bomb");
    assert_eq!((&client["code"], &server["code"]), (&json!(1009), &json!(1009)), "{client}");
    assert_eq!(server["messages"], 0);
    let record = lab.record("/count");
    assert_eq!(record["WebSocketCloseCodeSent"], 1009);
    assert!(record["BytesScanned"].as_u64().unwrap() < 16 << 20, "{record}");
    assert_eq!(record["UnscannableParts"][0]["Reason"], "ratio_exceeded", "{record}");
}

#[test]
fn a_page_in_a_browser_talks_and_is_stopped() {
    let lab = Lab::new("deflate");
    let home = scratch("chromium");
    let database = home.join(".pki/nssdb");
    fs::create_dir_all(&database).unwrap();
    let nss = format!("sql:{}", database.display());
    let certutil = |arguments: &[&str]| {
        let status = Command::new("certutil").args(["-d", &nss]).args(arguments).status().unwrap();
        assert!(status.success(), "certutil {arguments:?}");
    };
    certutil(&["-N", "--empty-password"]);
    let ca = lab.gateway.ca();
    certutil(&["-A", "-n", "gateway", "-t", "C,,", "-i", ca.to_str().unwrap()]);
    let mut command = Command::new("chromium");
    command
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .arg(format!("--user-data-dir={}", home.join("profile").display()))
        .arg(format!("--proxy-server=http://127.0.0.1:{}", lab.gateway.port))
        .arg(format!("https://origin.test:{}/page", lab.port))
        .env("HOME", &home)
        .stderr(Stdio::null());
    let browser = Program::start(&mut command);
    let mut closed = Vec::new();
    let page = loop {
        let said = lab.server.next();
        match said.get("page") {
            Some(page) => break page.clone(),
            None => closed.push(said),
        }
    };
    drop(browser);
    for (socket, path, seen, code) in [
        (0, "/echo", json!(["one", "two", "three"]), 1000),
        (1, "/count", json!([]), 1008),
        (2, "/eicar", json!([]), 1008),
    ] {
        let socket = &page[socket];
        assert_eq!((&socket["path"], &socket["seen"]), (&json!(path), &seen), "{page}");
        assert_eq!((&socket["code"], &socket["clean"]), (&json!(code), &json!(true)), "{page}");
        assert!(socket["extensions"].as_str().unwrap().starts_with("permessage-deflate"), "{page}");
        if code == 1008 {
            assert_eq!(socket["reason"], REASON);
        }
        let ended = closed.iter().find(|ended| ended["path"] == path).unwrap();
        assert_eq!(ended["code"], code, "{ended}");
        let record = lab.record(path);
        // The page came over HTTP/2, and its WebSockets are streams beside it (RFC 8441).
        assert_eq!(record["HTTPVersion"], "HTTP/2", "{record}");
        assert_eq!(record["Action"], if code == 1008 { "block" } else { "allow" }, "{record}");
    }
    assert_eq!(lab.record("/echo")["WebSocketMessagesFromClient"], 3);
    // The browser's processes may go on writing for a moment.
    for _ in 0..50 {
        if fs::remove_dir_all(&home).is_ok() {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
}
