//! `curl` through the gateway.

use std::process::Command;

use serde_json::Value;

use crate::gateway::Gateway;
use crate::message::{Head, read_head};

/// What `curl` came back with.
#[derive(Debug)]
pub(crate) struct Fetched {
    /// Its exit code: 0 for a response that is whole.
    pub(crate) exit: i32,
    /// The status of the answer to CONNECT, 0 without one.
    pub(crate) connect_status: u16,
    /// Informational heads before the response.
    pub(crate) before: Vec<Head>,
    pub(crate) head: Head,
    pub(crate) body: Vec<u8>,
}

impl Fetched {
    /// The status of a response that is whole; 0 for none.
    pub(crate) fn status(&self) -> u16 {
        if self.exit == 0 { self.head.status() } else { 0 }
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Fetches `url`, with the authority of the gateway as the only one to trust.
pub(crate) fn fetch(gateway: &Gateway, url: &str, arguments: &[&str]) -> Fetched {
    let ca = gateway.ca();
    fetch_trusting(gateway, ca.to_str().unwrap(), url, arguments)
}

/// Fetches `url`, with the authority in the file `ca` as the only one to trust.
pub(crate) fn fetch_trusting(
    gateway: &Gateway,
    ca: &str,
    url: &str,
    arguments: &[&str],
) -> Fetched {
    let output = Command::new("curl")
        .args(["-q", "-s", "-i", "--suppress-connect-headers", "--max-time", "60"])
        .args(["--noproxy", "", "--proxy", &format!("http://127.0.0.1:{}", gateway.port)])
        .args(["--cacert", ca, "--write-out", "%{stderr}%{http_connect}"])
        .args(arguments)
        .arg(url)
        .output()
        .unwrap();
    let mut rest = output.stdout.as_slice();
    let (mut before, mut head) = (Vec::new(), Head::default());
    while let Some(next) = read_head(&mut rest).unwrap() {
        if !(100..200).contains(&next.status()) {
            head = next;
            break;
        }
        before.push(next);
    }
    let connect_status = String::from_utf8(output.stderr).unwrap().trim().parse().unwrap_or(0);
    let exit = output.status.code().unwrap();
    Fetched { exit, connect_status, before, head, body: rest.to_vec() }
}
