//! Pages that stand for downloads while these are fetched and scanned: what users see, who gets what is kept,
//! and that nothing is left of it.

use std::fs;
use std::io::Write;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use crate::archive::{Encrypted, zip};
use crate::authority::{OriginAuthority, Validity};
use crate::curl::{Fetched, fetch};
use crate::gateway::{Gateway, PATIENCE, Setup};
use crate::message::chunk;
use crate::origin::Origin;
use crate::scanning::EICAR;

/// A page at once, for archives.
pub(crate) const TABLES: &str =
    "[release]\ntypes = { zip = \"progress\", tar = \"progress\" }\n[progress]\nafter_ms = 0\n";

const NAVIGATE: [&str; 6] = [
    "-H",
    "Sec-Fetch-Mode: navigate",
    "-H",
    "Sec-Fetch-Dest: document",
    "-H",
    "Accept: text/html,*/*;q=0.8",
];
const ASK: [&str; 2] = ["-H", "Accept: text/html"];

/// Origins in the clear and in TLS that send the first half of a body at once, and the rest when they are told.
pub(crate) struct Lab {
    plain: Origin,
    secure: Origin,
    pub(crate) gateway: Gateway,
    go: Sender<()>,
    pub(crate) clean: Vec<u8>,
}

/// A tape with a large member, and the test file behind it.
fn tape() -> Vec<u8> {
    let mut tape = Vec::new();
    for (name, contents) in [("large.bin", noise(200 << 10)), ("inner.com", EICAR.concat())] {
        let mut head = [0; 512];
        head[..name.len()].copy_from_slice(name.as_bytes());
        head[100..107].copy_from_slice(b"0000644");
        head[124..135].copy_from_slice(format!("{:011o}", contents.len()).as_bytes());
        head[136..147].copy_from_slice(b"00000000000");
        head[148..156].fill(b' ');
        head[156] = b'0';
        head[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
        head[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        tape.extend(head);
        tape.extend(&contents);
        tape.resize(tape.len().next_multiple_of(512), 0);
    }
    tape.resize(tape.len() + 1024, 0);
    tape
}

/// Bytes that do not repeat soon.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()[3]
    };
    (0..bytes).map(next).collect()
}

