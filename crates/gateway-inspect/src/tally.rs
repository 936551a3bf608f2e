//! What a whole body holds: findings folded across its parts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::{Beyond, Finding, HoldFrom, Offset, Part, PartId, Place, Profile, Span, Unscannable};

/// Starts of one entry in one part that are remembered for a profile with a distance. Of more the
/// first ones are forgotten, so that no number of matches hides those that follow.
const STARTS_MAX: usize = 64;

/// Parts for which starts are remembered; of more the first ones are forgotten.
const PARTS_MAX: usize = 64;

/// Places at which an entry was found that are remembered to tell when it was found there again in a
/// part that is a copy; of more the first ones are forgotten, and count again.
const PLACES_MAX: usize = 1_024;

/// Bytes of a match that one in a copy is compared with, at the most.
const MATCH_BYTES: u64 = 8_192;

/// Where each entry was found in one part.
type Starts = BTreeMap<Arc<str>, BTreeSet<Offset>>;

/// Counts what was found in one body, in all of its parts.
///
/// Folding is commutative: whatever order inspectors of several parts report in, the same findings
/// give the same tally, as long as a profile with a distance has no more of them than are
/// remembered. Everything in it only grows, so a condition of the form "at least" that
/// holds stays true.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    entries: BTreeMap<(&'static str, Arc<str>), Entries>,
    /// Parts that are another one in a plainer form, with that one.
    views: BTreeMap<PartId, PartId>,
    /// Parts whose bytes stand in another one as they are, with that one and the place.
    copies: BTreeMap<PartId, (PartId, Offset)>,
    profiles: BTreeMap<Arc<str>, Count>,
    unscannable: BTreeSet<(&'static str, Unscannable)>,
    missed: u64,
    /// Those of them that are counted by no entry.
    uncounted: u64,
}

/// How often one entry was found.
#[derive(Clone, Debug, Default)]
struct Entries {
    count: u64,
    /// In the parts that were met last.
    parts: BTreeMap<PartId, u64>,
    /// Where, in the part that is no copy, where it begins, and in which part it was found; with the end.
    places: BTreeMap<(PartId, Offset, PartId), Offset>,
}

#[derive(Clone, Debug)]
struct Count {
    profile: Arc<Profile>,
    matches: u64,
    distinct: BTreeSet<Arc<str>>,
    /// Starts by part, kept only for a profile with a distance that does not match yet.
    near: BTreeMap<PartId, Starts>,
    /// Whether enough different entries were found near each other.
    are_near: bool,
    /// Wire position of the first counted finding.
    first: Option<Offset>,
    /// Findings of which no more is known than that there are.
    beyond: u64,
    matched: bool,
}

impl Tally {
    /// Counts one finding, whose first byte lies at `wire_start` of the body as it is sent.
    pub fn fold(&mut self, finding: &Finding, wire_start: Option<Offset>) {
        let entry = &finding.entry;
        let place = self.original(finding.place);
        let found = self.entries.entry((entry.scanner, entry.id.clone())).or_default();
        let part = finding.place.part();
        let is_again = place.is_some_and(|place| found.note(part, place));
        let is_new = found.add(part, 1, &self.views) > 0 && !is_again;
        found.count += u64::from(is_new);
        for profile in &entry.profiles {
            let count = self
                .profiles
                .entry(profile.id.clone())
                .or_insert_with(|| Count::new(profile.clone()));
            count.add(finding, wire_start, is_new);
        }
    }

    /// Counts findings of which no more is known than that there are.
    pub fn fold_beyond(&mut self, beyond: &Beyond) {
        let Beyond { entry, part, count } = beyond;
        let found = self.entries.entry((entry.scanner, entry.id.clone())).or_default();
        let new = found.add(*part, *count, &self.views);
        found.count = found.count.saturating_add(new);
        for profile in &entry.profiles {
            let of_profile = self
                .profiles
                .entry(profile.id.clone())
                .or_insert_with(|| Count::new(profile.clone()));
            of_profile.add_beyond(beyond, new);
        }
        self.missed = self.missed.saturating_add(*count);
    }

    /// Tells what `part` is of the part that it was unpacked from. To be told before findings of it are
    /// folded.
    pub fn open(&mut self, part: &Part) {
        let Some(of) = part.parent else { return };
        if part.view {
            self.relate(part.id, of);
        }
        if let Some(at) = part.copied_at {
            self.place(part.id, of, at);
        }
    }

    /// Tells that `view` is the part `of` in a plainer form: what is found in both is counted once,
    /// as often as in that of them in which it was found more often. To be told before findings of
    /// the view are folded.
    pub fn relate(&mut self, view: PartId, of: PartId) {
        let of = self.views.get(&of).copied().unwrap_or(of);
        self.views.insert(view, of);
    }

