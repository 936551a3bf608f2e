//! SOCKS 5, for connections and for datagrams.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

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

#[test]
fn datagrams_by_socks_are_of_whom_the_password_names() {
    let lab = Lab::new();
    let guests = r#"net.protocol == "udp" and not any(identity.groups.name[*] == "staff")"#;
    let user = |name: &str, group: &str| {
        let password = hashed(&lab, name);
        format!("[[user]]\nname = \"{name}\"\n{password}groups = [\"{group}\"]\n")
    };
    let users = user("alice", "staff") + &user("bob", "guests");
    fs::write(lab.dir.join("users.toml"), users).unwrap();
    let settings = "[identity]\nrequired = true\nusers = \"users.toml\"\n";
    let mut gateway = Gateway::start(&lab, &rule("guests", "l4", "block", guests), settings);
    let dir = lab.dir.to_str().unwrap().to_owned();
    lab.serve(lab.python(Host::Server, "origin.py", &[&dir]), "origin.log", "ready");
    let asked = |who: &str, query: &str| {
        let proxy = format!("{who}10.81.1.1");
        let output = lab.python(Host::Client, "socks_udp.py", &[&proxy, "8080", query]).output();
        String::from_utf8_lossy(&output.unwrap().stdout).into_owned()
    };
    let answered = asked("alice:alice@", "10.81.2.2:53:query");
    assert!(answered.contains("answered by 10.81.2.2:53"), "{answered}");
    let refused = asked("bob:bob@", "!10.81.2.2:53:query");
    assert!(refused.ends_with("unanswered\n"), "{refused}");
    for stranger in ["bob:alice@", ""] {
        assert_eq!(asked(stranger, "10.81.2.2:53:query"), "", "{stranger} gets no relay");
    }
    let records = gateway.stop();
    let flows: Vec<&Value> =
        records.iter().filter(|record| !record["RequestID"].is_null()).collect();
    assert_eq!(flows.len(), 2, "{flows:#?}");
    for (user, action) in [("alice", Value::Null), ("bob", "block".into())] {
        let flow = flows.iter().find(|flow| flow["UserID"] == user).unwrap();
        assert_eq!((&flow["Action"], &flow["IdentitySource"]), (&action, &"password".into()));
    }
}

/// The line that the program prints for a password.
fn hashed(lab: &Lab, password: &str) -> String {
    let mut command = lab.command(Host::Gateway, env!("CARGO_BIN_EXE_gateway-proxy"));
    let command = command.args(["identity", "hash"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}
