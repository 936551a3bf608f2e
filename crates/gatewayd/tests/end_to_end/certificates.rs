//! Minted certificates under the eyes of a strict verifier: Python's `ssl` with
//! `VERIFY_X509_STRICT`, which holds them to RFC 5280.

use std::process::Command;

use crate::authority::{OriginAuthority, Validity};
use crate::gateway::Setup;
use crate::message::response;
use crate::origin::Origin;

const STRICT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/end_to_end/strict.py");

/// Fetches a page from `host`, whose own certificate names it if it is `genuine`.
fn check(host: &str, genuine: &str, status: &str) {
    let authority = OriginAuthority::new("Origins");
    let tls = authority.server(genuine, Validity::Current);
    let origin = Origin::fixed(Some(tls), response("200 OK", "", b"hello\n"));
    let gateway = Setup::new().tunnels_to(&origin).trusts(&authority).start();
    let output = Command::new("python3")
        .arg(STRICT)
        .arg(gateway.port.to_string())
        .arg(gateway.ca())
        .arg(host)
        .arg(origin.port.to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(said.starts_with(&format!("HTTP/1.1 {status}")), "{host}: {said}{error}");
}

#[test]
fn a_certificate_minted_for_a_name_is_strictly_valid() {
    check("origin.test", "origin.test", "200 OK");
}

#[test]
fn a_certificate_minted_for_an_address_is_strictly_valid() {
    check("127.0.0.1", "127.0.0.1", "200 OK");
}

#[test]
fn a_certificate_minted_for_a_page_is_strictly_valid() {
    check("origin.test", "other.test", "502 Bad Gateway");
    check("127.0.0.1", "other.test", "502 Bad Gateway");
}
