//! Scripts that bring the files of a database up to date: `.cdiff`.
//!
//! A script is a header, `ClamAV-Diff:version:bytes:`, commands packed by gzip, and `:` with a signature
//! over all before it:
//!
//! | command | does |
//! |---|---|
//! | `OPEN file` | names the file that the next four are about |
//! | `ADD line` | puts a line at the end |
//! | `DEL number start` | takes out the line of that number, which begins so |
//! | `XCHG number start line` | puts another line in the place of that one |
//! | `CLOSE` | carries out what was said since `OPEN`; numbers are those before it |
//! | `MOVE from to number start number start` | takes the lines from the first to the second one out of one file, and puts them at the end of another |
//! | `UNLINK file` | takes out a file |
//!
//! A script is carried out as a whole or not at all. Files are the caller's; nothing is read or written
//! here.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::signed::{Content, SignatureError, Strictness, Trust, Vouched, verify_detached};

/// The files of a database by their names.
pub type Files = BTreeMap<String, Vec<u8>>;

/// What a script begins with.
const MAGIC: &str = "ClamAV-Diff";

/// Bytes at the end of a script among which its signature begins.
const SIGNATURE_BYTES_MAX: usize = 2048;

/// A script that is whole.
#[derive(Clone, Debug)]
pub struct Script {
    version: u64,
    vouched: Vouched,
    commands: Vec<u8>,
}

/// Why a script cannot be read.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScriptError {
    /// It does not begin with a header.
    #[error("expected a header such as `ClamAV-Diff:1:100:`")]
    Header,
    /// Its commands cannot be unpacked, or are not as many bytes as the header says.
    #[error("the commands are damaged")]
    Commands,
    /// It has more commands than allowed.
    #[error("the commands take more than {max} bytes")]
    TooLarge {
        /// The bound that was given.
        max: usize,
    },
    /// Nobody vouches for it.
    #[error("not signed by anyone who is trusted: {0}")]
    Signature(SignatureError),
}

/// A command that cannot be carried out.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("line {line}: {reason}")]
pub struct UpdateError {
    /// Number of the line of the command, from 1; for the end of the script the one behind the last.
    pub line: usize,
    /// What is wrong there.
    pub reason: CommandError,
}

/// Why a command cannot be carried out.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum CommandError {
    /// No command, or without what it needs.
    #[error("expected a command such as `OPEN main.ndb`")]
    Malformed,
    /// Not the name of a file of the database.
    #[error("expected the name of a file of letters, digits, `.`, `-` and `_`")]
    Name,
    /// A command about a file while none is open.
    #[error("no file is open")]
    NotOpen,
    /// A file is open that has to be closed before.
    #[error("a file is open that must be closed before")]
    StillOpen,
    /// The database has no such file.
    #[error("there is no such file")]
    NoFile,
    /// A line is not there, or does not begin as the command says.
    #[error("line {number} of the file does not begin as the command says")]
    Line {
        /// Its number in the file, from 1.
        number: usize,
    },
}

impl Script {
    /// Opens the script `bytes`; `beside` is the `.sign` file that stands beside it, if one does. Its
    /// commands may take `unpacked_bytes_max` bytes.
    ///
    /// # Errors
    /// What is damaged is refused, and with [`Strictness::Strict`] what nobody vouches for.
    pub fn open(
        bytes: &[u8],
        beside: Option<&[u8]>,
        trust: &Trust,
        unpacked_bytes_max: usize,
    ) -> Result<Self, ScriptError> {
        let (version, len, commands_at) = header(bytes).ok_or(ScriptError::Header)?;
        let tail_at = bytes.len().saturating_sub(SIGNATURE_BYTES_MAX).max(commands_at);
        let tail = bytes.get(tail_at..).unwrap_or_default();
        let colon = tail.iter().rposition(|byte| *byte == b':');
        let signature_at = colon.map(|at| tail_at + at);
        let vouched = match vouch(bytes, signature_at, beside, trust) {
            Ok(vouched) => vouched,
            Err(reason) if trust.strictness == Strictness::Strict => {
                return Err(ScriptError::Signature(reason));
            }
            Err(reason) => Vouched::Nobody(reason),
        };
        if len > unpacked_bytes_max {
            return Err(ScriptError::TooLarge { max: unpacked_bytes_max });
        }
        let packed = bytes.get(commands_at..).unwrap_or_default();
        let mut commands = Vec::new();
        let limit = u64::try_from(len).unwrap_or(u64::MAX).saturating_add(1);
        // Behind the packed stream the signature stands, which is none of it.
        let read = GzDecoder::new(packed).take(limit).read_to_end(&mut commands);
        if read.is_err() || commands.len() != len {
            return Err(ScriptError::Commands);
        }
        Ok(Self { version, vouched, commands })
    }

