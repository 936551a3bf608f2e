//! Messages that go through services of a real ICAP server: every byte arrives, malware does not.

use std::fs;
use std::io::{Read, Write};
use std::thread;

use serde_json::Value;

use crate::authority::{OriginAuthority, Validity};
use crate::c_icap::CIcap;
use crate::clamd::Clamd;
use crate::curl::fetch;
use crate::gateway::{Gateway, Setup};
use crate::message::{chunked_response, read_head, response};
use crate::monitor::{MONITOR, ask, port, value};
use crate::origin::Origin;
use crate::scanning::EICAR;

const MIB: usize = 1 << 20;
/// The preview that the service asks for.
const PREVIEW: usize = 1_024;

fn body(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n % 251) as u8 ^ (n >> 11) as u8).collect()
}

/// The service wants everything at once, without a preview.
const WHOLE: &str = "echo.TransferPreview none\necho.TransferComplete *\n";

/// What the services made of the messages of a request.
fn adaptations(gateway: &Gateway, path: &str) -> Vec<Value> {
    let record = gateway.http_record(path);
    record["Adaptations"].as_array().cloned().unwrap_or_default()
}

#[test]
fn an_echo_gives_back_every_byte_both_ways_by_preview() {
    let lengths = [0, 1, PREVIEW - 1, PREVIEW, PREVIEW + 1, 100_000, 10 * MIB];
    let outcomes = every_byte_arrives("", &lengths);
    assert!(outcomes.contains(&"unchanged".into()), "{outcomes:?}");
}

#[test]
fn an_echo_gives_back_every_byte_both_ways_without_a_preview() {
    let outcomes = every_byte_arrives(WHOLE, &[0, 1, PREVIEW + 1, 100_000, 10 * MIB]);
    // What is not kept as a whole can only come back.
    assert!(outcomes.contains(&"changed".into()), "{outcomes:?}");
}

/// Sends bodies of these lengths there and back; gives what the service made of them.
fn every_byte_arrives(config: &str, lengths: &[usize]) -> Vec<Value> {
    let origin = Origin::http(None, |request, out| {
        let echo = &request.body;
        if request.head.target().starts_with("/chunked") {
            return out.write_all(&chunked_response("", echo, 7_000));
        }
        out.write_all(&response("200 OK", "", echo))
    });
    let server = CIcap::start_with(None, config);
    let gateway = Setup::new().tables(&server.table("echo", "")).start();
    let file = gateway.scratch().join("body");
    for length in lengths.iter().copied() {
        let sent = body(length);
        fs::write(&file, &sent).unwrap();
        let data = format!("@{}", file.display());
        for (path, more) in
            [("known", "Expect: 100-continue"), ("chunked", "Transfer-Encoding: chunked")]
        {
            let target = format!("/{path}-{length}");
            let url = format!("http://origin.test:{}{target}", origin.port);
            let fetched = fetch(&gateway, &url, &["--data-binary", &data, "-H", more]);
            assert_eq!(fetched.status(), 200, "{target}: {:?}", fetched.head);
            assert!(fetched.body == sent, "{target}: {} bytes came back", fetched.body.len());
            let requests = origin.requests();
            let seen = requests.iter().find(|request| request.head.target() == target).unwrap();
            assert!(seen.body == sent, "{target}: {} bytes arrived", seen.body.len());
        }
    }
    for length in lengths {
        for told in
            ["known", "chunked"].map(|path| adaptations(&gateway, &format!("/{path}-{length}")))
        {
            assert_eq!(told.len(), 2, "{length}: {told:?}");
            for one in told {
                assert_eq!(one["Service"], "icap", "{one}");
                assert!(one["ISTag"].as_str().is_some_and(|tag| tag.len() > 2), "{one}");
                assert!(["changed", "unchanged"].contains(&one["Outcome"].as_str().unwrap()));
                assert_eq!(one["Bytes"].as_u64().unwrap() > 0, *length > 0, "{one}");
            }
        }
    }
    let told = lengths.iter().flat_map(|length| adaptations(&gateway, &format!("/known-{length}")));
    told.map(|one| one["Outcome"].clone()).collect()
}

