//! The scanner: what all streams share.

use std::fmt;
use std::sync::Arc;

use gateway_inspect::{Entry, Examiner, Finding, Inspector, Part, Place, Profile, Wanted};

use crate::compiled::Compiled;
use crate::engine::Engine;
use crate::evidence::Evidence;
use crate::inspector::{Active, DlpInspector};
use crate::plan::{PathPlan, Plan};
use crate::{BuildError, Limits};

/// The scanner that findings of this crate name, and the first label of ids that are wanted.
pub const SCANNER: &str = "dlp";

/// Finds what the profiles of a [`DlpBuilder`](crate::DlpBuilder) count.
///
/// Immutable, and cheap to clone: the clones share one set of tables.
#[derive(Clone)]
pub struct Dlp(Arc<Engine>);

impl Dlp {
    pub(crate) fn new(plan: Plan, limits: &Limits) -> Result<Self, BuildError> {
        Engine::new(plan, limits).map(|engine| Self(Arc::new(engine)))
    }

    /// The profiles, in the order of their ids: rules may name them, as `dlp.` and the id.
    pub fn profiles(&self) -> impl Iterator<Item = &Arc<Profile>> {
        self.0.profiles.iter()
    }

    /// The entries that some profile counts, in the order of their ids; then those that find parts
    /// by their path, then the tables, the documents and the
    /// languages.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<Entry>> {
        let paths = self.0.paths.iter().map(|plan| &plan.entry);
        let datasets = self.0.datasets.iter().map(|plan| &plan.entry);
        let documents = self.0.fingerprints.iter().map(|plan| &plan.entry);
        // One that is only required is counted by none.
        let compiled = self.0.entries.iter().map(|compiled| &compiled.entry);
        let compiled = compiled.filter(|entry| !entry.profiles.is_empty());
        let sources = self.0.sources.iter().map(|plan| &plan.entry);
        compiled.chain(paths).chain(datasets).chain(documents).chain(sources)
    }

    /// What speaks for a finding of this scanner in a part of these `bytes`. Takes time with each
    /// finding: it is for people who ask, not for streams.
    #[must_use]
    pub fn evidence(&self, finding: &Finding, bytes: &[u8]) -> Evidence {
        let by_id = |entry: &Compiled| entry.entry.id.cmp(&finding.entry.id);
        let index = self.0.entries.binary_search_by(by_id).ok();
        match (index.and_then(|index| self.0.evidence.get(index)), finding.place) {
            (Some(plan), Place::Content { span, .. }) => plan.of(span, bytes),
            (None, Place::Content { .. }) => {
                let id = &finding.entry.id;
                let is_document = self.0.fingerprints.iter().any(|plan| plan.entry.id == *id);
                let is_source = self.0.sources.iter().any(|plan| plan.entry.id == *id);
                let validator = match (is_document, is_source) {
                    (true, _) => "fingerprint",
                    (_, true) => "source",
                    _ => "dataset",
                };
                Evidence { validators: vec![validator], ..Evidence::default() }
            }
            _ => Evidence { validators: vec!["path"], ..Evidence::default() },
        }
    }

    /// Bytes of the tables that all streams share.
    #[must_use]
    pub fn memory_usage(&self) -> usize {
        self.0.memory_usage()
    }
}

impl Examiner for Dlp {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        if !wanted.wants_any(SCANNER) {
            return None;
        }
        let engine = &self.0;
        let counts = |entry: &Arc<Entry>| {
            entry.profiles.iter().any(|profile| wanted.wants(SCANNER, &profile.id))
        };
        let applies =
            |at: usize| engine.sieve.as_ref().is_none_or(|sieve| sieve.applies(at, &part.name));
        let all = engine.entries.iter().enumerate();
        let mut active: Vec<bool> =
            all.map(|(at, compiled)| counts(&compiled.entry) && applies(at)).collect();
        // What they require is looked for, whoever counts it.
        let required = engine.sieve.as_ref().map(|sieve| sieve.add_required(&mut active));
        let required = required.unwrap_or_default();
        let is_at = |plan: &&PathPlan| {
            !part.name.is_empty() && counts(&plan.entry) && plan.path.is_match(part.name.as_bytes())
        };
        let named: Vec<Arc<Entry>> =
            engine.paths.iter().filter(is_at).map(|plan| Arc::clone(&plan.entry)).collect();
        let tables: Vec<bool> = engine.datasets.iter().map(|plan| counts(&plan.entry)).collect();
        let documents: Vec<bool> =
            engine.fingerprints.iter().map(|plan| counts(&plan.entry)).collect();
        let sources: Vec<bool> = engine.sources.iter().map(|plan| counts(&plan.entry)).collect();
        let all = [&active, &tables, &documents, &sources];
        let is_wanted = all.into_iter().any(|all| all.contains(&true));
        if named.is_empty() && !is_wanted {
            return None;
        }
        let active = Active {
            entries: &active,
            required: &required,
            tables: &tables,
            documents: &documents,
            sources: &sources,
        };
        Some(Box::new(DlpInspector::new(engine.clone(), part, active, named)))
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

#[cfg(test)]
mod tests {
    use gateway_inspect::{Chain, Findings, Offset, PartKind, Window};