impl Lab {
    pub(crate) fn new(setup: Setup) -> Self {
        let (go, gone) = channel();
        let (gone, clean) =
            (Arc::new(Mutex::new(gone)), zip("a.bin", &noise(300 << 10), Encrypted::No));
        let bodies = Arc::new((clean.clone(), tape()));
        let answer = move |target: &str, out: &mut dyn Write| {
            let body = if target.contains("clean") { &bodies.0 } else { &bodies.1 };
            let fields = "Content-Type: application/octet-stream\r\nETag: \"v1\"\r\n\
                Content-Disposition: attachment; filename=got.bin\r\n";
            let (first, rest) = body.split_at(body.len() / 2);
            if target.contains("chunked") {
                write!(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n{fields}\r\n")?;
                out.write_all(&chunk(first))?;
            } else {
                write!(out, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{fields}\r\n", body.len())?;
                out.write_all(first)?;
            }
            out.flush()?;
            // The test is over if nobody says so.
            let _ = gone.lock().unwrap().recv();
            match target.contains("chunked") {
                true => out.write_all(&[chunk(rest).as_slice(), b"0\r\n\r\n"].concat()),
                false => out.write_all(rest),
            }
        };
        let authority = OriginAuthority::new("Origins");
        let tls = authority.server("origin.test", Validity::Current);
        let in_clear = answer.clone();
        let plain = Origin::http(None, move |r, out| in_clear(r.head.target(), out));
        let secure = Origin::http(Some(tls), move |r, out| answer(r.head.target(), out));
        let setup = setup.block("malware", "av.infected").tunnels_to(&secure).trusts(&authority);
        Self { plain, secure, gateway: setup.start(), go, clean }
    }

    /// Where `path` is, in the clear and in TLS.
    fn roots(&self) -> [String; 2] {
        [
            format!("http://origin.test:{}", self.plain.port),
            format!("https://origin.test:{}", self.secure.port),
        ]
    }

    pub(crate) fn secure(&self) -> String {
        let [_, secure] = self.roots();
        secure
    }

    /// An origin goes on.
    pub(crate) fn go(&self) {
        self.go.send(()).unwrap();
    }

    /// Goes to `url` as a browser does; gives the address that its page asks anew.
    fn navigate(&self, url: &str, flag: &str) -> String {
        let page = fetch(&self.gateway, url, &[&NAVIGATE[..], &[flag]].concat());
        address(&page)
    }

    /// Asks at `url` until there is no page of progress any more.
    fn end(&self, url: &str, flag: &str) -> Fetched {
        let until = Instant::now() + PATIENCE;
        loop {
            let fetched = fetch(&self.gateway, url, &[&ASK[..], &[flag]].concat());
            if !is_page(&fetched) {
                return fetched;
            }
            assert!(Instant::now() < until, "{}", self.gateway.records_text());
        }
    }
}

fn is_page(fetched: &Fetched) -> bool {
    fetched.status() == 200 && fetched.text().contains("Download is being scanned")
}

/// The address that a page of progress asks anew.
fn address(page: &Fetched) -> String {
    assert!(is_page(page), "{page:?}");
    assert_eq!(page.head.field("cache-control"), Some("no-store"));
    assert!(page.head.field("content-security-policy").unwrap().starts_with("default-src 'none'"));
    let text = page.text();
    let address = text.split("content=\"2;url=").nth(1).unwrap();
    address.split('"').next().unwrap().to_owned()
}

/// Open files of the gateway that hold downloads.
fn held(gateway: &Gateway) -> usize {
    let files = fs::read_dir(format!("/proc/{}/fd", gateway.pid())).unwrap();
    let paths = files.filter_map(|file| fs::read_link(file.unwrap().path()).ok());
    paths.filter(|path| path.display().to_string().contains("/downloads/")).count()
}

/// Files of the gateway's folder for downloads.
fn named(gateway: &Gateway) -> usize {
    let folder = gateway.scratch().with_file_name("downloads");
    fs::read_dir(folder).map_or(0, Iterator::count)
}

const WAYS: [(usize, &str); 3] = [(0, "--http1.1"), (1, "--http1.1"), (1, "--http2")];

#[test]
fn a_clean_download_follows_its_page() {
    let lab = Lab::new(Setup::new().tables(TABLES));
    for (number, (scheme, flag)) in WAYS.into_iter().enumerate() {
        for framing in ["sized", "chunked"] {
            let (root, path) =
                (&lab.roots()[scheme], format!("/clean-{framing}/{number}/set up.zip"));
            let path = path.replace(' ', "%20");
            let address = lab.navigate(&format!("{root}{path}?x=1"), flag);
            assert!(address.ends_with("/set%20up.zip"), "{address}");
            assert_eq!(
                address.len(),
                "/.well-known/gateway/download/".len() + 32 + path.len() - path.rfind('/').unwrap()
            );
            let url = format!("{root}{address}");
            let page = fetch(&lab.gateway, &url, &[&ASK[..], &[flag]].concat());
            assert_eq!(self::address(&page), address, "it is as far as it was");
            assert_eq!(page.text().contains("<progress"), framing == "sized");
            assert_eq!(named(&lab.gateway), 0, "nobody can open what is kept");

            lab.go();
            let got = lab.end(&url, flag);
            assert_eq!(got.status(), 200, "{flag} {framing}");
            assert!(got.body == lab.clean, "{flag} {framing}: {} bytes", got.body.len());
            let disposition = got.head.field("content-disposition");
            assert_eq!(disposition, Some("attachment; filename=got.bin"));
            assert_eq!(got.head.field("content-type"), Some("application/octet-stream"));
            assert_eq!(
                got.head.field("content-length"),
                Some(lab.clean.len().to_string().as_str())
            );
            assert_eq!(got.head.field("cache-control"), Some("no-store"));
            assert_eq!(got.head.field("etag"), None);
            assert!(lab.end(&url, flag).body == lab.clean, "it is kept for a while");

            let record = lab.gateway.http_record(&format!("{path}?x=1"));
            assert_eq!(
                (&record["Action"], &record["ReleaseMode"]),
                (&"allow".into(), &"progress".into())
            );
            assert_eq!(record["HTTPStatusCode"], 200, "{record}");
            let handed_out = lab.gateway.http_record(&address);
            assert_eq!(handed_out["ReleaseRequestID"], record["RequestID"], "{handed_out}");
        }
    }
    let asked = lab.plain.requests().into_iter().chain(lab.secure.requests());
    let paths: Vec<String> = asked.map(|request| request.head.target().to_owned()).collect();
    assert!(paths.len() == 6 && paths.iter().all(|path| path.contains("clean")), "{paths:?}");
}

#[test]
fn what_is_found_behind_a_page_is_blocked() {
    let lab = Lab::new(Setup::new().tables(TABLES));
    for (number, (scheme, flag)) in WAYS.into_iter().enumerate() {
        let (root, path) = (&lab.roots()[scheme], format!("/bad/{number}.tar"));
        let url = format!("{root}{}", lab.navigate(&format!("{root}{path}"), flag));
        lab.go();
        let got = lab.end(&url, flag);
        assert_eq!(got.status(), 403, "{flag}: {got:?}");
        assert!(
            got.text().contains("Rule malware") && got.text().contains(&path),
            "{}",
            got.text()
        );
        let record = lab.gateway.http_record(&path);
        assert_eq!((&record["Action"], &record["PolicyID"]), (&"block".into(), &"malware".into()));
        assert_eq!(record["ReleaseMode"], "progress", "{record}");
        assert_eq!(record["BytesReleasedBeforeBlock"], 0, "{record}");
        // Nobody gets the rest of it elsewhere.
        let rest = ["-H", "Range: bytes=1000-", flag];
        assert_eq!(fetch(&lab.gateway, &format!("{root}{path}"), &rest).status(), 403, "{flag}");
        lab.gateway
            .wait_for("the end of what was kept", |gateway| (held(gateway) == 0).then_some(()));
    }
}

#[test]
fn nobody_else_gets_what_is_kept() {
    let lab = Lab::new(Setup::new().tables(TABLES));
    let [root, secure] = lab.roots();
    let address = lab.navigate(&format!("{root}/clean"), "--http1.1");
    lab.go();
    let url = format!("{root}{address}");
    assert!(lab.end(&url, "--http1.1").body == lab.clean);
    let ticket = "/.well-known/gateway/download/";
    let other = format!("{root}{ticket}{}/x", "0".repeat(32));
    let reserved = format!("{root}/.well-known/gateway/x");
    for (url, arguments) in [
        (&url, &["--interface", "127.0.0.2"][..]),
        (&url, &["-X", "POST"]),
        (&format!("{secure}{address}"), &[]),
        (&url.replace("origin.test", "other.test"), &[]),
        (&other, &[]),
        (&reserved, &[]),
    ] {
        let got = fetch(&lab.gateway, url, &[&ASK[..], arguments].concat());
        assert_eq!(got.status(), 404, "{url} {arguments:?}");
    }
    assert_eq!((lab.plain.requests().len(), lab.secure.requests().len()), (1, 0));
}

#[test]
fn whoever_is_no_browser_waits_for_the_whole() {
    let lab = Lab::new(Setup::new().tables(TABLES));
    lab.go();
    let got = fetch(&lab.gateway, &format!("{}/clean", lab.secure()), &[]);
    assert!(got.status() == 200 && got.body == lab.clean);
    assert_eq!(lab.gateway.http_record("/clean")["ReleaseMode"], "hold");
}

#[test]
fn what_nobody_asks_for_is_given_up() {
    let left = format!("../downloads/{}.part", "0a".repeat(16));
    let tables = format!("{TABLES}keep_ms = 1000\n");
    let mut lab = Lab::new(Setup::new().tables(&tables).policy_file(&left, "left"));
    let none = |gateway: &Gateway| (named(gateway) == 0).then_some(());
    lab.gateway.wait_for("the end of what another run has left", none);
    for (scheme, flag) in WAYS {
        let root = &lab.roots()[scheme];
        let path = format!("/clean/{scheme}{flag}");
        let address = lab.navigate(&format!("{root}{path}"), flag);
        let record = lab.gateway.http_record(&path);
        assert_eq!(record["ConnectionCloseReason"], "CLIENT_CLOSED", "{record}");
        lab.gateway
            .wait_for("the end of what was kept", |gateway| (held(gateway) == 0).then_some(()));
        let got = fetch(&lab.gateway, &format!("{root}{address}"), &ASK);
        assert_eq!(got.status(), 404, "{flag}");
        lab.go();
    }
    // The same when the gateway stops.
    lab.navigate(&format!("{}/clean/last", lab.secure()), "--http2");
    let records = lab.gateway.stop();
    assert_eq!(named(&lab.gateway), 0);
    let last = |record: &&serde_json::Value| {
        record["URL"].as_str().is_some_and(|url| url.ends_with("/clean/last"))
    };
    assert_eq!(records.iter().filter(last).count(), 1);
}

#[test]
fn there_is_a_page_for_as_many_as_may_be() {
    let tables = format!("{TABLES}body_bytes_max = 200000\ndownloads_per_client_max = 1\n");
    let lab = Lab::new(Setup::new().tables(&tables));
    let root = lab.secure();
    // Its length is told: there is no page for it.
    lab.go();
    let sized = [&NAVIGATE[..], &["--http2"]].concat();
    assert!(fetch(&lab.gateway, &format!("{root}/clean"), &sized).body == lab.clean);
    // It shows as it comes; until then it has the only place.
    let address = lab.navigate(&format!("{root}/clean-chunked"), "--http2");
    lab.go();
    lab.go();
    assert!(fetch(&lab.gateway, &format!("{root}/clean-2"), &sized).body == lab.clean);
    let got = lab.end(&format!("{root}{address}"), "--http2");
    assert_eq!(got.status(), 502, "{got:?}");
}

#[test]
fn what_cannot_be_is_told_with_its_place() {
    let lab = Lab::new(Setup::new());
    for (text, says) in [
        ("[release]\ntypes = { html = \"progress\" }\n", "release.types.html"),
        ("[progress]\notherwise = \"progress\"\n", "progress.otherwise"),
        ("[progress]\nkeep_ms = 10\n", "progress.keep_ms"),
        ("[progress]\nkept_ms = 10\n", "kept_ms"),
    ] {
        lab.gateway.write("gateway.toml", text);
        let checked = lab.gateway.command(&["check"]);
        let said = [&checked.stdout[..], &checked.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(!checked.status.success() && said.contains(says), "{said}");
        assert!(said.contains("gateway.toml:2:"), "{said}");
    }
}
