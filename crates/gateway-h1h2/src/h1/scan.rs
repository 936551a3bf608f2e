//! Finding the end of a head or trailer section in a stream that comes in pieces of any size.
//!
//! Each byte is looked at once here and once by the reader that gets the whole section, however
//! the stream was cut. A section that lies in one piece is not copied. A head that begins with a
//! piece is tried by its reader first, which finds the end of most without any search; what that has
//! seen of an unfinished one is [adopted](Scan::adopt).

use bytes::{Bytes, BytesMut};

use super::input::Input;
use super::judge::{Fault, Judge};
use super::{Check, Limits};
use crate::fields::is_token_byte;

/// What kind of section is being collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Request,
    Response,
    Trailers,
}

/// More fields than this are never taken, whatever the limits say.
pub(super) const FIELDS_CAP: usize = 256;

/// Longer sections are never taken: fields keep their places in 32 bits.
pub(super) const SECTION_CAP: usize = 1 << 30;

/// Collects one section after another.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// The section so far, if it came in more than one piece.
    partial: BytesMut,
    /// Non-empty lines so far.
    lines: usize,
    /// Empty lines before the first line of a message.
    leading: usize,
    /// Bytes of the unfinished line.
    line_bytes: usize,
    /// The byte before the next one.
    last: u8,
    /// Bytes looked at since the connection began.
    pub(super) examined: u64,
}

enum Found {
    /// The section goes on behind this piece.
    Nothing,
    /// An empty line before the message, up to here.
    Leading(usize),
    /// The end of the section is here.
    End(usize),
}

impl Scan {
    /// Whether no byte of a section has been taken. Empty lines before a message do not count.
    pub(super) fn is_empty(&self) -> bool {
        self.partial.is_empty()
    }

    /// Whether nothing has been seen of what comes before or in the next section.
    pub(super) fn is_fresh(&self) -> bool {
        self.partial.is_empty() && self.leading == 0
    }

    /// Takes the whole first piece of `input` as the beginning of a section, of which its reader
    /// has seen `lines` sound ones and, from `line_at` on, one that is unfinished.
    pub(super) fn adopt(&mut self, input: &mut Input, lines: usize, line_at: usize) {
        let piece = input.front();
        let bytes = piece.len();
        self.partial.extend_from_slice(piece);
        self.lines = lines;
        self.line_bytes = bytes.saturating_sub(line_at);
        self.last = piece.last().copied().unwrap_or(self.last);
        self.examined += bytes as u64;
        input.skip(bytes);
    }

    /// Bytes of the unfinished section.
    pub(super) fn len(&self) -> usize {
        self.partial.len()
    }

    /// Takes bytes from `input` up to the end of the section, and the section if it is complete,
    /// its last empty line included.
    pub(super) fn advance(
        &mut self,
        section: Section,
        input: &mut Input,
        judge: &mut Judge<'_>,
        limits: &Limits,
    ) -> Result<Option<Bytes>, Fault> {
        loop {
            let piece = input.front();
            if piece.is_empty() {
                return Ok(None);
            }
            match self.look(section, piece, judge, limits)? {
                Found::Nothing => {
                    let piece_bytes = piece.len();
                    self.partial.extend_from_slice(piece);
                    input.skip(piece_bytes);
                }
                Found::Leading(bytes) => {
                    input.skip(bytes);
                    self.partial.clear();
                }
                Found::End(bytes) => {
                    let rest = input.take(bytes);
                    (self.lines, self.leading) = (0, 0);
                    if self.partial.is_empty() {
                        return Ok(Some(rest));
                    }
                    self.partial.extend_from_slice(&rest);
                    return Ok(Some(self.partial.split().freeze()));
                }
            }
        }
    }

    fn look(
        &mut self,
        section: Section,
        piece: &[u8],
        judge: &mut Judge<'_>,
        limits: &Limits,
    ) -> Result<Found, Fault> {
        let before = self.partial.len();
        if before == 0 {
            self.look_at_first(section, piece, judge)?;
        }
        let fields_max = limits.fields_max.min(FIELDS_CAP);
        let (bytes_max, lines_max, too_large, too_many) = match section {
            Section::Request | Section::Response => (
                limits.head_bytes_max.min(SECTION_CAP),
                fields_max + 1,
                Check::HeadTooLarge,
                Check::HeadFieldsTooMany,
            ),
            Section::Trailers => (
                limits.trailer_bytes_max.min(SECTION_CAP),
                fields_max,
                Check::TrailersTooLarge,
                Check::TrailersTooLarge,
            ),
        };
        // What lies behind the limit is not looked at.
        let visible = piece.get(..bytes_max.saturating_sub(before)).unwrap_or(piece);
        let mut line_start = 0;
        for at in memchr::memchr_iter(b'\n', visible) {
            let line_bytes = self.line_bytes + (at - line_start);
            let last = if at == 0 { self.last } else { visible[at - 1] };
            let has_cr = line_bytes > 0 && last == b'\r';
            if !has_cr {
                judge.find(Check::LineBareLf, before + at)?;
            }
            line_start = at + 1;
            self.line_bytes = 0;
            if line_bytes > usize::from(has_cr) {
                self.lines += 1;
                if self.lines > lines_max {
                    return Err(judge.refuse(too_many, before + at));
                }
                continue;
            }
            self.examined += line_start as u64;
            self.last = b'\n';
            if self.lines == 0 && section != Section::Trailers {
                self.leading += 1;
                if self.leading > 1 {
                    judge.find(Check::LineEmptyBeforeStart, before + at)?;
                }
                return Ok(Found::Leading(line_start));
            }
            return Ok(Found::End(line_start));
        }
        if visible.len() < piece.len() {
            return Err(judge.refuse(too_large, bytes_max));
        }
        self.line_bytes += piece.len() - line_start;
        self.last = piece.last().copied().unwrap_or(self.last);
        self.examined += piece.len() as u64;
        Ok(Found::Nothing)
    }

    /// Refuses at once what cannot become a message, instead of waiting for the end of a line.
    fn look_at_first(
        &self,
        section: Section,
        piece: &[u8],
        judge: &mut Judge<'_>,
    ) -> Result<(), Fault> {
        let Some(first) = piece.first() else {
            return Ok(());
        };
        let (expected, check) = match section {
            Section::Request => (is_token_byte(*first), Check::MethodSyntax),
            Section::Response => (*first == b'H', Check::VersionSyntax),
            Section::Trailers => (true, Check::FieldNameSyntax),
        };
        if expected || matches!(first, b'\r' | b'\n') {
            return Ok(());
        }
        Err(judge.refuse(check, 0))
    }
}
