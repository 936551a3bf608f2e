//! What came of which file of a database, so that some of it can be taken out.

use std::collections::BTreeSet;
use std::ops::Range;

use bytes::Bytes;

use crate::Report;
use crate::blocks::Blocks;
use crate::image::{Input, Stored};
use crate::lines::Lines;

/// All files, and what they say of signatures in any of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files {
    /// In the order of loading.
    pub(crate) shares: Vec<Share>,
    /// Names of signatures that are not in force.
    pub(crate) ignored: BTreeSet<Box<str>>,
    /// Signatures and what else counts as one.
    pub(crate) held: usize,
    /// Those of signatures in force, but for digests.
    pub(crate) lines: Lines,
    /// Those of digests in force.
    pub(crate) blocks: Blocks,
    /// The ids, in order, of signatures that others depend on: bodies that macros name, and what a part
    /// is looked at as.
    pub(crate) heeded: Vec<u32>,
}

/// What came of one file, or of a container.
#[derive(Clone, Debug)]
pub(crate) struct Share {
    /// The name that it was loaded under.
    pub(crate) name: Box<str>,
    /// The ids of its signatures.
    pub(crate) signatures: Range<u32>,
    pub(crate) report: Report,
    pub(crate) ties: Ties,
    /// Signatures and what else counts as one.
    pub(crate) held: usize,
}

/// What a file says that has to do with signatures of other ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ties {
    /// The number of all lines of which the signatures of all files depend: names that are not in force,
    /// types, and digests of files in which nothing is found. Zero where there is none.
    pub(crate) terms: u64,
    /// It has signatures that others depend on, or that depend on others: macros, bodies that they name,
    /// and what a part is looked at as.
    pub(crate) ties: bool,
}

impl Files {
    /// How much memory they take, in digests.
    pub(crate) fn weight(&self) -> usize {
        weight(self.held, self.lines.len())
    }

    pub(crate) fn store(&self, out: &mut Vec<u8>, bulk: &mut Vec<u8>) {
        self.shares.store(out);
        let ignored: Vec<_> = self.ignored.iter().map(|name| String::from(&**name)).collect();
        ignored.store(out);
        (self.held, self.heeded.clone()).store(out);
        self.lines.store(out, bulk);
        self.blocks.store(out, bulk);
    }

    pub(crate) fn load(input: &mut Input<'_>, bulk: &Bytes) -> Option<Self> {
        let shares = Stored::load(input)?;
        let ignored: Vec<String> = Stored::load(input)?;
        let ignored = ignored.into_iter().map(String::into_boxed_str).collect();
        let (held, heeded) = Stored::load(input)?;
        let (lines, blocks) = (Lines::load(input, bulk)?, Blocks::load(input, bulk)?);
        Some(Self { shares, ignored, held, lines, blocks, heeded })
    }
}

/// What `all` signatures weigh, `others` of which are no digests: a digest takes some 24 bytes of memory, a
/// body or a logical signature some 250.
pub(crate) const fn weight(all: usize, others: usize) -> usize {
    all.saturating_add(others.saturating_mul(9))
}

impl Stored for Share {
    fn store(&self, out: &mut Vec<u8>) {
        String::from(&*self.name).store(out);
        (self.signatures.start, self.signatures.end, self.held).store(out);
        self.report.store(out);
        (self.ties.terms, self.ties.ties).store(out);
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        let name = String::load(input)?.into();
        let (start, end, held) = Stored::load(input)?;
        let report = Stored::load(input)?;
        let (terms, ties) = Stored::load(input)?;
        let ties = Ties { terms, ties };
        Some(Self { name, signatures: start..end, report, ties, held })
    }
}
