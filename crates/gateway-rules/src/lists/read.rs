//! Files of lists: from the bytes of a known format to entries, with a report of every line that
//! gave none.
//!
//! A line is an entry, or means nothing (blank, a comment), or is *passed over* because what it
//! means cannot be said by an entry, or is a *fault*. The last two are counted and told.

mod adblock;
mod csv;
mod hosts;
mod plain;
mod rpz;
mod ut1;

use std::fmt;

use super::builder::ListBuilder;
use super::entry::EntryError;

/// The format of a file of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListFormat {
    /// Filter rules of ad blockers. `||name^` stands for a domain with all below it, in lists of
    /// URLs `||name/path` for a prefix; cosmetic rules, exceptions and other patterns are passed
    /// over.
    AdBlock,
    /// Records of comma-separated fields (RFC 4180), the entry first. A first record that names the
    /// columns is passed over.
    Csv,
    /// A hosts file: an address, then the names that are listed, each for itself alone.
    Hosts,
    /// One entry a line; `#` begins a comment.
    Plain,
    /// A response policy zone in the form of a zone file (draft-vixie-dnsop-dns-rpz): its owners,
    /// as names or, in lists of addresses, as `rpz-ip` networks.
    Rpz,
    /// The file `domains` of a UT1 category: names with all below them, and addresses.
    Ut1Domains,
    /// The file `urls` of a UT1 category: hosts with paths, the hosts with all below them.
    Ut1Urls,
}

impl ListFormat {
    /// Every format, in the order of their names.
    pub const ALL: [Self; 7] = [
        Self::AdBlock,
        Self::Csv,
        Self::Hosts,
        Self::Plain,
        Self::Rpz,
        Self::Ut1Domains,
        Self::Ut1Urls,
    ];

    /// The name in policies, such as `adblock`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AdBlock => "adblock",
            Self::Csv => "csv",
            Self::Hosts => "hosts",
            Self::Plain => "plain",
            Self::Rpz => "rpz",
            Self::Ut1Domains => "ut1-domains",
            Self::Ut1Urls => "ut1-urls",
        }
    }
}

/// Lines of one kind that gave no entry although they mean something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedOver {
    /// What they are, such as `cosmetic rules`.
    pub what: &'static str,
    /// How many there are.
    pub lines: usize,
    /// The first of them, counted from 1.
    pub first_line: usize,
}

/// A line that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineFault {
    /// Which one, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub error: EntryError,
}

impl fmt::Display for LineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.error)
    }
}

/// What reading a file gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadReport {
    /// Entries that were added.
    pub entries: usize,
    /// The first [`ReadReport::FAULTS_MAX`] lines that are wrong.
    pub faults: Vec<LineFault>,
    /// How many lines are wrong.
    pub faults_count: usize,
    /// What else gave no entry.
    pub passed_over: Vec<PassedOver>,
}

impl ReadReport {
    /// Faults that are kept in full.
    pub const FAULTS_MAX: usize = 16;
}

impl ListBuilder {
    /// Adds the entries of a file. A faulty line adds nothing and does not keep others from it:
    /// whether the list is good without it, the caller decides.
    pub fn read(&mut self, format: ListFormat, file: &[u8]) -> ReadReport {
        let file = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
        let mut reading = Reading { builder: self, report: ReadReport::default() };
        match format {
            ListFormat::AdBlock => adblock::read(&mut reading, file),
            ListFormat::Csv => csv::read(&mut reading, file),
            ListFormat::Hosts => hosts::read(&mut reading, file),
            ListFormat::Plain => plain::read(&mut reading, file),
            ListFormat::Rpz => rpz::read(&mut reading, file),
            ListFormat::Ut1Domains => ut1::domains(&mut reading, file),
            ListFormat::Ut1Urls => ut1::urls(&mut reading, file),
        }
        reading.report
    }
}

/// A file being read.
struct Reading<'b> {
    builder: &'b mut ListBuilder,
    report: ReadReport,
}

impl Reading<'_> {
    /// Calls `one` for each line that is text, without white space around it, blank ones left out.
    fn lines<'f>(&mut self, file: &'f [u8], mut one: impl FnMut(&mut Self, usize, &'f str)) {
        for (line, bytes) in lines(file) {
            match std::str::from_utf8(bytes).map(str::trim) {
                Ok("") => {}
                Ok(text) => one(self, line, text),
                Err(_) => self.keep(line, Err(EntryError::Utf8)),
            }
        }
    }

    /// Counts an entry, or notes why there is none.
    fn keep(&mut self, line: usize, added: Result<(), EntryError>) {
        let Err(error) = added else {
            self.report.entries += 1;
            return;
        };
        self.report.faults_count += 1;
        if self.report.faults.len() < ReadReport::FAULTS_MAX {
            self.report.faults.push(LineFault { line, error });
        }
    }

    /// Notes a line that is none of the format.
    fn fault(&mut self, line: usize, expected: &'static str, found: &str) {
        let found = found.chars().take(80).collect();
        self.keep(line, Err(EntryError::Line { expected, found }));
    }

    /// Notes a line that means something else.
    fn pass_over(&mut self, line: usize, what: &'static str) {
        match self.report.passed_over.iter_mut().find(|passed| passed.what == what) {
            Some(passed) => passed.lines += 1,
            None => {
                self.report.passed_over.push(PassedOver { what, lines: 1, first_line: line });
            }
        }
    }
}

/// The lines of a file with their numbers, from 1.
fn lines(file: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    (1..).zip(file.split(|byte| *byte == b'\n'))
}

/// A line without what stands behind a `#` that begins it or follows white space.
fn without_comment(line: &str) -> &str {
    let hash = line.match_indices('#').map(|(at, _)| at).find(|at| {
        line.get(..*at).is_some_and(|before| before.is_empty() || before.ends_with([' ', '\t']))
    });
    hash.and_then(|at| line.get(..at)).unwrap_or(line).trim_end()
}

#[cfg(test)]
mod tests;
