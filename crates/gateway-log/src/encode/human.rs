//! One readable line per record, for a terminal. It shows the few facts a person looks for; the
//! whole record is in the JSON line.

use std::io::Write;

use super::{cut, is_disruptive};
use crate::Limits;
use crate::datetime::write_clock;
use crate::record::{Action, CloseReason, Interception, Record, RecordKind};

/// Writes records as one line each for a person at a terminal:
/// `15:06:40.123 403 block POST https://example.com/ 1.2kB 45ms "No card numbers"`.
///
/// The clock shows UTC. What came over the wire can neither end the line nor steer the terminal:
/// control characters (ESC included), line separators and characters that change the direction of
/// writing are shown as escapes, bytes that are no UTF-8 as `\xNN`, a backslash as `\\`.
#[derive(Clone, Copy, Debug, Default)]
pub struct HumanLine {
    limits: Limits,
}

impl HumanLine {
    /// An encoder that cuts values at the limits.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self { limits }
    }

    /// Appends the record and a line feed.
    pub fn encode(&self, record: &Record, out: &mut Vec<u8>) {
        write_clock(record.started_ns, out);
        match record.kind {
            RecordKind::Http => self.http(record, out),
            RecordKind::Session => self.session(record, out),
        }
        if let Some(bytes) = record.bytes.to_client {
            out.push(b' ');
            write_bytes(bytes, out);
        }
        if let Some(ms) = record.timings.total_ms {
            let _ = write!(out, " {ms}ms");
        }
        if !record.decision.policy_name.is_empty() {
            out.extend_from_slice(b" \"");
            self.text(record.decision.policy_name.as_bytes(), self.limits.text_bytes_max, out);
            out.push(b'"');
        }
        out.push(b'\n');
    }

    fn http(&self, record: &Record, out: &mut Vec<u8>) {
        match record.http.status {
            Some(status) if status > 0 => {
                let _ = write!(out, " {status}");
            }
            Some(_) | None => out.extend_from_slice(b" -"),
        }
        word(record.decision.action.map_or("-", Action::as_str), out);
        out.push(b' ');
        self.text(record.http.method.as_bytes(), self.limits.text_bytes_max, out);
        out.push(b' ');
        self.text(record.http.url.as_bytes(), self.limits.url_bytes_max, out);
    }

    fn session(&self, record: &Record, out: &mut Vec<u8>) {
        word(record.close_reason.map_or("-", CloseReason::as_str), out);
        word(record.decision.action.map_or("-", Action::as_str), out);
        word(record.inspection.interception.map_or("session", Interception::as_str), out);
        if let Some(addr) = record.client.addr {
            let _ = write!(out, " {addr}");
        }
        out.extend_from_slice(b" -> ");
        let names = [&record.client.sni, &record.origin.resolved_fqdn];
        match (names.into_iter().find(|name| !name.is_empty()), record.origin.addr) {
            (Some(name), _) => self.text(name.as_bytes(), self.limits.text_bytes_max, out),
            (None, Some(addr)) => {
                let _ = write!(out, "{addr}");
            }
            (None, None) => out.push(b'-'),
        }
    }

    fn text(&self, bytes: &[u8], bytes_max: usize, out: &mut Vec<u8>) {
        let (shown, left_out) = cut(bytes, bytes_max);
        for chunk in shown.utf8_chunks() {
            for c in chunk.valid().chars() {
                if is_disruptive(c) || c == '\\' {
                    let _ = write!(out, "{}", c.escape_default());
                } else {
                    let _ = write!(out, "{c}");
                }
            }
            for byte in chunk.invalid() {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
        if left_out > 0 {
            let _ = write!(out, "…(+{left_out} bytes)");
        }
    }
}

fn word(word: &str, out: &mut Vec<u8>) {
    out.push(b' ');
    out.extend_from_slice(word.as_bytes());
}

/// Appends a number of bytes in decimal units with one digit after the point: `1.2kB`.
fn write_bytes(bytes: u64, out: &mut Vec<u8>) {
    let units =
        [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    let _ = match units.into_iter().find(|(size, _)| bytes >= *size) {
        Some((size, unit)) => {
            write!(out, "{}.{}{unit}", bytes / size, bytes % size / (size / 10))
        }
        None => write!(out, "{bytes}B"),
    };
}
