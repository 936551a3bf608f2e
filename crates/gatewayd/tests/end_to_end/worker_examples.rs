//! The Workers of `examples/workers`, as they stand there.

use std::path::Path;

use crate::curl::fetch;
use crate::gateway::Setup;
use crate::message::response;
use crate::workerd::Lab;

const ALL: &str = r#"http.request.host == "origin.test""#;
const HTML: &[&str] = &["-H", "Accept: text/html,*/*;q=0.8"];

/// A gateway that forwards everything to the example `name`.
fn example(name: &str) -> Setup {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/workers").join(name);
    let mut setup = Setup::new().forward(name, ALL);
    for file in std::fs::read_dir(dir).unwrap() {
        let path = file.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap();
        let contents = std::fs::read(&path).unwrap();
        setup = setup.policy_file(&format!("workers/{name}/{file}"), contents);
    }
    setup
}

#[test]
fn the_first_visit_gets_advice_and_the_next_the_page() {
    let lab = Lab::new(example("coaching"), |request| {
        response(
            "200 OK",
            "Content-Type: text/html\r\n",
            request.head.field("cookie").unwrap_or("none").as_bytes(),
        )
    });
    let first = fetch(&lab.gateway, &lab.url("/page"), HTML);
    assert_eq!(first.status(), 200);
    assert!(first.text().contains("Before you go on to origin.test"), "{}", first.text());
    assert!(first.text().contains("numbers of customers"));
    assert!(lab.origin.requests().is_empty());
    let cookie = first.head.field("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let both = format!("Cookie: a=b; {cookie}");
    let second = fetch(&lab.gateway, &lab.url("/page"), &[HTML, &["-H", &both]].concat());
    assert_eq!(
        (second.status(), second.text().as_str()),
        (200, "a=b"),
        "the cookie is not passed on"
    );
    // What is no page is not stopped.
    assert_eq!(fetch(&lab.gateway, &lab.url("/api"), &[]).text(), "none");
}

#[test]
fn pages_are_marked_and_other_answers_are_not() {
    let lab = Lab::new(example("watermark"), |request| {
        let (kind, body): (_, &[u8]) = match request.head.target() {
            "/page" => ("text/html; charset=utf-8", b"<html><body><p>Hello</p></body></html>"),
            _ => ("application/json", b"{\"html\":\"<body></body>\"}"),
        };
        response("200 OK", &format!("Content-Type: {kind}\r\nCache-Control: public\r\n"), body)
    });
    let page = fetch(&lab.gateway, &lab.url("/page"), &[]);
    let text = page.text();
    assert_eq!(page.status(), 200);
    assert!(text.starts_with("<html><body><p>Hello</p><div id=\"gateway-watermark\""), "{text}");
    assert!(text.contains("127.0.0.1 · 20") && text.ends_with("</div></body></html>"), "{text}");
    assert_eq!(page.head.field("cache-control"), Some("no-store"));
    assert_eq!(page.head.field("x-watermark"), Some("127.0.0.1"));
    let json = fetch(&lab.gateway, &lab.url("/data"), &[]);
    assert_eq!(json.text(), "{\"html\":\"<body></body>\"}");
    assert_eq!(json.head.field("cache-control"), Some("public"));
}

#[test]
fn named_fields_of_an_upload_do_not_leave() {
    let lab = Lab::new(example("redact"), |_| response("200 OK", "", b"stored\n"));
    let json = ["-H", "Content-Type: application/json", "-d"];
    let put = |body: &str| fetch(&lab.gateway, &lab.url("/put"), &[&json[..], &[body]].concat());
    let large = format!("\"{}\"", "x".repeat(1 << 20));
    let file = std::env::temp_dir().join(format!("gateway-redact-{}", std::process::id()));
    std::fs::write(&file, large).unwrap();
    let upload = put(&format!("@{}", file.display()));
    assert_eq!(upload.status(), 413);
    let _ = std::fs::remove_file(&file);
    assert!(lab.origin.requests().is_empty(), "what cannot be looked into does not leave");
    let body = r#"{"user":"a","ssn":"1-2-3","list":[{"password":"x","n":1}],"iban":null}"#;
    assert_eq!(put(body).text(), "stored\n", "{}", lab.gateway.terminal());
    let seen: serde_json::Value = serde_json::from_slice(&lab.origin.requests()[0].body).unwrap();
    let expect = serde_json::json!({
        "user": "a", "ssn": "[redacted]", "list": [{"password": "[redacted]", "n": 1}],
        "iban": "[redacted]",
    });
    assert_eq!(seen, expect);
    assert_eq!(put("{\"ssn\": ").status(), 400);
    assert_eq!(lab.origin.requests().len(), 1);
    let form = fetch(&lab.gateway, &lab.url("/put"), &["-d", "ssn=1"]);
    assert_eq!(form.text(), "stored\n");
}
