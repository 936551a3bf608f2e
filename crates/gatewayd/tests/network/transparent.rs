//! Connections that the firewall leads to the gateway.

use serde_json::Value;

use crate::gateway::{Gateway, rule};
use crate::lab::{Host, Lab, SERVER, SERVER_V6, url_host};

/// The addresses of one family.
struct Family {
    client: &'static str,
    /// The two of the gateway, on the side of the client and on that of the server.
    gateway: [&'static str; 2],
    server: &'static str,
    /// Another one of the server, which a rule keeps clients from.
    third: &'static str,
    /// One that is not on the Internet.
    private: &'static str,
}

const V4: Family = Family {
    client: "10.81.1.2",
    gateway: ["10.81.1.1", "10.81.2.1"],
    server: SERVER,
    third: "10.81.2.3",
    private: "10.99.0.1",
};

const V6: Family = Family {
    client: "fd81:1::2",
    gateway: ["fd81:1::1", "fd81:2::1"],
    server: SERVER_V6,
    third: "fd81:2::3",
    private: "fd99::1",
};

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

const REDIRECT_V6: &str = "table ip6 gateway {
  chain led {
    type nat hook prerouting priority dstnat; policy accept;
    fib daddr type local accept
    iifname inside tcp dport { 80, 443 } redirect to :8081
  }
}
";

pub(crate) const TPROXY_V6: &str = "table ip6 gateway {
  chain led {
    type filter hook prerouting priority mangle; policy accept;
    fib daddr type local accept
    iifname inside meta l4proto tcp tproxy to [::1]:8082 meta mark set 1 accept
    iifname inside meta l4proto udp tproxy to [::1]:8083 meta mark set 1 accept
  }
}
";

fn rules() -> String {
    rule("private", "http", "off", r#"net.sni.host == "private.test""#)
        + &rule("path", "http", "block", r#"http.request.uri.path contains "/blocked""#)
        + &rule("third", "l4", "block", "net.dst.ip in {10.81.2.3 fd81:2::3}")
}

fn of_url<'a>(url: &'a str) -> impl Fn(&Value) -> bool + 'a {
    move |record| record["URL"] == url
}

fn requests_blocks_and_tunnels(firewall: &str, family: &Family) {
    let Family { client, gateway: [inside, outside], server, third, private } = *family;
    let lab = if server == SERVER_V6 { Lab::with_ipv6() } else { Lab::new() };
    let mut gateway = Gateway::start(&lab, &rules(), "");
    let dir = lab.dir.to_str().unwrap().to_owned();
    lab.serve(lab.python(Host::Server, "origin.py", &[&dir]), "origin.log", "ready");
    lab.nft(firewall);
    let curl = |ca: &str, arguments: &[&str]| lab.curl_to(server, ca, arguments);

    let plain = curl("ca.pem", &["http://origin.test/plain"]);
    assert_eq!(plain.status, 200, "{plain:?}");
    let arrived: Value = serde_json::from_str(&plain.body).unwrap();
    assert_eq!((&arrived["host"], &arrived["at"]), (&"origin.test".into(), &server.into()));
    assert_eq!(arrived["from"], outside, "it went through the gateway");
    let record = gateway.record("a plain request", of_url("http://origin.test/plain"));
    assert_eq!((&record["DestinationIP"], &record["SourceIP"]), (&server.into(), &client.into()));

    // Only the authority of the gateway is trusted: the connection was taken.
    let taken = curl("ca.pem", &["https://origin.test/taken"]);
    assert_eq!(taken.status, 200, "{taken:?}");
    let record = gateway.record("a request in TLS", of_url("https://origin.test/taken"));
    assert_eq!(
        (&record["SNI"], &record["DetectedProtocol"]),
        (&"origin.test".into(), &"tls".into())
    );

    let blocked = curl("ca.pem", &["https://origin.test/blocked"]);
    assert_eq!(blocked.status, 403, "{blocked:?}");
    let record = gateway.record("a block", of_url("https://origin.test/blocked"));
    assert_eq!((&record["Action"], &record["PolicyID"]), (&"block".into(), &"path".into()));

    // Only the authority of the origin is trusted: nobody looked inside.
    let alone = curl("origin-ca.pem", &["https://private.test/private"]);
    assert_eq!(alone.status, 200, "{alone:?}");

    let third = curl("ca.pem", &[&format!("http://{}/", url_host(third))]);
    assert_eq!((third.status, third.exit != 0), (0, true), "{third:?}");
    gateway.record("a refused connection", |record| {
        record["PolicyID"] == "third" && record["RecordType"] == "session"
    });

    // Whatever name a request gives, it goes where the client's connection went.
    let by_address = format!("http://{}/named", url_host(server));
    let named = curl("ca.pem", &["-H", "Host: other.test", &by_address]);
    let arrived: Value = serde_json::from_str(&named.body).unwrap();
    assert_eq!((&arrived["host"], &arrived["at"]), (&"other.test".into(), &server.into()));

    // What is not on the Internet is not reached this way either.
    let inner = curl("ca.pem", &[&format!("http://{}/", url_host(private))]);
    assert_eq!(inner.status, 403, "{inner:?}");

    // A listener that is spoken to itself is no way to anywhere.
    let direct = curl("ca.pem", &[&format!("http://{}:8081/", url_host(inside))]);
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
    requests_blocks_and_tunnels(REDIRECT, &V4);
}

#[test]
fn connections_by_tproxy_are_inspected_blocked_or_left_alone() {
    requests_blocks_and_tunnels(TPROXY, &V4);
}

#[test]
fn redirected_connections_over_ipv6_are_inspected_blocked_or_left_alone() {
    requests_blocks_and_tunnels(REDIRECT_V6, &V6);
}

#[test]
fn connections_by_tproxy_over_ipv6_are_inspected_blocked_or_left_alone() {
    requests_blocks_and_tunnels(TPROXY_V6, &V6);
}
