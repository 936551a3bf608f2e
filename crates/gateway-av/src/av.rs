//! What stands when a database is built: the scanner, immutable and shared.

use std::sync::Arc;

use gateway_inspect::Examiner;

use crate::Report;
use crate::at_end::AtEnd;
use crate::bodies::Bodies;
use crate::compiled::Compiled;
use crate::digests::Digests;
use crate::eicar::Eicar;
use crate::exempt::Exempting;
use crate::members::Members;
use crate::pass::Signatures;
use crate::programs::Programs;

/// The name of this scanner, in findings and in what is wanted.
pub const SCANNER: &str = "av";

/// A built signature database. Cheap to clone; a clone shares all of it.
#[derive(Clone)]
pub struct Av {
    examiners: [Arc<dyn Examiner>; 6],
    report: Arc<Report>,
}

impl Av {
    pub(crate) fn new(compiled: Compiled) -> Self {
        let Compiled {
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
        } = compiled;
        let (names, exempt) = (Arc::new(names), Arc::new(exempt));
        let types = Arc::new(types);
        let signatures = |bodies, indexes| {
            Arc::new(Signatures::new(bodies, indexes, types.clone(), names.clone()))
        };
        let bodies = signatures(bodies, indexes);
        let signatures = signatures(late, late_indexes);
        let at_end = AtEnd { signatures, bodies: bodies.clone(), whole_bytes_max };
        let bodies = Bodies(bodies);
        let digests = Digests::new(files, names.clone(), exempt.clone());
        let programs = Programs::new(sections, imports, names.clone());
        let members = Members::new(members, names);
        let examiners: [Arc<dyn Examiner>; 6] = [
            Arc::new(Exempting::new(Eicar::default(), exempt.clone())),
            Arc::new(Exempting::new(bodies, exempt.clone())),
            Arc::new(digests),
            Arc::new(Exempting::new(programs, exempt.clone())),
            Arc::new(Exempting::new(members, exempt.clone())),
            Arc::new(Exempting::new(at_end, exempt)),
        ];
        Self { examiners, report: Arc::new(report) }
    }

    /// The examiners of this scanner, each of which must be shown every part: one for each way in
    /// which its inspectors keep bytes back. They look for the EICAR file, for bodies, for digests,
    /// for digests of pieces of programs, at what containers say of their members, and for signatures
    /// that can be judged at the end of a part only.
    #[must_use]
    pub fn examiners(&self) -> [Arc<dyn Examiner>; 6] {
        self.examiners.clone()
    }

    /// How many signatures are in force: those that were loaded, and EICAR.
    #[must_use]
    pub fn signatures(&self) -> u64 {
        self.report.loaded + 1
    }

    /// What loading came to, over all files.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }
}

impl std::fmt::Debug for Av {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Av").field("report", &self.report).finish_non_exhaustive()
    }
}
