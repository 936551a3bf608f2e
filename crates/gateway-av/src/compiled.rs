//! All signatures, made ready to scan: what an image holds, and what examiners share.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::Report;
use crate::body_set::{BodyList, BodySet};
use crate::digest_set::DigestSet;
use crate::file_types::FileTypes;
use crate::files::Files;
use crate::image::{Input, Stored};
use crate::index::{Index, indexes};
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
    /// What came of which file.
    pub(crate) loaded: Files,
}

/// The bodies of `list` as they are searched for, and what of them is for which target.
pub(crate) fn indexed(list: BodyList) -> (BodySet, BTreeMap<Target, Index>) {
    let (mut bodies, indexes) = indexes(&list);
    bodies.segments = list.segments.into_iter().collect();
    bodies.logicals = list.logicals.into_iter().collect();
    (bodies, indexes)
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
            bodies.store(out, bulk);
            indexes.len().store(out);
            indexes.values().for_each(|index| index.store(out, bulk));
        }
        self.loaded.store(out, bulk);
    }

    /// Reads what [`store`](Self::store) wrote.
    pub(crate) fn load(input: &mut Input<'_>, bulk: &Bytes) -> Option<Self> {
        let report = Stored::load(input)?;
        let names = Names::load(input, bulk)?;
        let mut digests = || DigestSet::load(input, bulk);
        let (files, sections, imports, exempt) = (digests()?, digests()?, digests()?, digests()?);
        let whole_bytes_max = usize::load(input)?.min(WHOLE_BYTES_MAX);
        let (types, members) = (Stored::load(input)?, Stored::load(input)?);
        let (bodies, indexes) = bodies_of(input, bulk)?;
        let (late, late_indexes) = bodies_of(input, bulk)?;
        let loaded = Files::load(input, bulk)?;
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
            loaded,
        };
        input.is_empty().then_some(all)
    }
}

/// Bodies and their indexes, as [`store`](Compiled::store) wrote them.
fn bodies_of(input: &mut Input<'_>, bulk: &Bytes) -> Option<(BodySet, BTreeMap<Target, Index>)> {
    let bodies = BodySet::load(input, bulk)?;
    let mut indexes = BTreeMap::new();
    for _ in 0..usize::load(input)? {
        let index = Index::load(input, bulk)?;
        if !index.is_for(&bodies) {
            return None;
        }
        indexes.insert(index.target, index);
    }
    Some((bodies, indexes))
}
