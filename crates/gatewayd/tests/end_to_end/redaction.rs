//! Card numbers that a rule has overwritten: by `curl` over both versions of HTTP, in uploads, downloads
//! and messages of WebSockets. What the origin, or the client, got is what counts.

use std::path::Path;

use serde_json::Value;

use crate::archive::gzip;
use crate::authority::{OriginAuthority, Validity};
use crate::curl::fetch;
use crate::gateway::{Gateway, Setup};
use crate::message::response;
use crate::nghttpd::{Nghttpd, site};
use crate::origin::Origin;

const CARD: &str = "4111 1111 1111 1111";
const STARS: &str = "*******************";

/// Rules that have cards overwritten both ways.
fn redacting(more: &str) -> String {
    ["upload", "download"]
        .map(|direction| {
            format!(
                "[[rule]]\nid = \"{direction}\"\nlayer = \"http\"\naction = \"redact\"\n\
                 filter = 'any(dlp.{direction}.profiles[*] == \"financial\")'\n{more}\n\n"
            )
        })
        .concat()
}

/// An origin in TLS that answers with what it got, or by the path; and the gateway before it.
struct Lab {
    origin: Origin,
    gateway: Gateway,
}

impl Lab {
    fn new(more: &str) -> Self {
        let authority = OriginAuthority::new("Origins");
        let tls = authority.server("origin.test", Validity::Current);
        let origin = Origin::http(Some(tls), |request, out| {
            let text = format!("card {CARD} end");
            let (fields, body) = match request.head.target() {
                "/card" => ("ETag: \"1\"\r\n", text.into_bytes()),
                "/packed" => ("Content-Encoding: gzip\r\n", gzip(text.as_bytes())),
                _ => ("", request.body.iter().rev().copied().collect()),
            };
            out.write_all(&response("200 OK", fields, &body))
        });
        let setup = Setup::new().tunnels_to(&origin).trusts(&authority);
        let gateway = setup.rules(&redacting(more)).start();
        Self { origin, gateway }
    }

    fn url(&self, path: &str) -> String {
        format!("https://origin.test:{}{path}", self.origin.port)
    }
}

fn assert_redacted(record: &Value, direction: &str, counts: &str) {
    assert_eq!((&record["Action"], &record["PolicyID"]), (&"redact".into(), &direction.into()));
    let counted = record[counts].as_array().unwrap().iter();
    let mut cards = counted.filter(|counted| counted["Entry"] == "payment_card");
    let card = cards.next().unwrap();
    assert_eq!((&card["Count"], &card["Redacted"]), (&1.into(), &1.into()), "{record}");
    assert!(!record.to_string().contains("1111 1111"), "{record}");
}

#[test]
fn uploads_reach_the_origin_overwritten() {
    let lab = Lab::new("");
    for (number, flag) in ["--http1.1", "--http2"].into_iter().enumerate() {
        for (kind, body, expected) in [
            ("text/plain", format!("my card is {CARD}, ok"), format!("my card is {STARS}, ok")),
            (
                "application/json",
                format!("{{\"a\": \"line\\n{CARD} \\u00e9\"}}"),
                format!("{{\"a\": \"line\\n{STARS} \\u00e9\"}}"),
            ),
            (
                "application/x-www-form-urlencoded",
                "n=a+b&card=4111+1111%201111%201111&x=%41".to_owned(),
                format!("n=a+b&card={}&x=%41", "*".repeat(23)),
            ),
        ] {
            let path = format!("/up/{number}/{}", kind.len());
            let header = format!("Content-Type: {kind}");
            let arguments = [flag, "-H", &header, "--data-binary", &body];
            let fetched = fetch(&lab.gateway, &lab.url(&path), &arguments);
            assert_eq!(fetched.status(), 200, "{fetched:?}");
            let requests = lab.origin.requests();
            let got = requests.iter().find(|request| request.head.target() == path).unwrap();
            assert_eq!(got.text(), expected, "{flag} {kind}");
            let record = lab.gateway.http_record(&path);
            assert_redacted(&record, "upload", "UploadDlpMatchCounts");
        }
        let form = format!("card={CARD}");
        let fetched = fetch(&lab.gateway, &lab.url("/form"), &[flag, "-F", &form, "-F", "b=1"]);
        assert_eq!(fetched.status(), 200, "{fetched:?}");
        let requests = lab.origin.requests();
        let got = requests.last().unwrap().text();
        assert!(got.contains(STARS) && !got.contains(CARD) && got.contains("name=\"b\""), "{got}");
    }
}

#[test]
fn downloads_reach_the_client_overwritten_or_not_at_all() {
    let lab = Lab::new("");
    for flag in ["--http1.1", "--http2"] {
        let fetched = fetch(&lab.gateway, &lab.url("/card"), &[flag]);
        assert_eq!((fetched.status(), fetched.text()), (200, format!("card {STARS} end")));
        assert_eq!(fetched.head.field("etag"), None);
        let record = lab.gateway.http_record("/card");
        assert_redacted(&record, "download", "DownloadDlpMatchCounts");
        let fetched = fetch(&lab.gateway, &lab.url("/packed"), &[flag, "--compressed"]);
        assert_eq!((fetched.status(), &fetched.json()["rule_id"]), (403, &"download".into()));
    }
    let lab = Lab::new("redact_otherwise = \"allow\"");
    let fetched = fetch(&lab.gateway, &lab.url("/packed"), &["--compressed"]);
    assert_eq!((fetched.status(), fetched.text()), (200, format!("card {CARD} end")));
    let record = lab.gateway.http_record("/packed");
    assert_eq!(record["Action"], "allow", "{record}");
    assert!(record["Warnings"].to_string().contains("1 findings not overwritten"), "{record}");
}

#[test]
fn an_origin_of_http2_gets_stars_in_a_long_upload() {
    let authority = OriginAuthority::new("Origins");
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("redact-{}", std::process::id()));
    site(&dir, &[("hello", b"hello\n")]);
    let origin = Nghttpd::start(&authority, &dir, &[]);
    let setup = Setup::new().tunnels_to_port(origin.port).trusts(&authority);
    let gateway = setup.rules(&redacting("")).start();
    // Some numbers stand across the packets' edges.
    let body: String = (0..20_000).map(|n| format!("line {n}: {CARD}\n")).collect();
    let expected: String = (0..20_000).map(|n| format!("line {n}: {STARS}\n")).collect();
    let file = dir.join("body");
    std::fs::write(&file, &body).unwrap();
    let upload = format!("@{}", file.display());
    // More findings than one scanner reports of one part.
    let many = fetch(&gateway, &origin.url("/up"), &["--http2", "--data-binary", &upload]);
    assert_ne!(many.status(), 200);
    assert!(!many.text().contains(CARD));
    let lines = 400;
    let head = |text: &str| text.split_inclusive('\n').take(lines).collect::<String>();
    std::fs::write(&file, head(&body)).unwrap();
    for flag in ["--http1.1", "--http2"] {
        let arguments = [flag, "-H", "Content-Type: text/plain", "--data-binary", &upload];
        let fetched = fetch(&gateway, &origin.url("/up"), &arguments);
        assert_eq!(fetched.status(), 200, "{flag}");
        assert!(fetched.text() == head(&expected), "{flag}");
    }
    let _ = std::fs::remove_dir_all(dir);
}