    /// Tells that the bytes of `copy` stand in the part `of` from `at` on, as they are: what is found in
    /// both is counted once. To be told before findings of the copy are folded.
    pub fn place(&mut self, copy: PartId, of: PartId, at: Offset) {
        let (of, at) = self.copies.get(&of).map_or((of, at), |(origin, from)| {
            (*origin, Offset::new(from.as_u64().saturating_add(at.as_u64())))
        });
        self.copies.insert(copy, (of, at));
    }

    /// Where a place lies in the part that its bytes were copied from.
    fn original(&self, place: Place) -> Option<(PartId, Span)> {
        let Place::Content { part, span } = place else { return None };
        let Some((of, at)) = self.copies.get(&part) else { return Some((part, span)) };
        let moved = |offset: Offset| Offset::new(at.as_u64().saturating_add(offset.as_u64()));
        Some((*of, Span::new(moved(span.start), moved(span.end))))
    }

    /// Notes that `scanner` could not look at some part.
    pub fn fold_unscannable(&mut self, scanner: &'static str, reason: Unscannable) {
        self.unscannable.insert((scanner, reason));
    }

    /// Adds findings that were made but did not fit into their sink.
    pub fn fold_missed(&mut self, missed: u64) {
        self.missed = self.missed.saturating_add(missed);
        self.uncounted = self.uncounted.saturating_add(missed);
    }