    use super::*;
    use crate::scan::found;
    use crate::{DlpBuilder, ProfileConfig, RegexEntry, WordsEntry};

    fn builder() -> DlpBuilder {
        DlpBuilder::new()
            .regex(RegexEntry::new("hush", "Hush", "hush-[0-9]+"))
            .words(WordsEntry::new("names", "Names", ["Nightjar"]))
            .profile(ProfileConfig::new("one", ["hush", "us_ssn"]))
            .profile(ProfileConfig::new("two", ["names", "us_ssn"]))
    }

    fn dlp() -> Dlp {
        builder().build(&Limits::default()).unwrap()
    }

    #[test]
    fn only_what_is_wanted_is_looked_for() {
        let check = |wanted: Wanted, expected: &[&str]| {
            let part = Part::root(PartKind::Text, None);
            let inspector = dlp().open(&part, &wanted);
            assert_eq!(inspector.is_some(), !expected.is_empty(), "{wanted:?}");
            let mut found = Findings::new(10);
            let mut chain = Chain::new(inspector, &Default::default());
            chain.push(b"hush-1 Nightjar 536-22-1234.", &mut found);
            let ids: Vec<_> = found.as_slice().iter().map(|f| &*f.entry.id).collect();
            assert_eq!(ids, expected, "{wanted:?}");
        };
        check(Wanted::all(), &["hush", "names", "us_ssn"]);
        check(Wanted::from_iter(["dlp"]), &["hush", "names", "us_ssn"]);
        check(Wanted::from_iter(["dlp.one"]), &["hush", "us_ssn"]);
        check(Wanted::from_iter(["dlp.two"]), &["names", "us_ssn"]);
        check(Wanted::from_iter(["av", "dlp.three"]), &[]);
        check(Wanted::none(), &[]);
    }

    #[test]
    fn entries_and_profiles_are_in_the_order_of_their_ids() {
        let dlp = dlp();
        let entries: Vec<_> = dlp.entries().map(|entry| &*entry.id).collect();
        assert_eq!(entries, ["hush", "names", "us_ssn"]);
        let profiles: Vec<_> = dlp.profiles().map(|profile| &*profile.id).collect();
        assert_eq!(profiles, ["one", "two"]);
        let ssn = dlp.entries().last().unwrap();
        assert_eq!(ssn.profiles.iter().map(|p| &*p.id).collect::<Vec<_>>(), ["one", "two"]);
    }

    #[test]
    fn nothing_shows_what_is_looked_for_or_found() {
        let part = Part::root(PartKind::Text, None);
        let mut findings = Findings::new(10);
        let mut inspector = dlp().open(&part, &Wanted::all()).unwrap();
        let window = Window::new(b"hush-12 Nightjar 536-22-1234.", 0, Offset::ZERO);
        inspector.push(window, &mut findings);
        assert_eq!(findings.as_slice().len(), 3);
        let detectors = crate::detectors();
        let shown = format!("{:?} {:?} {findings:?} {detectors:?}", dlp(), builder());
        for secret in ["hush-", "ightjar", "536-22", "1234", "4111", "PRIVATE"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }

    #[test]
    fn many_entries_share_the_lanes() {
        let id = |index| format!("r{index}");
        let mut builder = DlpBuilder::new().profile(ProfileConfig::new("p", (0..200).map(id)));
        for index in 0..200 {
            builder = builder.regex(RegexEntry::new(id(index), "", format!("<{index:03}>")));
        }
        let dlp = builder.build(&Limits::default()).unwrap();
        let text: String = (0..250).map(|index| format!("<{index:03}> <{index}")).collect();
        assert_eq!(found(&dlp, &text).len(), 200);
    }
}
