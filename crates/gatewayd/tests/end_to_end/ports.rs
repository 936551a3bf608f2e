//! Ports for programs that cannot be asked for the one they got.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};

/// Ports that the system gives to nobody who does not ask for one by number: below those of
/// `net.ipv4.ip_local_port_range`, so that no connection or other listener comes in between.
const PORTS: std::ops::Range<u32> = 16_384..32_768;
/// How many one test may take before they could be those of another, whose process has the next number.
const EACH: u32 = 16;

/// A port that nobody has.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = std::process::id().wrapping_mul(EACH) + NEXT.fetch_add(1, Ordering::Relaxed);
        let port = u16::try_from(PORTS.start + number % (PORTS.end - PORTS.start)).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
