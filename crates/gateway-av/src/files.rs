//! What came of which file of a database, so that some of them can be taken out of it.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::Report;

/// All files, and what they say of signatures in any of them.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    /// In the order of loading.
    pub(crate) shares: Vec<Share>,
    /// Names of signatures that are not in force.
    pub(crate) ignored: BTreeSet<Box<str>>,
    /// Signatures and what else counts as one.
    pub(crate) held: usize,
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
}

/// Whether what a file says has to do with signatures of other ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ties {
    /// What others come to depends on it: signatures that are not in force, types, digests of files in
    /// which nothing is found, bodies that macros name, and what a part is looked at as.
    pub(crate) is_heeded: bool,
    /// What it comes to depends on others: it has macros.
    pub(crate) heeds: bool,
}

impl Files {
    /// Those that were loaded as `shares`, `numbers` being the ids of all signatures with `ignored`
    /// names.
    pub(crate) fn new(
        mut shares: Vec<Share>,
        ignored: BTreeSet<Box<str>>,
        numbers: &BTreeSet<u32>,
        held: usize,
    ) -> Self {
        for Share { signatures, report, .. } in &mut shares {
            let count = numbers.range(signatures.clone()).count() as u64;
            report.loaded = report.loaded.saturating_sub(count);
            report.ignored += count;
        }
        Self { shares, ignored, held }
    }
}
