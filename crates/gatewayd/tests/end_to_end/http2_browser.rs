//! A page in headless Chromium: over HTTP/2 in a tunnel, and over a proxy that is itself reached by
//! HTTP/2 in TLS, so that the tunnel is a stream.

use std::process::Command;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde_json::Value;

use crate::authority::{OriginAuthority, base64};
use crate::gateway::{Gateway, Setup};
use crate::nghttpd::{Nghttpd, site};

/// Loads 20 scripts, which is done before the page is, and says how many ran, and how many came over
/// HTTP/2.
fn page() -> String {
    let scripts: String =
        (0..20).map(|n| format!("<script async src=/resource-{n}.js></script>")).collect();
    format!(
        "<!DOCTYPE html><title>test</title><body><script>\
         let ran = 0;\
         onload = () => {{\
           const all = performance.getEntriesByType('resource');\
           const h2 = all.filter(e => e.nextHopProtocol === 'h2').length;\
           document.body.innerText = ran + ' ran, ' + h2 + ' over h2';\
         }};\
         </script>{scripts}"
    )
}

/// Loads `url` through `proxy`, and gives the page as the scripts leave it.
fn dump(gateway: &Gateway, proxy: &str, url: &str) -> String {
    let profile = gateway.scratch().join(proxy.replace(|c: char| !c.is_ascii_alphanumeric(), "-"));
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update"])
        .args(["--disable-sync", "--disable-dev-shm-usage"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--proxy-server={proxy}"))
        .arg(format!("--ignore-certificate-errors-spki-list={}", key_pin(gateway)))
        .args(["--dump-dom", url])
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The SHA-256 digest of the public key of the gateway's authority.
fn key_pin(gateway: &Gateway) -> String {
    let pem = std::fs::read(gateway.ca()).unwrap();
    let der = CertificateDer::from_pem_slice(&pem).unwrap();
    let (_, certificate) = x509_parser::parse_x509_certificate(&der).unwrap();
    let key = certificate.public_key().raw;
    base64(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key).as_ref())
}

#[test]
fn a_page_loads_over_http2_through_either_kind_of_proxy() {
    let authority = OriginAuthority::new("Origins");
    let gateway_dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("http2-browser-{}", std::process::id()));
    let names: Vec<String> = (0..20).map(|n| format!("resource-{n}.js")).collect();
    let page = page();
    let mut files: Vec<(&str, &[u8])> = vec![("page.html", page.as_bytes())];
    files.extend(names.iter().map(|name| (&**name, &b"ran++;"[..])));
    site(&gateway_dir, &files);
    let origin = Nghttpd::start(&authority, &gateway_dir, &[]);
    let mut gateway = Setup::new()
        .tunnels_to_port(origin.port)
        .trusts(&authority)
        .tables("[proxy_tls]\nlisten = [\"127.0.0.1:0\"]\n")
        .block("malware", "av.infected")
        .start();
    let plain = format!("http://127.0.0.1:{}", gateway.port);
    let tls = format!("https://127.0.0.1:{}", gateway.tls_port());
    for (proxy, kind) in [(plain, "plain"), (tls, "tls")] {
        let seen = dump(&gateway, &proxy, &origin.url(&format!("/page.html?{kind}")));
        assert!(seen.contains("20 ran, 20 over h2"), "{kind}: {seen}\n{}", gateway.terminal());
    }
    let records = gateway.stop();
    let record_of = |kind: &str| -> &Value {
        let of_it = |r: &&Value| r["URL"].as_str().is_some_and(|u| u.ends_with(kind));
        records.iter().find(of_it).unwrap()
    };
    for kind in ["?plain", "?tls"] {
        assert_eq!(record_of(kind)["HTTPVersion"], "HTTP/2", "{kind}");
        assert_eq!(record_of(kind)["OriginHTTPVersion"], "HTTP/2", "{kind}");
    }
    // A tunnel that is a stream has a session of its own, named after the one that it is part of.
    assert!(!record_of("?plain")["SessionID"].as_str().unwrap().contains('.'));
    let inner = record_of("?tls")["SessionID"].as_str().unwrap();
    let (outer, _) = inner.split_once('.').unwrap();
    let sessions = |id: &str| {
        records.iter().filter(|r| r["RecordType"] == "session" && r["SessionID"] == id).count()
    };
    assert_eq!((sessions(inner), sessions(outer)), (1, 1));
    let _ = std::fs::remove_dir_all(gateway_dir);
}
