//! The PROXY protocol with real programs: HAProxy before the gateway and behind it, and `curl`.

use std::io::Write;
use std::net::TcpStream;

use crate::curl::{fetch, fetch_trusting};
use crate::gateway::{Gateway, Setup};
use crate::haproxy::Haproxy;
use crate::message::{read_response, response};
use crate::origin::Origin;
use crate::ports::free_port;

/// A balancer at 127.0.0.1 that passes on what comes to its port.
fn balancer(gateway: &Gateway, form: &str) -> (Haproxy, u16) {
    let port = free_port();
    let sections = format!(
        "listen balancer\nmode tcp\nbind 127.0.0.1:{port}\nsource 127.0.0.1\n\
         server gateway 127.0.0.1:{} {form}",
        gateway.port
    );
    (Haproxy::start(&gateway.scratch(), port, &sections), port)
}

#[test]
fn a_balancer_says_who_the_client_is() {
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let mut gateway = Setup::new()
        .tables("[proxy_protocol]\nfrom = [\"127.0.0.1/32\"]\n")
        .block("third", "net.src.ip == 127.0.0.3")
        .start();
    for (form, path) in [("send-proxy", "/one"), ("send-proxy-v2", "/two")] {
        let (_haproxy, port) = balancer(&gateway, form);
        let proxy = format!("http://127.0.0.1:{port}");
        let url = format!("http://origin.test:{}{path}", origin.port);
        let fetched = fetch(&gateway, &url, &["--proxy", &proxy, "--interface", "127.0.0.2"]);
        assert_eq!(fetched.status(), 200, "{fetched:?}");
        assert_eq!(gateway.http_record(path)["SourceIP"], "127.0.0.2");
        let refused = fetch(&gateway, &url, &["--proxy", &proxy, "--interface", "127.0.0.3"]);
        assert_eq!(refused.status(), 403, "the rules see the client: {refused:?}");
    }
    // Nobody else is believed, whatever it says.
    let url = format!("http://origin.test:{}/curl", origin.port);
    let believed = fetch(&gateway, &url, &["--haproxy-protocol"]);
    assert_eq!(believed.status(), 200, "{believed:?}");
    let not = fetch(&gateway, &url, &["--haproxy-protocol", "--interface", "127.0.0.2"]);
    assert_eq!(not.status(), 400, "{not:?}");
    // A balancer that says nothing is not let in; one that says that it is its own, is.
    let silent = fetch(&gateway, &url, &[]);
    assert_ne!(silent.exit, 0, "{silent:?}");
    let mut own = TcpStream::connect(("127.0.0.1", gateway.port)).unwrap();
    own.set_read_timeout(Some(crate::gateway::PATIENCE)).unwrap();
    // In pieces, with the request at its heels.
    for piece in [&b"\r\n\r\n\0\r\nQU"[..], b"IT\n\x20", b"\0\0\0GET http://origin.test:"] {
        own.write_all(piece).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    write!(own, "{}/own HTTP/1.1\r\nHost: x\r\n\r\n", origin.port).unwrap();
    let answer = read_response(&mut std::io::BufReader::new(own), "GET").unwrap();
    assert_eq!(answer.head.status(), 200);
    let records = gateway.stop();
    let of = |end: &str| {
        let found = records.iter().find(|record| {
            record["RecordType"] == "http" && record["URL"].as_str().unwrap().ends_with(end)
        });
        found.unwrap()["SourceIP"].clone()
    };
    assert_eq!((of("/curl"), of("/own")), ("127.0.0.1".into(), "127.0.0.1".into()));
}

#[test]
fn an_origin_is_told_who_the_client_is_and_no_other_client_shares_its_connection() {
    for version in [1, 2] {
        let gateway = Setup::new()
            .tables(&format!("[proxy_protocol]\nto = [\"127.0.0.1/32\"]\nversion = {version}\n"))
            .start();
        let port = free_port();
        let sections = format!(
            "frontend origin\nbind 127.0.0.1:{port} accept-proxy\n\
             http-request return status 200 content-type text/plain lf-string \"%[src] %[dst]\""
        );
        let _haproxy = Haproxy::start(&gateway.scratch(), port, &sections);
        let url = format!("http://origin.test:{port}/");
        for client in ["127.0.0.2", "127.0.0.3", "127.0.0.2"] {
            let fetched = fetch(&gateway, &url, &["--interface", client]);
            assert_eq!((fetched.status(), fetched.text()), (200, format!("{client} 127.0.0.1")));
        }
    }
}

#[test]
fn an_origin_in_tls_is_told_before_its_handshake() {
    let authority = crate::authority::OriginAuthority::new("Origins");
    let port = free_port();
    let gateway = Setup::new()
        .tunnels_to_port(port)
        .trusts(&authority)
        .tables("[proxy_protocol]\nto = [\"127.0.0.0/8\"]\n")
        .start();
    let dir = gateway.scratch();
    let [key, certificate] = authority.files("origin.test", &dir);
    let pem = dir.join("both.pem");
    let both = [certificate, key].map(|file| std::fs::read_to_string(file).unwrap());
    std::fs::write(&pem, both.concat()).unwrap();
    let sections = format!(
        "frontend origin\nbind 127.0.0.1:{port} accept-proxy ssl crt {}\n\
         http-request return status 200 content-type text/plain lf-string \"%[src]\"",
        pem.display()
    );
    let _haproxy = Haproxy::start(&dir, port, &sections);
    let url = format!("https://origin.test:{port}/");
    let ca = gateway.ca();
    let arguments = ["--interface", "127.0.0.5"];
    let fetched = fetch_trusting(&gateway, ca.to_str().unwrap(), &url, &arguments);
    assert_eq!((fetched.status(), fetched.text()), (200, "127.0.0.5".into()));
}
