//! SOCKS 4 and 4a with `curl`, on the port of the proxy.

use crate::authority::{OriginAuthority, Validity};
use crate::curl::fetch;
use crate::gateway::{Gateway, Setup};
use crate::message::response;
use crate::origin::Origin;

/// Fetches by SOCKS instead of by HTTP.
fn by_socks(gateway: &Gateway, version: &str, url: &str) -> (i32, String) {
    let proxy = format!("{version}://alice@127.0.0.1:{}", gateway.port);
    let fetched = fetch(gateway, url, &["--proxy", &proxy]);
    (fetched.exit, fetched.text())
}

#[test]
fn connections_by_socks_4_are_inspected_and_blocked() {
    let authority = OriginAuthority::new("Origins");
    let tls = authority.server("origin.test", Validity::Current);
    let origin = Origin::fixed(Some(tls), response("200 OK", "", b"hello\n"));
    let plain = Origin::fixed(None, response("200 OK", "", b"plain\n"));
    let mut gateway = Setup::new()
        .trusts(&authority)
        .tables("[socks]\noffer = \"tcp\"\n")
        .block("path", r#"http.request.uri.path contains "/blocked""#)
        .rules(
            "[[rule]]\nid = \"host\"\nlayer = \"l4\"\naction = \"block\"\n\
             filter = 'net.dst.host == \"blocked.test\"'\n",
        )
        .start();
    let (tls_port, port) = (origin.port, plain.port);
    let url = format!("https://origin.test:{tls_port}/");
    assert_eq!(by_socks(&gateway, "socks4a", &url), (0, "hello\n".into()));
    let blocked = by_socks(&gateway, "socks4a", &format!("{url}blocked"));
    assert!(blocked.1.contains("Rule path"), "{blocked:?}");
    let by_address = format!("http://127.0.0.1:{port}/");
    assert_eq!(by_socks(&gateway, "socks4", &by_address), (0, "plain\n".into()));
    // 97: the proxy has refused.
    assert_eq!(by_socks(&gateway, "socks4a", &format!("http://blocked.test:{port}/")).0, 97);
    assert_eq!((origin.accepted(), plain.accepted()), (1, 1));
    let records = gateway.stop();
    let refused = records.iter().find(|record| record["PolicyID"] == "host").unwrap();
    assert_eq!(refused["DetectedProtocol"], "socks4");
}

#[test]
fn who_must_have_a_password_has_none_in_socks_4() {
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let gateway = Setup::new()
        .tables(
            "[socks]\noffer = \"tcp\"\n[identity]\nrequired = true\n\
             network = [{ from = \"192.0.2.0/24\", user = \"somebody\" }]\n",
        )
        .start();
    let url = format!("http://origin.test:{}/", origin.port);
    assert_eq!(by_socks(&gateway, "socks4a", &url).0, 97);
    assert_eq!(origin.accepted(), 0);
}
