//! Services of ICAP that look at copies, beside clamd and the engine within: what they say is a verdict, and
//! rules say who looks and what each word counts for.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::c_icap::CIcap;
use crate::clamd::{Clamd, WORM, nobody};
use crate::curl::fetch;
use crate::gateway::{Gateway, Setup};
use crate::icap_faults::{OPTIONS, broken, read_message};
use crate::message::response;
use crate::monitor::{MONITOR, ask, port, value};
use crate::origin::Origin;
use crate::scanning::EICAR;

/// The table of a service that looks at copies.
fn table(name: &str, port: u16, service: &str, more: &str) -> String {
    format!(
        "[[icap]]\nname = \"{name}\"\nurl = \"icap://127.0.0.1:{port}/{service}\"\n\
         mode = \"scan\"\n{more}\n"
    )
}

fn origin() -> Origin {
    Origin::http(None, |request, out| {
        let path = request.head.target().split('?').next().unwrap_or_default();
        let body = match path.rsplit('/').next().unwrap_or_default() {
            "eicar" => EICAR.concat(),
            "worm" => WORM.to_vec(),
            "large" => large(),
            _ => b"thanks\n".to_vec(),
        };
        out.write_all(&response("200 OK", "Content-Type: text/plain\r\n", &body))
    })
}

fn large() -> Vec<u8> {
    b"a line of a large text\n".repeat(40_000)
}

/// What each scanner outside said of the body of `path`, by name.
fn verdicts(record: &Value) -> Vec<(String, String, String)> {
    let scans = record["ExternalScans"].as_array().cloned().unwrap_or_default();
    let text = |scan: &Value, key: &str| scan[key].as_str().unwrap_or_default().to_owned();
    scans.iter().map(|it| (text(it, "Scanner"), text(it, "Verdict"), text(it, "Detail"))).collect()
}

#[test]
fn a_service_looks_at_copies_both_ways() {
    let origin = origin();
    let clamd = Clamd::start();
    let server = CIcap::start(Some(&clamd));
    let gateway = Setup::new()
        .block("malware", "av.infected")
        .tables(&table("copies", server.port(), "scan", ""))
        .start();
    let url = |path: &str| format!("http://origin.test:{}{path}", origin.port);
    for (path, status) in [("/clean", 200), ("/large", 200), ("/worm", 403), ("/clean2", 200)] {
        let fetched = fetch(&gateway, &url(path), &[]);
        let record = gateway.http_record(path);
        assert_eq!(fetched.status(), status, "{path}: {record}");
        assert!(path != "/large" || fetched.body == large(), "{}", fetched.body.len());
        let (verdict, detail) = match status {
            200 => ("clean", ""),
            _ => ("found", "Daemon.Worm-1.UNOFFICIAL"),
        };
        let expected = [("copies".to_owned(), verdict.to_owned(), detail.to_owned())];
        assert_eq!(verdicts(&record), expected, "{record}");
        assert_eq!(record["Adaptations"].as_array().map_or(0, Vec::len), 0, "{record}");
    }
    let worm = String::from_utf8(WORM.to_vec()).unwrap();
    assert_eq!(fetch(&gateway, &url("/up"), &["--data-raw", &worm]).status(), 403);
    let record = gateway.http_record("/up");
    assert_eq!(record["MatchedSignatures"][0]["Scanner"], "copies", "{record}");
    assert_eq!(record["PolicyID"], "malware", "{record}");
    assert!(origin.requests().iter().all(|request| request.head.target() != "/up"));
}

/// A service that answers every message with this.
fn answering(answer: &'static str) -> u16 {
    broken(OPTIONS, move |stream| {
        // Of a response the head of the request comes before its own.
        crate::message::read_head(stream)?;
        read_message(stream)?;
        stream.get_mut().write_all(answer.as_bytes())
    })
}