    /// The entries of `scanner` that were found, by id, with how often.
    pub fn entries<'a>(&'a self, scanner: &'a str) -> impl Iterator<Item = (&'a Arc<str>, u64)> {
        self.entries
            .iter()
            .filter(move |((of, _), _)| *of == scanner)
            .map(|((_, id), found)| (id, found.count))
    }

    /// The profiles that match, by id.
    pub fn profiles(&self) -> impl Iterator<Item = &Arc<str>> {
        self.profiles.iter().filter(|(_, count)| count.matched).map(|(id, _)| id)
    }

    /// Findings that `profile` counts, from which on it matches or not.
    #[must_use]
    pub fn matches(&self, profile: &str) -> u64 {
        self.profiles.get(profile).map_or(0, |count| count.matches)
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

    /// Findings that were made and of which no more is known; not all are counted by their entries.
    #[must_use]
    pub const fn missed(&self) -> u64 {
        self.missed
    }

    /// Those of them that `profile` counts, or may count: where they are is not known.
    #[must_use]
    pub fn beyond(&self, profile: &str) -> u64 {
        let counted = self.profiles.get(profile).map_or(0, |count| count.beyond);
        self.uncounted.saturating_add(counted)
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

impl Entries {
    /// Notes where it was found: whether it was found there in another part already.
    fn note(&mut self, part: PartId, (of, span): (PartId, Span)) -> bool {
        let before = span.start.back(MATCH_BYTES);
        let near = self.places.range((of, before, PartId::ROOT)..(of, span.end, PartId::ROOT));
        let is_again =
            near.into_iter().any(|((.., other), end)| *other != part && *end > span.start);
        self.places.insert((of, span.start, part), span.end);
        if self.places.len() > PLACES_MAX {
            self.places.pop_first();
        }
        is_again
    }

    /// Counts so many more in `part`: how many are not the same as some in another form of that part.
    fn add(&mut self, part: PartId, more: u64, views: &BTreeMap<PartId, PartId>) -> u64 {
        let root = |part: PartId| views.get(&part).copied().unwrap_or(part);
        let here = self.parts.entry(part).or_default();
        *here = here.saturating_add(more);
        let here = *here;
        let elsewhere =
            self.parts.iter().filter(|(of, _)| **of != part && root(**of) == root(part));
        let most = elsewhere.map(|(_, count)| *count).max().unwrap_or(0);
        let new = here.saturating_sub(most).min(more);
        if self.parts.len() > PARTS_MAX {
            let first = self.parts.keys().find(|of| **of != part).copied();
            first.and_then(|first| self.parts.remove(&first));
        }
        new
    }
}

impl Count {
    fn new(profile: Arc<Profile>) -> Self {
        Self {
            profile,
            matches: 0,
            distinct: BTreeSet::new(),
            near: BTreeMap::new(),
            are_near: false,
            first: None,
            beyond: 0,
            matched: false,
        }
    }

    fn add(&mut self, finding: &Finding, wire_start: Option<Offset>, is_new: bool) {
        self.matches += u64::from(is_new);
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

    /// Counts findings that nobody knows the places of, `new` of them for the first time. As they may
    /// be anywhere, no byte leaves any more before it is decided.
    fn add_beyond(&mut self, Beyond { entry, count, .. }: &Beyond, new: u64) {
        self.matches = self.matches.saturating_add(new);
        self.beyond = self.beyond.saturating_add(*count);
        self.first = self.first.or(Some(Offset::ZERO));
        self.distinct.insert(entry.id.clone());
        let are_enough = self.distinct.len() >= self.profile.distinct_min as usize;
        let enough = match self.profile.within_bytes {
            None => are_enough,
            // Others near them make the part one that was not looked at in full.
            Some(_) => self.are_near || self.profile.distinct_min <= 1,
        };
        self.matched |= enough && self.matches >= u64::from(self.profile.matches_min);
    }

    /// Whether enough different entries have started within the distance, in any place so far.
    fn add_near(&mut self, finding: &Finding, within: u64) -> bool {
        if self.are_near {
            return true;
        }
        let start = finding.place.start().unwrap_or(Offset::ZERO);
        let part = finding.place.part();
        let starts = self.near.entry(part).or_default();
        let of_entry = starts.entry(finding.entry.id.clone()).or_default();
        of_entry.insert(start);
        if of_entry.len() > STARTS_MAX {
            of_entry.pop_first();
        }
        self.are_near = distinct_near(starts, start, within) >= self.profile.distinct_min as usize;
        if self.are_near {
            self.near.clear();
        } else if self.near.len() > PARTS_MAX {
            // A container goes on when its members have ended.
            let first = self.near.keys().find(|of| **of != part).copied();
            first.and_then(|first| self.near.remove(&first));
        }
        self.are_near
    }
}

/// How many different entries start in one stretch of `within` bytes around `start`, at the most.
///
/// Of each entry only its next start on either side counts: a stretch that holds `start` and
/// another one holds those between them.
fn distinct_near(starts: &Starts, start: Offset, within: u64) -> usize {
    let least = start.back(within);
    let most = Offset::new(start.as_u64().saturating_add(within));
    let sides: Vec<(Option<Offset>, Option<Offset>)> = starts
        .values()
        .map(|of_entry| {
            let before = of_entry.range(least..=start).next_back().copied();
            (before, of_entry.range(start..=most).next().copied())
        })
        .collect();
    let fitting = |from: Offset| {
        let to = Offset::new(from.as_u64().saturating_add(within));
        let fits = |side: &&(Option<Offset>, Option<Offset>)| {
            side.0.is_some_and(|at| at >= from) || side.1.is_some_and(|at| at <= to)
        };
        sides.iter().filter(fits).count()
    };
    sides.iter().filter_map(|side| side.0).map(fitting).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Confidence, Entry, PartKind, Span};

    #[test]
    fn what_stands_in_a_view_as_well_is_counted_once() {
        let profile = profile(|profile| profile.matches_min = 3);
        for order in [[0, 0, 1, 1, 1], [1, 1, 1, 0, 0], [0, 1, 0, 1, 1]] {
            let mut tally = Tally::default();
            let mut view = Part::root(PartKind::Text, None);
            (view.id, view.parent, view.view) = (PartId::new(1), Some(PartId::ROOT), true);
            tally.open(&view);
            for part in order {
                tally.fold(&finding(&profile, "a", part, 0), None);
            }
            assert_eq!(tally.count("dlp"), 3, "{order:?}");
            assert_eq!((tally.matches("p"), tally.matches("q")), (3, 0));
            assert_eq!(tally.profiles().count(), 1);
            tally.fold(&finding(&profile, "a", 2, 0), None);
            assert_eq!(tally.count("dlp"), 4, "another part");
        }
    }

    #[test]
    fn what_stands_in_a_copy_as_well_is_counted_once() {
        let profile = profile(|profile| profile.matches_min = 4);
        // Part 1 is copied from 100 on, part 2 in it from 50 on; one is found in part 1 alone, one in a
        // part of its own.
        let findings = [(0, 10), (0, 100), (0, 160), (1, 0), (1, 60), (1, 400), (2, 10), (3, 10)];
        for turn in 0..findings.len() {
            let mut tally = Tally::default();
            tally.place(PartId::new(1), PartId::ROOT, Offset::new(100));
            tally.place(PartId::new(2), PartId::new(1), Offset::new(50));
            let mut findings = findings;
            findings.rotate_left(turn);
            for (part, at) in findings {
                tally.fold(&finding(&profile, "a", part, at), None);
            }
            assert_eq!(tally.count("dlp"), 5, "{turn}");
            tally.fold(&finding(&profile, "b", 1, 0), None);
            assert_eq!(tally.count("dlp"), 6, "another entry");
        }
        // Matches of which one is longer are one; those next to each other are two.
        let mut tally = Tally::default();
        tally.place(PartId::new(1), PartId::ROOT, Offset::new(100));
        for (part, at) in [(0, 97), (1, 0), (1, 4), (0, 108)] {
            tally.fold(&finding(&profile, "a", part, at), None);
        }
        assert_eq!(tally.count("dlp"), 3);
    }

    #[test]
    fn what_was_only_counted_counts_as_well() {
        let profile = profile(|profile| {
            profile.matches_min = 5;
            profile.distinct_min = 2;
            profile.hold_from = HoldFrom::FirstMatch;
        });
        let beyond = |id: &str, part: u32, count| {
            let Finding { entry, .. } = finding(&profile, id, part, 0);
            Beyond { entry, part: PartId::new(part), count }
        };
        let mut tally = Tally::default();
        tally.relate(PartId::new(1), PartId::ROOT);
        tally.fold(&finding(&profile, "a", 0, 0), Some(Offset::new(7)));
        tally.fold_beyond(&beyond("a", 0, 2));
        assert_eq!(tally.undecided_from(), Some(Offset::new(7)));
        tally.fold_beyond(&beyond("a", 1, 4));
        assert_eq!((tally.count("dlp"), tally.missed()), (4, 6), "three are in both forms");
        assert_eq!(tally.profiles().count(), 0, "one entry alone");
        tally.fold_beyond(&beyond("b", 0, 1));
        assert_eq!((tally.count("dlp"), tally.profiles().count()), (5, 1));
        assert_eq!((tally.beyond("p"), tally.beyond("other")), (7, 0));
        tally.fold_missed(2);
        assert_eq!((tally.missed(), tally.beyond("p"), tally.beyond("other")), (9, 9, 2));

        let mut tally = Tally::default();
        tally.fold_beyond(&beyond("a", 0, 1));
        assert_eq!(tally.undecided_from(), Some(Offset::ZERO), "it may be anywhere");
    }

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
    fn no_number_of_matches_hides_those_near_each_other() {
        let near = profile(|p| (p.distinct_min, p.within_bytes) = (3, Some(100)));
        let far = |at: u64| ("a", 0, at * 1_000);
        let close = [("b", 0, 999_950), ("c", 0, 999_990), ("a", 0, 1_000_000)];
        let all: Vec<_> = (0..1_000).map(far).chain(close).collect();
        assert_eq!(matched_after(&near, &all), Some(1_002));
        // All of them in one stretch, and spread over many parts.
        let dense = (0..1_000).map(|at| ("a", 0, at)).chain([("b", 0, 1_010), ("c", 0, 1_020)]);
        assert_eq!(matched_after(&near, &dense.collect::<Vec<_>>()), Some(1_001));
        let parts = (0..1_000).map(|part| ("a", part, 0));
        let last = [("b", 999, 60), ("c", 999, 100)];
        let parts: Vec<_> = parts.chain(last).collect();
        assert_eq!(matched_after(&near, &parts), Some(1_001));
        let container = [("b", 0, 10), ("c", 0, 20), ("a", 0, 30)];
        let parts: Vec<_> = parts[..900].iter().copied().chain(container).collect();
        assert_eq!(matched_after(&near, &parts), Some(902));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let near = profile(|p| (p.distinct_min, p.within_bytes) = (2, Some(1)));
        let mut tally = Tally::default();
        for at in 0..10_000 {
            tally.fold(&finding(&near, "a", at % 500, u64::from(at)), None);
        }
        let [count] = tally.profiles.values().collect::<Vec<_>>()[..] else { panic!() };
        assert!(count.near.len() <= PARTS_MAX);
        let starts = |part: &Starts| part.values().map(BTreeSet::len).max();
        assert!(count.near.values().all(|part| starts(part) <= Some(STARTS_MAX)));
    }

    /// What the definition says, without anything that makes it quick.
    fn matches_by_definition(profile: &Profile, findings: &[(u32, u32, u64)]) -> bool {
        let near = |within: u64| {
            findings.iter().any(|(_, part, from)| {
                let inside = findings.iter().filter(|(_, of, at)| {
                    of == part && (*from..=from.saturating_add(within)).contains(at)
                });
                let ids: BTreeSet<_> = inside.map(|(id, ..)| id).collect();
                ids.len() >= profile.distinct_min as usize
            })
        };
        let anywhere = || {
            let ids: BTreeSet<_> = findings.iter().map(|(id, ..)| id).collect();
            ids.len() >= profile.distinct_min as usize
        };
        findings.len() >= profile.matches_min as usize
            && profile.within_bytes.map_or_else(anywhere, near)
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
                let matches = tally.profiles().count() == 1;
                assert_eq!(matches, matches_by_definition(&profile, findings));
                format!("{tally:?}")
            };
            let forward = fold(&findings);
            findings.reverse();
            proptest::prop_assert_eq!(forward, fold(&findings));
        }
    }
}