/// The service sees the preview alone and puts a comment into it; all behind it is the original, also of
/// what is longer than is kept.
#[test]
fn what_a_service_returns_in_part_is_followed_by_the_original() {
    const COMMENT: &str = "<!--A simple comment added by the  ex206 C-ICAP service-->";
    let html = |length: usize| format!("<html><body>{}</body></html>", "text ".repeat(length / 5));
    let origin = Origin::http(None, move |request, out| {
        let target = request.head.target();
        let length = target.rsplit('-').next().and_then(|text| text.parse().ok()).unwrap_or(0);
        let fields = "Content-Type: text/html\r\n";
        match target.starts_with("/chunked") {
            true => out.write_all(&chunked_response(fields, html(length).as_bytes(), 7_000)),
            false => out.write_all(&response("200 OK", fields, html(length).as_bytes())),
        }
    });
    let server = CIcap::start(None);
    let more = "messages = \"responses\"\nkept_bytes_max = 65536";
    let gateway = Setup::new().tables(&server.table("ex206", more)).start();
    for length in [3 * PREVIEW, 40_000, 5 * MIB] {
        for kind in ["known", "chunked"] {
            let path = format!("/{kind}-{length}");
            let url = format!("http://origin.test:{}{path}", origin.port);
            let fetched = fetch(&gateway, &url, &[]);
            assert_eq!(fetched.status(), 200, "{path}: {:?}", fetched.head);
            let text = fetched.text();
            assert!(text.contains(COMMENT), "{path}: {}", &text[..100]);
            // It puts line feeds around the comment, of which the original has none.
            let original = text.replacen(COMMENT, "", 1).replace(['\r', '\n'], "");
            assert!(original == html(length), "{path}: {}", text.len());
            let told = &adaptations(&gateway, &path)[0];
            assert_eq!(told["Outcome"], "changed", "{told}");
        }
    }
}

#[test]
fn malware_is_stopped_both_ways_in_the_clear_and_in_tls() {
    let authority = OriginAuthority::new("Origins");
    let tls = authority.server("origin.test", Validity::Current);
    let answer = |target: &str, out: &mut dyn Write| {
        let eicar = EICAR.concat();
        let body = if target == "/eicar" { &eicar[..] } else { b"thanks\n" };
        out.write_all(&response("200 OK", "Content-Type: text/plain\r\n", body))
    };
    let plain = Origin::http(None, move |request, out| answer(request.head.target(), out));
    let secure = Origin::http(Some(tls), move |request, out| answer(request.head.target(), out));
    let clamd = Clamd::start();
    let server = CIcap::start(Some(&clamd));
    let gateway = Setup::new()
        .tunnels_to(&secure)
        .trusts(&authority)
        .tables(&server.table("scan", ""))
        .tables(MONITOR)
        .start();
    let eicar = String::from_utf8(EICAR.concat()).unwrap();
    for base in [
        format!("http://origin.test:{}", plain.port),
        format!("https://origin.test:{}", secure.port),
    ] {
        let fetched = fetch(&gateway, &format!("{base}/clean"), &[]);
        assert_eq!((fetched.status(), fetched.text().as_str()), (200, "thanks\n"), "{base}");
        let down = format!("{base}/eicar");
        let fetched = fetch(&gateway, &down, &[]);
        assert_eq!(fetched.status(), 403, "{down}: {fetched:?}");
        assert!(fetched.text().contains("VIRUS FOUND"), "{}", fetched.text());
        let up = format!("{base}/up");
        let fetched = fetch(&gateway, &up, &["--data-raw", &eicar]);
        assert_eq!(fetched.status(), 403, "{up}: {fetched:?}");
        assert!(fetched.text().contains("VIRUS FOUND"), "{}", fetched.text());
        for (url, number, direction, outcome) in
            [(down, 1, "download", "changed"), (up, 0, "upload", "answered")]
        {
            let record = gateway.http_record(&url);
            let told = &record["Adaptations"][number];
            assert_eq!(told["Direction"], direction, "{record}");
            assert_eq!(told["Outcome"], outcome, "{record}");
            assert_eq!(told["Finding"], "Daemon.Eicar-1.UNOFFICIAL", "{record}");
            let found = &record["MatchedSignatures"][0];
            assert_eq!(found["Name"], "Daemon.Eicar-1.UNOFFICIAL", "{record}");
            assert_eq!(found["Scanner"], "icap", "{record}");
            assert_eq!(found["Direction"], direction, "{record}");
        }
    }
    for origin in [&plain, &secure] {
        assert!(origin.requests().iter().all(|request| request.head.target() != "/up"));
    }
    let text = ask(port(&gateway), "/metrics").text();
    for (outcome, least) in [("unchanged", 6.0), ("changed", 2.0), ("answered", 2.0)] {
        let name =
            format!("gateway_external_scans_total{{scanner=\"icap\",outcome=\"{outcome}\"}}");
        assert!(value(&text, &name) >= least, "{name}\n{text}");
    }
    assert!(
        value(&text, "gateway_external_scan_seconds_count{scanner=\"icap\"}") >= 10.0,
        "{text}"
    );
}

