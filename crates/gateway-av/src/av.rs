//! What stands when a database is built: the scanner, immutable and shared.

use std::sync::Arc;

use gateway_inspect::Examiner;

use crate::Report;
use crate::bodies::Bodies;
use crate::digests::Digests;
use crate::eicar::Eicar;

/// The name of this scanner, in findings and in what is wanted.
pub const SCANNER: &str = "av";

/// A built signature database. Cheap to clone; a clone shares all of it.
#[derive(Clone)]
pub struct Av {
    examiners: [Arc<dyn Examiner>; 3],
    report: Arc<Report>,
}

impl Av {
    pub(crate) fn new(bodies: Bodies, digests: Digests, report: Report) -> Self {
        let examiners: [Arc<dyn Examiner>; 3] =
            [Arc::new(Eicar::default()), Arc::new(bodies), Arc::new(digests)];
        Self { examiners, report: Arc::new(report) }
    }

    /// The examiners of this scanner, each of which must be shown every part: one for each way in
    /// which its inspectors keep bytes back.
    #[must_use]
    pub fn examiners(&self) -> [Arc<dyn Examiner>; 3] {
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