    /// A script of plain commands, as they stand before they are packed and signed.
    #[must_use]
    pub fn of_commands(commands: &[u8]) -> Self {
        let vouched = Vouched::Nobody(SignatureError::Missing);
        Self { version: 0, vouched, commands: commands.to_vec() }
    }

    /// The version of the database that it leads to; 0 where it does not say.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Who vouches for it.
    #[must_use]
    pub fn vouched(&self) -> &Vouched {
        &self.vouched
    }

    /// Carries out all commands on `files`.
    ///
    /// # Errors
    /// The first command that cannot be carried out; then `files` are as they were.
    pub fn apply(&self, files: &mut Files) -> Result<(), UpdateError> {
        let mut work = Work { files, changed: BTreeMap::new(), open: None };
        let mut number = 0;
        for line in lines(&self.commands) {
            number += 1;
            if !line.is_empty() && !line.starts_with(b"#") {
                work.command(line).map_err(|reason| UpdateError { line: number, reason })?;
            }
        }
        if work.open.is_some() {
            return Err(UpdateError { line: number + 1, reason: CommandError::StillOpen });
        }
        let changed = work.changed;
        for (name, file) in changed {
            match file {
                Some(bytes) => files.insert(name, bytes),
                None => files.remove(&name),
            };
        }
        Ok(())
    }
}

/// Version, bytes of the commands, and where they begin.
fn header(bytes: &[u8]) -> Option<(u64, usize, usize)> {
    let head = bytes.get(..64.min(bytes.len()))?;
    let mut fields = head.split(|byte| *byte == b':');
    let mut next = || std::str::from_utf8(fields.next()?).ok();
    let (magic, version, len) = (next()?, next()?, next()?);
    fields.next()?;
    let at = magic.len() + version.len() + len.len() + 3;
    (magic == MAGIC).then_some((version.parse().ok()?, len.parse().ok()?, at))
}

fn vouch(
    bytes: &[u8],
    signature_at: Option<usize>,
    beside: Option<&[u8]>,
    trust: &Trust,
) -> Result<Vouched, SignatureError> {
    match beside.map(|file| verify_detached(file, &Content::Bytes(bytes), trust)) {
        Some(Ok(vouched)) => return Ok(vouched),
        None | Some(Err(SignatureError::Missing | SignatureError::Untrusted)) => {}
        Some(Err(reason)) => return Err(reason),
    }
    let at = signature_at.ok_or(SignatureError::Missing)?;
    let signed = bytes.get(..at).unwrap_or_default();
    let text = bytes.get(at + 1..).unwrap_or_default().trim_ascii_end();
    trust.scripts.verify_sha256(&Sha256::digest(signed).into(), text)?;
    Ok(Vouched::Key)
}

/// The lines of a file; the last one may lack its end.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\n").unwrap_or(line))
}

/// What was said of a file since it was opened.
struct Open {
    name: String,
    added: Vec<u8>,
    /// By line: how it begins, and what takes its place.
    edits: BTreeMap<usize, (Vec<u8>, Option<Vec<u8>>)>,
}

/// A script under way.
struct Work<'a> {
    files: &'a Files,
    /// Files that are other than in `files`; `None` for those that are taken out.
    changed: BTreeMap<String, Option<Vec<u8>>>,
    open: Option<Open>,
}

