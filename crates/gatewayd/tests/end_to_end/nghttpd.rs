//! `nghttpd`, the HTTP/2 server of nghttp2, as an origin in TLS.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::authority::OriginAuthority;
use crate::gateway::PATIENCE;
use crate::ports::free_port;

/// A server that runs until it is dropped.
pub(crate) struct Nghttpd {
    pub(crate) port: u16,
    child: Child,
}

impl Nghttpd {
    /// Serves the files of the folder `www` in `dir` as `origin.test`, and what is posted to it.
    pub(crate) fn start(authority: &OriginAuthority, dir: &Path, arguments: &[&str]) -> Self {
        let [key, certificate] = authority.files("origin.test", dir);
        let port = free_port();
        let mut child = Command::new("nghttpd")
            .args(["-a", "127.0.0.1", "-d"])
            .arg(dir.join("www"))
            .args(["--echo-upload", "--trailer", "x-end: 1"])
            .args(arguments)
            .arg(port.to_string())
            .args([key, certificate])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(child.try_wait().unwrap().is_none(), "nghttpd has ended");
            assert!(Instant::now() < until, "nghttpd does not listen");
            thread::sleep(Duration::from_millis(10));
        }
        Self { port, child }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://origin.test:{}{path}", self.port)
    }
}

impl Drop for Nghttpd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes the files of an origin.
pub(crate) fn site(dir: &Path, files: &[(&str, &[u8])]) {
    fs::create_dir_all(dir.join("www")).unwrap();
    for (name, bytes) in files {
        fs::write(dir.join("www").join(name), bytes).unwrap();
    }
}
