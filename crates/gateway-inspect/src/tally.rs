//! What a whole body holds: findings folded across its parts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::{Finding, HoldFrom, Offset, PartId, Profile, Unscannable};

/// Different starts that are remembered for one profile with a distance; further ones replace
/// none, so what was near stays near.
const NEAR_MAX: usize = 256;

/// Counts what was found in one body, in all of its parts.
///
/// Folding is commutative: whatever order inspectors of several parts report in, the same findings
/// give the same tally. Everything in it only grows, so a condition of the form "at least" that
/// holds stays true.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    entries: BTreeMap<(&'static str, Arc<str>), u64>,
    profiles: BTreeMap<Arc<str>, Count>,
    unscannable: BTreeSet<(&'static str, Unscannable)>,
    missed: u64,
}

#[derive(Clone, Debug)]
struct Count {
    profile: Arc<Profile>,
    matches: u64,
    distinct: BTreeSet<Arc<str>>,
    /// Starts by part, kept only for a profile with a distance.
    near: BTreeMap<PartId, BTreeMap<Offset, BTreeSet<Arc<str>>>>,
    near_len: usize,
    /// Wire position of the first counted finding.
    first: Option<Offset>,
    matched: bool,
}

impl Tally {
    /// Counts one finding, whose first byte lies at `wire_start` of the body as it is sent.
    pub fn fold(&mut self, finding: &Finding, wire_start: Option<Offset>) {
        let entry = &finding.entry;
        *self.entries.entry((entry.scanner, entry.id.clone())).or_default() += 1;
        for profile in &entry.profiles {
            let count = self
                .profiles
                .entry(profile.id.clone())
                .or_insert_with(|| Count::new(profile.clone()));
            count.add(finding, wire_start);
        }
    }

    /// Notes that `scanner` could not look at some part.
    pub fn fold_unscannable(&mut self, scanner: &'static str, reason: Unscannable) {
        self.unscannable.insert((scanner, reason));
    }

    /// Adds findings that were made but did not fit into their sink.
    pub fn fold_missed(&mut self, missed: u64) {
        self.missed = self.missed.saturating_add(missed);
    }

    /// The entries of `scanner` that were found, by id, with how often.
    pub fn entries<'a>(&'a self, scanner: &'a str) -> impl Iterator<Item = (&'a Arc<str>, u64)> {
        self.entries
            .iter()
            .filter(move |((of, _), _)| *of == scanner)
            .map(|((_, id), count)| (id, *count))
    }

    /// The profiles that match, by id.
    pub fn profiles(&self) -> impl Iterator<Item = &Arc<str>> {
        self.profiles.iter().filter(|(_, count)| count.matched).map(|(id, _)| id)
    }

    /// Findings of `scanner` in all parts.
    #[must_use]
    pub fn count(&self, scanner: &str) -> u64 {
        self.entries(scanner).map(|(_, count)| count).sum()
    }

    /// Why some part could not be looked at by `scanner`.
    pub fn unscannable<'a>(&'a self, scanner: &'a str) -> impl Iterator<Item = Unscannable> {
        self.unscannable.iter().filter(move |(of, _)| *of == scanner).map(|(_, reason)| *reason)
    }

    /// Findings that were made but are counted nowhere else.
    #[must_use]
    pub const fn missed(&self) -> u64 {
        self.missed
    }

    /// Whether nothing was found and everything was looked at.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.unscannable.is_empty() && self.missed == 0
    }

    /// The wire position from which bytes stay because a profile has findings but too few yet,
    /// and says [`HoldFrom::FirstMatch`].
    #[must_use]
    pub fn undecided_from(&self) -> Option<Offset> {
        let open = |count: &&Count| {
            !count.matched && matches!(count.profile.hold_from, HoldFrom::FirstMatch)
        };
        self.profiles.values().filter(open).filter_map(|count| count.first).min()
    }
}

impl Count {
    fn new(profile: Arc<Profile>) -> Self {
        Self {
            profile,
            matches: 0,
            distinct: BTreeSet::new(),
            near: BTreeMap::new(),
            near_len: 0,
            first: None,
            matched: false,
        }
    }

    fn add(&mut self, finding: &Finding, wire_start: Option<Offset>) {
        self.matches += 1;
        self.first = match (self.first, wire_start) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let enough = match self.profile.within_bytes {
            None => {
                self.distinct.insert(finding.entry.id.clone());
                self.distinct.len() >= self.profile.distinct_min as usize
            }
            Some(within) => self.add_near(finding, within),
        };
        self.matched |= enough && self.matches >= u64::from(self.profile.matches_min);
    }

