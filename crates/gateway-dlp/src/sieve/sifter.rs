//! The carried state of the sieve in one part: the matches that wait for what stands behind them.
//!
//! A match is decided as soon as enough is seen, in the order of where that is; what comes of it is
//! a function of the bytes of the part alone, however they are cut.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use gateway_inspect::{Confidence, Entry, Finding, Findings, Offset, PartId, Place, Profile};

use super::demand::{Around, Demand};
use super::keywords::{Hit, Hits};
use super::weigher::Weigher;
use super::{Mesh, Sieve};
use crate::Limits;
use crate::compiled::Compiled;
use crate::conditions::{REACH, Required, Visibility};
use crate::precision::Instances;

/// Values of a part that are remembered.
const VALUES_MAX: usize = 4_096;

/// What is carried from chunk to chunk.
#[derive(Default)]
pub(crate) struct Sifter {
    /// The path of the part.
    path: String,
    /// Entries that are looked for as others require them, and not reported.
    silent: Vec<u32>,
    pending: Vec<Pending>,
    hits: Hits,
    /// Hashes of profile, entry and value.
    values: BTreeSet<u64>,
    /// Where entries that others require were found, by index.
    companions: Vec<(u32, u64)>,
    reported: bool,
}

/// A match that waits; in the order of being decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Pending {
    /// The position that must be seen.
    due: u64,
    entry: u32,
    start: u64,
    end: u64,
    confidence: Confidence,
}

/// What a pass works with.
#[derive(Clone, Copy)]
pub(crate) struct Pass<'a> {
    pub(crate) sieve: &'a Sieve,
    pub(crate) entries: &'a [Compiled],
    pub(crate) part: PartId,
    /// Bytes of the part.
    pub(crate) bytes: &'a [u8],
    /// The position of the first of them.
    pub(crate) base: u64,
}

impl<'a> Pass<'a> {
    fn index(&self, position: u64) -> Option<usize> {
        usize::try_from(position.checked_sub(self.base)?).ok().filter(|at| *at <= self.bytes.len())
    }

    fn around<'p>(&self, start: u64, end: u64, path: &'p str) -> Option<Around<'p>>
    where
        'a: 'p,
    {
        let (start, end) = (self.index(start)?, self.index(end)?);
        Some(Around { bytes: self.bytes, start, end, path: path.as_bytes() })
    }

    fn end(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }
}

impl Sifter {
    /// The sifter of a part of this path that reports nothing of the entries `silent`.
    pub(crate) fn new(path: &str, silent: Vec<u32>) -> Self {
        Self { path: path.to_owned(), silent, ..Self::default() }
    }

    /// Bytes that one may hold: what the work on the bytes that windows show again, and on one
    /// piece, can bring.
    pub(crate) fn memory_max(sieve: &Sieve, limits: &Limits) -> usize {
        let kib = sieve.lookback / 1_024 + 5;
        let places = usize::try_from(limits.steps_per_kib_max / 16).unwrap_or(usize::MAX);
        let pending = kib.saturating_mul(places).saturating_mul(2 * size_of::<Pending>());
        let hits = 2 * kib * 1_024 * size_of::<Hit>();
        pending.saturating_add(hits).saturating_add(VALUES_MAX * 24)
    }

    /// Whether anything was reported.
    pub(crate) const fn has_reported(&self) -> bool {
        self.reported
    }

    /// Where the first match starts that is not decided.
    pub(crate) fn first_pending(&self) -> Option<Offset> {
        self.pending.iter().map(|pending| pending.start).min().map(Offset::new)
    }

