//! JSON lines: one record, one object, one line. Written by hand because the order of fields,
//! the treatment of bytes that are no text and the caps are the point of it.

use std::io::Write;
use std::net::IpAddr;

use super::{cut, is_disruptive};
use crate::Limits;
use crate::datetime::write_rfc3339;
use crate::fields::{List, Object, Value, visit_present};
use crate::record::Record;

/// Writes records as JSON, one per line (<https://jsonlines.org>).
///
/// Fields stand in the order of [`catalog`](crate::catalog); facts that are not known are left
/// out. The output is plain UTF-8 and holds exactly one line feed per record, at its end,
/// whatever the record holds:
///
/// * quotes and backslashes are escaped; control characters (C0, DEL, C1), line and paragraph
///   separators and characters that change the direction of writing become `\uXXXX`;
/// * bytes that are no UTF-8 are read as ISO 8859-1 and become `\u0080` to `\u00ff`. That loses
///   the difference between such a byte and the same character in UTF-8, not the byte.
#[derive(Clone, Copy, Debug, Default)]
pub struct JsonLines {
    limits: Limits,
}

impl JsonLines {
    /// An encoder that cuts values at the limits.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self { limits }
    }

    /// Appends the record and a line feed.
    pub fn encode(&self, record: &Record, out: &mut Vec<u8>) {
        let start = out.len();
        visit_present(record, &mut |name, value| {
            out.extend_from_slice(b",\"");
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"\":");
            self.value(value, out);
        });
        // The comma before the first of them.
        match out.get_mut(start) {
            Some(first) => *first = b'{',
            None => out.push(b'{'),
        }
        out.extend_from_slice(b"}\n");
    }

    fn member(&self, members: &mut Members, name: &str, value: &Value<'_>, out: &mut Vec<u8>) {
        if matches!(value, Value::Absent) {
            return;
        }
        members.name(name, out);
        self.value(value, out);
    }

    fn value(&self, value: &Value<'_>, out: &mut Vec<u8>) {
        match *value {
            Value::Absent => out.extend_from_slice(b"null"),
            Value::Bool(true) => out.extend_from_slice(b"true"),
            Value::Bool(false) => out.extend_from_slice(b"false"),
            Value::Integer(number) => {
                out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
            }
            Value::Ip(ip) => write_ip(ip, out),
            Value::List(list) => self.list(list, out),
            Value::Object(object) => self.object(object, out),
            Value::Text(bytes) => write_text(bytes, self.limits.text_bytes_max, out),
            Value::Timestamp(unix_ns) => {
                out.push(b'"');
                write_rfc3339(unix_ns, out);
                out.push(b'"');
            }
            Value::Url(bytes) => write_text(bytes, self.limits.url_bytes_max, out),
            Value::Word(word) => {
                out.push(b'"');
                out.extend_from_slice(word.as_bytes());
                out.push(b'"');
            }
        }
    }

    fn object(&self, object: &dyn Object, out: &mut Vec<u8>) {
        let mut members = Members::open(out);
        object.each(&mut |name, value| self.member(&mut members, name, &value, out));
        out.push(b'}');
    }

    fn list(&self, list: &dyn List, out: &mut Vec<u8>) {
        out.push(b'[');
        let shown = list.len().min(self.limits.list_items_max);
        let mut of_objects = false;
        for (index, value) in (0..shown).filter_map(|index| Some((index, list.at(index)?))) {
            if index > 0 {
                out.push(b',');
            }
            of_objects = matches!(value, Value::Object(_));
            self.value(&value, out);
        }
        let left_out = list.len() - shown;
        if left_out > 0 {
            if shown > 0 {
                out.push(b',');
            }
            // The mark has the type of its neighbours, so that a typed reader takes the line.
            if of_objects {
                out.extend_from_slice(b"{\"Omitted\":");
                write_display(left_out, out);
                out.push(b'}');
            } else {
                out.extend_from_slice("\"…(+".as_bytes());
                write_display(left_out, out);
                out.extend_from_slice(b" items)\"");
            }
        }
        out.push(b']');
    }
}

/// The open brace of an object, and whether a comma is due.
struct Members {
    any: bool,
}

impl Members {
    fn open(out: &mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { any: false }
    }

    /// Names come from the tables and need no escape.
    fn name(&mut self, name: &str, out: &mut Vec<u8>) {
        if self.any {
            out.push(b',');
        }
        self.any = true;
        out.push(b'"');
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
    }
}

fn write_display(value: impl std::fmt::Display, out: &mut Vec<u8>) {
    // Writing to a vector does not fail.
    let _ = write!(out, "{value}");
}

/// Appends in quotes what needs no escape.
fn write_ip(ip: IpAddr, out: &mut Vec<u8>) {
    out.push(b'"');
    match ip {
        IpAddr::V4(ip) => {
            for (index, octet) in ip.octets().into_iter().enumerate() {
                if index > 0 {
                    out.push(b'.');
                }
                out.extend_from_slice(itoa::Buffer::new().format(octet).as_bytes());
            }
        }
        IpAddr::V6(ip) => write_display(ip, out),
    }
    out.push(b'"');
}

