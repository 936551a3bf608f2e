//! How strictly HTTP/1 is read: what settings and rules relax, and what shows of it.

use serde_json::Value;

use crate::client::Client;
use crate::gateway::{Gateway, Setup};
use crate::message::Message;
use crate::monitor::{MONITOR, ask, port, value};
use crate::origin::Origin;

/// A response of an old server: a folded field, and blanks before a colon.
const OLD: &str = "HTTP/1.1 200 OK\r\nX-Old: a\r\n b\r\nX-More : c\r\nContent-Length: 2\r\n\r\nok";

fn get(gateway: &Gateway, url: &str) -> Message {
    let mut client = Client::new(gateway);
    client.send(format!("GET {url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    client.response("GET")
}

fn warnings(record: &Value) -> Vec<&str> {
    let list = record["Warnings"].as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str).collect()
}

#[test]
fn settings_and_rules_relax_checks_and_metrics_and_records_tell() {
    let origin = Origin::fixed(None, OLD);
    let tables = format!("[http1]\norigin_checks = {{ field-folded = \"repair\" }}\n{MONITOR}");
    let rules = "[[rule]]\nid = \"old\"\nlayer = \"http\"\naction = \"allow\"\n\
                 filter = 'http.request.uri.path == \"/old\"'\n\
                 checks = { field-name-blank = \"repair\" }\n";
    let gateway = Setup::new().tables(&tables).rules(rules).start();
    let url = |path: &str| format!("http://origin.test:{}/{path}", origin.port);

    let passes = get(&gateway, &url("old"));
    assert_eq!((passes.head.status(), &*passes.body), (200, &b"ok"[..]));
    assert_eq!(passes.head.field("X-Old"), Some("a b"));
    assert_eq!(passes.head.field("X-More"), Some("c"));
    let record = gateway.http_record(&url("old"));
    assert_eq!(
        warnings(&record),
        ["origin: field-name-blank: repair", "origin: field-folded: repair"]
    );

    assert_eq!(get(&gateway, &url("new")).head.status(), 502);
    let record = gateway.http_record(&url("new"));
    assert!(warnings(&record).iter().any(|said| said.contains("field-name-blank at byte")));

    let metrics = ask(port(&gateway), "/metrics").text();
    let count = |check: &str, outcome: &str| {
        let series = "gateway_http1_checks_total{side=\"origin\",check=";
        value(&metrics, &format!("{series}\"{check}\",outcome=\"{outcome}\"}}"))
    };
    assert!((count("field-name-blank", "repair") - 1.0).abs() < 0.5);
    assert!((count("field-name-blank", "reject") - 1.0).abs() < 0.5);
    assert!((count("field-folded", "repair") - 2.0).abs() < 0.5);
}

#[test]
fn check_tells_of_checks_that_there_are_not() {
    let gateway = Setup::new().start();
    gateway.write(
        "policy/rules.toml",
        "[[rule]]\nid = \"a\"\nlayer = \"http\"\naction = \"allow\"\n\
         filter = 'http.request.host == \"a.test\"'\nchecks = { head-null = \"observe\" }\n",
    );
    let said = gateway.command(&["check"]);
    let text =
        String::from_utf8_lossy(&said.stdout).into_owned() + &String::from_utf8_lossy(&said.stderr);
    assert!(!said.status.success() && text.contains("did you mean `head-nul`?"), "{text}");
}
