//! Second look at a head that the fast parser refused: which check says no, and can it be mended?
//!
//! Works on whole lines, so that what is dropped or joined here is gone for policy and wire alike.

use bytes::{BufMut, Bytes, BytesMut};

use super::Check;
use super::judge::{Fault, Judge};
use super::scan::Section;
use crate::fields::{is_token, is_value_byte};

/// Names what is wrong with `head`, or gives a mended copy if every finding may be mended.
pub(super) fn mend(section: Section, head: &[u8], judge: &mut Judge<'_>) -> Result<Bytes, Fault> {
    if let Some(at) = memchr::memchr(0, head) {
        return Err(judge.refuse(Check::HeadNul, at));
    }
    let mut mended = BytesMut::with_capacity(head.len());
    let mut start = 0;
    // Whether the last field line was kept, so that a continuation knows where it belongs.
    let mut kept = false;
    for (number, end) in memchr::memchr_iter(b'\n', head).enumerate() {
        let line = head.get(start..end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some(at) = memchr::memchr(b'\r', line) {
            return Err(judge.refuse(Check::LineBareCr, start + at));
        }
        match section {
            Section::Request if number == 0 => check_request_line(line, judge)?,
            Section::Response if number == 0 => check_status_line(line, judge)?,
            Section::Request | Section::Response | Section::Trailers => {
                kept = mend_field(line, start, kept, &mut mended, judge)?;
                start = end + 1;
                continue;
            }
        }
        if head.get(end + 1).is_some_and(|byte| is_blank(*byte)) {
            return Err(judge.refuse(Check::StartLineThenBlank, end + 1));
        }
        put_line(&mut mended, line);
        start = end + 1;
    }
    Ok(mended.freeze())
}

fn mend_field(
    line: &[u8],
    start: usize,
    kept: bool,
    mended: &mut BytesMut,
    judge: &mut Judge<'_>,
) -> Result<bool, Fault> {
    if let Some(at) = line.iter().position(|byte| !is_value_byte(*byte)) {
        return Err(judge.refuse(Check::FieldValueByte, start + at));
    }
    if line.is_empty() {
        put_line(mended, line);
        return Ok(false);
    }
    if line.first().is_some_and(|byte| is_blank(*byte)) {
        judge.find(Check::FieldFolded, start)?;
        if kept {
            mended.truncate(mended.len() - 2);
            mended.put_u8(b' ');
            put_line(mended, line.trim_ascii());
        }
        return Ok(kept);
    }
    let Some(colon) = memchr::memchr(b':', line) else {
        judge.find(Check::FieldColonMissing, start)?;
        return Ok(false);
    };
    let (name, rest) = line.split_at(colon);
    if is_token(name) {
        put_line(mended, line);
        return Ok(true);
    }
    let trimmed = name.trim_ascii_end();
    if is_token(trimmed) {
        judge.find(Check::FieldNameBlank, start)?;
        mended.put_slice(trimmed);
        put_line(mended, rest);
        return Ok(true);
    }
    judge.find(Check::FieldNameSyntax, start)?;
    Ok(false)
}

fn check_request_line(line: &[u8], judge: &mut Judge<'_>) -> Result<(), Fault> {
    if line.starts_with(b"PRI * HTTP/2") {
        return Err(judge.refuse(Check::Http2Preface, 0));
    }
    let mut parts = line.splitn(2, |byte| *byte == b' ');
    let method = parts.next().unwrap_or_default();
    if !is_token(method) {
        return Err(judge.refuse(Check::MethodSyntax, 0));
    }
    let rest = parts.next().unwrap_or_default();
    let after_method = method.len() + 1;
    if rest.is_empty() || rest.starts_with(b" ") || rest.ends_with(b" ") {
        return Err(judge.refuse(Check::StartLineSyntax, after_method.min(line.len())));
    }
    let Some(space) = memchr::memrchr(b' ', rest) else {
        return Err(judge.refuse(Check::VersionSyntax, line.len()));
    };
    let (target, version) = rest.split_at(space);
    if target.ends_with(b" ") {
        return Err(judge.refuse(Check::StartLineSyntax, after_method + space));
    }
    if let Some(at) = target.iter().position(|byte| !byte.is_ascii_graphic()) {
        return Err(judge.refuse(Check::TargetByte, after_method + at));
    }
    let version = version.get(1..).unwrap_or_default();
    check_version(version, after_method + space + 1, judge)
}

fn check_status_line(line: &[u8], judge: &mut Judge<'_>) -> Result<(), Fault> {
    let version_bytes = memchr::memchr(b' ', line).unwrap_or(line.len());
    let (version, rest) = line.split_at(version_bytes);
    check_version(version, 0, judge)?;
    match rest {
        [b' ', a, b, c, reason @ ..] if [a, b, c].iter().all(|byte| byte.is_ascii_digit()) => {
            match reason {
                [] => Ok(()),
                [b' ', text @ ..] if text.iter().all(|byte| is_value_byte(*byte)) => Ok(()),
                [b' ', ..] => Err(judge.refuse(Check::ReasonSyntax, version_bytes + 5)),
                [..] => Err(judge.refuse(Check::StatusSyntax, version_bytes + 4)),
            }
        }
        [..] => Err(judge.refuse(Check::StatusSyntax, version_bytes)),
    }
}

fn check_version(version: &[u8], at: usize, judge: &mut Judge<'_>) -> Result<(), Fault> {
    match version {
        b"HTTP/1.0" | b"HTTP/1.1" => Ok(()),
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
            if major.is_ascii_digit() && minor.is_ascii_digit() =>
        {
            Err(judge.refuse(Check::VersionUnsupported, at))
        }
        [..] => Err(judge.refuse(Check::VersionSyntax, at)),
    }
}

fn put_line(mended: &mut BytesMut, line: &[u8]) {
    mended.put_slice(line);
    mended.put_slice(b"\r\n");
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}