    /// Takes a match.
    pub(crate) fn take(&mut self, pass: &Pass<'_>, finding: Finding, found: &mut Findings) {
        let by_id = |entry: &Compiled| entry.entry.id.cmp(&finding.entry.id);
        let index = pass.entries.binary_search_by(by_id).ok();
        let mesh = index.and_then(|index| pass.sieve.entries.get(index));
        let (Some(index), Some(mesh), Place::Content { span, .. }) = (index, mesh, finding.place)
        else {
            return self.report(finding, found);
        };
        if mesh.is_plain() {
            return self.report(finding, found);
        }
        let (start, end) = (span.start.as_u64(), span.end.as_u64());
        // The window holds what the contract says; did it not: rather one too many than none.
        if let (Some(demand), Some(around)) = (&mesh.demand, pass.around(start, end, &self.path))
            && !demand.accepts(&around)
        {
            return;
        }
        let entry = u32::try_from(index).unwrap_or(u32::MAX);
        let due = end + mesh.after as u64;
        self.pending.push(Pending { due, entry, start, end, confidence: finding.confidence });
    }

    /// Decides what is due, as the part is seen up to the end of the pass.
    pub(crate) fn settle(&mut self, pass: &Pass<'_>, found: &mut Findings) {
        self.settle_to(pass, pass.end(), found);
    }

    /// Decides everything, as the part ends.
    pub(crate) fn finish(&mut self, pass: &Pass<'_>, found: &mut Findings) {
        self.settle_to(pass, u64::MAX, found);
    }

    fn settle_to(&mut self, pass: &Pass<'_>, seen: u64, found: &mut Findings) {
        self.pending.sort_unstable();
        let due = self.pending.partition_point(|pending| pending.due <= seen);
        let rest = self.pending.split_off(due);
        let pending = std::mem::replace(&mut self.pending, rest);
        for pending in pending {
            self.decide(pass, pending, found);
        }
        let lookback = pass.sieve.lookback as u64;
        let oldest = self.pending.iter().map(|pending| pending.start).min();
        let oldest = oldest.unwrap_or_else(|| pass.end()).saturating_sub(lookback);
        self.hits.forget(oldest);
        self.companions.retain(|(_, start)| *start >= oldest);
    }

    fn decide(&mut self, pass: &Pass<'_>, pending: Pending, found: &mut Findings) {
        let Some(compiled) = pass.entries.get(pending.entry as usize) else { return };
        let Some(mesh) = pass.sieve.entries.get(pending.entry as usize) else { return };
        if let Some(demand) = &mesh.demand
            && !self.meets(pass, demand, &pending)
        {
            return;
        }
        if mesh.is_companion {
            self.companions.push((pending.entry, pending.start));
        }
        let demand = mesh.demand.as_ref();
        if demand.is_some_and(|demand| demand.visibility == Visibility::Hidden)
            || self.silent.contains(&pending.entry)
        {
            return;
        }
        let Some((entry, confidence)) = self.weigh(pass, &compiled.entry, mesh, &pending) else {
            return;
        };
        let span = gateway_inspect::Span::new(Offset::new(pending.start), Offset::new(pending.end));
        self.report(Finding::content(entry, pass.part, span, confidence), found);
    }

    fn report(&mut self, finding: Finding, found: &mut Findings) {
        self.reported = true;
        found.push(finding);
    }

    /// Whether what stands around the match is as it is asked for.
    fn meets(&mut self, pass: &Pass<'_>, demand: &Demand, pending: &Pending) -> bool {
        let Pending { start, end, .. } = *pending;
        if !demand.keywords.is_empty() {
            let reach = REACH as u64;
            let (from, to) = (start.saturating_sub(reach), end.saturating_add(reach));
            if self.near(pass, start, &demand.keywords, (from, to)).next().is_none() {
                return false;
            }
        }
        let around = pass.around(start, end, &self.path);
        let is_allowed = around.is_some_and(|around| demand.allows_line(&around));
        !is_allowed
            && demand.required.iter().all(|(entry, required)| {
                let of = self.companions.iter().filter(|(other, _)| other == entry);
                of.into_iter().any(|(_, at)| is_near(pass, required, start, *at))
            })
    }

    /// The keywords of `wanted` within `from..to`, around a match that begins at `start`.
    fn near(
        &mut self,
        pass: &Pass<'_>,
        start: u64,
        wanted: &[u32],
        (from, to): (u64, u64),
    ) -> impl Iterator<Item = Hit> {
        let (from, to) = (from.max(pass.base), to.min(pass.end()));
        // From where the next ones look too, so that no byte is looked at again and again.
        let first = start.saturating_sub(pass.sieve.before as u64).max(pass.base).min(from);
        self.hits.cover(&pass.sieve.keywords, pass.bytes, pass.base, first, to);
        self.hits.within(wanted, from, to)
    }

