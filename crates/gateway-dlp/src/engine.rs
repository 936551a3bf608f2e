//! What all streams share: the entries, and the lanes in which they are noticed.

use std::sync::Arc;

use gateway_inspect::Profile;

use crate::anchor::Lead;
use crate::bytes::ByteSet;
use crate::compiled::{Compiled, Notice};
use crate::dataset::SPAN_MAX;
use crate::evidence::EvidencePlan;
use crate::heads::{HEAD_LONG, Head, head_table};
use crate::literals::literal_table;
use crate::plan::{DatasetPlan, FingerprintPlan, PathPlan, Plan, SourcePlan};
use crate::sieve::Sieve;
use crate::spotter::{DEPTH, Spot, Spotter};
use crate::table::Table;
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
    /// The different leads, with the entries that have them.
    pub(crate) leads: Vec<(Lead, Vec<u32>)>,
    /// What must stand before what entries begin with, behind a lead; each different one once.
    pub(crate) led_by: Vec<Option<ByteSet>>,
    /// Bytes behind what a lane finds until all that it says is ripe.
    pub(crate) slack: usize,
    /// The largest delay of an entry.
    pub(crate) delay: usize,
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

/// A table, and what its finds mean.
pub(crate) struct Lane {
    pub(crate) table: Table,
    /// By the number of what ends.
    triggers: Box<[Trigger]>,
}

/// What the end of something in a lane says: `entry` may begin so many bytes before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trigger {
    pub(crate) entry: u32,
    pub(crate) near: u32,
    pub(crate) far: u32,
    /// The delay of the entry.
    pub(crate) delay: u32,
    /// The byte before, if a lead must stand there, by index.
    pub(crate) lead: u32,
    /// The bucket of the entry.
    pub(crate) bucket: u64,
}

impl Lane {
    /// What something that ends in `state` says.
    pub(crate) fn triggers(&self, state: u32) -> impl Iterator<Item = Trigger> + '_ {
        self.table.ends(state).iter().filter_map(|end| self.triggers.get(*end as usize)).copied()
    }

    fn memory_usage(&self) -> usize {
        self.table.memory_usage() + size_of_val(&*self.triggers)
    }
}

