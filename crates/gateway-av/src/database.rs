//! Signature files in, a scanner out.

use crate::bodies::Bodies;
use crate::digest_set::DigestSet;
use crate::digests::Digests;
use crate::line::{self, BodyLine, Fault, HashLine, Parsed};
use crate::load_error::LoadError;
use crate::names::Names;
use crate::{Av, Report};

/// Bounds on a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseLimits {
    /// Bytes over which a body signature may look back: its length from one unbounded gap to the
    /// next, or its offset from the end. Default 8,192. What needs more is counted as
    /// [`TooLong`](crate::Unsupported::TooLong). Should stay well below
    /// [`window_bytes_max`](gateway_inspect::Limits::window_bytes_max).
    pub lookback_bytes_max: usize,
    /// Signatures in all files together. Default 20 million.
    pub signatures_max: usize,
}

impl Default for DatabaseLimits {
    fn default() -> Self {
        Self { lookback_bytes_max: 8 << 10, signatures_max: 20_000_000 }
    }
}

/// Reads signature files, one by one, and builds an [`Av`] of them.
///
/// Loading is strict: a line that is not of the promised form refuses its whole file. A line of
/// good form whose kind of signature is not supported is counted, by reason.
#[derive(Clone, Debug, Default)]
pub struct DatabaseBuilder {
    limits: DatabaseLimits,
    names: Names,
    hashes: Vec<(HashLine, u32)>,
    bodies: Vec<(BodyLine, u32)>,
    report: Report,
}

/// The form of the lines of a file.
#[derive(Clone, Copy)]
enum Form {
    Hash,
    Body,
}

impl DatabaseBuilder {
    /// A database without a signature, but for EICAR.
    #[must_use]
    pub fn new(limits: DatabaseLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Takes in the signature file `contents`. The extension of `name` says what form its lines
    /// have; the rest of it is for errors only:
    ///
    /// | extension | form | |
    /// |---|---|---|
    /// | `.hdb .hsb .hdu .hsu` | `digest:size:name[:min[:max]]` | MD5, SHA-1 or SHA-256 by length; size `*` with a level of 73 or more |
    /// | `.ndb .ndu .sdb` | `name:target:offset:body[:min[:max]]` | offset `*`, `n`, `EOF-n`, each with `,maxshift`; body of hex digits, `?`, `*`, `{n-m}` |
    ///
    /// Empty lines and those that begin with `#` are passed over.
    ///
    /// # Errors
    /// A name without a known extension, or the first line that is not as it should be. Nothing
    /// of the file is taken in then.
    pub fn add_file(&mut self, name: &str, contents: &[u8]) -> Result<Report, LoadError> {
        let mark = (self.names.len(), self.hashes.len(), self.bodies.len());
        let added = self.add_lines(name, contents);
        match &added {
            Ok(report) => self.report.add(report),
            Err(_) => {
                self.names.truncate(mark.0);
                self.hashes.truncate(mark.1);
                self.bodies.truncate(mark.2);
            }
        }
        added
    }

    /// What stands so far, made ready to scan. Takes time in proportion to what was loaded.
    #[must_use]
    pub fn build(self) -> Av {
        let names = std::sync::Arc::new(self.names);
        let bodies = Bodies::new(self.bodies, names.clone());
        let digests = Digests::new(DigestSet::new(self.hashes), names);
        Av::new(bodies, digests, self.report)
    }

    fn add_lines(&mut self, file: &str, contents: &[u8]) -> Result<Report, LoadError> {
        let form = Form::of(file).ok_or_else(|| LoadError::Extension { file: file.to_owned() })?;
        let mut report = Report::default();
        for (index, line) in contents.split(|byte| *byte == b'\n').enumerate() {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            if self.names.len() >= self.limits.signatures_max {
                let max = self.limits.signatures_max;
                return Err(LoadError::TooMany { file: file.to_owned(), line: index + 1, max });
            }
            let added = match form {
                Form::Hash => self.add_hash(line),
                Form::Body => self.add_body(line),
            };
            match added {
                Ok(Parsed::Signature(())) => report.loaded += 1,
                Ok(Parsed::Unsupported(reason)) => report.count_unsupported(reason),
                Err(Fault { rest, reason }) => {
                    let column = line.len().saturating_sub(rest) + 1;
                    let (file, line) = (file.to_owned(), index + 1);
                    return Err(LoadError::Line { file, line, column, reason });
                }
            }
        }
        Ok(report)
    }

    fn add_hash(&mut self, line: &[u8]) -> Result<Parsed<()>, Fault> {
        Ok(line::hash_line(line)?.map(|(name, hash)| {
            let number = self.names.push(name);
            self.hashes.push((hash, number));
        }))
    }

    fn add_body(&mut self, line: &[u8]) -> Result<Parsed<()>, Fault> {
        let parsed = line::body_line(line, self.limits.lookback_bytes_max)?;
        Ok(parsed.map(|(name, body)| {
            let number = self.names.push(name);
            self.bodies.push((body, number));
        }))
    }
}

impl Form {
    fn of(file: &str) -> Option<Self> {
        let (_, extension) = file.rsplit_once('.')?;
        match extension {
            "hdb" | "hdu" | "hsb" | "hsu" => Some(Self::Hash),
            "ndb" | "ndu" | "sdb" => Some(Self::Body),
            _ => None,
        }
    }
}