    /// The entry with the profiles that count the finding, and how sure the surest of them is.
    fn weigh(
        &mut self,
        pass: &Pass<'_>,
        entry: &Arc<Entry>,
        mesh: &Mesh,
        pending: &Pending,
    ) -> Option<(Arc<Entry>, Confidence)> {
        let mut surest = None;
        let mut counting: Vec<Arc<Profile>> = Vec::new();
        for (profile, weigher) in entry.profiles.iter().zip(&mesh.weighers) {
            let confidence = match weigher {
                None => Some(pending.confidence),
                Some(weigher) => self.weigh_for(pass, weigher, profile, pending),
            };
            if let Some(confidence) = confidence {
                surest = surest.max(Some(confidence));
                counting.push(Arc::clone(profile));
            }
        }
        let surest = surest?;
        if counting.len() == entry.profiles.len() {
            return Some((Arc::clone(entry), surest));
        }
        Some((Arc::new(Entry { profiles: counting, ..Entry::clone(entry) }), surest))
    }

    fn weigh_for(
        &mut self,
        pass: &Pass<'_>,
        weigher: &Weigher,
        profile: &Profile,
        pending: &Pending,
    ) -> Option<Confidence> {
        let Pending { start, end, confidence, .. } = *pending;
        let mut near = Vec::new();
        if let Some(vicinity) = &weigher.proximity {
            let from = start.saturating_sub(vicinity.before as u64);
            let to = end.saturating_add(vicinity.after as u64);
            near.extend(self.near(pass, start, &vicinity.keywords, (from, to)));
            // What is found is no keyword of itself.
            near.retain(|hit| {
                (hit.end <= start || hit.start >= end) && hit.is_whole(pass.bytes, pass.base)
            });
        }
        let Some(around) = pass.around(start, end, &self.path) else { return Some(confidence) };
        let compiled = pass.entries.get(pending.entry as usize);
        if compiled
            .is_some_and(|compiled| compiled.fails_checks(pass.bytes, around.start, around.end))
        {
            // A name has made it a finding already, or a place.
            near.clear();
        }
        let confidence = weigher.weigh(&around, confidence, near.into_iter())?;
        let value = pass.bytes.get(around.start..around.end).unwrap_or_default();
        let is_new =
            weigher.instances == Instances::All || self.is_new(profile, pending.entry, value);
        is_new.then_some(confidence)
    }

    /// Whether this value of an entry has not been counted for the profile.
    fn is_new(&mut self, profile: &Profile, entry: u32, value: &[u8]) -> bool {
        let mut hasher = DefaultHasher::new();
        (&profile.id, entry).hash(&mut hasher);
        for byte in value.iter().filter(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii()) {
            hasher.write_u8(byte.to_ascii_lowercase());
        }
        let hash = hasher.finish();
        if self.values.len() >= VALUES_MAX {
            return !self.values.contains(&hash);
        }
        self.values.insert(hash)
    }
}

/// Whether what starts at `other` is as near to `start` as is required.
fn is_near(pass: &Pass<'_>, required: &Required, start: u64, other: u64) -> bool {
    if start.abs_diff(other) > REACH as u64 {
        return false;
    }
    let (Some(one), Some(two)) = (pass.index(start.min(other)), pass.index(start.max(other)))
    else {
        return false;
    };
    let between = pass.bytes.get(one..two).unwrap_or_default();
    let lines = between.iter().filter(|byte| **byte == b'\n').count();
    let column = |at: usize| {
        let line = pass.bytes.get(at.saturating_sub(REACH)..at).unwrap_or_default();
        line.iter().rev().take_while(|byte| **byte != b'\n').count()
    };
    required.lines_max.is_none_or(|max| lines as u64 <= u64::from(max))
        && required
            .columns_max
            .is_none_or(|max| column(one).abs_diff(column(two)) as u64 <= u64::from(max))
}