    /// Whether enough different entries have started within the distance, in any place so far.
    fn add_near(&mut self, finding: &Finding, within: u64) -> bool {
        if self.near_len < NEAR_MAX {
            let start = finding.place.start().unwrap_or(Offset::ZERO);
            let starts = self.near.entry(finding.place.part()).or_default();
            if starts.entry(start).or_default().insert(finding.entry.id.clone()) {
                self.near_len += 1;
            }
        }
        let distinct_min = self.profile.distinct_min as usize;
        self.near.values().any(|starts| {
            starts.keys().any(|from| {
                let to = Offset::new(from.as_u64().saturating_add(within));
                let ids: BTreeSet<_> = starts.range(*from..=to).flat_map(|(_, ids)| ids).collect();
                ids.len() >= distinct_min
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Confidence, Entry, Span};

    fn finding(profile: &Arc<Profile>, id: &str, part: u32, at: u64) -> Finding {
        let entry = Entry {
            scanner: "dlp",
            id: id.into(),
            name: id.into(),
            profiles: vec![profile.clone()],
        };
        let span = Span::new(Offset::new(at), Offset::new(at + 4));
        Finding::content(Arc::new(entry), PartId::new(part), span, Confidence::High)
    }

    fn profile(change: impl FnOnce(&mut Profile)) -> Arc<Profile> {
        let mut profile = Profile::new("p");
        change(&mut profile);
        Arc::new(profile)
    }

    /// Folds findings given as (entry, part, start) and tells after which one the profile matched.
    fn matched_after(profile: &Arc<Profile>, findings: &[(&str, u32, u64)]) -> Option<usize> {
        let mut tally = Tally::default();
        findings.iter().position(|(id, part, at)| {
            tally.fold(&finding(profile, id, *part, *at), Some(Offset::new(*at)));
            tally.profiles().count() == 1
        })
    }

    #[test]
    fn thresholds() {
        let one = profile(|_| {});
        assert_eq!(matched_after(&one, &[("a", 0, 0)]), Some(0));
        let three = profile(|p| p.matches_min = 3);
        assert_eq!(matched_after(&three, &[("a", 0, 0), ("a", 1, 0), ("a", 0, 9)]), Some(2));
        let distinct = profile(|p| p.distinct_min = 2);
        assert_eq!(matched_after(&distinct, &[("a", 0, 0), ("a", 0, 9), ("b", 4, 9)]), Some(2));
        let near = profile(|p| (p.distinct_min, p.within_bytes) = (2, Some(10)));
        assert_eq!(matched_after(&near, &[("a", 0, 0), ("b", 1, 0), ("b", 0, 11)]), None);
        assert_eq!(matched_after(&near, &[("a", 0, 50), ("b", 0, 0), ("b", 0, 40)]), Some(2));
    }

    #[test]
    fn bytes_of_an_undecided_profile_stay_from_the_first_match() {
        let held = profile(|p| (p.matches_min, p.hold_from) = (2, HoldFrom::FirstMatch));
        let mut tally = Tally::default();
        assert_eq!(tally.undecided_from(), None);
        tally.fold(&finding(&held, "a", 0, 70), Some(Offset::new(70)));
        assert_eq!(tally.undecided_from(), Some(Offset::new(70)));
        tally.fold(&finding(&held, "a", 0, 90), Some(Offset::new(90)));
        assert_eq!(tally.undecided_from(), None);
        let passed = profile(|p| p.matches_min = 2);
        let mut tally = Tally::default();
        tally.fold(&finding(&passed, "a", 0, 70), Some(Offset::new(70)));
        assert_eq!(tally.undecided_from(), None);
    }

    proptest::proptest! {
        #[test]
        fn order_does_not_matter(
            mut findings in proptest::collection::vec((0..3u32, 0..2u32, 0..40u64), 0..20),
            within in proptest::option::of(0..20u64),
        ) {
            let profile =
                profile(|p| (p.matches_min, p.distinct_min, p.within_bytes) = (3, 2, within));
            let fold = |findings: &[(u32, u32, u64)]| {
                let mut tally = Tally::default();
                for (id, part, at) in findings {
                    let id = ["a", "b", "c"][*id as usize];
                    tally.fold(&finding(&profile, id, *part, *at), Some(Offset::new(*at)));
                }
                format!("{tally:?}")
            };
            let forward = fold(&findings);
            findings.reverse();
            proptest::prop_assert_eq!(forward, fold(&findings));
        }
    }
}
