//! gRPC, by Google's own library on either side: unary calls, errors in trailers, and a stream both
//! ways in which each side waits for the other.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Stdio};

use serde_json::{Value, json};

use crate::authority::OriginAuthority;
use crate::gateway::{Gateway, Setup};
use crate::python::script;

struct Server {
    port: u16,
    child: Child,
    /// It runs as long as this is open.
    _stdin: ChildStdin,
}

impl Server {
    fn start(authority: &OriginAuthority, gateway_dir: &std::path::Path) -> Self {
        let mut child = script("grpc_server.py")
            .args(authority.files("origin.test", gateway_dir))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let stdin = child.stdin.take().unwrap();
        Self { port: line.trim().parse().unwrap(), child, _stdin: stdin }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn calls(gateway: &Gateway, server: &Server) -> Vec<Value> {
    let output = script("grpc_client.py")
        .arg(gateway.port.to_string())
        .arg(gateway.ca())
        .arg(format!("origin.test:{}", server.port))
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{errors}\n{}", gateway.terminal());
    told.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn calls_pass_with_their_trailers_and_stream_both_ways() {
    let authority = OriginAuthority::new("Origins");
    let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("grpc-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let server = Server::start(&authority, &dir);
    let gateway = Setup::new()
        .tunnels_to_port(server.port)
        .trusts(&authority)
        .block("cards", r#"any(dlp.upload.profiles[*] == "financial")"#)
        .start();
    let calls = calls(&gateway, &server);
    let small = json!({"call": "small", "same": true, "status": "OK", "x-seen": "5"});
    let large = json!({"call": "large", "same": true, "status": "OK", "x-seen": "3000000"});
    let refuse = json!({"call": "refuse", "status": "FAILED_PRECONDITION",
        "details": "as you like", "x-why": "asked for"});
    // Each message came back before the next one was sent.
    let each = json!({"call": "each", "same": true, "rest": 0, "status": "OK", "x-seen": "10"});
    assert_eq!(calls[0], small);
    assert_eq!(calls[1], large);
    // gRPC makes PERMISSION_DENIED of a 403.
    assert_eq!(calls[2], json!({"call": "card", "status": "PERMISSION_DENIED"}));
    assert_eq!(calls[3], refuse);
    assert_eq!(calls[4], each);
    let record = gateway.http_record("/test.Echo/Each");
    assert_eq!(record["HTTPVersion"], "HTTP/2");
    assert_eq!(record["OriginHTTPVersion"], "HTTP/2");
    let _ = std::fs::remove_dir_all(dir);
}