impl Engine {
    pub(crate) fn new(plan: Plan, limits: &Limits) -> Result<Self, BuildError> {
        let sieve = Sieve::new(&plan)?;
        let evidence = plan.entries.iter().map(|entry| EvidencePlan::new(&plan, entry)).collect();
        let mut entries = Vec::with_capacity(plan.entries.len());
        let mut notices = Vec::with_capacity(plan.entries.len());
        let mut plan = plan;
        for entry in std::mem::take(&mut plan.entries) {
            let (compiled, notice) = Compiled::new(entry, limits)?;
            entries.push(compiled);
            notices.push(notice);
        }
        let tokens = tokens(&notices);
        let mut led_by = entries.iter().map(Compiled::led_by).collect::<Vec<_>>();
        led_by.sort_unstable();
        led_by.dedup();
        let mut literals = literal_lane(&notices).ok_or(BuildError::TooManyEntries)?;
        let mut heads = head_lanes(&mut entries, &notices).ok_or(BuildError::TooManyEntries)?;
        let spot = |entry: &Compiled| Spot {
            first: entry.first_by_side(),
            sets: entry.first_sets(),
            delay: entry.delay,
            is_led: entry.lead.is_some(),
        };
        let spotter = Spotter::new(&entries.iter().map(spot).collect::<Vec<_>>());
        let all = heads.iter_mut().flat_map(|lane| &mut lane.triggers);
        for trigger in literals.triggers.iter_mut().chain(all) {
            if let Some(entry) = entries.get(trigger.entry as usize) {
                trigger.delay = number(entry.delay);
                trigger.lead = number(led_by.binary_search(&entry.led_by()).unwrap_or(0));
                trigger.bucket = spotter.bucket(trigger.entry);
            }
        }
        let delay = entries.iter().map(|entry| entry.delay).max().unwrap_or(0);
        let near = |trigger: &Trigger| trigger.delay.saturating_sub(trigger.near) as usize;
        let lanes = || heads.iter().chain([&literals]);
        let triggers = lanes().flat_map(|lane| &lane.triggers);
        let slack = triggers.map(near).max().unwrap_or(0);
        let leads = leads(&entries);
        let lead = leads.iter().map(|(lead, _)| lead.max as usize).max().unwrap_or(0);
        let judged = entries.iter().map(Compiled::judged_bytes).max().unwrap_or(0);
        // A character that is cut is read again, and so is the byte before the first one.
        let lookback = judged.max(delay + lead + 1).max(DEPTH);
        let lookback = lookback.max(sieve.as_ref().map_or(0, |sieve| sieve.lookback));
        let lookback = lookback.max(if plan.datasets.is_empty() { 0 } else { SPAN_MAX });
        let Plan { profiles, paths, datasets, fingerprints, sources, .. } = plan;
        let limits = limits.clone();
        Ok(Self {
            entries,
            profiles,
            literals,
            heads,
            tokens,
            spotter,
            leads,
            led_by,
            slack,
            delay,
            lookback,
            limits,
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
        entries + lanes + tokens + self.spotter.memory_usage() + datasets + documents
    }
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn literal_lane(notices: &[Notice]) -> Option<Lane> {
    let mut triggers = Vec::new();
    let mut all: Vec<(&[u8], u32)> = Vec::new();
    for (entry, notice) in notices.iter().enumerate() {
        for literal in notice.literals() {
            all.push((&literal.bytes, number(triggers.len())));
            let (near, far) = (number(literal.near), number(literal.far));
            triggers.push(Trigger {
                entry: number(entry),
                near,
                far,
                delay: 0,
                lead: 0,
                bucket: 0,
            });
        }
    }
    Some(Lane { table: literal_table(&all)?, triggers: triggers.into() })
}

fn tokens(notices: &[Notice]) -> Tokens {
    let (mut keys, mut entries) = (Vec::new(), Vec::new());
    for (entry, notice) in notices.iter().enumerate() {
        if let Notice::Tokens(tokens, _) = notice {
            keys.extend(tokens);
            entries.push(number(entry));
        }
    }
    Tokens::new(&keys, entries)
}

/// The lanes of heads, which may become shorter, and with them the delay of their entries: one, or
/// if its heads would be short, one for those that begin with letters and one for all others.
fn head_lanes(entries: &mut [Compiled], notices: &[Notice]) -> Option<Vec<Lane>> {
    let lanes = match head_lane(entries, notices, HEAD_LONG, |_| true) {
        Some(whole) => vec![whole],
        None => vec![
            head_lane(entries, notices, 1, Head::begins_with_letters)?,
            head_lane(entries, notices, 1, |head| !head.begins_with_letters())?,
        ],
    };
    let triggers = || lanes.iter().flat_map(|lane| &lane.triggers);
    for trigger in triggers() {
        if let Some(entry) = entries.get_mut(trigger.entry as usize) {
            entry.delay = 0;
        }
    }
    for trigger in triggers() {
        if let Some(entry) = entries.get_mut(trigger.entry as usize) {
            entry.delay = entry.delay.max(trigger.near as usize);
        }
    }
    Some(lanes)
}

/// A lane of the heads that are in it, if they can have `least` bytes.
fn head_lane(
    entries: &[Compiled],
    notices: &[Notice],
    least: usize,
    is_in: impl Fn(&Head) -> bool,
) -> Option<Lane> {
    let heads = notices.iter().enumerate().flat_map(|(entry, notice)| {
        let of_entry = notice.heads().iter().filter(|head| is_in(head));
        of_entry.map(move |head| (entry, head.clone()))
    });
    let (owners, heads): (Vec<usize>, Vec<Head>) = heads.unzip();
    let (table, depth) = head_table(&heads, least)?;
    let triggers = owners.into_iter().filter_map(|entry| {
        let back = number(entries.get(entry)?.delay.min(depth));
        Some(Trigger { entry: number(entry), near: back, far: back, delay: 0, lead: 0, bucket: 0 })
    });
    Some(Lane { table, triggers: triggers.collect() })
}

fn leads(entries: &[Compiled]) -> Vec<(Lead, Vec<u32>)> {
    let mut leads: Vec<(Lead, Vec<u32>)> = Vec::new();
    for (entry, compiled) in entries.iter().enumerate() {
        let Some(lead) = &compiled.lead else { continue };
        match leads.iter_mut().find(|(other, _)| other == lead) {
            Some((_, members)) => members.push(number(entry)),
            None => leads.push((lead.clone(), vec![number(entry)])),
        }
    }
    leads
}
