//! QUIC by TPROXY: named by what its first datagrams say, let pass, refused.

use serde_json::Value;

use crate::gateway::{Gateway, rule};
use crate::lab::{Host, Lab, SERVER};
use crate::transparent::TPROXY;

/// What `aioquic` at the client gets from the server under `name`.
fn ask(lab: &Lab, name: &str, patience_s: &str) -> String {
    let dir = lab.dir.to_str().unwrap();
    let mut client =
        lab.python(Host::Client, "quic_peer.py", &["ask", dir, SERVER, name, patience_s]);
    String::from_utf8_lossy(&client.output().unwrap().stdout).into_owned()
}

fn serve(lab: &Lab) {
    let dir = lab.dir.to_str().unwrap();
    let server = lab.python(Host::Server, "quic_peer.py", &["serve", dir, SERVER]);
    lab.serve(server, "quic.log", "ready");
    lab.nft(TPROXY);
}

#[test]
fn quic_is_named_let_pass_and_blocked_by_rule() {
    let lab = Lab::new();
    let rules = rule("quic", "l4", "block", r#"quic.sni == "private.test""#);
    let mut gateway = Gateway::start(&lab, &rules, "[udp]\nquic = \"relay\"\n");
    serve(&lab);
    assert_eq!(ask(&lab, "origin.test", "20"), "came back: echo hello\n");
    assert!(ask(&lab, "private.test", "4").starts_with("no answer"));
    let blocked = gateway.record("a blocked flow", |record| record["PolicyID"] == "quic");
    assert_eq!((&blocked["SNI"], &blocked["Action"]), (&"private.test".into(), &"block".into()));
    let records = gateway.stop();
    let named = |record: &&Value| record["SNI"] == "origin.test";
    let passed = records.iter().find(named).unwrap();
    assert_eq!(
        (&passed["TransportProtocol"], &passed["DetectedProtocol"], &passed["DestinationIP"]),
        (&"quic".into(), &"quic".into(), &SERVER.into())
    );
    assert!(passed["DatagramsSent"].as_u64().unwrap() > 2, "{passed}");
    assert!(passed["Action"].is_null(), "{passed}");
}

#[test]
fn quic_is_refused_unless_a_rule_leaves_it_alone() {
    let lab = Lab::new();
    let rules = rule("alone", "http", "off", r#"net.sni.host == "origin.test""#);
    let gateway = Gateway::start(&lab, &rules, "");
    serve(&lab);
    assert!(ask(&lab, "private.test", "4").starts_with("no answer"));
    assert_eq!(ask(&lab, "origin.test", "20"), "came back: echo hello\n");
    let refused = gateway.record("a refused flow", |record| record["SNI"] == "private.test");
    assert_eq!((&refused["Action"], &refused["PolicyID"]), (&"block".into(), &Value::Null));
}
