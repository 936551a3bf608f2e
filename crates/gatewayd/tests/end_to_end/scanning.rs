//! Bodies that are looked into: data loss both ways, malware in every wrapping.

use std::io::Write;
use std::sync::{Arc, Mutex};

use crate::archive::{Encrypted, gzip, zip};
use crate::authority::{OriginAuthority, Validity};
use crate::client::Client;
use crate::curl::{Fetched, fetch};
use crate::gateway::{Gateway, Setup};
use crate::message::{chunk, chunked_response, response};
use crate::origin::Origin;

const CARD: &[u8] = b"4111 1111 1111 1111";
/// The EICAR test file in two halves, so that this file is none.
pub(crate) const EICAR: [&[u8]; 2] =
    [b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-", b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"];

/// How `curl` calls a transfer that broke off.
const BROKEN: [i32; 3] = [18, 56, 92];

/// A handler that fails closes its connection.
const END: std::io::ErrorKind = std::io::ErrorKind::ConnectionAborted;

const DLP_UPLOAD: &str = r#"any(dlp.upload.profiles[*] == "financial")"#;
const DLP_DOWNLOAD: &str = r#"any(dlp.download.profiles[*] == "financial")"#;

/// Two origins that answer alike, in the clear and in TLS, behind a gateway.
struct Lab {
    plain: Origin,
    secure: Origin,
    gateway: Gateway,
}

impl Lab {
    fn new<H>(setup: Setup, handler: H) -> Self
    where
        H: Fn(&str, &mut dyn Write) -> std::io::Result<()> + Clone + Send + Sync + 'static,
    {
        let authority = OriginAuthority::new("Origins");
        let tls = authority.server("origin.test", Validity::Current);
        let in_clear = handler.clone();
        let plain = Origin::http(None, move |r, out| in_clear(path(r.head.target()), out));
        let secure = Origin::http(Some(tls), move |r, out| handler(path(r.head.target()), out));
        let gateway = setup.tunnels_to(&secure).trusts(&authority).start();
        Self { plain, secure, gateway }
    }

    /// The URLs of `path`.
    fn urls(&self, path: &str) -> [String; 2] {
        [
            format!("http://origin.test:{}{path}", self.plain.port),
            format!("https://origin.test:{}{path}", self.secure.port),
        ]
    }
}

fn path(target: &str) -> &str {
    target.split('?').next().unwrap_or_default()
}

/// `contents` as it comes under each name.
fn wrapped(name: &str, contents: &[u8]) -> Vec<u8> {
    let coded = "Content-Encoding: gzip\r\n";
    match name {
        "/zip" => response("200 OK", "", &zip("a/b.com", contents, Encrypted::No)),
        "/gzip-coded" => response("200 OK", coded, &gzip(contents)),
        "/gzip-file" => response("200 OK", "", &gzip(contents)),
        "/zip-in-gzip-coding" => {
            response("200 OK", coded, &gzip(&zip("a/b.com", contents, Encrypted::No)))
        }
        "/zip-in-zip" => {
            let inner = zip("a/b.com", contents, Encrypted::No);
            response("200 OK", "", &zip("inner.zip", &inner, Encrypted::No))
        }
        "/chunks-of-1" => chunked_response("", contents, 1),
        "/gzip-coded-in-chunks-of-1" => chunked_response(coded, &gzip(contents), 1),
        "/to-the-end" => [b"HTTP/1.1 200 OK\r\n\r\n", contents].concat(),
        _ => response("200 OK", "", contents),
    }
}

const WRAPPINGS: [&str; 8] = [
    "/as-it-is",
    "/zip",
    "/gzip-coded",
    "/gzip-file",
    "/zip-in-gzip-coding",
    "/zip-in-zip",
    "/chunks-of-1",
    "/gzip-coded-in-chunks-of-1",
];

fn assert_refused(fetched: &Fetched, rule: &str, url: &str) {
    assert_eq!(fetched.status(), 403, "{url}: {fetched:?}");
    assert_eq!(fetched.json()["rule_id"], rule, "{url}");
}

