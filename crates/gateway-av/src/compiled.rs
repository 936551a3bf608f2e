//! All signatures, made ready to scan: what an image holds, and what examiners share.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use crate::Report;
use crate::body_set::BodySet;
use crate::digest_set::DigestSet;
use crate::file_types::FileTypes;
use crate::image::{Input, Stored};
use crate::index::Index;
use crate::literal::{Key, Literal};
use crate::member_line::MemberLine;
use crate::names::Names;
use crate::target::Target;

/// All of a database.
#[derive(Debug, Default)]
pub(crate) struct Compiled {
    pub(crate) names: Names,
    pub(crate) bodies: BodySet,
    /// For every target that has bodies of its own.
    pub(crate) indexes: BTreeMap<Target, Index>,
    pub(crate) types: FileTypes,
    /// Digests of files, of sections of programs, and of what programs import.
    pub(crate) files: DigestSet,
    pub(crate) sections: DigestSet,
    pub(crate) imports: DigestSet,
    /// Digests of files in which nothing is found.
    pub(crate) exempt: DigestSet,
    pub(crate) members: Vec<(u32, MemberLine)>,
    pub(crate) report: Report,
}

/// The indexes of `bodies`, into which their keys are put.
pub(crate) fn indexes(bodies: &mut BodySet) -> BTreeMap<Target, Index> {
    let targets: BTreeSet<_> = bodies.segments.iter().map(|placed| placed.target).collect();
    let literals: Vec<_> =
        bodies.segments.iter().map(|placed| Literal::of(&placed.segment)).collect();
    let mut keys = vec![Key::default(); literals.len()];
    let index = |target| (target, Index::new(bodies, target, &literals, &mut keys));
    let indexes = targets.into_iter().map(index).collect();
    bodies.keys = keys;
    indexes
}

impl Compiled {
    /// Writes all of it: what is looked up as it stands to `bulk`, the rest to `out`.
    pub(crate) fn store(&self, out: &mut Vec<u8>, bulk: &mut Vec<u8>) {
        self.report.store(out);
        self.names.store(out, bulk);
        for digests in [&self.files, &self.sections, &self.imports, &self.exempt] {
            digests.store(out, bulk);
        }
        self.types.store(out);
        self.members.store(out);
        self.bodies.store(out);
        self.indexes.len().store(out);
        for (target, index) in &self.indexes {
            target.store(out);
            index.store(out);
        }
    }

    /// Reads what [`store`](Self::store) wrote.
    pub(crate) fn load(input: &mut Input<'_>, bulk: &Bytes) -> Option<Self> {
        let report = Stored::load(input)?;
        let names = Names::load(input, bulk)?;
        let mut digests = || DigestSet::load(input, bulk);
        let (files, sections, imports, exempt) = (digests()?, digests()?, digests()?, digests()?);
        let (types, members) = (Stored::load(input)?, Stored::load(input)?);
        let bodies = Stored::load(input)?;
        let indexes: Vec<(Target, Index)> = Stored::load(input)?;
        let indexes = indexes.into_iter().collect();
        let all = Self {
            names,
            bodies,
            indexes,
            types,
            files,
            sections,
            imports,
            exempt,
            members,
            report,
        };
        input.is_empty().then_some(all)
    }
}
