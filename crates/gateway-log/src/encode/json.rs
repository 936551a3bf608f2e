//! JSON lines: one record, one object, one line. Written by hand because the order of fields,
//! the treatment of bytes that are no text and the caps are the point of it.

use std::io::Write;

use super::{cut, is_disruptive};
use crate::Limits;
use crate::datetime::write_rfc3339;
use crate::fields::{List, Object, RECORD, Value};
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
        let mut members = Members::open(out);
        for field in RECORD {
            let value = (field.value)(record);
            self.member(&mut members, field.spec.name, &value, out);
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
            Value::Integer(number) => write_display(number, out),
            Value::Ip(ip) => {
                out.push(b'"');
                write_display(ip, out);
                out.push(b'"');
            }
            Value::List(list) => self.list(list, out),
            Value::Object(object) => self.object(object, out),
            Value::Text(bytes) => write_text(bytes, self.limits.text_bytes_max, out),
            Value::Timestamp(unix_ns) => {
                out.push(b'"');
                write_rfc3339(unix_ns, out);
                out.push(b'"');
            }
            Value::Url(bytes) => write_text(bytes, self.limits.url_bytes_max, out),
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

/// Appends a quoted, escaped text that is cut at `bytes_max`.
fn write_text(bytes: &[u8], bytes_max: usize, out: &mut Vec<u8>) {
    let (shown, left_out) = cut(bytes, bytes_max);
    out.push(b'"');
    for chunk in shown.utf8_chunks() {
        write_escaped(chunk.valid(), out);
        for &byte in chunk.invalid() {
            write_unicode_escape(u16::from(byte), out);
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

const fn needs_escape(c: char) -> bool {
    matches!(c, '"' | '\\') || is_disruptive(c)
}

fn write_unicode_escape(unit: u16, out: &mut Vec<u8>) {
    let _ = write!(out, "\\u{unit:04x}");
}
