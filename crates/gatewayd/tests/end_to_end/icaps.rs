//! ICAP in TLS, both ways: with `stunnel4` before `c-icap`, with Squid and `c-icap-client`, and with
//! ourselves. Who is not to be trusted is no service.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::authority::OriginAuthority;
use crate::c_icap::CIcap;
use crate::curl::fetch;
use crate::daemon::{self, Daemon};
use crate::gateway::{Gateway, Setup};
use crate::identity;
use crate::message::{chunked_response, response};
use crate::origin::Origin;
use crate::ports::free_port;
use crate::scan_servers::Squid;
use crate::scanning::EICAR;

/// The name that services of these tests have.
const NAME: &str = "origin.test";

/// `stunnel4` before a service, with a certificate of `authority` for `name`.
struct Stunnel {
    _daemon: Daemon,
    port: u16,
}

impl Stunnel {
    fn start(before: u16, authority: &OriginAuthority, name: &str, clients: Option<&str>) -> Self {
        let dir = daemon::folder("stunnel");
        let [key, certificate] = authority.files(name, &dir);
        let (port, path) = (free_port(), dir.display());
        let clients = clients.map_or_else(String::new, |pem| {
            fs::write(dir.join("clients.pem"), pem).unwrap();
            format!("CAfile = {path}/clients.pem\nverifyChain = yes\n")
        });
        let config = format!(
            "foreground = yes\npid =\noutput = {path}/log\n[icaps]\naccept = 127.0.0.1:{port}\n\
             connect = 127.0.0.1:{before}\ncert = {}\nkey = {}\n{clients}",
            certificate.display(),
            key.display()
        );
        let file = dir.join("stunnel.conf");
        fs::write(&file, config).unwrap();
        let answers = move || TcpStream::connect(("127.0.0.1", port)).is_ok();
        let arguments = [file.to_str().unwrap()];
        Self { _daemon: Daemon::start("stunnel4", &arguments, dir, answers), port }
    }
}

/// A gateway whose messages go through a service in TLS, and that has these files beside its configuration.
/// The system knows no address for the name of these tests, which therefore stands apart.
fn through(port: u16, service: &str, more: &str, files: &[(&str, String)]) -> Gateway {
    let table = format!(
        "[[icap]]\nname = \"icaps\"\nurl = \"icaps://127.0.0.1:{port}/{service}\"\n\
         server_name = \"{NAME}\"\n{more}\n"
    );
    let setup = files
        .iter()
        .fold(Setup::new().tables(&table), |setup, (name, text)| setup.file(name, text));
    setup.start()
}

fn echo() -> Origin {
    Origin::http(None, |request, out| {
        if request.head.target().starts_with("/chunked") {
            return out.write_all(&chunked_response("", &request.body, 7_000));
        }
        out.write_all(&response("200 OK", "", &request.body))
    })
}

