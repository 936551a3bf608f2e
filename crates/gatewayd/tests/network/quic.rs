//! QUIC by TPROXY: named by what its first datagrams say, let pass, refused.

use serde_json::Value;

use crate::gateway::{Gateway, rule};
use crate::lab::{Host, Lab, SERVER, SERVER_V6};
use crate::transparent::{TPROXY, TPROXY_V6};

/// What `aioquic` at the client gets from `server` under `name`.
fn ask(lab: &Lab, server: &str, name: &str, patience_s: &str) -> String {
    let dir = lab.dir.to_str().unwrap();
    let mut client =
        lab.python(Host::Client, "quic_peer.py", &["ask", dir, server, name, patience_s]);
    String::from_utf8_lossy(&client.output().unwrap().stdout).into_owned()
}

fn serve(lab: &Lab, server: &str) {
    let dir = lab.dir.to_str().unwrap();
    let program = lab.python(Host::Server, "quic_peer.py", &["serve", dir, server]);
    lab.serve(program, "quic.log", "ready");
    lab.nft(if server == SERVER_V6 { TPROXY_V6 } else { TPROXY });
}

fn named_let_pass_and_blocked(server: &str) {
    let lab = if server == SERVER_V6 { Lab::with_ipv6() } else { Lab::new() };
    let rules = rule("quic", "l4", "block", r#"quic.sni == "private.test""#);
    let mut gateway = Gateway::start(&lab, &rules, "[udp]\nquic = \"relay\"\n");
    serve(&lab, server);
    assert_eq!(ask(&lab, server, "origin.test", "20"), "came back: echo hello\n");
    assert!(ask(&lab, server, "private.test", "4").starts_with("no answer"));
    let blocked = gateway.record("a blocked flow", |record| record["PolicyID"] == "quic");
    assert_eq!((&blocked["SNI"], &blocked["Action"]), (&"private.test".into(), &"block".into()));
    let records = gateway.stop();
    let named = |record: &&Value| record["SNI"] == "origin.test";
    let passed = records.iter().find(named).unwrap();
    assert_eq!(
        (&passed["TransportProtocol"], &passed["DetectedProtocol"], &passed["DestinationIP"]),
        (&"quic".into(), &"quic".into(), &server.into())
    );
    assert!(passed["DatagramsSent"].as_u64().unwrap() > 2, "{passed}");
    assert!(passed["Action"].is_null(), "{passed}");
}

#[test]
fn quic_is_named_let_pass_and_blocked_by_rule() {
    named_let_pass_and_blocked(SERVER);
}

#[test]
fn quic_over_ipv6_is_named_let_pass_and_blocked_by_rule() {
    named_let_pass_and_blocked(SERVER_V6);
}

#[test]
fn quic_is_refused_unless_a_rule_leaves_it_alone() {
    let lab = Lab::new();
    let rules = rule("alone", "http", "off", r#"net.sni.host == "origin.test""#);
    let gateway = Gateway::start(&lab, &rules, "");
    serve(&lab, SERVER);
    assert!(ask(&lab, SERVER, "private.test", "4").starts_with("no answer"));
    assert_eq!(ask(&lab, SERVER, "origin.test", "20"), "came back: echo hello\n");
    let refused = gateway.record("a refused flow", |record| record["SNI"] == "private.test");
    assert_eq!((&refused["Action"], &refused["PolicyID"]), (&"block".into(), &Value::Null));
}
