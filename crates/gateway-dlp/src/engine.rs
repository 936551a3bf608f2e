//! What all streams share: the entries, and the lanes in which they are noticed.

use std::sync::Arc;

use gateway_inspect::Profile;

use crate::anchor::{Literal, in_any_case};
use crate::automaton::Room;
use crate::bytes::ByteSet;
use crate::compiled::Compiled;
use crate::dataset::SPAN_MAX;
use crate::evidence::EvidencePlan;
use crate::fringe::Fringe;
use crate::heads::{HEAD_LONG, Head, head_table};
use crate::lane::{Draft, Lane, Note, Trigger};
use crate::literals::literal_table;
use crate::plan::{DatasetPlan, FingerprintPlan, PathPlan, Plan, SourcePlan};
use crate::sieve::Sieve;
use crate::signs::Signs;
use crate::spotter::{DEPTH, Spot, Spotter};
use crate::tokens::Tokens;
use crate::{BuildError, Limits};

/// What a scanner compiles to. Immutable.
pub(crate) struct Engine {
    pub(crate) entries: Vec<Compiled>,
    pub(crate) profiles: Vec<Arc<Profile>>,
    pub(crate) literals: Lane,
    pub(crate) heads: Vec<Lane>,
    pub(crate) tokens: Tokens,
    pub(crate) spotter: Spotter,
    pub(crate) fringe: Fringe,
    /// What must stand before what entries begin with, behind a lead; each different one once.
    pub(crate) led_by: Vec<Option<ByteSet>>,
    /// Bytes behind what a lane finds until all that it says is ripe.
    pub(crate) slack: usize,
    /// Bytes that windows must show again.
    pub(crate) lookback: usize,
    pub(crate) limits: Limits,
    /// What matches must fulfil besides, if any must.
    pub(crate) sieve: Option<Sieve>,
    /// What is found by the path of a part.
    pub(crate) paths: Vec<PathPlan>,
    /// Tables whose cells are looked for.
    pub(crate) datasets: Vec<DatasetPlan>,
    /// Documents that texts are compared with.
    pub(crate) fingerprints: Vec<FingerprintPlan>,
    /// Languages that are told.
    pub(crate) sources: Vec<SourcePlan>,
    /// What speaks for findings, by entry.
    pub(crate) evidence: Vec<EvidencePlan>,
}

/// The most lanes that have tables: one of literals, and two of heads.
pub(crate) const LANES_MAX: usize = 3;

impl Engine {
    pub(crate) fn new(mut plan: Plan, limits: &Limits) -> Result<Self, BuildError> {
        let sieve = Sieve::new(&plan)?;
        let evidence = plan.entries.iter().map(|entry| EvidencePlan::new(&plan, entry)).collect();
        let mut entries = Vec::with_capacity(plan.entries.len());
        let mut signs = Vec::with_capacity(plan.entries.len());
        let mut room = Room::new();
        for entry in std::mem::take(&mut plan.entries) {
            let (compiled, of_entry) = Compiled::new(entry, limits, &mut room)?;
            entries.push(compiled);
            signs.push(of_entry);
        }
        let tokens = tokens(&signs);
        let mut led_by = entries.iter().map(Compiled::led_by).collect::<Vec<_>>();
        led_by.sort_unstable();
        led_by.dedup();
        let literals = literal_lane(&entries, &signs).ok_or(BuildError::TooManyEntries)?;
        let heads = head_lanes(&mut entries, &signs).ok_or(BuildError::TooManyEntries)?;
        let spot =
            |entry: &Compiled| Spot { first: entry.first_by_side(), sets: entry.first_sets() };
        let (spotter, buckets) = Spotter::new(&entries.iter().map(spot).collect::<Vec<_>>());
        let fringe = Fringe::new(entries.iter().map(|entry| {
            let begin = entry.first_by_side().into_iter().fold(ByteSet::EMPTY, ByteSet::union);
            (entry.unnoticed, entry.delay, entry.lead.as_ref(), begin)
        }));
        let trigger = |entry: u32| {
            let compiled = entries.get(entry as usize);
            let own = compiled.and_then(Compiled::led_by);
            Trigger {
                entry,
                delay: compiled.map_or(0, |compiled| number(compiled.delay)),
                lead: number(led_by.binary_search(&own).unwrap_or(0)),
                bucket: buckets.get(entry as usize).copied().unwrap_or(0),
            }
        };
        let literals = Lane::new(literals, trigger);
        let heads: Vec<Lane> = heads.into_iter().map(|draft| Lane::new(draft, trigger)).collect();
        let waits = heads.iter().chain([&literals]).map(Lane::longest_wait);
        let slack = waits.max().unwrap_or(0) as usize;
        let lookback = lookback(&entries)
            .max(sieve.as_ref().map_or(0, |sieve| sieve.lookback))
            .max(if plan.datasets.is_empty() { 0 } else { SPAN_MAX });
        let Plan { profiles, paths, datasets, fingerprints, sources, .. } = plan;
        Ok(Self {
            entries,
            profiles,
            literals,
            heads,
            tokens,
            spotter,
            fringe,
            led_by,
            slack,
            lookback,
            limits: limits.clone(),
            sieve,
            paths,
            datasets,
            fingerprints,
            sources,
            evidence,
        })
    }

