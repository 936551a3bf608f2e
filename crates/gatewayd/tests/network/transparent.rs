//! Connections that the firewall leads to the gateway.

use serde_json::Value;

use crate::gateway::{Gateway, rule};
use crate::lab::{Host, Lab, SERVER};

const REDIRECT: &str = "table ip gateway {
  chain led {
    type nat hook prerouting priority dstnat; policy accept;
    fib daddr type local accept
    iifname inside tcp dport { 80, 443 } redirect to :8081
  }
}
";

pub(crate) const TPROXY: &str = "table ip gateway {
  chain led {
    type filter hook prerouting priority mangle; policy accept;
    fib daddr type local accept
    iifname inside meta l4proto tcp tproxy to 127.0.0.1:8082 meta mark set 1 accept
    iifname inside meta l4proto udp tproxy to 127.0.0.1:8083 meta mark set 1 accept
  }
}
";

fn rules() -> String {
    rule("private", "http", "off", r#"net.sni.host == "private.test""#)
        + &rule("path", "http", "block", r#"http.request.uri.path contains "/blocked""#)
        + &rule("third", "l4", "block", "net.dst.ip == 10.81.2.3")
}

fn of_url<'a>(url: &'a str) -> impl Fn(&Value) -> bool + 'a {
    move |record| record["URL"] == url
}

fn requests_blocks_and_tunnels(firewall: &str) {
    let lab = Lab::new();
    let mut gateway = Gateway::start(&lab, &rules(), "");
    let dir = lab.dir.to_str().unwrap().to_owned();
    lab.serve(lab.python(Host::Server, "origin.py", &[&dir]), "origin.log", "ready");
    lab.nft(firewall);

    let plain = lab.curl("ca.pem", &["http://origin.test/plain"]);
    assert_eq!(plain.status, 200, "{plain:?}");
    let arrived: Value = serde_json::from_str(&plain.body).unwrap();
    assert_eq!((&arrived["host"], &arrived["at"]), (&"origin.test".into(), &SERVER.into()));
    assert_eq!(arrived["from"], "10.81.2.1", "it went through the gateway");
    let record = gateway.record("a plain request", of_url("http://origin.test/plain"));
    assert_eq!(
        (&record["DestinationIP"], &record["SourceIP"]),
        (&SERVER.into(), &"10.81.1.2".into())
    );

    // Only the authority of the gateway is trusted: the connection was taken.
    let taken = lab.curl("ca.pem", &["https://origin.test/taken"]);
    assert_eq!(taken.status, 200, "{taken:?}");
    let record = gateway.record("a request in TLS", of_url("https://origin.test/taken"));
    assert_eq!(
        (&record["SNI"], &record["DetectedProtocol"]),
        (&"origin.test".into(), &"tls".into())
    );

    let blocked = lab.curl("ca.pem", &["https://origin.test/blocked"]);
    assert_eq!(blocked.status, 403, "{blocked:?}");
    let record = gateway.record("a block", of_url("https://origin.test/blocked"));
    assert_eq!((&record["Action"], &record["PolicyID"]), (&"block".into(), &"path".into()));

    // Only the authority of the origin is trusted: nobody looked inside.
    let private = lab.curl("origin-ca.pem", &["https://private.test/private"]);
    assert_eq!(private.status, 200, "{private:?}");

    let third = lab.curl("ca.pem", &["http://10.81.2.3/"]);
    assert_eq!((third.status, third.exit != 0), (0, true), "{third:?}");
    gateway.record("a refused connection", |record| {
        record["PolicyID"] == "third" && record["RecordType"] == "session"
    });

    // Whatever name a request gives, it goes where the client's connection went.
    let named = lab.curl("ca.pem", &["-H", "Host: other.test", "http://10.81.2.2/named"]);
    let arrived: Value = serde_json::from_str(&named.body).unwrap();
    assert_eq!((&arrived["host"], &arrived["at"]), (&"other.test".into(), &SERVER.into()));

    // What is not on the Internet is not reached this way either.
    let inner = lab.curl("ca.pem", &["http://10.99.0.1/"]);
    assert_eq!(inner.status, 403, "{inner:?}");

    // A listener that is spoken to itself is no way to anywhere.
    let direct = lab.curl("ca.pem", &["http://10.81.1.1:8081/"]);
    assert_ne!(direct.exit, 0, "{direct:?}");

    let records = gateway.stop();
    let sessions = records.iter().filter(|record| record["RecordType"] == "session");
    let off = |record: &&Value| record["Action"] == "off" && record["SNI"] == "private.test";
    let private = sessions.clone().find(off).unwrap();
    assert_eq!(private["InspectionVerdict"], "spliced");
    assert_eq!(sessions.count(), 7, "one for each connection that was taken");
}

#[test]
fn redirected_connections_are_inspected_blocked_or_left_alone() {
    requests_blocks_and_tunnels(REDIRECT);
}

#[test]
fn connections_by_tproxy_are_inspected_blocked_or_left_alone() {
    requests_blocks_and_tunnels(TPROXY);
}
