//! The sieve: what matches must fulfil besides their patterns, compiled. The [`Sifter`] of a part
//! puts them through it.

mod demand;
mod keywords;
mod regex;
mod sifter;
#[cfg(test)]
mod tests;
mod weigher;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::demand::{Allowed, Demand};
use self::keywords::{Keywords, Lexicon};
use self::weigher::Weigher;
use crate::BuildError;
use crate::conditions::{Allowance, REACH, Required};
use crate::plan::{EntryPlan, Plan};

pub(crate) use self::regex::SmallRegex;
pub(crate) use self::sifter::{Pass, Sifter};

/// What is asked of the matches of all entries.
pub(crate) struct Sieve {
    /// By the index of the entry.
    entries: Vec<Mesh>,
    keywords: Keywords,
    /// Bytes before a match in which keywords may be.
    before: usize,
    /// Bytes that windows must show again.
    pub(crate) lookback: usize,
}

/// What is asked of the matches of one entry.
#[derive(Default)]
struct Mesh {
    demand: Option<Demand>,
    /// By the position of the profile in the entry: how it weighs findings. `None` as they are.
    weighers: Vec<Option<Weigher>>,
    /// Bytes before a match that are looked at.
    before: usize,
    /// Bytes behind a match that are looked at.
    after: usize,
    /// Whether others require it.
    is_companion: bool,
}

impl Mesh {
    /// Whether every match is a finding as it is.
    fn is_plain(&self) -> bool {
        self.demand.is_none() && self.weighers.iter().all(Option::is_none) && !self.is_companion
    }
}

impl Sieve {
    /// The sieve of `plan`; `None` if every match is a finding as it is.
    ///
    /// # Errors
    /// The first pattern or id of a condition that is wrong.
    pub(crate) fn new(plan: &Plan) -> Result<Option<Self>, BuildError> {
        let mut lexicon = Lexicon::default();
        let mut allowed: BTreeMap<*const Allowance, Arc<Allowed>> = BTreeMap::new();
        let mut entries = Vec::with_capacity(plan.entries.len());
        for entry in &plan.entries {
            entries.push(mesh(plan, entry, &mut lexicon, &mut allowed)?);
        }
        link(plan, &mut entries)?;
        if entries.iter().all(Mesh::is_plain) {
            return Ok(None);
        }
        // Bytes are looked at when a match is decided, which is at most as many bytes behind its
        // start as the longest match has, or when what stands behind it is there.
        let span = |(mesh, plan): (&Mesh, &EntryPlan)| {
            if mesh.is_plain() { 0 } else { mesh.before + plan.match_bytes_max + mesh.after + 2 }
        };
        let lookback = entries.iter().zip(&plan.entries).map(span).max().unwrap_or(0);
        let before = entries.iter().map(|mesh| mesh.before).max().unwrap_or(0);
        Ok(Some(Self { entries, keywords: lexicon.compile()?, before, lookback }))
    }

    /// Adds to the entries that are looked for those that they require: the indices of these.
    pub(crate) fn add_required(&self, active: &mut [bool]) -> Vec<u32> {
        let mut added = Vec::new();
        let of_all = active.iter().enumerate();
        let mut open: Vec<usize> = of_all.filter(|(_, is_on)| **is_on).map(|(at, _)| at).collect();
        while let Some(at) = open.pop() {
            let demand = self.entries.get(at).and_then(|mesh| mesh.demand.as_ref());
            for (other, _) in demand.iter().flat_map(|demand| &demand.required) {
                let index = *other as usize;
                if let Some(is_on) = active.get_mut(index).filter(|is_on| !**is_on) {
                    *is_on = true;
                    added.push(*other);
                    open.push(index);
                }
            }
        }
        added
    }

    /// Whether the entry of this index is looked for in a part of this path.
    pub(crate) fn applies(&self, entry: usize, path: &str) -> bool {
        let demand = self.entries.get(entry).and_then(|mesh| mesh.demand.as_ref());
        demand.is_none_or(|demand| demand.applies(path.as_bytes()))
    }
}