/// Appends a quoted, escaped text that is cut at `bytes_max`.
fn write_text(bytes: &[u8], bytes_max: usize, out: &mut Vec<u8>) {
    let (shown, left_out) = cut(bytes, bytes_max);
    out.push(b'"');
    // Without a branch for each byte, many are looked at at a time.
    if shown.iter().fold(true, |plain, byte| plain & is_plain(*byte)) {
        out.extend_from_slice(shown);
    } else {
        for chunk in shown.utf8_chunks() {
            write_escaped(chunk.valid(), out);
            for &byte in chunk.invalid() {
                write_unicode_escape(u16::from(byte), out);
            }
        }
    }
    if left_out > 0 {
        out.extend_from_slice("…(+".as_bytes());
        write_display(left_out, out);
        out.extend_from_slice(b" bytes)");
    }
    out.push(b'"');
}

/// Appends valid text, copying runs that need no escape at once.
fn write_escaped(text: &str, out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some((at, c)) = rest.char_indices().find(|&(_, c)| needs_escape(c)) {
        let (clean, tail) = rest.split_at(at);
        out.extend_from_slice(clean.as_bytes());
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            // Every disruptive character lies in the basic plane: one unit of UTF-16.
            other => other.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                write_unicode_escape(*unit, out);
            }),
        }
        rest = tail.get(c.len_utf8()..).unwrap_or("");
    }
    out.extend_from_slice(rest.as_bytes());
}

/// Whether the byte is a character by itself that may stand as it is.
const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')
}

const fn needs_escape(c: char) -> bool {
    matches!(c, '"' | '\\') || is_disruptive(c)
}

