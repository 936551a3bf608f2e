//! What the demo asks for, step by step, and what must become of it.

use std::path::Path;

use gateway_h1h2::Version;

use super::Issuer;
use super::client::{Asked, Way};
use super::outside::Outside;
use super::{wares, worker};

/// A host whose connections the demo's policy does not look into.
pub(super) const PRIVATE: &str = "bank.example";
/// A host like any other.
pub(super) const PUBLIC: &str = "files.example";
/// What people of the demo say to the proxy, `name:name` in Base64.
const GUEST: &str = "Basic Z3Vlc3Q6Z3Vlc3Q=";
const ALICE: &str = "Basic YWxpY2U6YWxpY2U=";

/// One thing that the demo shows.
pub(super) struct Step {
    pub(super) title: &'static str,
    pub(super) asked: Asked,
    /// What the client must see: the status, and whose certificate it is shown.
    pub(super) status: u16,
    pub(super) issuer: Issuer,
    /// What the record must say.
    pub(super) action: &'static str,
    pub(super) policy: &'static str,
    /// What it must say of scanners outside, one of these; nothing if the step is about none.
    pub(super) outside: &'static [&'static str],
}

/// What is asked for by default, of an origin that listens at `port`.
pub(super) const fn plain(port: u16) -> Asked {
    Asked {
        host: PUBLIC,
        port,
        path: "/",
        body: None,
        credentials: None,
        message: None,
        version: Version::Http11,
        way: Way::Connect,
    }
}

/// All steps in their order, for an origin that listens at `port`; those that need a program which does
/// not run are left out.
pub(super) fn all(port: u16, outside: &Outside, workerd: Option<&Path>) -> Vec<Step> {
    let plain = plain(port);
    let private = Step {
        title: "a host that is not inspected, the EICAR test file on it",
        asked: Asked { host: PRIVATE, path: "/eicar.com", ..plain },
        status: 200,
        issuer: Issuer::Origin,
        action: "off",
        policy: "bank",
        outside: &[],
    };
    let steps = downloads(plain).into_iter().chain(uploads(plain)).chain(people(plain));
    let clamd = outside.clamd.is_ok().then(|| by_clamd(port));
    let icap = outside.c_icap.is_ok().then(|| by_icap(port));
    let worker = workerd.map(|_| worker::step(port));
    steps.chain([private]).chain(clamd).chain(icap).chain(worker).collect()
}

fn downloads(plain: Asked) -> [Step; 4] {
    let get = |path| Asked { path, ..plain };
    [
        Step {
            title: "a clean download",
            asked: get("/report.txt"),
            status: 200,
            issuer: Issuer::Gateway,
            action: "allow",
            policy: "",
            outside: &[],
        },
        Step {
            title: "the EICAR test file",
            asked: get("/eicar.com"),
            status: 403,
            issuer: Issuer::Gateway,
            action: "block",
            policy: "malware",
            outside: &[],
        },
        Step {
            title: "the same in a ZIP archive in gzip coding",
            asked: get("/eicar.zip"),
            status: 403,
            issuer: Issuer::Gateway,
            action: "block",
            policy: "malware",
            outside: &[],
        },
        Step {
            title: "the same by a client that speaks HTTP/2, though the origin does not",
            asked: Asked { version: Version::Http2, ..get("/eicar.zip?h2") },
            status: 403,
            issuer: Issuer::Gateway,
            action: "block",
            policy: "malware",
            outside: &[],
        },
    ]
}

fn uploads(plain: Asked) -> [Step; 3] {
    let get = |path| Asked { path, ..plain };
    [
        Step {
            title: "an upload with a payment card number",
            asked: Asked { body: Some(wares::CARD), ..get("/upload") },
            status: 403,
            issuer: Issuer::Gateway,
            action: "block",
            policy: "cards",
            outside: &[],
        },
        Step {
            title: "the same upload by SOCKS 5, on the same port",
            asked: Asked { body: Some(wares::CARD), way: Way::Socks, ..get("/upload-by-socks") },
            status: 403,
            issuer: Issuer::Gateway,
            action: "block",
            policy: "cards",
            outside: &[],
        },
        Step {
            title: "the same as a message of a WebSocket (status: the close code)",
            asked: Asked { message: Some(wares::CARD), ..get(wares::CHAT) },
            status: 1008,
            issuer: Issuer::Gateway,
            action: "block",
            policy: "cards",
            outside: &[],
        },
    ]
}

fn people(plain: Asked) -> [Step; 2] {
    let staff = |path, credentials| Asked { credentials: Some(credentials), path, ..plain };
    [
        Step {
            title: "a download for the staff, by a guest who has given a password",
            asked: staff("/report.txt?staff", GUEST),
            status: 403,
            issuer: Issuer::Gateway,
            action: "block",
            policy: "staff",
            outside: &[],
        },
        Step {
            title: "the same by one of the staff",
            asked: staff("/report.txt?staff=1", ALICE),
            status: 200,
            issuer: Issuer::Gateway,
            action: "allow",
            policy: "",
            outside: &[],
        },
    ]
}

/// What only ClamAV's daemon finds.
fn by_clamd(port: u16) -> Step {
    Step {
        title: "malware that clamd alone knows: bodies are copied to it as they pass",
        asked: Asked { path: "/tool.bin", ..plain(port) },
        status: 403,
        issuer: Issuer::Gateway,
        action: "block",
        policy: "malware",
        outside: &["clamd: found Demo.Worm-1.UNOFFICIAL"],
    }
}

/// What goes by way of c-icap.
fn by_icap(port: u16) -> Step {
    Step {
        title: "an upload and its answer by way of c-icap, whose service gives them back as they were",
        asked: Asked { path: wares::BY_ICAP, body: Some(wares::REPORT), ..plain(port) },
        status: 200,
        issuer: Issuer::Gateway,
        action: "allow",
        policy: "",
        // The service takes turns: it says that nothing is to change, or writes all of it back.
        outside: &[
            "c-icap: upload unchanged, download unchanged",
            "c-icap: upload unchanged, download changed",
            "c-icap: upload changed, download unchanged",
            "c-icap: upload changed, download changed",
        ],
    }
}
