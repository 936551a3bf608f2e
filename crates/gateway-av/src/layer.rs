//! Signatures made ready to scan, in one layer: those of a database that was built as a whole, or those
//! that have come since, which lie upon it.

use std::sync::Arc;

use gateway_inspect::Examiner;

use crate::at_end::{AtEnd, Upon};
use crate::bodies::Bodies;
use crate::compiled::Compiled;
use crate::digest_set::DigestSet;
use crate::digests::{DigestLayer, Digests};
use crate::eicar::Eicar;
use crate::exempt::Exempting;
use crate::file_types::FileTypes;
use crate::mask::{Mask, Named};
use crate::members::{MemberLayer, Members};
use crate::pass::Signatures;
use crate::programs::{ProgramLayer, Programs};

/// What holds for all layers alike: it is said by the files of the lowest one.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub(crate) types: Arc<FileTypes>,
    /// Digests of files in which nothing is found.
    pub(crate) exempt: Arc<DigestSet>,
    /// Bytes of a part that are kept for regular expressions.
    pub(crate) whole_bytes_max: usize,
}

/// The signatures of one layer. A clone shares all of them.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    bodies: Arc<Signatures>,
    /// Those that can be judged at the end of a part only.
    late: Arc<Signatures>,
    digests: DigestLayer,
    programs: ProgramLayer,
    members: MemberLayer,
}

impl Layer {
    /// The signatures of `compiled`, to which `terms` apply.
    pub(crate) fn new(compiled: Compiled, terms: &Terms) -> Self {
        let Compiled {
            names,
            bodies,
            indexes,
            late,
            late_indexes,
            files,
            sections,
            imports,
            members,
            ..
        } = compiled;
        let named = Named { names: Arc::new(names), mask: Mask::default() };
        let signatures = |bodies, indexes| {
            let (types, names) = (terms.types.clone(), named.names.clone());
            Arc::new(Signatures::new(bodies, indexes, types, names))
        };
        Self {
            bodies: signatures(bodies, indexes),
            late: signatures(late, late_indexes),
            digests: DigestLayer { set: Arc::new(files), named: named.clone() },
            programs: ProgramLayer {
                sections: Arc::new(sections),
                imports: Arc::new(imports),
                named: named.clone(),
            },
            members: MemberLayer { all: members.into(), named },
        }
    }

    /// Digests of files.
    pub(crate) fn files(&self) -> &DigestSet {
        &self.digests.set
    }

    /// Digests of sections of programs.
    pub(crate) fn sections(&self) -> &DigestSet {
        &self.programs.sections
    }

    /// Digests of what programs import.
    pub(crate) fn imports(&self) -> &DigestSet {
        &self.programs.imports
    }

    /// How many signatures have names.
    pub(crate) fn names_len(&self) -> u32 {
        u32::try_from(self.digests.named.names.len()).unwrap_or(u32::MAX)
    }

    /// Whether the signature `id` is called `name`.
    pub(crate) fn is_called(&self, id: u32, name: &str) -> bool {
        self.digests.named.names.is(id, name)
    }

    /// The same signatures without those that `mask` hides.
    pub(crate) fn masked(&self, mask: &Mask) -> Self {
        let mut layer = self.clone();
        for signatures in [&mut layer.bodies, &mut layer.late] {
            *signatures = Arc::new(signatures.masked(mask.clone()));
        }
        let Self { digests, programs, members, .. } = &mut layer;
        for named in [&mut digests.named, &mut programs.named, &mut members.named] {
            named.mask = mask.clone();
        }
        layer
    }
}

/// The examiners of `lowest`, and of the layer `upon` it if there is one. The first six are there always
/// and in the order in which [`Av::examiners`](crate::Av::examiners) names them. Bodies are passed over
/// once for each layer; of everything else there is one examiner for both.
pub(crate) fn examiners(
    lowest: &Layer,
    upon: Option<&Layer>,
    terms: &Terms,
) -> Vec<Arc<dyn Examiner>> {
    let Terms { exempt, whole_bytes_max, .. } = terms.clone();
    let layers = || [lowest].into_iter().chain(upon);
    let at_end = |layer: &Layer, upon: Option<&Layer>| AtEnd {
        signatures: layer.late.clone(),
        bodies: layer.bodies.clone(),
        upon: upon.map(|layer| Upon { bodies: layer.bodies.clone(), late: layer.late.clone() }),
        whole_bytes_max,
    };
    let digests = Digests {
        layers: layers().map(|layer| layer.digests.clone()).collect(),
        exempt: exempt.clone(),
    };
    let programs = Programs(layers().map(|layer| layer.programs.clone()).collect());
    let members = Members(layers().map(|layer| layer.members.clone()).collect());
    let mut all: Vec<Arc<dyn Examiner>> = vec![
        Arc::new(Exempting::new(Eicar::default(), exempt.clone())),
        Arc::new(Exempting::new(Bodies(lowest.bodies.clone()), exempt.clone())),
        Arc::new(digests),
        Arc::new(Exempting::new(programs, exempt.clone())),
        Arc::new(Exempting::new(members, exempt.clone())),
        Arc::new(Exempting::new(at_end(lowest, upon), exempt.clone())),
    ];
    if let Some(upon) = upon.filter(|upon| !upon.bodies.is_empty()) {
        all.push(Arc::new(Exempting::new(Bodies(upon.bodies.clone()), exempt.clone())));
    }
    if let Some(upon) = upon.filter(|upon| !upon.late.is_empty()) {
        all.push(Arc::new(Exempting::new(at_end(upon, None), exempt)));
    }
    all
}
