//! The gateway's scanners for those who ask by themselves: `clamdscan`, `c-icap-client` and Squid, the
//! real programs.

use std::fs;
use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::archive::{Encrypted, zip};
use crate::daemon::{self, Daemon};
use crate::gateway::{Gateway, Setup};
use crate::message::{Message, chunked_response, read_response, response};
use crate::origin::Origin;
use crate::ports::free_port;
use crate::scanning::EICAR;

const NDB: &str = "Own.Worm-1:0:*:6f776e2d776f726d2d68657265\n";
const WORM: &[u8] = b"an own-worm-here, in the middle of a text";
const CARD: &[u8] = b"card 4111 1111 1111 1111 of visa, expires 12/29";

/// A folder for a socket, whose path must be short; it goes when this is dropped.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A gateway with both servers, and how clients find them.
struct Lab {
    gateway: Gateway,
    folder: Folder,
    clamd_port: u16,
    icap_port: u16,
}

impl Lab {
    fn new(more_clamd: &str, more_icap: &str, setup: Setup) -> Self {
        let folder = Folder(daemon::folder("scan"));
        let (clamd_port, icap_port) = (free_port(), free_port());
        let tables = format!(
            "[clamd_server]\nlisten = [\"unix:{}/s\", \"127.0.0.1:{clamd_port}\"]\n{more_clamd}\n\
             [icap_server]\nlisten = [\"127.0.0.1:{icap_port}\"]\n{more_icap}\n",
            folder.0.display()
        );
        let gateway = setup.policy_file("av/own.ndb", NDB).tables(&tables).start();
        Self { gateway, folder, clamd_port, icap_port }
    }

    fn file(&self, name: &str, contents: &[u8]) -> PathBuf {
        let path = self.gateway.scratch().join(name);
        fs::write(&path, contents).unwrap();
        path
    }

    fn socket(&self) -> PathBuf {
        self.folder.0.join("s")
    }