    pub(crate) fn lanes(&self) -> impl Iterator<Item = &Lane> {
        [&self.literals].into_iter().chain(&self.heads)
    }

    pub(crate) fn lane(&self, index: u32) -> Option<&Lane> {
        self.lanes().nth(index as usize)
    }

    pub(crate) fn memory_usage(&self) -> usize {
        let entries: usize = self.entries.iter().map(Compiled::memory_usage).sum();
        let lanes: usize = self.lanes().map(Lane::memory_usage).sum();
        let datasets: usize = self.datasets.iter().map(|plan| plan.dataset.memory_usage()).sum();
        let tokens = self.tokens.memory_usage();
        let documents = self.fingerprints.iter();
        let documents: usize = documents.map(|plan| plan.fingerprints.memory_usage()).sum();
        let places = self.spotter.memory_usage() + self.fringe.memory_usage();
        entries + lanes + tokens + places + datasets + documents
    }
}

/// Bytes that entries need to see again.
fn lookback(entries: &[Compiled]) -> usize {
    let judged = entries.iter().map(Compiled::judged_bytes).max().unwrap_or(0);
    let delay = entries.iter().map(|entry| entry.delay).max().unwrap_or(0);
    let lead = entries.iter().filter_map(|entry| entry.lead.as_ref()).map(|lead| lead.max).max();
    // A character that is cut is read again, and so is the byte before the first one.
    judged.max(delay + lead.unwrap_or(0) as usize + 1).max(DEPTH)
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn literal_lane(entries: &[Compiled], signs: &[Signs]) -> Option<Draft> {
    let mut notes = Vec::new();
    let mut all: Vec<(Vec<u8>, u32)> = Vec::new();
    for (entry, (compiled, signs)) in entries.iter().zip(signs).enumerate() {
        let literals = signs.literals().iter().map(|literal| (literal, false));
        for (literal, is_mark) in literals.chain(signs.marks().iter().map(|mark| (mark, true))) {
            let note = number(notes.len());
            all.extend(with_lead(literal, compiled.led_by()).into_iter().map(|one| (one, note)));
            let (near, far) = (number(literal.near), number(literal.far));
            let between = literal.between;
            notes.push(Note { entry: number(entry), near, far, between, is_mark });
        }
    }
    Some(Draft { table: literal_table(&all)?, notes })
}

/// The bytes by which `literal` is looked for. One byte alone comes up often: if a lead must stand before
/// it, it is looked for behind each byte that the lead may have.
fn with_lead(literal: &Literal, led_by: Option<ByteSet>) -> Vec<Vec<u8>> {
    match (&*literal.bytes, led_by) {
        ([byte], Some(lead)) if literal.far == 1 => in_any_case(lead)
            .iter()
            .filter(|one| !one.is_ascii_uppercase())
            .map(|one| vec![one, *byte])
            .collect(),
        (bytes, _) => vec![bytes.to_vec()],
    }
}

fn tokens(signs: &[Signs]) -> Tokens {
    let (mut keys, mut entries) = (Vec::new(), Vec::new());
    for (entry, signs) in signs.iter().enumerate() {
        if let Signs::Tokens(tokens, _) = signs {
            keys.extend(tokens);
            entries.push(number(entry));
        }
    }
    Tokens::new(&keys, entries)
}

/// The lanes of heads, which may become shorter, and with them the delay of their entries: one, or
/// if its heads would be short, one for those that begin with letters and one for all others.
fn head_lanes(entries: &mut [Compiled], signs: &[Signs]) -> Option<Vec<Draft>> {
    let lanes = match head_lane(entries, signs, HEAD_LONG, |_| true) {
        Some(whole) => vec![whole],
        None => vec![
            head_lane(entries, signs, 1, Head::begins_with_letters)?,
            head_lane(entries, signs, 1, |head| !head.begins_with_letters())?,
        ],
    };
    let notes = || lanes.iter().flat_map(|lane| &lane.notes);
    for note in notes() {
        if let Some(entry) = entries.get_mut(note.entry as usize) {
            entry.delay = 0;
        }
    }
    for note in notes() {
        if let Some(entry) = entries.get_mut(note.entry as usize) {
            entry.delay = entry.delay.max(note.near as usize);
        }
    }
    Some(lanes)
}

/// A lane of the heads that are in it, if they can have `least` bytes.
fn head_lane(
    entries: &[Compiled],
    signs: &[Signs],
    least: usize,
    is_in: impl Fn(&Head) -> bool,
) -> Option<Draft> {
    let heads = signs.iter().enumerate().flat_map(|(entry, signs)| {
        let of_entry = signs.heads().iter().filter(|head| is_in(head));
        of_entry.map(move |head| (entry, head.clone()))
    });
    let (owners, heads): (Vec<usize>, Vec<Head>) = heads.unzip();
    let (table, depth) = head_table(&heads, least)?;
    let notes = owners.into_iter().map(|entry| {
        let back = number(entries.get(entry)?.delay.min(depth));
        let between = ByteSet::EMPTY;
        let is_mark = false;
        Some(Note { entry: number(entry), near: back, far: back, between, is_mark })
    });
    Some(Draft { table, notes: notes.collect::<Option<_>>()? })
}