const SAME: &str = "ICAP/1.0 200 OK\r\nISTag: \"t\"\r\nEncapsulated: res-hdr=0, res-body=19\r\n\r\n\
    HTTP/1.1 200 OK\r\n\r\n7\r\nthanks\n\r\n0\r\n\r\n";
const OTHER: &str = "ICAP/1.0 200 OK\r\nISTag: \"t\"\r\nEncapsulated: res-hdr=0, res-body=19\r\n\r\n\
    HTTP/1.1 200 OK\r\n\r\n6\r\nthanks\r\n0\r\n\r\n";
const PAGE: &str = "ICAP/1.0 200 OK\r\nISTag: \"t\"\r\nEncapsulated: res-hdr=0, res-body=26\r\n\r\n\
    HTTP/1.1 403 Forbidden\r\n\r\n2\r\nno\r\n0\r\n\r\n";
const NAMED: &str = "ICAP/1.0 200 OK\r\nISTag: \"t\"\r\nX-Virus-ID: Worm\r\n\
    Encapsulated: res-hdr=0, res-body=26\r\n\r\nHTTP/1.1 403 Forbidden\r\n\r\n2\r\nno\r\n0\r\n\r\n";
const NOTED: &str = "ICAP/1.0 204 No\r\nISTag: \"t\"\r\n\
    X-Infection-Found: Type=0; Resolution=1; Threat=Worm;\r\n\r\n";
const NONE: &str = "ICAP/1.0 204 No\r\nISTag: \"t\"\r\n\r\n";

#[test]
fn what_a_service_gives_back_is_a_verdict_and_nothing_else() {
    let origin = origin();
    let url = format!("http://origin.test:{}/clean", origin.port);
    for (answer, changed, status, verdict, detail) in [
        (NONE, "found", 200, "clean", ""),
        (SAME, "found", 200, "clean", ""),
        (OTHER, "found", 403, "found", "changed"),
        (OTHER, "clean", 200, "clean", ""),
        (PAGE, "found", 403, "found", "answered 403"),
        (PAGE, "clean", 200, "clean", ""),
        (NAMED, "clean", 403, "found", "Worm"),
        (NOTED, "clean", 403, "found", "Worm"),
    ] {
        let more = format!("messages = \"responses\"\nchanged = \"{changed}\"");
        let gateway = Setup::new()
            .block("malware", "av.infected")
            .tables(&table("copies", answering(answer), "x", &more))
            .start();
        let fetched = fetch(&gateway, &url, &[]);
        let record = gateway.http_record("/clean");
        let case = format!("{answer} {changed}: {record}");
        assert_eq!(fetched.status(), status, "{case}");
        // What leaves is what the origin has sent, whatever the service makes of it.
        assert!(status != 200 || fetched.body == b"thanks\n", "{case}");
        let expected = [("copies".to_owned(), verdict.to_owned(), detail.to_owned())];
        assert_eq!(verdicts(&record), expected, "{case}");
    }
}

#[test]
fn what_a_service_does_not_want_to_see_is_declined() {
    const IGNORE: &str = "ICAP/1.0 200 OK\r\nMethods: RESPMOD\r\nISTag: \"t\"\r\nPreview: 4\r\n\
        Transfer-Preview: *\r\nTransfer-Ignore: jpg\r\nEncapsulated: null-body=0\r\n\r\n";
    let origin = origin();
    let service = broken(IGNORE, |_| Err(std::io::ErrorKind::ConnectionAborted.into()));
    let gateway = Setup::new()
        .block("malware", "av.infected")
        .tables(&table("copies", service, "x", "messages = \"responses\""))
        .start();
    for (path, status, verdict, detail) in
        [("/a.jpg", 200, "declined", ""), ("/a.txt", 403, "failed", "broken")]
    {
        let url = format!("http://origin.test:{}{path}", origin.port);
        assert_eq!(fetch(&gateway, &url, &[]).status(), status, "{path}");
        let expected = [("copies".to_owned(), verdict.to_owned(), detail.to_owned())];
        assert_eq!(verdicts(&gateway.http_record(path)), expected, "{path}");
    }
}