impl Work<'_> {
    fn command(&mut self, line: &[u8]) -> Result<(), CommandError> {
        let (command, rest) = word(line);
        match command {
            b"OPEN" => {
                let name = name(rest)?;
                if self.open.is_some() {
                    return Err(CommandError::StillOpen);
                }
                self.open = Some(Open { name, added: Vec::new(), edits: BTreeMap::new() });
            }
            b"ADD" => {
                let open = self.open.as_mut().ok_or(CommandError::NotOpen)?;
                open.added.extend_from_slice(rest);
                open.added.push(b'\n');
            }
            b"DEL" => {
                let open = self.open.as_mut().ok_or(CommandError::NotOpen)?;
                let (number, start) = numbered(rest)?;
                open.edits.insert(number, (start.to_vec(), None));
            }
            b"XCHG" => {
                let open = self.open.as_mut().ok_or(CommandError::NotOpen)?;
                let (number, rest) = numbered(rest)?;
                let (start, new) = word(rest);
                if start.is_empty() || new.is_empty() {
                    return Err(CommandError::Malformed);
                }
                open.edits.insert(number, (start.to_vec(), Some(new.to_vec())));
            }
            b"CLOSE" => {
                let open = self.open.take().ok_or(CommandError::NotOpen)?;
                self.close(open)?;
            }
            b"MOVE" => self.move_lines(rest)?,
            b"UNLINK" => {
                let name = name(rest)?;
                self.is_closed()?;
                self.file(&name).ok_or(CommandError::NoFile)?;
                self.changed.insert(name, None);
            }
            _ => return Err(CommandError::Malformed),
        }
        Ok(())
    }

    fn is_closed(&self) -> Result<(), CommandError> {
        if self.open.is_some() { Err(CommandError::StillOpen) } else { Ok(()) }
    }

    /// A file as it is by now.
    fn file(&self, name: &str) -> Option<&[u8]> {
        match self.changed.get(name) {
            Some(changed) => changed.as_deref(),
            None => self.files.get(name).map(Vec::as_slice),
        }
    }

    fn close(&mut self, open: Open) -> Result<(), CommandError> {
        let Open { name, added, edits } = open;
        let mut file = match self.file(&name) {
            // New files come into being by what is added to them.
            None if !edits.is_empty() => return Err(CommandError::NoFile),
            None => Vec::new(),
            Some(old) if edits.is_empty() => old.to_vec(),
            Some(old) => edited(old, edits)?,
        };
        file.extend(added);
        self.changed.insert(name, Some(file));
        Ok(())
    }

    fn move_lines(&mut self, rest: &[u8]) -> Result<(), CommandError> {
        self.is_closed()?;
        let (from, rest) = word(rest);
        let (to, rest) = word(rest);
        let (from, to) = (name(from)?, name(to)?);
        let (first, rest) = numbered(rest)?;
        let (first_start, rest) = word(rest);
        let (last, last_start) = numbered(rest)?;
        let old = self.file(&from).ok_or(CommandError::NoFile)?;
        let mut moved = self.file(&to).ok_or(CommandError::NoFile)?.to_vec();
        let mut kept = Vec::new();
        let (mut has_first, mut has_last) = (false, false);
        for (line, number) in lines(old).zip(1..) {
            let fits = |start: &[u8]| {
                let fits = line.starts_with(start);
                fits.then_some(true).ok_or(CommandError::Line { number })
            };
            if number == first {
                has_first = fits(first_start)?;
            }
            if number == last {
                has_last = fits(last_start)?;
            }
            let into = if (first..=last).contains(&number) { &mut moved } else { &mut kept };
            into.extend_from_slice(line);
            into.push(b'\n');
        }
        if !has_first || !has_last || first > last || from == to {
            return Err(CommandError::Line { number: if has_first { last } else { first } });
        }
        self.changed.insert(from, Some(kept));
        self.changed.insert(to, Some(moved));
        Ok(())
    }
}

/// The lines of `old` with all `edits`, each of which must fit.
fn edited(
    old: &[u8],
    mut edits: BTreeMap<usize, (Vec<u8>, Option<Vec<u8>>)>,
) -> Result<Vec<u8>, CommandError> {
    let mut new = Vec::with_capacity(old.len());
    for (line, number) in lines(old).zip(1..) {
        let line = match edits.remove(&number) {
            None => Some(line.to_vec()),
            Some((start, _)) if !line.starts_with(&start) => {
                return Err(CommandError::Line { number });
            }
            Some((_, other)) => other,
        };
        if let Some(line) = line {
            new.extend(line);
            new.push(b'\n');
        }
    }
    match edits.first_key_value() {
        Some((number, _)) => Err(CommandError::Line { number: *number }),
        None => Ok(new),
    }
}

/// The first word of a line, and what is behind the space after it.
fn word(line: &[u8]) -> (&[u8], &[u8]) {
    let mut words = line.splitn(2, |byte| *byte == b' ');
    (words.next().unwrap_or_default(), words.next().unwrap_or_default())
}

/// The number of a line that a command begins with, and what is behind it, which must be something.
fn numbered(rest: &[u8]) -> Result<(usize, &[u8]), CommandError> {
    let (number, rest) = word(rest);
    let number = std::str::from_utf8(number).ok().and_then(|text| text.parse().ok());
    match number {
        Some(number) if number > 0 && !rest.is_empty() => Ok((number, rest)),
        _ => Err(CommandError::Malformed),
    }
}

