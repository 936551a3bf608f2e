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
/// writing are shown as escapes, bytes that are no UTF-8 as `\xNN`, a backslash as `\\`. A space in
/// a URL or a quote in a name is escaped too, so that no value can pass for the next one.
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
            RecordKind::Loss => self.loss(record, out),
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
            let name = record.decision.policy_name.as_bytes();
            write_escaped(name, self.limits.text_bytes_max, '"', out);
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
        write_escaped(record.http.method.as_bytes(), self.limits.text_bytes_max, ' ', out);
        out.push(b' ');
        write_escaped(record.http.url.as_bytes(), self.limits.url_bytes_max, ' ', out);
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
            (Some(name), _) => {
                write_escaped(name.as_bytes(), self.limits.text_bytes_max, ' ', out);
            }
            (None, Some(addr)) => {
                let _ = write!(out, "{addr}");
            }
            (None, None) => out.push(b'-'),
        }
    }

    fn loss(&self, record: &Record, out: &mut Vec<u8>) {
        let _ = write!(out, " {} records lost on the way to ", record.loss.records.unwrap_or(0));
        write_escaped(record.loss.sink.as_bytes(), self.limits.text_bytes_max, ' ', out);
    }
}

/// Appends a text that ends at the next `delimiter`, which is therefore escaped in it.
fn write_escaped(bytes: &[u8], bytes_max: usize, delimiter: char, out: &mut Vec<u8>) {
    let (shown, left_out) = cut(bytes, bytes_max);
    for chunk in shown.utf8_chunks() {
        for c in chunk.valid().chars() {
            let _ = if c == delimiter {
                write!(out, "{}", c.escape_unicode())
            } else if is_disruptive(c) || c == '\\' {
                write!(out, "{}", c.escape_default())
            } else {
                write!(out, "{c}")
            };
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    if left_out > 0 {
        let _ = write!(out, "…(+{left_out} bytes)");
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::CloseReason;
    use crate::sample::{any_text, full_record};

    fn encode(record: &Record) -> String {
        let mut out = Vec::new();
        HumanLine::new(Limits::default()).encode(record, &mut out);
        String::from_utf8(out).unwrap()
    }

    fn request(url: &[u8]) -> Record {
        let mut record = Record::new(RecordKind::Http);
        record.started_ns = 1_750_000_000_123_456_789;
        record.http.method = "GET".into();
        record.http.url = url.into();
        record
    }

    #[test]
    fn a_request_shows_what_happened() {
        let mut record = request(b"https://a.example/x");
        assert_eq!(encode(&record), "15:06:40.123 - - GET https://a.example/x\n");
        record.http.status = Some(200);
        record.decision.action = Some(Action::Allow);
        record.bytes.to_client = Some(12_345);
        record.timings.total_ms = Some(45);
        record.decision.policy_name = "Say \"yes\"\n".into();
        assert_eq!(
            encode(&record),
            "15:06:40.123 200 allow GET https://a.example/x 12.3kB 45ms \"Say \\u{22}yes\\u{22}\\n\"\n"
        );
    }

    #[test]
    fn a_session_shows_both_ends() {
        let mut record = Record::new(RecordKind::Session);
        assert_eq!(encode(&record), "00:00:00.000 - - session -> -\n");
        record.client.addr = Some(([192, 0, 2, 1], 50_000).into());
        record.origin.addr = Some(([192, 0, 2, 2], 443).into());
        record.close_reason = Some(CloseReason::ClientClosed);
        record.inspection.interception = Some(Interception::Inspected);
        let ends = "00:00:00.000 CLIENT_CLOSED - inspected 192.0.2.1:50000 -> ";
        assert_eq!(encode(&record), format!("{ends}192.0.2.2:443\n"));
        record.client.sni = "a.example".into();
        assert_eq!(encode(&record), format!("{ends}a.example\n"));
    }

    #[test]
    fn a_loss_shows_how_many_and_where() {
        let mut record = Record::new(RecordKind::Loss);
        record.loss.records = Some(412);
        record.loss.sink = "kafka".into();
        assert_eq!(encode(&record), "00:00:00.000 412 records lost on the way to kafka\n");
    }

    #[test]
    fn nothing_steers_the_terminal() {
        let check = |url: &[u8], expected: &str| {
            assert_eq!(encode(&request(url)), format!("15:06:40.123 - - GET {expected}\n"));
        };
        check(b"a\x1b[31m\r\nb", "a\\u{1b}[31m\\r\\nb");
        check(b"x 1.2kB \"ok\"", "x\\u{20}1.2kB\\u{20}\"ok\"");
        check(b"back\\slash", "back\\\\slash");
        check("\u{202e}gpj.exe\u{9b}".as_bytes(), "\\u{202e}gpj.exe\\u{9b}");
        check(b"caf\xe9", "caf\\xe9");
        check("café".as_bytes(), "café");
    }

    #[test]
    fn bytes_have_units() {
        for (bytes, expected) in [
            (0, "0B"),
            (999, "999B"),
            (1_000, "1.0kB"),
            (999_999, "999.9kB"),
            (1_500_000, "1.5MB"),
            (2_000_000_000, "2.0GB"),
            (u64::MAX, "18446744.0TB"),
        ] {
            let mut out = Vec::new();
            write_bytes(bytes, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    proptest! {
        #[test]
        fn any_record_is_one_harmless_line(
            texts in proptest::collection::vec(any_text(), 1..8),
            is_session in any::<bool>(),
        ) {
            let kind = if is_session { RecordKind::Session } else { RecordKind::Http };
            let mut cycle = texts.iter().cycle();
            let line = encode(&full_record(kind, || cycle.next().unwrap().as_slice().into()));
            let shown = line.strip_suffix('\n').unwrap();
            prop_assert!(!shown.contains(is_disruptive), "{:?}", shown);
        }
    }
}