#[test]
fn malware_is_blocked_in_every_wrapping() {
    let eicar = EICAR.concat();
    let lab = Lab::new(Setup::new().block("malware", "av.infected"), move |name, out| {
        out.write_all(&wrapped(name, &eicar))
    });
    for wrapping in WRAPPINGS {
        for url in lab.urls(wrapping) {
            assert_refused(&fetch(&lab.gateway, &url, &[]), "malware", &url);
        }
        let record = lab.gateway.http_record(wrapping);
        assert_eq!(record["Action"], "block", "{record}");
        assert!(record.to_string().contains("Eicar"), "{record}");
    }
}

#[test]
fn harmless_content_arrives_byte_for_byte_in_every_wrapping() {
    let text: Vec<u8> = (0..50_000_u32).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
    let content = text.clone();
    let lab = Lab::new(
        Setup::new().block("malware", "av.infected").block("dlp", DLP_DOWNLOAD),
        move |name, out| {
            out.write_all(&wrapped(name, &content))?;
            if name == "/to-the-end" { Err(END.into()) } else { Ok(()) }
        },
    );
    for wrapping in WRAPPINGS {
        let whole = wrapped(wrapping, &text);
        let head_end = whole.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        let sent = if wrapping.ends_with("chunks-of-1") {
            if wrapping.starts_with("/gzip") { gzip(&text) } else { text.clone() }
        } else {
            whole[head_end..].to_vec()
        };
        for url in lab.urls(wrapping) {
            let fetched = fetch(&lab.gateway, &url, &[]);
            assert_eq!(fetched.status(), 200, "{url}: {:?}", fetched.head);
            assert!(fetched.body == sent, "{url}: {} of {}", fetched.body.len(), sent.len());
        }
    }
    // A body that ends with the connection is framed anew, so that a cut would show.
    let fetched = fetch(&lab.gateway, &lab.urls("/to-the-end")[1], &["--http1.1"]);
    assert_eq!((fetched.status(), fetched.body == text), (200, true));
    assert_eq!(fetched.head.field("transfer-encoding"), Some("chunked"));
}

#[test]
fn malware_in_an_upload_is_blocked() {
    let lab = Lab::new(Setup::new().block("malware", "av.upload.infected"), |_, out| {
        out.write_all(&response("200 OK", "", b"thanks\n"))
    });
    let eicar = String::from_utf8(EICAR.concat()).unwrap();
    for url in lab.urls("/up") {
        let fetched = fetch(&lab.gateway, &url, &["--data-raw", &eicar]);
        assert_eq!(fetched.status(), 403, "{fetched:?}");
        let fetched = fetch(&lab.gateway, &url, &["--data-raw", "nothing of the kind"]);
        assert_eq!((fetched.status(), fetched.text().as_str()), (200, "thanks\n"));
    }
    for origin in [&lab.plain, &lab.secure] {
        let bodies: Vec<_> = origin.requests().into_iter().map(|request| request.body).collect();
        assert_eq!(bodies, [b"nothing of the kind"]);
    }
}