fn name(text: &[u8]) -> Result<String, CommandError> {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    let fits = !text.is_empty() && !text.starts_with(b".") && text.iter().all(is_plain);
    let name = fits.then(|| String::from_utf8(text.to_vec()).ok()).flatten();
    name.ok_or(CommandError::Name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(all: &[(&str, &str)]) -> Files {
        all.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn commands_change_files() {
        let before = [("a.ndb", "one\ntwo\nthree\nfour\n"), ("b.ndb", "x\n"), ("c.ndb", "y\n")];
        for (script, after) in [
            (
                "OPEN a.ndb\nADD five\nDEL 1 on\nXCHG 3 three drei und mehr\nCLOSE\n",
                &[("a.ndb", "two\ndrei und mehr\nfour\nfive\n"), before[1], before[2]][..],
            ),
            ("# nothing\n\n", &before),
            ("OPEN n.ndb\nADD new\nCLOSE", &[before[0], before[1], before[2], ("n.ndb", "new\n")]),
            (
                "MOVE a.ndb b.ndb 2 tw 3 three\nUNLINK c.ndb\n",
                &[("a.ndb", "one\nfour\n"), ("b.ndb", "x\ntwo\nthree\n")],
            ),
            (
                "UNLINK b.ndb\nOPEN b.ndb\nADD again\nCLOSE\n",
                &[before[0], ("b.ndb", "again\n"), before[2]],
            ),
        ] {
            let mut all = files(&before);
            Script::of_commands(script.as_bytes()).apply(&mut all).expect(script);
            assert_eq!(all, files(after), "{script}");
        }
    }

    #[test]
    fn what_does_not_fit_changes_nothing() {
        use CommandError as E;
        let before = files(&[("a.ndb", "one\ntwo\n"), ("b.ndb", "x\n")]);
        for (script, line, reason) in [
            ("OPEN b.ndb\nADD y\nCLOSE\nNONE", 4, E::Malformed),
            ("OPEN b.ndb\nADD y", 3, E::StillOpen),
            ("OPEN b.ndb\nOPEN a.ndb", 2, E::StillOpen),
            ("OPEN b.ndb\nUNLINK a.ndb", 2, E::StillOpen),
            ("ADD y", 1, E::NotOpen),
            ("CLOSE", 1, E::NotOpen),
            ("OPEN ../a", 1, E::Name),
            ("OPEN .a", 1, E::Name),
            ("UNLINK n.ndb", 1, E::NoFile),
            ("OPEN n.ndb\nDEL 1 x\nCLOSE", 3, E::NoFile),
            ("OPEN a.ndb\nDEL x x", 2, E::Malformed),
            ("OPEN a.ndb\nDEL 1", 2, E::Malformed),
            ("OPEN a.ndb\nXCHG 1 one", 2, E::Malformed),
            ("OPEN a.ndb\nDEL 1 two\nCLOSE", 3, E::Line { number: 1 }),
            ("OPEN a.ndb\nDEL 3 one\nCLOSE", 3, E::Line { number: 3 }),
            ("MOVE a.ndb b.ndb 1 one 3 two", 1, E::Line { number: 3 }),
            ("MOVE a.ndb b.ndb 2 two 1 one", 1, E::Line { number: 1 }),
            ("MOVE a.ndb n.ndb 1 one 2 two", 1, E::NoFile),
        ] {
            let mut all = before.clone();
            let error = Script::of_commands(script.as_bytes()).apply(&mut all);
            assert_eq!(error, Err(UpdateError { line, reason }), "{script}");
            assert_eq!(all, before, "{script}");
        }
    }

    #[test]
    fn what_is_no_script_is_refused() {
        let lax = Trust { strictness: Strictness::Lax, ..Trust::default() };
        for (bytes, error) in [
            (&b""[..], ScriptError::Header),
            (b"ClamAV-Diff:1:2", ScriptError::Header),
            (b"ClamAV-Diff:x:2:", ScriptError::Header),
            (b"ClamAV-Diff:1:2:", ScriptError::Commands),
            (b"ClamAV-Diff:1:99:", ScriptError::TooLarge { max: 50 }),
        ] {
            assert_eq!(Script::open(bytes, None, &lax, 50).unwrap_err(), error);
        }
        let strict = Script::open(b"ClamAV-Diff:1:2:", None, &Trust::default(), 50).unwrap_err();
        assert_eq!(strict, ScriptError::Signature(SignatureError::Missing));
    }
}
