//! The clients of nghttp2 through the gateway. They know no proxies: on the proxy port they name the
//! origin in `:authority`, and behind [`Shim`] they believe that they speak with the origin.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Command, Output};
use std::thread;

use crate::authority::{OriginAuthority, Validity};
use crate::gateway::{Gateway, Setup};
use crate::message::{read_head, response};
use crate::nghttpd::{Nghttpd, site};
use crate::origin::Origin;

/// A port behind which every connection is a tunnel through the gateway to one origin.
struct Shim(u16);

impl Shim {
    fn new(gateway: &Gateway, authority: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let gateway = gateway.port;
        thread::spawn(move || {
            for client in listener.incoming() {
                let authority = authority.clone();
                thread::spawn(move || tunnel(client.unwrap(), gateway, &authority));
            }
        });
        Self(port)
    }
}

fn tunnel(mut client: TcpStream, gateway: u16, authority: &str) {
    let mut proxy = TcpStream::connect(("127.0.0.1", gateway)).unwrap();
    for stream in [&client, &proxy] {
        stream.set_nodelay(true).unwrap();
    }
    let head = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
    proxy.write_all(head.as_bytes()).unwrap();
    let mut answer = std::io::BufReader::with_capacity(1, &mut proxy);
    assert_eq!(read_head(&mut answer).unwrap().unwrap().status(), 200);
    let (mut from, mut to) = (client.try_clone().unwrap(), proxy.try_clone().unwrap());
    let up = thread::spawn(move || pass(&mut from, &mut to));
    pass(&mut proxy, &mut client);
    let _ = up.join();
}

fn pass(from: &mut TcpStream, to: &mut TcpStream) {
    let mut bytes = [0; 64 << 10];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        if to.write_all(&bytes[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

fn run(program: &str, arguments: &[String]) -> Output {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Runs `h2load`; gives the requests that came to a good end.
fn h2load(arguments: &[String]) -> u64 {
    let output = run("h2load", arguments);
    let told = String::from_utf8(output.stdout).unwrap();
    let line = told.lines().find(|line| line.starts_with("status codes:")).unwrap();
    let good = line.trim_start_matches("status codes:").split_whitespace().next().unwrap();
    let failed = told.lines().find(|line| line.starts_with("requests:")).unwrap();
    assert!(failed.contains(" 0 failed, 0 errored, 0 timeout"), "{told}");
    good.parse().unwrap()
}

#[test]
fn prior_knowledge_on_the_proxy_port() {
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let gateway = Setup::new().block("path", r#"http.request.uri.path == "/blocked""#).start();
    let url = |path: &str| format!("http://127.0.0.1:{}{path}", gateway.port);
    let authority = format!("-H:authority: origin.test:{}", origin.port);
    let output = run("nghttp", &[url("/hello"), authority.clone()]);
    assert_eq!(output.stdout, b"hello\n");
    let output = run("nghttp", &[url("/blocked"), authority.clone()]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"rule_id\":\"path\""));
    let load = ["-n2000", "-c4", "-m10"].map(str::to_owned);
    let good = h2load(&[&load[..], &[authority, url("/load")]].concat());
    assert_eq!(good, 2000);
    let mut gateway = gateway;
    let records = gateway.stop();
    let load = records.iter().filter(|r| r["URL"].as_str().is_some_and(|u| u.ends_with("/load")));
    assert_eq!(load.clone().count(), 2000);
    assert!(
        load.clone().all(|r| r["HTTPVersion"] == "HTTP/2" && r["OriginHTTPVersion"] == "HTTP/1.1")
    );
    // Idle connections to the origin are used again.
    assert!(origin.accepted() <= 100, "{} connections", origin.accepted());
}

#[test]
fn many_streams_through_an_intercepted_connection() {
    let authority = OriginAuthority::new("Origins");
    let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("http2-load-{}", std::process::id()));
    let middling = vec![b'x'; 100_000];
    site(&dir, &[("hello", b"hello\n"), ("middling", &middling)]);
    let h2 = Nghttpd::start(&authority, &dir, &[]);
    let tls = authority.server("origin.test", Validity::Current);
    let h1 = Origin::fixed(Some(tls), response("200 OK", "", b"hello\n"));
    let mut gateway = Setup::new()
        .tunnels_to(&h1)
        .tunnels_to_port(h2.port)
        .trusts(&authority)
        .block("malware", "av.infected")
        .start();
    for (port, path, requests) in
        [(h2.port, "/hello", 2000), (h2.port, "/middling", 400), (h1.port, "/hello", 1000)]
    {
        let shim = Shim::new(&gateway, format!("origin.test:{port}"));
        let arguments = [
            format!("-n{requests}"),
            "-c4".into(),
            "-m25".into(),
            format!("--connect-to=127.0.0.1:{}", shim.0),
            format!("https://origin.test:{port}{path}"),
        ];
        assert_eq!(h2load(&arguments), requests, "{port} {path}");
    }
    let records = gateway.stop();
    let of_h2 = records.iter().filter(|r| r["OriginHTTPVersion"] == "HTTP/2");
    assert_eq!(
        of_h2.filter(|r| r["RecordType"] == "http" && r["HTTPVersion"] == "HTTP/2").count(),
        2400
    );
    let _ = std::fs::remove_dir_all(dir);
}
