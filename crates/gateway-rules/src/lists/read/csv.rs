//! Comma-separated values (RFC 4180): the first field of each record is the entry, the others are
//! for people.

use super::Reading;
use crate::lists::entry::EntryError;

/// What the first column is called by those who name it.
const TITLES: [&str; 12] = [
    "address", "cidr", "domain", "entry", "hash", "host", "hostname", "ip", "name", "number",
    "url", "value",
];

pub(super) fn read(reading: &mut Reading<'_>, file: &[u8]) {
    let mut rest = file;
    let mut line = 1;
    let mut is_first = true;
    while !rest.is_empty() {
        let record = Record::read(rest);
        let at = line;
        line += rest.iter().take(record.bytes).filter(|byte| **byte == b'\n').count();
        rest = rest.get(record.bytes..).unwrap_or_default();
        if let Some(expected) = record.fault {
            let found = String::from_utf8_lossy(&record.first).into_owned();
            reading.fault(at, expected, &found);
            continue;
        }
        match std::str::from_utf8(&record.first).map(str::trim) {
            Ok("") if record.fields == 1 => continue,
            Ok(title) if is_first && TITLES.iter().any(|t| title.eq_ignore_ascii_case(t)) => {
                reading.pass_over(at, "names of columns");
            }
            Ok("") => reading.fault(at, "an entry in the first field", ""),
            Ok(entry) => {
                let added = reading.builder.add(entry);
                reading.keep(at, added);
            }
            Err(_) => reading.keep(at, Err(EntryError::Utf8)),
        }
        is_first = false;
    }
}

/// One record.
struct Record {
    first: Vec<u8>,
    fields: usize,
    /// How long it is, with its line end.
    bytes: usize,
    /// What should stand where something else does.
    fault: Option<&'static str>,
}

impl Record {
    fn read(text: &[u8]) -> Self {
        let mut record = Self { first: Vec::new(), fields: 0, bytes: 0, fault: None };
        loop {
            let rest = text.get(record.bytes..).unwrap_or_default();
            let (field, taken) = match rest.first() {
                Some(b'"') => match quoted(rest) {
                    Some(field) => field,
                    None => {
                        record.fault = record.fault.or(Some("a closing quote"));
                        bare(rest)
                    }
                },
                _ => bare(rest),
            };
            if record.fields == 0 {
                record.first = field;
            }
            record.fields += 1;
            record.bytes += taken;
            match text.get(record.bytes) {
                Some(b',') => record.bytes += 1,
                None => return record,
                Some(b'\n') => {
                    record.bytes += 1;
                    return record;
                }
                Some(_) => {
                    // Behind a closing quote; or a line end of two bytes.
                    let rest = text.get(record.bytes..).unwrap_or_default();
                    let (behind, taken) = bare(rest);
                    if !behind.trim_ascii().is_empty() {
                        record.fault = Some("a comma behind the quote");
                    }
                    record.bytes += taken;
                    match text.get(record.bytes) {
                        Some(b',') => record.bytes += 1,
                        None => return record,
                        Some(_) => {
                            record.bytes += 1;
                            return record;
                        }
                    }
                }
            }
        }
    }
}

/// A field without quotes, and its length.
fn bare(text: &[u8]) -> (Vec<u8>, usize) {
    let end = memchr::memchr2(b',', b'\n', text).unwrap_or(text.len());
    (text.get(..end).unwrap_or_default().to_vec(), end)
}

/// A field in quotes, two of which stand for one, and its length; `None` where it is not closed.
fn quoted(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut field = Vec::new();
    let mut at = 1;
    loop {
        let end = at + memchr::memchr(b'"', text.get(at..)?)?;
        field.extend_from_slice(text.get(at..end)?);
        if text.get(end + 1) != Some(&b'"') {
            return Some((field, end + 1));
        }
        field.push(b'"');
        at = end + 2;
    }
}