/// The origin keeps every byte that reaches it, of whole requests or not.
#[test]
fn a_card_number_does_not_leave() {
    let seen: Arc<Mutex<Vec<u8>>> = Arc::default();
    let keep = seen.clone();
    let origin = Origin::raw(None, move |connection| {
        loop {
            let mut piece = [0; 4096];
            let read = std::io::Read::read(connection, &mut piece)?;
            if read == 0 {
                return Ok(());
            }
            keep.lock().unwrap().extend(&piece[..read]);
        }
    });
    let mut gateway = Setup::new().block("cards", DLP_UPLOAD).start();
    let url = format!("http://origin.test:{}/up", origin.port);
    let card = String::from_utf8_lossy(CARD);
    let padding = "a word and another, ".repeat(10_000);
    for (body, field) in [
        (format!("number={card}"), "X-A: b"),
        (format!("number={card}"), "Transfer-Encoding: chunked"),
        (format!("{padding}{card} {padding}"), "Expect:"),
        (format!("{padding}{card}\n"), "Transfer-Encoding: chunked"),
        (format!("{{\"pan\": \"{}\"}}", card.replace(' ', "")), "Content-Type: application/json"),
    ] {
        let file = gateway.ca().with_file_name("upload");
        std::fs::write(&file, &body).unwrap();
        let data = format!("@{}", file.display());
        let fetched = fetch(&gateway, &url, &["--data-binary", &data, "-H", field]);
        assert_eq!(fetched.status(), 403, "{} bytes, {field}: {fetched:?}", body.len());
        assert_eq!(fetched.json()["rule_id"], "cards");
    }
    let records = gateway.stop();
    let blocked = records.iter().filter(|record| record["RecordType"] == "http");
    assert_eq!(blocked.clone().count(), 5);
    assert!(blocked.clone().all(|record| record["Action"] == "block"));
    let seen = seen.lock().unwrap();
    for text in [&gateway.records_text(), &gateway.terminal(), &*String::from_utf8_lossy(&seen)] {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        assert!(!digits.contains("4111111111111111"), "{text}");
    }
    // What came before the number may have left; no chunk of size 0 said that this was all.
    assert!(!seen.windows(7).any(|seven| seven == b"\r\n0\r\n\r\n"));
}

#[test]
fn a_card_number_at_the_begin_of_a_download_becomes_a_page() {
    let lab = Lab::new(Setup::new().block("cards", DLP_DOWNLOAD), |name, out| {
        out.write_all(&wrapped(name, &[CARD, b" is the number\n"].concat()))
    });
    for wrapping in WRAPPINGS {
        for url in lab.urls(wrapping) {
            assert_refused(&fetch(&lab.gateway, &url, &[]), "cards", &url);
        }
    }
}

/// What has begun cannot be taken back, but no client may take it for whole.
#[test]
fn a_card_number_behind_released_bytes_breaks_the_transfer() {
    let clean: Arc<Vec<u8>> = Arc::new(b"nothing of interest here\n".repeat(40_000));
    let begin = clean.clone();
    let lab = Lab::new(Setup::new().block("cards", DLP_DOWNLOAD), move |name, out| {
        let body = [begin.as_slice(), CARD, b"\n"].concat();
        match name {
            "/length" => out.write_all(&response("200 OK", "", &body)),
            "/chunks" => out.write_all(&chunked_response("", &body, 4_000)),
            "/unfinished" => {
                // The end never comes: the cut must come all the same.
                out.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
                out.write_all(&chunk(&body))
            }
            _ => {
                out.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
                out.write_all(&body)?;
                out.flush()?;
                Err(END.into())
            }
        }
    });
    for name in ["/length", "/chunks", "/unfinished", "/to-the-end"] {
        for url in lab.urls(name) {
            let fetched = fetch(&lab.gateway, &url, &[]);
            assert!(BROKEN.contains(&fetched.exit), "{url}: {} {:?}", fetched.exit, fetched.head);
            assert_eq!(fetched.head.status(), 200, "{url}");
            assert!(clean.starts_with(&fetched.body), "{url}: {}", fetched.body.len());
            assert!(!fetched.body.is_empty(), "{url}");
        }
        let record = lab.gateway.http_record(name);
        assert_eq!(record["Action"], "block", "{record}");
    }
}

/// The wire itself, without what `curl` makes of it.
#[test]
fn a_cut_has_no_last_chunk() {
    let clean = b"nothing of interest here\n".repeat(40_000);
    let body = [clean.as_slice(), CARD, b"\n"].concat();
    let origin = Origin::fixed(None, chunked_response("", &body, 4_000));
    let gateway = Setup::new().block("cards", DLP_DOWNLOAD).start();
    let mut client = Client::new(&gateway);
    let port = origin.port;
    client.send(format!("GET http://origin.test:{port}/ HTTP/1.1\r\nHost: x\r\n\r\n"));
    let bytes = client.rest();
    assert!(bytes.starts_with(b"HTTP/1.1 200 OK\r\n"));
    assert!(!bytes.ends_with(b"0\r\n\r\n") && !bytes.windows(CARD.len()).any(|w| w == CARD));
}
