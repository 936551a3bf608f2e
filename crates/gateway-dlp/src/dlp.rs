//! The scanner: what all streams share.

use std::fmt;
use std::sync::Arc;

use gateway_inspect::{Entry, Examiner, Inspector, Part, Profile, Wanted};

use crate::automaton::Automaton;
use crate::compile::compile;
use crate::inspector::DlpInspector;
use crate::plan::{EntryPlan, Plan};
use crate::sample::{BEFORE_MAX, Test};
use crate::shape::DEPTH;
use crate::sieve::Sieve;
use crate::{BuildError, Limits};

/// The scanner that findings of this crate name, and the first label of ids that are wanted.
pub const SCANNER: &str = "dlp";

/// Finds what the profiles of a [`DlpBuilder`](crate::DlpBuilder) count.
///
/// Immutable, and cheap to clone: the clones share one set of tables.
#[derive(Clone)]
pub struct Dlp(Arc<Engine>);

/// What a scanner compiles to.
pub(crate) struct Engine {
    pub(crate) entries: Vec<Compiled>,
    pub(crate) sieve: Sieve,
    pub(crate) limits: Limits,
    /// Bytes that windows must show again.
    pub(crate) lookback: usize,
    profiles: Vec<Arc<Profile>>,
}

/// One entry, ready to be looked for.
pub(crate) struct Compiled {
    pub(crate) entry: Arc<Entry>,
    pub(crate) automaton: Automaton,
    pub(crate) test: Test,
    /// Bytes of its longest match.
    pub(crate) match_bytes_max: u64,
}

impl Dlp {
    pub(crate) fn new(plan: Plan, limits: &Limits) -> Result<Self, BuildError> {
        let judged = plan.entries.iter().filter(|entry| entry.test.is_judge());
        let longest = judged.map(|entry| entry.match_bytes_max).max().unwrap_or(0);
        let entries = plan
            .entries
            .into_iter()
            .map(|entry| Compiled::new(entry, limits))
            .collect::<Result<Vec<_>, _>>()?;
        let sieve = Sieve::new(entries.iter().map(|entry| &entry.automaton));
        let lookback = (longest + BEFORE_MAX).max(DEPTH);
        let limits = limits.clone();
        Ok(Self(Arc::new(Engine { entries, sieve, limits, lookback, profiles: plan.profiles })))
    }

    /// The profiles, in the order of their ids: rules may name them, as `dlp.` and the id.
    pub fn profiles(&self) -> impl Iterator<Item = &Arc<Profile>> {
        self.0.profiles.iter()
    }

    /// The entries that some profile counts, in the order of their ids.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.0.entries.iter().map(|compiled| &compiled.entry)
    }

    /// Bytes of the tables that all streams share.
    #[must_use]
    pub fn memory_usage(&self) -> usize {
        let tables: usize = self.0.entries.iter().map(|e| e.automaton.memory_usage()).sum();
        tables + self.0.sieve.memory_usage()
    }
}

impl Compiled {
    fn new(plan: EntryPlan, limits: &Limits) -> Result<Self, BuildError> {
        Ok(Self {
            automaton: compile(&plan, limits)?,
            entry: plan.entry,
            test: plan.test,
            match_bytes_max: plan.match_bytes_max as u64,
        })
    }
}

impl Examiner for Dlp {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        let counts = |entry: &Arc<Entry>| {
            entry.profiles.iter().any(|profile| wanted.wants(SCANNER, &profile.id))
        };
        if !wanted.wants_any(SCANNER) || !self.entries().any(counts) {
            return None;
        }
        let active = self.entries().map(counts);
        Some(Box::new(DlpInspector::new(self.0.clone(), part.id, active)))
    }
}

/// Shows ids alone: patterns and words may be secrets themselves.
impl fmt::Debug for Dlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let profiles: Vec<_> = self.profiles().map(|profile| &*profile.id).collect();
        let entries: Vec<_> = self.entries().map(|entry| &*entry.id).collect();
        f.debug_struct("Dlp")
            .field("profiles", &profiles)
            .field("entries", &entries)
            .finish_non_exhaustive()
    }
}