fn outcomes(record: &Value, key: &str) -> Vec<String> {
    let told = record["Adaptations"].as_array().cloned().unwrap_or_default();
    told.iter().map(|one| one[key].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn every_byte_arrives_through_a_service_behind_stunnel() {
    let origin = echo();
    let authority = OriginAuthority::new("Services");
    let server = CIcap::start(None);
    let stunnel = Stunnel::start(server.port(), &authority, NAME, None);
    let files = [("services.pem", authority.pem())];
    let gateway = through(stunnel.port, "echo", "ca = \"services.pem\"", &files);
    let file = gateway.scratch().join("body");
    // What is kept goes on as it was, and what is more comes back, both ways at once.
    for length in [0, 1, 1_024, 100_000, 3 << 20] {
        let sent: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        fs::write(&file, &sent).unwrap();
        let data = format!("@{}", file.display());
        for kind in ["known", "chunked"] {
            let path = format!("/{kind}-{length}");
            let url = format!("http://origin.test:{}{path}", origin.port);
            let fetched = fetch(&gateway, &url, &["--data-binary", &data]);
            assert_eq!(fetched.status(), 200, "{path}: {:?}", fetched.head);
            assert!(fetched.body == sent, "{path}: {} bytes came back", fetched.body.len());
            let made = outcomes(&gateway.http_record(&path), "Outcome");
            assert_eq!(made.len(), 2, "{path}: {made:?}");
            assert!(made.iter().all(|it| it == "unchanged" || it == "changed"), "{made:?}");
        }
    }
}

#[test]
fn a_service_that_is_not_to_be_trusted_follows_the_failure_setting() {
    let origin = echo();
    let (trusted, other) = (OriginAuthority::new("Services"), OriginAuthority::new("Others"));
    let server = CIcap::start(None);
    let of_other = Stunnel::start(server.port(), &other, NAME, None);
    let of_elsewhere = Stunnel::start(server.port(), &trusted, "elsewhere.test", None);
    let files = [("services.pem", trusted.pem())];
    for (what, port, more) in [
        ("another authority", of_other.port, "ca = \"services.pem\""),
        ("an authority that the system does not know", of_other.port, ""),
        ("another name", of_elsewhere.port, "ca = \"services.pem\""),
        ("no TLS", server.port(), "ca = \"services.pem\""),
    ] {
        for (on_error, status, outcome) in [("block", 403, "failed"), ("allow", 200, "bypassed")] {
            let more = format!("{more}\nmessages = \"requests\"\non_error = \"{on_error}\"");
            let gateway = through(port, "echo", &more, &files);
            let url = format!("http://origin.test:{}/a", origin.port);
            let fetched = fetch(&gateway, &url, &["--data-raw", "abc"]);
            let record = gateway.http_record("/a");
            assert_eq!(fetched.status(), status, "{what} {on_error}: {record}");
            assert_eq!(outcomes(&record, "Outcome"), [outcome], "{what}: {record}");
            assert_eq!(outcomes(&record, "Detail"), ["unreachable"], "{what}: {record}");
        }
    }
    let arrived = origin.requests().len();
    assert_eq!(arrived, 4, "what is refused does not get there");
}

/// An authority for clients, and a certificate and key of one, each in PEM.
fn client(name: &str) -> [(&'static str, String); 3] {
    let dir = identity::folder(name);
    identity::device(&dir, "gateway", "Gateways");
    let read = |file: &str| fs::read_to_string(dir.join(file)).unwrap();
    [
        ("clients.pem", read("gateway-ca.pem")),
        ("client.pem", read("gateway.pem")),
        ("client.key", read("gateway.key")),
    ]
}

/// How a service is shown that certificate.
const SHOWN: &str = "certificate = \"client.pem\"\nkey = \"client.key\"";

#[test]
fn a_service_that_asks_for_a_certificate_is_shown_one() {
    let origin = echo();
    let authority = OriginAuthority::new("Services");
    let server = CIcap::start(None);
    let [clients, certificate, key] = client("icaps-shown");
    let stunnel = Stunnel::start(server.port(), &authority, NAME, Some(&clients.1));
    let files = [("services.pem", authority.pem()), certificate, key];
    for (more, status) in [(SHOWN, 200), ("", 403)] {
        let more = format!("ca = \"services.pem\"\n{more}");
        let gateway = through(stunnel.port, "echo", &more, &files);
        let url = format!("http://origin.test:{}/a", origin.port);
        let fetched = fetch(&gateway, &url, &["--data-raw", "abc"]);
        assert_eq!(fetched.status(), status, "{more}: {}", gateway.http_record("/a"));
    }
}

/// A gateway that serves ICAP in TLS under the name of these tests, certified by `authority`.
fn service(authority: &OriginAuthority, more: &str, files: &[(&str, String)]) -> (Gateway, u16) {
    let (port, dir) = (free_port(), daemon::folder("service"));
    let [key, certificate] = authority.files(NAME, &dir);
    let read = |path: &Path| fs::read_to_string(path).unwrap();
    let table = format!(
        "[icap_server]\ntls_listen = [\"127.0.0.1:{port}\"]\ncertificate = \"service.pem\"\n\
         key = \"service.key\"\n{more}\n"
    );
    let own = [("service.pem", read(&certificate)), ("service.key", read(&key))];
    fs::remove_dir_all(dir).unwrap();
    let all = own.iter().chain(files);
    let setup = all.fold(Setup::new().tables(&table), |setup, (name, text)| setup.file(name, text));
    (setup.start(), port)
}

#[test]
fn our_client_and_our_service_understand_each_other_in_tls() {
    let eicar = String::from_utf8(EICAR.concat()).unwrap();
    let origin = echo();
    let authority = OriginAuthority::new("Services");
    let [clients, certificate, key] = client("icaps-asked");
    let (_service, port) = service(&authority, "client_ca = \"clients.pem\"", &[clients]);
    let files = [("services.pem", authority.pem()), certificate, key];
    let more = format!("ca = \"services.pem\"\n{SHOWN}");
    let gateway = through(port, "av", &more, &files);
    let large = "a line of a large text\n".repeat(40_000);
    let file = gateway.scratch().join("body");
    fs::write(&file, &large).unwrap();
    let large_file = format!("@{}", file.display());
    for (path, body, status) in
        [("/small", "clean", 200), ("/large", &*large_file, 200), ("/eicar", &*eicar, 403)]
    {
        let url = format!("http://origin.test:{}{path}", origin.port);
        let fetched = fetch(&gateway, &url, &["--data-binary", body]);
        let record = gateway.http_record(path);
        assert_eq!(fetched.status(), status, "{path}: {record}");
        if path == "/eicar" {
            assert!(fetched.text().contains("<h1>Blocked</h1>"), "{}", fetched.text());
            assert_eq!(record["Adaptations"][0]["Finding"], "Eicar-Test-Signature", "{record}");
        }
    }
    // Who shows no certificate is not served.
    let gateway = through(port, "av", "ca = \"services.pem\"", &files);
    let url = format!("http://origin.test:{}/nobody", origin.port);
    assert_eq!(fetch(&gateway, &url, &["--data-raw", "clean"]).status(), 403);
}

/// A certificate that is about to expire is renewed while the service runs.
#[test]
fn a_new_certificate_is_shown_without_a_restart() {
    let origin = echo();
    let [old, new] = ["Old services", "New services"].map(OriginAuthority::new);
    let (server, port) = service(&old, "[reload]\nwatch_ms = 0", &[]);
    let status = |authority: &OriginAuthority| {
        let gateway =
            through(port, "av", "ca = \"services.pem\"", &[("services.pem", authority.pem())]);
        let url = format!("http://origin.test:{}/", origin.port);
        fetch(&gateway, &url, &["--data-binary", "clean"]).status()
    };
    assert_eq!([status(&old), status(&new)], [200, 403]);
    let dir = daemon::folder("renewed");
    let [key, certificate] = new.files(NAME, &dir).map(|path| fs::read_to_string(path).unwrap());
    fs::remove_dir_all(dir).unwrap();
    // The key of another certificate changes nothing.
    server.write("service.key", &key);
    server.reload();
    assert!(
        server.terminal().contains("nothing has changed: icap_server: "),
        "{}",
        server.terminal()
    );
    assert_eq!([status(&old), status(&new)], [200, 403]);
    server.write("service.pem", &certificate);
    server.reload();
    assert!(server.terminal().contains("generation=2"), "{}", server.terminal());
    assert_eq!([status(&old), status(&new)], [403, 200]);
}

#[test]
fn squid_and_c_icap_client_use_our_service_in_tls() {
    let large = b"a line of a large text\n".repeat(2_500);
    let of_origin = large.clone();
    let origin = Origin::http(None, move |request, out| {
        let body = match request.head.target() {
            "/eicar" => EICAR.concat(),
            "/large" => of_origin.clone(),
            _ => b"small and clean".to_vec(),
        };
        out.write_all(&response("200 OK", "", &body))
    });
    let authority = OriginAuthority::new("Services");
    let (service, port) = service(&authority, "", &[]);
    let squid = Squid::start_with(
        &format!("icaps://127.0.0.1:{port}/scan"),
        Some((&authority.pem(), NAME)),
    );
    let url = |path: &str| format!("http://127.0.0.1:{}{path}", origin.port);
    for round in 0..3 {
        let message = squid.ask("GET", &url("/small"), b"");
        assert_eq!((message.head.status(), &message.body[..]), (200, &b"small and clean"[..]));
        let message = squid.ask("GET", &url("/large"), b"");
        assert_eq!((message.head.status(), message.body == large), (200, true), "{round}");
        let message = squid.ask("GET", &url("/eicar"), b"");
        assert_eq!(message.head.status(), 403, "{round}");
        assert!(message.text().contains("<h1>Blocked</h1>"), "{}", message.text());
    }
    let eicar = service.scratch().join("eicar");
    fs::write(&eicar, EICAR.concat()).unwrap();
    let output = Command::new("c-icap-client")
        .args(["-tls", "-tls-no-verify", "-i", "127.0.0.1", "-p", &port.to_string(), "-s", "av"])
        .args(["-v", "-d", "1", "-f"])
        .arg(eicar)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("X-Infection-Found"), "{said}");
    // In the clear nobody is understood, and nobody waits for long.
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(b"OPTIONS icap://a/av ICAP/1.0\r\nHost: a\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = std::io::Read::read_to_end(&mut stream, &mut answer);
    assert!(!answer.starts_with(b"ICAP"), "{answer:?}");
}

#[test]
fn settings_of_tls_are_checked() {
    let authority = OriginAuthority::new("Services");
    let of_icap = "[[icap]]\nname = \"a\"\nurl = \"icaps://h/x\"\n";
    for (table, word) in [
        (format!("{of_icap}ca = \"none.pem\"\n"), "icap `a`: cannot read certificates from"),
        (
            format!("{of_icap}ca = \"ca.pem\"\ncertificate = \"none.pem\"\nkey = \"k.pem\"\n"),
            "icap `a`: cannot read a certificate from",
        ),
        (
            "[icap_server]\ntls_listen = [\"127.0.0.1:0\"]\ncertificate = \"none.pem\"\n\
             key = \"none.key\"\n"
                .to_owned(),
            "icap_server: cannot read a certificate from",
        ),
    ] {
        let gateway = Setup::new().start();
        gateway.write("ca.pem", &authority.pem());
        gateway.write("gateway.toml", &table);
        let checked = gateway.command(&["check"]);
        let said = String::from_utf8_lossy(&checked.stderr).into_owned()
            + &String::from_utf8_lossy(&checked.stdout);
        assert!(!checked.status.success() && said.contains(word), "{table}: {said}");
    }
}