fn mesh(
    plan: &Plan,
    entry: &EntryPlan,
    lexicon: &mut Lexicon,
    allowed: &mut BTreeMap<*const Allowance, Arc<Allowed>>,
) -> Result<Mesh, BuildError> {
    let mut mesh = Mesh::default();
    if let Some((pattern, conditions)) = &entry.conditions {
        let id = &entry.entry.id;
        let demand = Demand::new(id, pattern, conditions, lexicon, allowed)?;
        let reach = if demand.looks_around() { REACH } else { 0 };
        (mesh.before, mesh.after) = (reach, reach);
        mesh.demand = Some(demand);
    }
    for profile in &entry.entry.profiles {
        let precision = plan.precisions.get(&profile.id);
        let weigher = precision
            .map(|precision| Weigher::new(&profile.id, precision, &entry.keywords, lexicon))
            .transpose()?;
        if let Some(weigher) = &weigher {
            mesh.before = mesh.before.max(weigher.before());
            mesh.after = mesh.after.max(weigher.after());
        }
        mesh.weighers.push(weigher);
    }
    Ok(mesh)
}

/// Finds the entries that others require, and lets those wait until they are decided.
fn link(plan: &Plan, entries: &mut [Mesh]) -> Result<(), BuildError> {
    let required = plan.entries.iter().map(|entry| required(plan, entry));
    let required: Vec<Vec<usize>> = required.collect::<Result<_, _>>()?;
    // What is waited for waits itself for what it requires.
    for index in companions_first(plan, &required)? {
        let others = required.get(index).map_or(&[][..], Vec::as_slice);
        let of_other = |other: &usize| {
            let longest = plan.entries.get(*other).map_or(0, |other| other.match_bytes_max);
            REACH + longest + entries.get(*other).map_or(0, |mesh| mesh.after) + 1
        };
        let Some(after) = others.iter().map(of_other).max() else { continue };
        others.iter().for_each(|other| {
            if let Some(mesh) = entries.get_mut(*other) {
                mesh.is_companion = true;
            }
        });
        let conditions = plan.entries.get(index).and_then(|entry| entry.conditions.as_ref());
        let linked = others.iter().map(|other| u32::try_from(*other).unwrap_or(u32::MAX));
        let linked = linked.zip(conditions.iter().flat_map(|(_, of)| &of.required).cloned());
        if let Some(mesh) = entries.get_mut(index) {
            mesh.before = mesh.before.max(2 * REACH);
            mesh.after = mesh.after.max(after);
            if let Some(demand) = &mut mesh.demand {
                demand.required = linked.collect();
            }
        }
    }
    Ok(())
}

/// The indices of the entries that `entry` requires.
fn required(plan: &Plan, entry: &EntryPlan) -> Result<Vec<usize>, BuildError> {
    let conditions = entry.conditions.iter().flat_map(|(_, conditions)| &conditions.required);
    let index = |required: &Required| {
        let by_id = |other: &EntryPlan| (*other.entry.id).cmp(&required.entry);
        plan.entries.binary_search_by(by_id).map_err(|_| BuildError::UnknownRequired {
            entry: entry.entry.id.to_string(),
            required: required.entry.clone(),
        })
    };
    conditions.map(index).collect()
}

/// The indices of all entries, each behind those that it requires.
///
/// # Errors
/// [`BuildError::RequiredInTurn`] for one that requires itself, or another that requires it.
fn companions_first(plan: &Plan, required: &[Vec<usize>]) -> Result<Vec<usize>, BuildError> {
    let mut order = Vec::with_capacity(required.len());
    let mut is_placed = vec![false; required.len()];
    while order.len() < required.len() {
        let before = order.len();
        for (index, others) in required.iter().enumerate() {
            let are_placed = others.iter().all(|other| is_placed.get(*other) == Some(&true));
            if let Some(placed) = is_placed.get_mut(index).filter(|placed| !**placed && are_placed)
            {
                *placed = true;
                order.push(index);
            }
        }
        if order.len() == before {
            let left = plan.entries.iter().zip(&is_placed).find(|(_, placed)| !**placed);
            let entry = left.map_or_else(String::new, |(entry, _)| entry.entry.id.to_string());
            return Err(BuildError::RequiredInTurn { entry });
        }
    }
    Ok(order)
}
