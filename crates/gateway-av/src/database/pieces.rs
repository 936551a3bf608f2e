//! The lines of signature files, taken in as the file comes.

use std::collections::BTreeSet;

use super::forms::IGNORED;
use super::{DatabaseBuilder, Form, Held, Of};
use crate::blocks::Block;
use crate::file_types::type_line;
use crate::ignored_line::ignored_line;
use crate::line::{Fault, Parsed};
use crate::{LoadError, Report, Unsupported, lines};

/// A signature file that is being taken in piece by piece. Unless it is
/// [finished](Self::finish), nothing of it is taken in.
#[derive(Debug)]
pub struct FileInPieces<'a> {
    builder: &'a mut DatabaseBuilder,
    member: Member,
    held: Held,
    finished: bool,
}

impl DatabaseBuilder {
    /// Begins to take in the signature file `name`, as [`add_file`](Self::add_file) does.
    ///
    /// # Errors
    /// A name without a known extension.
    pub fn begin_file(&mut self, name: &str) -> Result<FileInPieces<'_>, LoadError> {
        let (member, held) = (Member::of(name)?, self.held());
        Ok(FileInPieces { builder: self, member, held, finished: false })
    }
}

impl FileInPieces<'_> {
    /// Takes in the next bytes of the file.
    ///
    /// # Errors
    /// The first line that is not as it should be; what comes after it is not looked at.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), LoadError> {
        self.member.push(self.builder, bytes)
    }

    /// The file has ended: what loading it came to.
    ///
    /// # Errors
    /// As [`push`](Self::push), whose error it says again.
    pub fn finish(mut self) -> Result<Report, LoadError> {
        let report = self.member.end(self.builder)?;
        self.builder.take_in(&self.member.lines.file, &self.held, &report);
        self.finished = true;
        Ok(report)
    }
}

impl Drop for FileInPieces<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.builder.truncate(&self.held);
        }
    }
}

/// A signature file, or a member of a container, that comes in pieces.
#[derive(Debug)]
pub(super) struct Member {
    lines: Lines,
    /// The beginning of a line whose end has not come.
    begun: Vec<u8>,
}

impl Member {
    /// The file `name`, of which nothing has come.
    pub(super) fn of(name: &str) -> Result<Self, LoadError> {
        Ok(Self { lines: Lines::of(name)?, begun: Vec::new() })
    }

    /// Takes in the next bytes.
    pub(super) fn push(
        &mut self,
        builder: &mut DatabaseBuilder,
        bytes: &[u8],
    ) -> Result<(), LoadError> {
        let Some(last) = memchr::memrchr(b'\n', bytes) else {
            self.begun.extend_from_slice(bytes);
            return Ok(());
        };
        let (mut whole, rest) = bytes.split_at(last);
        if !self.begun.is_empty() {
            // The first line began before.
            let first = memchr::memchr(b'\n', whole).unwrap_or(whole.len());
            let (end, others) = whole.split_at(first);
            self.begun.extend_from_slice(end);
            self.lines.take(builder, &self.begun)?;
            self.begun.clear();
            let Some(others) = others.strip_prefix(b"\n") else {
                self.begun.extend_from_slice(rest.get(1..).unwrap_or_default());
                return Ok(());
            };
            whole = others;
        }
        self.lines.take(builder, whole)?;
        self.begun.extend_from_slice(rest.get(1..).unwrap_or_default());
        Ok(())
    }

    /// The file has ended: what its lines came to.
    pub(super) fn end(&mut self, builder: &mut DatabaseBuilder) -> Result<Report, LoadError> {
        let begun = std::mem::take(&mut self.begun);
        self.lines.take(builder, &begun)?;
        self.lines.end(builder)
    }
}

/// What has come of a file so far.
#[derive(Debug)]
struct Lines {
    file: String,
    form: Form,
    /// Lines that have been taken in.
    number: usize,
    report: Report,
    ignored: BTreeSet<Box<str>>,
    wrong: Option<LoadError>,
    waiting: Waiting,
}