/// A rule that blocks malware below `path` that the group of the same name finds.
fn rule(path: &str) -> String {
    format!(
        "[[rule]]\nid = \"{path}\"\nlayer = \"http\"\naction = \"block\"\nscan = \"{path}\"\n\
         filter = 'av.infected and starts_with(http.request.uri.path, \"/{path}/\")'\n\n"
    )
}

fn group(name: &str, scanners: &[&str], more: &str) -> String {
    format!("[[scan_group]]\nname = \"{name}\"\nscanners = {scanners:?}\n{more}\n")
}

/// A gateway with the engine within, clamd and a service of ICAP, and groups of them, each for a path.
fn lab(clamd: &Clamd, server: &CIcap) -> Gateway {
    let groups = [
        ("all", &["gateway", "clamd", "copies"][..], "opinion = \"all\""),
        ("first", &["clamd", "gateway"], "opinion = \"first_hit\""),
        ("within", &["gateway"], ""),
        ("late", &["gateway", "copies"], "opinion = \"async\""),
        ("open", &["gone"], "on_error = \"allow\""),
        ("closed", &["gone"], "on_error = \"block\""),
    ];
    let rules: String = groups.iter().map(|(name, ..)| rule(name)).collect();
    let file: String =
        groups.iter().map(|(name, scanners, more)| group(name, scanners, more)).collect();
    let gone: u16 = nobody().rsplit(':').next().unwrap().parse().unwrap();
    Setup::new()
        .rules(&rules)
        .block("else", "av.infected")
        .policy_file("scan_groups.toml", file)
        .tables(&format!("[clamd]\naddress = \"{}\"\n", clamd.address()))
        .tables(&table("copies", server.port(), "scan", ""))
        .tables(&table("gone", gone, "x", "on_error = \"allow\""))
        .tables(MONITOR)
        .start()
}

#[test]
fn rules_say_who_looks_and_what_each_word_counts_for() {
    let origin = origin();
    let clamd = Clamd::start();
    let server = CIcap::start(Some(&clamd));
    let gateway = lab(&clamd, &server);
    let url = |path: &str| format!("http://origin.test:{}{path}", origin.port);
    // Who has found something in the body, and who was asked at all.
    for (path, status, found, asked) in [
        ("/all/clean", 200, &[][..], &["clamd", "copies"][..]),
        ("/all/eicar", 403, &["gateway", "clamd", "copies"], &["clamd", "copies"]),
        ("/all/worm", 403, &["clamd", "copies"], &["clamd", "copies"]),
        ("/first/worm", 403, &["clamd"], &["clamd"]),
        ("/first/clean", 200, &[], &["clamd"]),
        ("/within/worm", 200, &[], &[]),
        ("/within/eicar", 403, &["gateway"], &[]),
        ("/open/clean", 200, &[], &["gone"]),
        // What the engine within knows is not looked for where it is not of the group.
        ("/open/eicar", 200, &[], &["gone"]),
        ("/closed/clean", 403, &[], &["gone"]),
        // Whoever is first.
        ("/else/worm", 403, &["*"], &["clamd", "copies", "gone"]),
    ] {
        let path = &format!("{path}?{}", path.len());
        let target = url(path);
        let fetched = fetch(&gateway, &target, &[]);
        let record = gateway.http_record(path);
        assert_eq!(fetched.status(), status, "{path}: {record}");
        let signatures = record["MatchedSignatures"].as_array().cloned().unwrap_or_default();
        for scanner in found {
            let by = |it: &Value| *scanner == "*" || it["Scanner"] == *scanner;
            assert!(signatures.iter().any(by), "{path}: {record}");
        }
        assert!(!found.is_empty() || signatures.is_empty(), "{path}: {record}");
        let scans = record["ExternalScans"].as_array().cloned().unwrap_or_default();
        let scanners: Vec<&str> = scans.iter().map(|it| it["Scanner"].as_str().unwrap()).collect();
        assert_eq!(scanners, asked, "{path}: {record}");
        let group = path.split('/').nth(1).unwrap();
        let group = if group == "else" { "" } else { group };
        let of_group = |it: &Value| it["Group"].as_str().unwrap_or_default() == group;
        assert!(scans.iter().all(of_group), "{path}: {record}");
        if path.starts_with("/closed") {
            assert_eq!(record["PolicyID"], "gone", "{record}");
        }
    }
}

