//! What stands when a database is built: the scanner, immutable and shared.

use std::sync::Arc;

use gateway_inspect::Examiner;

use crate::Report;
use crate::compiled::Compiled;
use crate::files::Files;
use crate::image::Identity;
use crate::layer::{Layer, Terms, examiners};

/// The name of this scanner, in findings and in what is wanted.
pub const SCANNER: &str = "av";

/// A built signature database. Cheap to clone; a clone shares all of it.
#[derive(Clone)]
pub struct Av {
    pub(crate) examiners: Arc<[Arc<dyn Examiner>]>,
    pub(crate) report: Arc<Report>,
    /// What was built as a whole.
    pub(crate) whole: Arc<Whole>,
}

/// A database that was built as a whole.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) layer: Layer,
    pub(crate) terms: Terms,
    /// What came of which file.
    pub(crate) files: Files,
    pub(crate) report: Arc<Report>,
    /// What it is known by, if it was loaded from an image.
    pub(crate) identity: Option<Identity>,
}

impl Whole {
    fn new(mut compiled: Compiled, identity: Option<Identity>) -> Self {
        let terms = Terms {
            types: Arc::new(std::mem::take(&mut compiled.types)),
            exempt: Arc::new(std::mem::take(&mut compiled.exempt)),
            whole_bytes_max: compiled.whole_bytes_max,
        };
        let report = Arc::new(std::mem::take(&mut compiled.report));
        let files = std::mem::take(&mut compiled.loaded);
        Self { layer: Layer::new(compiled, &terms), terms, files, report, identity }
    }
}

impl Av {
    pub(crate) fn new(compiled: Compiled) -> Self {
        Self::standing_on(Arc::new(Whole::new(compiled, None)))
    }

    /// That of an image, whose whole is known by `identity`.
    pub(crate) fn of_image(compiled: Compiled, identity: Identity) -> Self {
        Self::standing_on(Arc::new(Whole::new(compiled, Some(identity))))
    }

    /// What was built as a whole, with nothing laid upon it.
    pub(crate) fn standing_on(whole: Arc<Whole>) -> Self {
        let examiners = examiners(&whole.layer, None, &whole.terms).into();
        Self { examiners, report: whole.report.clone(), whole }
    }

    /// The examiners of this scanner, each of which must be shown every part: one for each way in
    /// which its inspectors keep bytes back. They look for the EICAR file, for bodies, for digests,
    /// for digests of pieces of programs, at what containers say of their members, and for signatures
    /// that can be judged at the end of a part only; what was [overlaid](Self::overlay) may have up to
    /// two more, for bodies and for what is judged at the end.
    #[must_use]
    pub fn examiners(&self) -> Vec<Arc<dyn Examiner>> {
        self.examiners.to_vec()
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

    /// The six examiners that are there always.
    #[cfg(test)]
    pub(crate) fn lowest_examiners(&self) -> [Arc<dyn Examiner>; 6] {
        self.examiners.first_chunk().unwrap().clone()
    }
}

impl std::fmt::Debug for Av {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Av").field("report", &self.report).finish_non_exhaustive()
    }
}
