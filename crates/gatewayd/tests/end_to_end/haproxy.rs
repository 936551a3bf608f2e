//! HAProxy, as a load balancer before the gateway and as an origin behind it.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::gateway::PATIENCE;

/// It runs until it is dropped.
pub(crate) struct Haproxy(Child);

impl Haproxy {
    /// Starts it with `sections`, and waits until it listens on `port`.
    pub(crate) fn start(dir: &Path, port: u16, sections: &str) -> Self {
        let config = dir.join(format!("haproxy-{port}.cfg"));
        let times = "timeout connect 20s\ntimeout client 60s\ntimeout server 60s";
        fs::write(&config, format!("defaults\nmode http\n{times}\n{sections}\n")).unwrap();
        let child = Command::new("/usr/sbin/haproxy")
            .arg("-db")
            .arg("-f")
            .arg(config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut haproxy = Self(child);
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(haproxy.0.try_wait().unwrap().is_none(), "haproxy has ended");
            assert!(Instant::now() < until, "haproxy does not listen");
            thread::sleep(Duration::from_millis(10));
        }
        haproxy
    }
}

impl Drop for Haproxy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