fn write_unicode_escape(unit: u16, out: &mut Vec<u8>) {
    let _ = write!(out, "\\u{unit:04x}");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value as Json;

    use super::*;
    use crate::fields::{FieldType, Spec, catalog};
    use crate::record::{Action, RecordKind};
    use crate::sample::{any_text, full_record};
    use crate::{Text, rfc3339};

    fn encode(record: &Record, limits: Limits) -> Vec<u8> {
        let mut out = b"before ".to_vec();
        JsonLines::new(limits).encode(record, &mut out);
        out.split_off(7)
    }

    /// The line as JSON, once it is known to be one line of plain, harmless text.
    #[track_caller]
    fn parse(line: &[u8]) -> Json {
        let text = std::str::from_utf8(line).unwrap();
        let line = text.strip_suffix('\n').unwrap();
        assert!(!line.contains(is_disruptive), "{line}");
        serde_json::from_str(line).unwrap()
    }

    fn record_of_url(url: impl Into<Text>) -> Record {
        let mut record = Record::default();
        record.http.url = url.into();
        record
    }

    #[track_caller]
    fn check(url: &[u8], expected: &str) {
        let line = encode(&record_of_url(url), Limits::default());
        let expected = format!("\"URL\":{expected}}}\n");
        assert!(line.ends_with(expected.as_bytes()), "{}", String::from_utf8_lossy(&line));
        parse(&line);
    }

    #[test]
    fn texts_stay_in_their_quotes() {
        check(b"https://a.example/?q=\xc3\xbc", "\"https://a.example/?q=ü\"");
        check(b"\"},{\\", r#""\"},{\\""#);
        check(b"a\r\n\tb\0\x1b[0m\x7f", r#""a\r\n\tb\u0000\u001b[0m\u007f""#);
        check("\u{85}\u{2028}\u{2029}\u{202e}".as_bytes(), r#""\u0085\u2028\u2029\u202e""#);
        check(b"caf\xe9 \xff\xc3", r#""caf\u00e9 \u00ff\u00c3""#);
        check("😀".as_bytes(), "\"😀\"");
    }

    #[test]
    fn an_empty_record_says_little() {
        let line = encode(&Record::new(RecordKind::Session), Limits::default());
        assert_eq!(line, b"{\"RecordType\":\"session\",\"ConfigGeneration\":0}\n");
    }

    #[test]
    fn what_is_cut_shows() {
        let limits = Limits { url_bytes_max: 4, text_bytes_max: 2, list_items_max: 1 };
        let mut record = record_of_url("abc€");
        record.http.method = "GET".into();
        record.warnings = vec!["a".into(), "b".into(), "c".into()];
        record.decision.actions = vec![Action::Allow];
        record.decision.trail = vec![Default::default(); 5];
        let json = parse(&encode(&record, limits));
        assert_eq!(json["URL"], "abc…(+3 bytes)");
        assert_eq!(json["HTTPMethod"], "GE…(+1 bytes)");
        assert_eq!(json["Warnings"], serde_json::json!(["a", "…(+2 items)"]));
        assert_eq!(json["Actions"], serde_json::json!(["allow"]));
        assert_eq!(json["DecisionTrail"][1], serde_json::json!({"Omitted": 4}));
        assert_eq!(json["DecisionTrail"].as_array().map(Vec::len), Some(2));
    }

    /// Every field of the catalog stands in a full record, in its order and shape, and no other.
    #[test]
    fn the_catalog_is_what_is_written() {
        let line = encode(&full_record(RecordKind::Session, || "text".into()), Limits::default());
        let json = parse(&line);
        check_object(&json, &catalog());
        let mut from = 0;
        for spec in catalog() {
            let text = std::str::from_utf8(&line).unwrap();
            let name = format!("\"{}\":", spec.name);
            from += text[from..].find(&name).unwrap_or_else(|| panic!("order of {name}"));
        }
    }

    #[track_caller]
    fn check_object(json: &Json, specs: &[&Spec]) {
        let object = json.as_object().unwrap();
        assert_eq!(object.len(), specs.len(), "{:?}", object.keys());
        for spec in specs {
            let value = object.get(spec.name).unwrap_or_else(|| panic!("no {}", spec.name));
            let list = || value.as_array().filter(|items| !items.is_empty());
            let fits = match spec.kind {
                FieldType::Bool => value.is_boolean(),
                FieldType::Integer => value.is_u64(),
                FieldType::Ip => value.as_str().is_some_and(|ip| ip.parse::<IpAddr>().is_ok()),
                FieldType::Objects => list().is_some_and(|items| {
                    items.iter().for_each(|item| check_object(item, &spec.members()));
                    true
                }),
                FieldType::Text => value.is_string(),
                FieldType::Texts => list().is_some_and(|items| items.iter().all(Json::is_string)),
                FieldType::Timestamp => value.as_str().is_some_and(|time| time.ends_with('Z')),
            };
            assert!(fits, "{}: {value}", spec.name);
        }
    }

    #[test]
    fn values_are_those_of_the_record() {
        let mut numbers = 0..;
        let record =
            full_record(RecordKind::Session, || format!("text {}", numbers.next().unwrap()).into());
        let json = parse(&encode(&record, Limits::default()));
        for (name, expected) in [
            ("RequestID", "text 0"),
            ("URL", "text 19"),
            ("Datetime", &rfc3339(record.started_ns)),
            ("SessionEndTime", &rfc3339(record.ended_ns)),
            ("SourceIP", "192.0.2.1"),
            ("DestinationIP", "2001:db8::1"),
            ("Action", "block"),
            ("TransportProtocol", "tcp"),
            ("InspectionVerdict", "spliced"),
            ("InspectionReason", "do_not_inspect"),
            ("UntrustedCertificateAction", "passThrough"),
            ("OriginTLSCertificateValidationResult", "VALID"),
            ("ConnectionCloseReason", "CLIENT_CLOSED"),
        ] {
            assert_eq!(json[name], expected, "{name}");
        }
        assert_eq!(json["BytesSent"], u64::MAX);
        assert_eq!(json["HTTPStatusCode"], 403);
        assert_eq!(json["DecisionTrail"][0]["Mode"], "enforce");
        assert_eq!(json["UploadDlpMatchCounts"][0]["Count"], 3);
        let http = full_record(RecordKind::Http, || "text".into());
        assert_eq!(parse(&encode(&http, Limits::default())).get("SessionEndTime"), None);
    }

    proptest! {
        #[test]
        fn no_text_in_any_field_breaks_the_line(
            texts in proptest::collection::vec(any_text(), 1..8),
            is_session in any::<bool>(),
        ) {
            let kind = if is_session { RecordKind::Session } else { RecordKind::Http };
            let mut cycle = texts.iter().cycle();
            let record = full_record(kind, || cycle.next().unwrap().as_slice().into());
            let json = parse(&encode(&record, Limits::default()));
            let fields = catalog().len() - if is_session { 0 } else { 2 };
            prop_assert_eq!(json.as_object().unwrap().len(), fields);
            prop_assert_eq!(&json["Action"], "block");
        }

        #[test]
        fn valid_text_reads_back(url in ".{1,200}") {
            let json = parse(&encode(&record_of_url(url.as_str()), Limits::default()));
            prop_assert_eq!(json["URL"].as_str(), Some(url.as_str()));
        }

        #[test]
        fn other_text_reads_back_as_latin_1(bytes in proptest::collection::vec(0x80_u8..=0xbf, 1..50)) {
            // Continuation bytes alone are never UTF-8.
            let json = parse(&encode(&record_of_url(bytes.as_slice()), Limits::default()));
            let expected: String = bytes.iter().copied().map(char::from).collect();
            prop_assert_eq!(json["URL"].as_str(), Some(expected.as_str()));
        }

        #[test]
        fn a_cut_text_is_a_prefix_with_a_true_count(url in any_text(), url_bytes_max in 0_usize..40) {
            let limits = Limits { url_bytes_max, ..Limits::default() };
            let (shown, left_out) = cut(&url, url_bytes_max);
            prop_assert!(url.starts_with(shown) && shown.len() <= url_bytes_max);
            prop_assert!(shown.len() + 3 >= url_bytes_max.min(url.len()));
            prop_assert_eq!(shown.len() + left_out, url.len());
            let json = parse(&encode(&record_of_url(url.as_slice()), limits));
            let text = json["URL"].as_str().unwrap();
            let mark = format!("…(+{left_out} bytes)");
            prop_assert_eq!(left_out > 0, text.ends_with(&mark) && url.len() > url_bytes_max);
        }
    }
}
