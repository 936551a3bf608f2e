//! SOCKS 5, for connections and for datagrams.

use serde_json::Value;

use crate::gateway::{Gateway, rule};
use crate::lab::{Host, Lab};

#[test]
fn connections_by_socks_are_inspected_and_blocked() {
    let lab = Lab::new();
    let rules = rule("path", "http", "block", r#"http.request.uri.path contains "/blocked""#)
        + &rule("port", "l4", "block", "net.dst.port == 81");
    let gateway = Gateway::start(&lab, &rules, "");
    let dir = lab.dir.to_str().unwrap().to_owned();
    lab.serve(lab.python(Host::Server, "origin.py", &[&dir]), "origin.log", "ready");
    let socks = ["--socks5-hostname", "10.81.1.1:8080"];
    let fetch = |url: &str| lab.curl("ca.pem", &[&socks[..], &[url]].concat());

    assert_eq!(fetch("http://origin.test/plain").status, 200);
    let taken = fetch("https://origin.test/taken");
    assert_eq!(taken.status, 200, "{taken:?}");
    assert_eq!(fetch("https://origin.test/blocked").status, 403);
    // 97: the proxy has refused.
    assert_eq!(fetch("http://origin.test:81/").exit, 97);
    let by_address = lab.curl("ca.pem", &["--socks5", "10.81.1.1:8080", "http://10.81.2.2/ip"]);
    assert_eq!(by_address.status, 200, "{by_address:?}");
    // The same port speaks HTTP.
    let proxy =
        lab.curl("ca.pem", &["--proxy", "http://10.81.1.1:8080", "http://origin.test/http"]);
    assert_eq!(proxy.status, 200, "{proxy:?}");
    let record = gateway.record("a refused connection", |record| record["PolicyID"] == "port");
    assert_eq!(
        (&record["RecordType"], &record["DetectedProtocol"]),
        (&"session".into(), &"socks5".into())
    );
}

#[test]
fn datagrams_by_socks_reach_whom_they_may() {
    let lab = Lab::new();
    let rules =
        rule("third", "l4", "block", r#"net.protocol == "udp" and net.dst.ip == 10.81.2.3"#);
    let mut gateway = Gateway::start(&lab, &rules, "");
    let dir = lab.dir.to_str().unwrap().to_owned();
    lab.serve(lab.python(Host::Server, "origin.py", &[&dir]), "origin.log", "ready");
    let output = lab
        .python(
            Host::Client,
            "socks_udp.py",
            &[
                "10.81.1.1",
                "8080",
                "origin.test:53:query",
                "10.81.2.2:53:query",
                "!10.81.2.3:53:query",
                "!10.99.0.1:53:query",
                "10.81.2.2:9:whatever",
            ],
        )
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let expected = "origin.test:53:query answered by 10.81.2.2:53 29\n\
                    10.81.2.2:53:query answered by 10.81.2.2:53 29\n\
                    !10.81.2.3:53:query unanswered\n\
                    !10.99.0.1:53:query unanswered\n\
                    10.81.2.2:9:whatever unanswered\n";
    assert_eq!(said, expected, "{}", String::from_utf8_lossy(&output.stderr));
    gateway.record("the whole association", |record| {
        record["ClientDatagramsReceived"] == 5 && record["ClientDatagramsSent"] == 2
    });
    let records = gateway.stop();
    let flows: Vec<&Value> =
        records.iter().filter(|record| !record["RequestID"].is_null()).collect();
    assert_eq!(flows.len(), 5, "{flows:#?}");
    let dns = flows.iter().filter(|flow| flow["DetectedProtocol"] == "dns");
    assert_eq!(dns.filter(|flow| flow["Action"].is_null()).count(), 2);
    let by_rule = flows.iter().find(|flow| flow["PolicyID"] == "third").unwrap();
    assert_eq!((&by_rule["Action"], &by_rule["DatagramsDropped"]), (&"block".into(), &1.into()));
    let private = flows.iter().find(|flow| flow["Warnings"].to_string().contains("private"));
    assert_eq!(private.unwrap()["Action"], "block");
}