#[test]
fn a_member_that_speaks_late_is_told_and_refused_from_then_on() {
    let origin = origin();
    let clamd = Clamd::start();
    let server = CIcap::start(Some(&clamd));
    let gateway = lab(&clamd, &server);
    let url = format!("http://origin.test:{}/late/worm", origin.port);
    let first = fetch(&gateway, &url, &[]);
    assert!(first.status() == 403 || first.body == WORM, "{first:?}");
    let told = gateway.wait_for("what the service has found", |gateway| {
        let name = "Daemon.Worm-1.UNOFFICIAL";
        let mut records = gateway.records().into_iter();
        records.find(|record| record["MatchedSignatures"][0]["Name"] == name)
    });
    if first.status() == 200 {
        assert_eq!(told["LateFinding"], true, "{told}");
        let scan = &told["ExternalScans"][0];
        assert_eq!((&scan["Scanner"], &scan["Group"]), (&"copies".into(), &"late".into()));
        let again = fetch(&gateway, &url, &[]);
        assert_eq!((again.status(), &again.json()["rule_id"]), (403, &"copies".into()));
    }
}

#[test]
fn a_member_that_fails_again_and_again_is_left_alone_and_counted() {
    let origin = origin();
    let clamd = Clamd::start();
    let server = CIcap::start(Some(&clamd));
    let gateway = lab(&clamd, &server);
    let detail_of = |number: usize| {
        let path = format!("/open/{number}");
        let url = format!("http://origin.test:{}{path}", origin.port);
        assert_eq!(fetch(&gateway, &url, &[]).status(), 200, "{path}");
        verdicts(&gateway.http_record(&path))[0].2.clone()
    };
    for number in 0..5 {
        assert_eq!(detail_of(number), "unreachable", "{number}");
    }
    // After a rest one tries it; where this host is slow, that may be the next.
    let number = AtomicUsize::new(5);
    gateway.wait_for("a rest", |_| {
        (detail_of(number.fetch_add(1, Ordering::Relaxed)) == "resting").then_some(())
    });
    let text = ask(port(&gateway), "/metrics").text();
    assert!(value(&text, "gateway_scanner_rests_total{scanner=\"gone\"}") >= 1.0, "{text}");
    assert!(value(&text, "gateway_scanner_resting{scanner=\"gone\"}") >= 1.0, "{text}");
    assert!(value(&text, "gateway_scanner_rests_total{scanner=\"clamd\"}") < 1.0, "{text}");
}

#[test]
fn groups_are_checked_with_the_scanners_that_there_are() {
    for (file, rules, word) in [
        (
            group("g", &["gateway", "clmad"], ""),
            rule("g"),
            "names `clmad`, expected one of: gateway",
        ),
        (group("g", &[], ""), rule("g"), "expected at least one scanner"),
        (group("g", &["gateway"], ""), rule("h"), "scan group `h`: there is none of that name"),
        (
            group("g", &["gateway"], ""),
            rule("g").replace("av.infected and", "true and"),
            "`scan` belongs to rules",
        ),
    ] {
        let gateway = Setup::new().start();
        std::fs::write(gateway.policy_path("scan_groups.toml"), file).unwrap();
        std::fs::write(gateway.policy_path("rules.toml"), rules).unwrap();
        let checked = gateway.command(&["check"]);
        let said = String::from_utf8_lossy(&checked.stderr).into_owned()
            + &String::from_utf8_lossy(&checked.stdout);
        assert!(!checked.status.success() && said.contains(word), "{word}: {said}");
    }
}
