//! WebRTC by TPROXY: two peers of `aiortc`, or two pages of Chromium, that reach each other by a
//! relay of `coturn`; and what the relay may be asked for.

use std::fs;

use crate::gateway::{Gateway, rule};
use crate::lab::{Host, Lab, SERVER};
use crate::transparent::TPROXY;

/// Starts `coturn` at the server.
fn serve_relay(lab: &Lab) {
    let mut turn = lab.command(Host::Server, "turnserver");
    let db = format!("--userdb={}", lab.dir.join("turndb").display());
    let pid = format!("--pidfile={}", lab.dir.join("turn.pid").display());
    turn.args(["-n", "--listening-ip", SERVER, "--relay-ip", SERVER, "--user", "user:pass"]);
    turn.args(["--realm", "relay.test", "--lt-cred-mech", "--no-tls", "--no-dtls", "--no-cli"]);
    turn.args(["--log-file", "stdout", "--simple-log", "--verbose", &db, &pid]);
    lab.serve(turn, "turn.log", "UDP listener opened on");
    lab.nft(TPROXY);
}

/// What the offering peer at the client says.
fn offer(lab: &Lab) -> String {
    let dir = lab.dir.to_str().unwrap();
    for kind in ["offer", "answer"] {
        let _ = fs::remove_file(lab.dir.join(kind));
    }
    let answerer = lab.python(Host::Server, "webrtc.py", &["answer", dir, SERVER]);
    lab.serve(answerer, "answer.log", "ready");
    let mut offerer = lab.python(Host::Client, "webrtc.py", &["offer", dir, SERVER]);
    let output = offerer.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    eprintln!("{errors}\n{}", fs::read_to_string(lab.dir.join("answer.log")).unwrap());
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_data_channel_opens_by_a_relay() {
    let lab = Lab::new();
    let mut gateway = Gateway::start(&lab, "", "");
    serve_relay(&lab);
    assert_eq!(offer(&lab), "came back: hello yourself\n");
    let records = gateway.stop();
    let relayed = records
        .iter()
        .find(|record| record["DetectedProtocol"] == "turn" && record["Action"].is_null())
        .unwrap();
    assert_eq!(
        (&relayed["DestinationIP"], &relayed["DestinationPort"]),
        (&SERVER.into(), &3478.into())
    );
    assert!(relayed["ClientDatagramsSent"].as_u64().unwrap() > 5, "{relayed}");
}

#[test]
fn a_data_channel_is_blocked_by_a_rule() {
    let lab = Lab::new();
    let rules = rule("no-relay", "l4", "block", r#"webrtc.stun.method == "allocate""#);
    let gateway = Gateway::start(&lab, &rules, "");
    serve_relay(&lab);
    assert!(offer(&lab).starts_with("no channel"));
    let blocked = gateway.record("a refused flow", |record| record["PolicyID"] == "no-relay");
    assert_eq!(
        (&blocked["Action"], &blocked["DetectedProtocol"], &blocked["DestinationPort"]),
        (&"block".into(), &"turn".into(), &3478.into())
    );
}

#[test]
fn a_relay_is_not_asked_for_peers_that_may_not_be_reached() {
    let lab = Lab::new();
    let rules = rule("third", "l4", "block", "net.dst.ip == 10.81.2.3");
    let mut gateway = Gateway::start(&lab, &rules, "");
    let dir = lab.dir.to_str().unwrap().to_owned();
    lab.serve(lab.python(Host::Server, "origin.py", &[&dir]), "origin.log", "ready");
    serve_relay(&lab);
    let peers = [SERVER, SERVER, "!10.81.2.3", "!10.99.0.1"];
    let mut client = lab.python(Host::Client, "turn_peers.py", &peers);
    let said = String::from_utf8_lossy(&client.output().unwrap().stdout).into_owned();
    let expected = "relayed\n10.81.2.2 answered\n!10.81.2.3 unanswered\n!10.99.0.1 unanswered\n";
    assert_eq!(said, expected);
    let asked = fs::read_to_string(lab.dir.join("turn.log")).unwrap();
    assert!(asked.contains("10.81.2.2") && !asked.contains("10.99.0.1"), "{asked}");
    let records = gateway.stop();
    let relayed = records.iter().find(|record| record["DetectedProtocol"] == "turn").unwrap();
    let warnings = relayed["Warnings"].to_string();
    assert!(warnings.contains("10.99.0.1:53 is refused: private"), "{warnings}");
    assert!(warnings.contains("10.81.2.3:53 is refused: rule third"), "{warnings}");
    assert!(relayed["DatagramsDropped"].as_u64().unwrap() >= 2, "{relayed}");
}

/// Two pages of headless Chromium, one at the client and one at the server; what the offering one
/// got back, once it says so.
fn pages(lab: &Lab) {
    let pages = lab.python(Host::Server, "pages.py", &[SERVER, "8000", SERVER]);
    lab.serve(pages, "pages.log", "ready");
    for (host, role) in [(Host::Server, "answer"), (Host::Client, "offer")] {
        let mut browser = lab.command(host, "chromium");
        browser.args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]);
        browser.args(["--disable-background-networking", "--disable-component-update"]);
        browser.args(["--disable-sync", "--disable-dev-shm-usage"]);
        browser.arg(format!("--user-data-dir={}", lab.dir.join(role).display()));
        browser.env("HOME", &lab.dir).arg(format!("http://{SERVER}:8000/page?{role}"));
        lab.serve(browser, &format!("browser-{role}.log"), "");
    }
}

#[test]
fn two_browsers_open_a_data_channel_by_a_relay() {
    let lab = Lab::new();
    let mut gateway = Gateway::start(&lab, "", "");
    serve_relay(&lab);
    pages(&lab);
    lab.wait_for_line("pages.log", "result:");
    let said = fs::read_to_string(lab.dir.join("pages.log")).unwrap();
    assert!(said.contains("result: hello yourself"), "{said}");
    let records = gateway.stop();
    let relayed = records
        .iter()
        .find(|record| record["DestinationPort"] == 3478 && record["Action"].is_null())
        .unwrap();
    // It begins with the question which address it has.
    assert_eq!(relayed["DetectedProtocol"], "stun");
    assert!(relayed["ClientDatagramsSent"].as_u64().unwrap() > 5, "{relayed}");
    let page = |record: &&serde_json::Value| record["URL"].to_string().contains("/page?offer");
    assert_eq!(records.iter().find(page).unwrap()["HTTPStatusCode"], 200);
}

#[test]
fn two_browsers_are_kept_from_it_by_a_rule() {
    let lab = Lab::new();
    let filter = r#"net.protocol.detection == "turn" and net.dst.port == 3478"#;
    let gateway = Gateway::start(&lab, &rule("no-relay", "l4", "block", filter), "");
    serve_relay(&lab);
    pages(&lab);
    // Without a relay there is no candidate at all.
    lab.wait_for_line("pages.log", "result: no relay");
    let blocked = gateway.record("a refused flow", |record| record["PolicyID"] == "no-relay");
    assert_eq!((&blocked["Action"], &blocked["DestinationIP"]), (&"block".into(), &SERVER.into()));
}