#[test]
fn memory_does_not_grow_with_a_body() {
    const LONG_MIB: usize = 128;
    let origin = Origin::raw(None, |connection| {
        let head = read_head(connection)?.unwrap_or_default();
        let mut left: usize = head.field("content-length").map_or(0, |n| n.parse().unwrap());
        let mut piece = vec![0; MIB];
        let mib: usize = head.target().rsplit('/').next().unwrap().parse().unwrap();
        while left > 0 {
            let read = connection.read(&mut piece)?;
            left -= read.min(left);
        }
        let out = connection.get_mut();
        write!(out, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", mib * MIB)?;
        (0..mib).try_for_each(|_| out.write_all(&piece))
    });
    let server = CIcap::start_with(None, WHOLE);
    let gateway = Setup::new().tables(&server.table("echo", "messages = \"responses\"")).start();
    let get = |mib: usize| {
        let url = format!("http://origin.test:{}/{mib}", origin.port);
        let fetched = fetch(&gateway, &url, &[]);
        assert_eq!((fetched.status(), fetched.body.len()), (200, mib * MIB));
    };
    get(4);
    let before_kib = gateway.memory_kib("VmRSS");
    get(LONG_MIB);
    let grown_kib = gateway.memory_kib("VmHWM").saturating_sub(before_kib);
    assert!(grown_kib <= 24 << 10, "{before_kib} KiB, and {grown_kib} KiB more");
    assert_eq!(adaptations(&gateway, &format!("/{LONG_MIB}"))[0]["Outcome"], "changed");
}

#[test]
fn many_at_a_time_share_the_connections_that_the_service_allows() {
    let origin = Origin::http(None, |request, out| {
        out.write_all(&response("200 OK", "", request.head.target().as_bytes()))
    });
    let server = CIcap::start(None);
    let more = "connections_max = 3\nconnect_ms = 20000";
    let gateway = Setup::new().tables(&server.table("echo", more)).start();
    thread::scope(|scope| {
        for number in 0..24 {
            let (gateway, port) = (&gateway, origin.port);
            scope.spawn(move || {
                let path = format!("/many-{number}");
                let url = format!("http://origin.test:{port}{path}");
                let fetched = fetch(gateway, &url, &["--data-raw", "abc"]);
                assert_eq!((fetched.status(), fetched.text()), (200, path));
            });
        }
    });
}

#[test]
fn conditions_services_and_reloads() {
    let origin = Origin::http(None, |_, out| out.write_all(&response("200 OK", "", b"ok")));
    let mut server = CIcap::start(None);
    let when = "when = 'http.request.uri.path contains \"/seen\"'";
    let gateway = Setup::new().tables(&server.table("echo", when)).start();
    let get = |path: &str| {
        let url = format!("http://origin.test:{}{path}", origin.port);
        fetch(&gateway, &url, &[]).status()
    };
    assert_eq!((get("/seen-1"), get("/other-1")), (200, 200));
    assert_eq!(adaptations(&gateway, "/seen-1").len(), 2);
    assert!(adaptations(&gateway, "/other-1").is_empty());
    // The connection that was kept is dead, and the server is there again.
    server.start_anew();
    assert_eq!(get("/seen-2"), 200);
    // Another condition, by a reload; a wrong one changes nothing.
    let text = gateway.read("gateway.toml");
    gateway.write("gateway.toml", &text.replace("/seen", "/other"));
    gateway.reload();
    assert_eq!((get("/seen-3"), get("/other-3")), (200, 200));
    assert!(adaptations(&gateway, "/seen-3").is_empty());
    assert_eq!(adaptations(&gateway, "/other-3").len(), 2);
    gateway.write("gateway.toml", &text.replace("http.request.uri.path", "http.request.uri.pth"));
    gateway.reload();
    assert!(gateway.terminal().contains("icap.0.when"), "{}", gateway.terminal());
    assert_eq!(get("/other-4"), 200);
    assert_eq!(adaptations(&gateway, "/other-4").len(), 2);
    server.stop();
    assert_eq!(get("/other-5"), 403);
    let record = gateway.http_record("/other-5");
    assert_eq!(record["PolicyID"], "icap", "{record}");
    assert_eq!(record["Adaptations"][0]["Detail"], "unreachable", "{record}");
}
