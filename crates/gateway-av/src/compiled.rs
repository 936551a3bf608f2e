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

/// Bytes that an image may ask to be kept of a part.
const WHOLE_BYTES_MAX: usize = 1 << 30;

/// All of a database.
#[derive(Debug, Default)]
pub(crate) struct Compiled {
    pub(crate) names: Names,
    pub(crate) bodies: BodySet,
    /// For every target that has bodies of its own.
    pub(crate) indexes: BTreeMap<Target, Index>,
    /// Bodies of signatures that can be judged at the end of a part only, and for which targets.
    pub(crate) late: BodySet,
    pub(crate) late_indexes: BTreeMap<Target, Index>,
    /// Bytes of a part that are kept for regular expressions.
    pub(crate) whole_bytes_max: usize,
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
        self.whole_bytes_max.store(out);
        self.types.store(out);
        self.members.store(out);
        for (bodies, indexes) in [(&self.bodies, &self.indexes), (&self.late, &self.late_indexes)] {
            bodies.store(out);
            indexes.len().store(out);
            for (target, index) in indexes {
                target.store(out);
                index.store(out);
            }
        }
    }

    /// Reads what [`store`](Self::store) wrote.
    pub(crate) fn load(input: &mut Input<'_>, bulk: &Bytes) -> Option<Self> {
        let report = Stored::load(input)?;
        let names = Names::load(input, bulk)?;
        let mut digests = || DigestSet::load(input, bulk);
        let (files, sections, imports, exempt) = (digests()?, digests()?, digests()?, digests()?);
        let whole_bytes_max = usize::load(input)?.min(WHOLE_BYTES_MAX);
        let (types, members) = (Stored::load(input)?, Stored::load(input)?);
        let (bodies, indexes) = bodies_of(input)?;
        let (late, late_indexes) = bodies_of(input)?;
        let all = Self {
            names,
            bodies,
            indexes,
            late,
            late_indexes,
            whole_bytes_max,
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

/// Bodies and their indexes, as [`store`](Compiled::store) wrote them.
fn bodies_of(input: &mut Input<'_>) -> Option<(BodySet, BTreeMap<Target, Index>)> {
    let bodies = Stored::load(input)?;
    let indexes: Vec<(Target, Index)> = Stored::load(input)?;
    Some((bodies, indexes.into_iter().collect()))
}