/// The block of digests at work.
#[derive(Debug, Default)]
struct Waiting {
    block: Block,
    /// The id of the first signature of it, where it is taken in line by line.
    first: u32,
    /// Its lines, one behind the other, where they wait for its end,
    lines: Vec<u8>,
    /// and where each ends and which number it has in the file.
    ends: Vec<(usize, usize)>,
}

impl Lines {
    fn of(file: &str) -> Result<Self, LoadError> {
        let form = Form::of(file).ok_or_else(|| LoadError::Extension { file: file.to_owned() })?;
        let mut report = Report::default();
        if let Form::Other = form {
            report.count_unsupported(Unsupported::File);
        }
        let (file, ignored) = (file.to_owned(), BTreeSet::new());
        let waiting = Waiting::default();
        Ok(Self { file, form, number: 0, report, ignored, wrong: None, waiting })
    }

    /// Takes in lines, the last one without its end.
    fn take(&mut self, builder: &mut DatabaseBuilder, lines: &[u8]) -> Result<(), LoadError> {
        if let Some(error) = &self.wrong {
            return Err(error.clone());
        }
        if let Form::Other = self.form {
            return Ok(());
        }
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', lines).chain([lines.len()]) {
            let line = lines.get(start..end).unwrap_or_default();
            (start, self.number) = (end + 1, self.number + 1);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            if builder.is_exceeded() {
                return Ok(());
            }
            let taken = match self.form.block_tag() {
                Some(tag) => self.in_block(builder, line, lines::number(tag, line)),
                None => self.one(builder, line, self.number),
            };
            if let Err(error) = taken {
                self.wrong = Some(error.clone());
                return Err(error);
            }
        }
        Ok(())
    }

    /// Takes in a line of a digest. Where signatures are known, it waits for its block.
    fn in_block(
        &mut self,
        builder: &mut DatabaseBuilder,
        line: &[u8],
        number: u64,
    ) -> Result<(), LoadError> {
        if self.waiting.block.len() == 0 {
            self.waiting.first = builder.next_id();
        }
        if builder.known.is_some() {
            self.waiting.lines.extend_from_slice(line);
            self.waiting.ends.push((self.waiting.lines.len(), self.number));
        } else {
            self.one(builder, line, self.number)?;
        }
        if self.waiting.block.add(number) { self.end_block(builder) } else { Ok(()) }
    }

    /// A block has ended: if its signatures are known, that is all; if not, it is taken in.
    fn end_block(&mut self, builder: &mut DatabaseBuilder) -> Result<(), LoadError> {
        let Waiting { block, first, lines, ends } = &mut self.waiting;
        let (block, mut start) = (std::mem::take(block), 0);
        let ids = *first..builder.next_id();
        let Some(known) = &mut builder.known else {
            builder.blocks.push(block, ids);
            return Ok(());
        };
        let (mut lines, mut ends) = (std::mem::take(lines), std::mem::take(ends));
        if block.len() > 0 && known.meet_block(block) {
            self.report.loaded += u64::from(block.len());
        } else {
            for (end, number) in &ends {
                self.one(builder, lines.get(start..*end).unwrap_or_default(), *number)?;
                start = *end;
            }
        }
        // Their memory is that of the next block.
        lines.clear();
        ends.clear();
        (self.waiting.lines, self.waiting.ends) = (lines, ends);
        Ok(())
    }

    /// Takes in the line `at`.
    fn one(
        &mut self,
        builder: &mut DatabaseBuilder,
        line: &[u8],
        at: usize,
    ) -> Result<(), LoadError> {
        if builder.len() >= builder.limits.signatures_max || builder.names.is_full_for(line.len()) {
            let max = builder.limits.signatures_max;
            return Err(LoadError::TooMany { file: self.file.clone(), line: at, max });
        }
        let number = self.form.tag().map_or(0, |tag| lines::number(tag, line));
        if number != 0 && builder.known.as_mut().is_some_and(|known| known.meet_line(number)) {
            self.report.loaded += 1;
            return Ok(());
        }
        let added = match self.form {
            Form::Body => builder.add_body(line, number),
            Form::Digest(of) => builder.add_digest(line, of),
            Form::FileType => {
                type_line(line).map(|parsed| parsed.map(|one| builder.types.0.push(one)))
            }
            Form::Logical => builder.add_logical(line, number),
            Form::Member => builder.add_member(line, number),
            Form::OtherLines | Form::Other => Ok(Parsed::Unsupported(Unsupported::File)),
            Form::Ignored { before } => match ignored_line(line, before) {
                Ok(name) => {
                    builder.add_term(lines::number(IGNORED, name.as_bytes()));
                    self.ignored.insert(Box::from(name));
                    return Ok(());
                }
                Err(fault) => Err(fault),
            },
        };
        match added {
            Ok(Parsed::Signature(())) => {
                if let Some(tag) = self.form.term_tag() {
                    builder.add_term(lines::number(tag, line));
                }
                let is_exempt = matches!(self.form, Form::Digest(Of::Exempt));
                *(if is_exempt { &mut self.report.exempt } else { &mut self.report.loaded }) += 1;
            }
            Ok(Parsed::Unsupported(reason)) => self.report.count_unsupported(reason),
            Err(Fault { rest, reason }) => {
                let column = line.len().saturating_sub(rest) + 1;
                let (file, line) = (self.file.clone(), at);
                return Err(LoadError::Line { file, line, column, reason });
            }
        }
        Ok(())
    }

    fn end(&mut self, builder: &mut DatabaseBuilder) -> Result<Report, LoadError> {
        self.end_block(builder)?;
        builder.ignored.append(&mut self.ignored);
        Ok(std::mem::take(&mut self.report))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LineError;

    /// What a file in pieces of so many bytes comes to, and how many signatures are there then.
    fn in_pieces(name: &str, contents: &str, size: usize) -> (Result<Report, LoadError>, u64) {
        let mut builder = DatabaseBuilder::default();
        builder.add_file("b.ndb", b"before:0:*:6162").unwrap();
        let mut file = builder.begin_file(name).unwrap();
        let pushed = contents.as_bytes().chunks(size).try_for_each(|piece| file.push(piece));
        let finished = file.finish();
        if let Err(error) = pushed {
            assert_eq!(finished, Err(error));
        }
        (finished, builder.build().signatures())
    }

    #[test]
    fn in_any_pieces_a_file_comes_to_the_same() {
        for (name, contents) in [
            ("a.ndb", "a:0:*:6162\n# note\r\n\n\r\nb:0:*:6364\r\nc:4:*:6162"),
            ("a.ndb", "a:0:*:6162\nb:0:*:616\nc:0:*:6162\n"),
            ("a.ndb", "a:0:*:6162\n\n\n"),
            ("a.ndb", "a:0:*:616"),
            ("a.ign2", "before\nx\n"),
            ("a.yar", "rule a\n{}\n"),
            ("a.hdb", "\n44d88612fea8a8f36de82e1278abb02f:68:a\nx"),
            ("a.fp", "44d88612fea8a8f36de82e1278abb02f:68:a"),
            ("a.ndb", ""),
        ] {
            let mut builder = DatabaseBuilder::default();
            builder.add_file("b.ndb", b"before:0:*:6162").unwrap();
            let whole = builder.add_file(name, contents.as_bytes());
            let expected = (whole, builder.build().signatures());
            for size in 1..=contents.len().max(1) {
                assert_eq!(in_pieces(name, contents, size), expected, "{contents:?} by {size}");
            }
        }
        let (file, reason) = ("a.ndb".to_owned(), LineError::Body);
        let error = LoadError::Line { file, line: 3, column: 10, reason };
        assert_eq!(in_pieces("a.ndb", "a:0:*:6162\n\nb:0:*:616", 4).0.unwrap_err(), error);
    }

    #[test]
    fn what_is_not_finished_is_not_taken_in() {
        let mut builder = DatabaseBuilder::default();
        let mut file = builder.begin_file("a.ndb").unwrap();
        file.push(b"a:0:*:6162\nb:0:*:6162\n").unwrap();
        drop(file);
        assert_eq!((builder.report().loaded, builder.build().signatures()), (0, 1));
        assert!(DatabaseBuilder::default().begin_file("a.txt").is_err());
    }
}
