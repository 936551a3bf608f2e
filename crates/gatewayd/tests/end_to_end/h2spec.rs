//! `h2spec`, which tests servers of HTTP/2 and knows no proxies: it names the address that it connects
//! to. So the gateway has one fixed origin here, by configuration: what the client takes for the
//! gateway's own address, `localhost`, is another one for the gateway.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::process::Command;

use crate::gateway::{Gateway, Setup};
use crate::message::response;
use crate::origin::Origin;

/// A gateway on a port of 127.0.0.1 and an origin on the same port of 127.0.0.2.
pub(crate) fn fixed_origin() -> (Gateway, Origin) {
    // The port may be taken on the other address.
    for _ in 0..50 {
        let listener = TcpListener::bind("127.0.0.2:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        if TcpListener::bind(("127.0.0.1", port)).is_err() {
            continue;
        }
        let page = response("200 OK", "Content-Type: text/plain\r\n", b"the fixed origin");
        let origin = Origin::fixed_behind(listener, page);
        let setup = Setup::new().listens_on(port).resolves("localhost", "127.0.0.2");
        return (setup.start(), origin);
    }
    unreachable!("no port is free on both addresses");
}

/// `cargo xtask h2spec` says where the program is; no registry has it.
#[test]
fn a_client_that_knows_no_proxy_reaches_the_fixed_origin() {
    let (gateway, origin) = fixed_origin();
    let url = format!("http://localhost:{}/", gateway.port);
    let mut curl = Command::new("curl");
    curl.args(["-q", "-s", "--noproxy", "*", "--max-time", "60", "--ipv4"]);
    let output = curl.args(["--http2-prior-knowledge", &url]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "the fixed origin");
    assert_eq!(origin.accepted(), 1);
    if let Some(program) = std::env::var_os("H2SPEC") {
        run_h2spec(&program, gateway.port);
    }
}

/// Runs it in strict mode; what it says of each case and the counts go to the terminal.
fn run_h2spec(program: &OsStr, port: u16) {
    let status = Command::new(program)
        .args(["--strict", "--host", "localhost", "--port", &port.to_string(), "--timeout", "5"])
        .status()
        .unwrap();
    assert!(status.success(), "{status}: what has failed stands above");
}