    /// `clamdscan` with a configuration that leads to the socket, or to the port.
    fn clamdscan(&self, by_port: bool, arguments: &[&str]) -> Output {
        let config = match by_port {
            true => format!("TCPSocket {}\nTCPAddr 127.0.0.1\n", self.clamd_port),
            false => format!("LocalSocket {}\n", self.socket().display()),
        };
        let file = self.file("clamd.conf", config.as_bytes());
        let mut command = Command::new("clamdscan");
        command.arg("--config-file").arg(file).arg("--no-summary").args(arguments);
        command.output().unwrap()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn clamdscan_finds_what_the_databases_of_the_policy_know() {
    let lab = Lab::new("files = \"named\"", "", Setup::new());
    let clean = lab.file("clean.txt", b"nothing to see");
    let eicar = lab.file("eicar.com", &EICAR.concat());
    let worm = lab.file("worm.zip", &zip("a/b.txt", WORM, Encrypted::No));
    let [clean, eicar, worm] = [&clean, &eicar, &worm].map(|path| path.to_str().unwrap());
    for (by_port, how) in [
        (false, &["--stream"][..]),
        (false, &["--fdpass"]),
        (false, &["--fdpass", "--multiscan"]),
        (false, &["--stream", "--multiscan"]),
        (false, &[]),
        (true, &["--stream"]),
        (true, &[]),
    ] {
        let scan = |file: &str| lab.clamdscan(by_port, &[how, &[file]].concat());
        let output = scan(clean);
        assert_eq!(output.status.code(), Some(0), "{by_port} {how:?}: {}", said(&output));
        assert!(said(&output).contains(&format!("{clean}: OK")), "{how:?}: {}", said(&output));
        for (file, name) in [(eicar, "Eicar-Test-Signature"), (worm, "Own.Worm-1")] {
            let output = scan(file);
            assert_eq!(output.status.code(), Some(1), "{by_port} {how:?}: {}", said(&output));
            let line = format!("{file}: {name} FOUND");
            assert!(said(&output).contains(&line), "{how:?}: {}", said(&output));
        }
        let output = scan("/no/such/file");
        assert_eq!(output.status.code(), Some(2), "{by_port} {how:?}: {}", said(&output));
    }
    let folder = Path::new(eicar).parent().unwrap().to_str().unwrap();
    for how in [&["--fdpass", "--multiscan"][..], &["--stream"], &["--multiscan"], &[]] {
        let output = lab.clamdscan(false, &[how, &[folder]].concat());
        assert_eq!(output.status.code(), Some(1), "{how:?}: {}", said(&output));
        let found = said(&output).matches("FOUND").count();
        assert_eq!(found, 2, "{how:?}: {}", said(&output));
    }
    let output = lab.clamdscan(false, &["--version"]);
    assert!(said(&output).contains("ClamAV gateway-"), "{}", said(&output));
    assert_eq!(lab.clamdscan(false, &["--ping", "1"]).status.code(), Some(0));
}

#[test]
fn clamdscan_is_told_all_that_is_found_and_has_databases_loaded_anew() {
    let setup = Setup::new().tables("[reload]\nwatch_ms = 0\n");
    let lab = Lab::new("files = \"named\"", "", setup);
    let both = lab.file("both.txt", &[WORM, b" and a later-worm-here"].concat());
    let clean = lab.file("clean.txt", b"nothing to see");
    let [both, clean] = [&both, &clean].map(|path| path.to_str().unwrap());
    let scan = |file: &str| said(&lab.clamdscan(false, &["--allmatch", file]));
    let output = lab.clamdscan(false, &["--allmatch", clean]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(scan(both).matches("FOUND").count(), 1, "{}", scan(both));
    // Nobody looks by himself: what is new is loaded when it is asked for, and scans go on.
    let more = format!("{NDB}Later.Worm-2:0:*:6c617465722d776f726d\n");
    lab.gateway.write("policy/av/own.ndb", &more);
    assert_eq!(scan(both).matches("FOUND").count(), 1, "{}", scan(both));
    let output = lab.clamdscan(false, &["--reload"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let found = lab.gateway.wait_for("both findings", |_| {
        let said = scan(both);
        (said.matches("FOUND").count() == 2).then_some(said)
    });
    for name in ["Own.Worm-1", "Later.Worm-2"] {
        assert!(found.contains(&format!("{both}: {name} FOUND")), "{found}");
    }
    let first = said(&lab.clamdscan(false, &[both]));
    assert_eq!(first.matches("FOUND").count(), 1, "{first}");
    // What is there already is not loaded once more.
    let mut stream = UnixStream::connect(lab.socket()).unwrap();
    stream.write_all(b"zIDSESSION\0zRELOAD\0zRELOAD\0zSHUTDOWN\0zPING\0zEND\0").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let expected = "1: RELOADING\x002: RELOADING\x003: COMMAND UNAVAILABLE\x004: PONG\0";
    assert_eq!(answer, expected);
}

#[test]
fn clamdscan_is_told_of_limits_and_of_what_is_not_to_be_had() {
    let lab = Lab::new("files = \"off\"\nstream_bytes_max = 1024", "", Setup::new());
    let large = lab.file("large", &[b'a'; 4096]);
    let large = large.to_str().unwrap();
    let output = lab.clamdscan(false, &["--stream", large]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("size limit exceeded"), "{}", said(&output));
    for how in [&["--fdpass"][..], &[]] {
        let output = lab.clamdscan(false, &[how, &[large]].concat());
        assert_eq!(output.status.code(), Some(2), "{how:?}: {}", said(&output));
    }
    // The socket is its owner's, and goes with the gateway.
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(fs::metadata(lab.socket()).unwrap().permissions().mode() & 0o777, 0o600);
    let (mut gateway, socket) = (lab.gateway, lab.folder.0.join("s"));
    gateway.stop();
    assert!(!socket.exists());
}

#[test]
fn what_cannot_be_scanned_is_never_called_clean_by_default() {
    let setup = Setup::new().tables("[limits]\nunpack_depth_max = 1\n");
    let lab = Lab::new("", "", setup.policy_file("av.toml", "[outcomes]\nencrypted = \"block\"\n"));
    let inner = zip("c.txt", b"text", Encrypted::No);
    for (name, contents, expected) in [
        ("deep.zip", zip("b.zip", &zip("c.zip", &inner, Encrypted::No), Encrypted::No), "TooDeep"),
        ("locked.zip", zip("a.txt", b"text", Encrypted::Yes), "Heuristics.Encrypted.Content"),
    ] {
        let path = lab.file(name, &contents);
        let output = lab.clamdscan(false, &["--fdpass", path.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1), "{name}: {}", said(&output));
        assert!(said(&output).contains(expected), "{name}: {}", said(&output));
    }
}

#[test]
fn sessions_of_clamd_are_pipelined() {
    let lab = Lab::new("", "", Setup::new());
    let mut stream = UnixStream::connect(lab.socket()).unwrap();
    let mut wire = b"zIDSESSION\0".to_vec();
    for content in [&b"clean"[..], WORM] {
        wire.extend_from_slice(b"zINSTREAM\0");
        wire.extend_from_slice(&u32::try_from(content.len()).unwrap().to_be_bytes());
        wire.extend_from_slice(content);
        wire.extend_from_slice(&[0; 4]);
    }
    wire.extend_from_slice(b"zPING\0zEND\0");
    stream.write_all(&wire).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "1: stream: OK\x002: stream: Own.Worm-1 FOUND\x003: PONG\0");
}

/// What `c-icap-client` writes of a response with this body, or of a request, and what it says.
fn c_icap_client(lab: &Lab, service: &str, body: &[u8], more: &[&str]) -> (Vec<u8>, String) {
    let (file, out) = (lab.file("offered", body), lab.gateway.scratch().join("came"));
    let _ = fs::remove_file(&out);
    let port = lab.icap_port.to_string();
    let output = Command::new("c-icap-client")
        .args(["-i", "127.0.0.1", "-p", &port, "-s", service, "-v", "-d", "1", "-f"])
        .arg(file)
        .arg("-o")
        .arg(&out)
        .args(more)
        .output()
        .unwrap();
    (fs::read(out).unwrap_or_default(), said(&output))
}

#[test]
fn c_icap_client_gets_back_what_is_clean_and_a_page_for_the_rest() {
    let policy = "[[profile]]\nid = \"cards\"\nentries = [\"payment_card\"]\n";
    let setup = Setup::new().policy_file("dlp.toml", policy);
    let lab = Lab::new("", "block_profiles = [\"cards\"]", setup);
    let large = b"a line of a large text\n".repeat(20_000);
    let eicar = EICAR.concat();
    for (service, body, more, refused) in [
        ("av", &b"clean"[..], &[][..], false),
        ("av", &large, &[], false),
        ("av", &large, &["-nopreview"], false),
        ("av", &large, &["-no204"], false),
        ("av", &large, &["-no204", "-nopreview"], false),
        ("av", CARD, &[], false),
        ("av", &eicar, &[], true),
        ("av", &eicar, &["-nopreview"], true),
        ("scan", &eicar, &["-req", "http://a.test/up"], true),
        ("dlp", CARD, &[], true),
        ("dlp", &eicar, &[], false),
        ("scan", CARD, &["-req", "http://a.test/up"], true),
        ("scan", &large, &["-req", "http://a.test/up"], false),
    ] {
        let (came, told) = c_icap_client(&lab, service, body, more);
        if refused {
            let page = String::from_utf8_lossy(&came);
            assert!(page.contains("<h1>Blocked</h1>"), "{service} {more:?}: {page} {told}");
            assert!(told.contains("X-Infection-Found"), "{service} {more:?}: {told}");
        } else {
            // Unmodified, or the same sent back.
            assert!(came.is_empty() || came == body, "{service} {more:?}: {told}");
            assert!(!told.contains("403"), "{service} {more:?}: {told}");
        }
        assert!(told.contains("ISTag"), "{service} {more:?}: {told}");
    }
    let mut stream = TcpStream::connect(("127.0.0.1", lab.icap_port)).unwrap();
    stream.write_all(b"OPTIONS icap://a/other ICAP/1.0\r\nHost: a\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("ICAP/1.0 404 "), "{answer}");
}

/// Squid, that offers every message to the service.
pub(crate) struct Squid {
    _daemon: Daemon,
    port: u16,
}

impl Squid {
    fn start(icap_port: u16) -> Self {
        Self::start_with(&format!("icap://127.0.0.1:{icap_port}/scan"), None)
    }

    /// With the service at `url`, and the authority by which it is trusted in TLS, under which name.
    pub(crate) fn start_with(url: &str, trusted: Option<(&str, &str)>) -> Self {
        let dir = daemon::folder("squid");
        // It gives up its rights where it has them.
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o777)).unwrap();
        let (port, path) = (free_port(), dir.display());
        let tls = trusted.map_or_else(String::new, |(pem, name)| {
            fs::write(dir.join("services.pem"), pem).unwrap();
            format!("tls-cafile={path}/services.pem tls-domain={name}")
        });
        let config = format!(
            "http_port 127.0.0.1:{port}\npid_filename {path}/pid\ncache_log {path}/log\n\
             access_log none\ncache deny all\ncoredump_dir {path}\nshutdown_lifetime 0 seconds\n\
             http_access allow all\nicp_port 0\npinger_enable off\nnetdb_filename none\n\
             icap_enable on\nicap_preview_enable on\nicap_persistent_connections on\n\
             icap_service up reqmod_precache bypass=off {tls} {url}\n\
             icap_service down respmod_precache bypass=off {tls} {url}\n\
             adaptation_access up allow all\nadaptation_access down allow all\n"
        );
        let file = dir.join("squid.conf");
        fs::write(&file, config).unwrap();
        let arguments = ["-N", "-f", file.to_str().unwrap()];
        let answers = move || TcpStream::connect(("127.0.0.1", port)).is_ok();
        Self { _daemon: Daemon::start("/usr/sbin/squid", &arguments, dir, answers), port }
    }

    pub(crate) fn ask(&self, method: &str, url: &str, body: &[u8]) -> Message {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let mut stream = BufReader::new(stream);
        let length = if body.is_empty() {
            String::new()
        } else {
            format!("Content-Length: {}\r\n", body.len())
        };
        let head = format!(
            "{method} {url} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{length}\r\n",
            url.split('/').nth(2).unwrap()
        );
        stream.get_mut().write_all(head.as_bytes()).unwrap();
        // Who is refused early may be cut off.
        let _ = stream.get_mut().write_all(body);
        read_response(&mut stream, method).unwrap()
    }
}

#[test]
fn squid_has_its_traffic_scanned() {
    // More than its preview, and less than the 64 KiB that it has room for at once: with more Squid 5.7 may
    // stop to read from an origin that is as fast as this one.
    let large = b"a line of a large text\n".repeat(2_500);
    let of_origin = large.clone();
    let origin = Origin::http(None, move |request, out| {
        let body = match request.head.target() {
            "/eicar" => EICAR.concat(),
            "/worm.zip" => zip("a/b.txt", WORM, Encrypted::No),
            "/large" => of_origin.clone(),
            "/chunked" => return out.write_all(&chunked_response("", &of_origin, 4_096)),
            "/echo" => request.body.clone(),
            _ => b"small and clean".to_vec(),
        };
        out.write_all(&response("200 OK", "", &body))
    });
    let lab = Lab::new("", "", Setup::new());
    let squid = Squid::start(lab.icap_port);
    let url = |path: &str| format!("http://127.0.0.1:{}{path}", origin.port);
    for round in 0..3 {
        let message = squid.ask("GET", &url("/small"), b"");
        assert_eq!((message.head.status(), &message.body[..]), (200, &b"small and clean"[..]));
        // Of the second the service is told that it is to be sent back.
        for path in ["/large", "/chunked"] {
            let message = squid.ask("GET", &url(path), b"");
            assert_eq!(
                (message.head.status(), message.body == large),
                (200, true),
                "{path} {round}"
            );
        }
        for path in ["/eicar", "/worm.zip"] {
            let message = squid.ask("GET", &url(path), b"");
            assert_eq!(message.head.status(), 403, "{path}");
            assert!(message.text().contains("<h1>Blocked</h1>"), "{path}");
        }
        let message = squid.ask("POST", &url("/echo"), &large);
        assert_eq!((message.head.status(), message.body == large), (200, true), "{round}");
        let before = origin.requests().len();
        let message = squid.ask("POST", &url("/echo"), &EICAR.concat());
        assert_eq!(message.head.status(), 403);
        assert_eq!(origin.requests().len(), before, "what is refused does not get there");
    }
}

#[test]
fn an_icap_client_that_stops_midway_is_told_so() {
    let lab = Lab::new("", "read_ms = 300", Setup::new());
    let mut stream = TcpStream::connect(("127.0.0.1", lab.icap_port)).unwrap();
    stream.write_all(b"RESPMOD icap://a/av ICAP/1.0\r\nHost: a\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("ICAP/1.0 408 "), "{answer}");
}

#[test]
fn settings_of_scan_servers_are_checked() {
    for (table, word) in [
        ("[clamd_server]\nlisten = [\"0.0.0.0:3310\"]\n", "clamd_server.listen"),
        ("[clamd_server]\nlisten = [\"clamd\"]\n", "expected \"unix:/path\""),
        ("[clamd_server]\nsocket_mode = \"999\"\n", "three octal digits"),
        ("[clamd_server]\nfiles = \"all\"\n", "expected one of `off`"),
        ("[icap_server]\nlisten = [\"0.0.0.0:1344\"]\n", "icap_server.clients"),
        ("[icap_server]\nread_ms = 0\n", "icap_server.read_ms"),
    ] {
        let gateway = Setup::new().start();
        gateway.write("gateway.toml", table);
        let output = gateway.command(&["check"]);
        assert!(
            !output.status.success() && said(&output).contains(word),
            "{table}: {}",
            said(&output)
        );
    }
}
