//! Leads: what stands at the front of matches before the place at which they are spotted, and how
//! far it may reach back there. What a lead is made of, `anchor.rs` says.

use std::ops::RangeInclusive;

use regex_syntax::hir::Look;
use smallvec::SmallVec;

use crate::anchor::Lead;
use crate::bytes::is_word;
use crate::machine::Reel;

/// Leads that are told apart at once: bits of a mask.
const GROUP: usize = u8::BITS as usize;

/// Bytes of a run that are looked at together.
const BLOCK: usize = 8;

/// The different leads of all entries.
pub(crate) struct Leads {
    all: Vec<Led>,
    /// By group of leads, and by byte: those that may have it.
    has: Vec<[u8; 256]>,
    /// Bytes of the longest.
    longest: usize,
    /// The farthest that one reaches.
    reach: usize,
    /// The buckets of all that have one.
    buckets: u64,
}

/// A length or an index for each lead.
pub(crate) type Runs = SmallVec<[usize; 8]>;

/// A lead, and what has it.
pub(crate) struct Led {
    pub(crate) lead: Lead,
    /// The entries, by index.
    pub(crate) entries: Vec<u32>,
    /// Their buckets.
    pub(crate) buckets: u64,
    /// Bytes at the end of a chunk in which it may stand before something that has not come up yet.
    reach: usize,
}

impl Leads {
    /// The leads of entries, in their order, with the delay of each.
    pub(crate) fn new<'a>(entries: impl Iterator<Item = (Option<&'a Lead>, usize)>) -> Self {
        let mut all: Vec<Led> = Vec::new();
        for (entry, (lead, delay)) in (0..).zip(entries) {
            let Some(lead) = lead else { continue };
            let reach = lead.max as usize + delay.saturating_sub(1);
            if let Some(led) = all.iter_mut().find(|led| led.lead == *lead) {
                led.entries.push(entry);
                led.reach = led.reach.max(reach);
            } else {
                all.push(Led { lead: lead.clone(), entries: vec![entry], buckets: 0, reach });
            }
        }
        let has = all.chunks(GROUP).map(|group| {
            let mut has = [0; 256];
            for (bit, led) in group.iter().enumerate() {
                led.lead.set.iter().for_each(|byte| has[usize::from(byte)] |= 1 << bit);
            }
            has
        });
        let longest = all.iter().map(|led| led.lead.max as usize).max().unwrap_or(0);
        let reach = all.iter().map(|led| led.reach).max().unwrap_or(0);
        Self { has: has.collect(), all, longest, reach, buckets: 0 }
    }

    /// The number of `lead`.
    pub(crate) fn index(&self, lead: &Lead) -> Option<u32> {
        let at = self.all.iter().position(|led| led.lead == *lead)?;
        u32::try_from(at).ok()
    }

    /// Says in which bucket each entry is.
    pub(crate) fn put_in_buckets(&mut self, buckets: &[u32]) {
        for led in &mut self.all {
            let of = led.entries.iter().filter_map(|entry| buckets.get(*entry as usize));
            led.buckets = of.fold(0, |all, bucket| all | 1 << bucket);
            self.buckets |= led.buckets;
        }
    }

    pub(crate) fn all(&self) -> &[Led] {
        &self.all
    }

    /// The buckets of all that have one.
    pub(crate) const fn buckets(&self) -> u64 {
        self.buckets
    }

    /// Whether `byte` may be the last of one.
    pub(crate) fn may_end_with(&self, byte: u8) -> bool {
        self.has.iter().any(|has| has[usize::from(byte)] != 0)
    }

    /// Bytes of the longest.
    pub(crate) const fn longest(&self) -> usize {
        self.longest
    }

    /// How many bytes at the end of `bytes` each may take, as far as it reaches, in their order.
    pub(crate) fn runs(&self, bytes: &[u8]) -> Runs {
        let mut runs: Runs = self.all.iter().map(|led| led.reach).collect();
        for (group, has) in runs.as_mut_slice().chunks_mut(GROUP).zip(&self.has) {
            let mut alive = u8::MAX >> (GROUP - group.len());
            let mut end_all = |mut gone: u8, seen: usize| {
                while let Some(run) = group.get_mut(gone.trailing_zeros() as usize) {
                    *run = seen.min(*run);
                    gone &= gone - 1;
                }
            };
            let mut seen = 0;
            let bytes = bytes.get(bytes.len().saturating_sub(self.reach)..).unwrap_or_default();
            for block in bytes.rchunks(BLOCK) {
                // Most runs are long.
                if block.iter().fold(alive, |alive, byte| alive & has[usize::from(*byte)]) == alive
                {
                    seen += block.len();
                    continue;
                }
                for byte in block.iter().rev() {
                    let left = alive & has[usize::from(*byte)];
                    end_all(alive & !left, seen);
                    alive = left;
                    seen += 1;
                }
                if alive == 0 {
                    break;
                }
            }
            end_all(alive, seen);
        }
        runs
    }

    pub(crate) fn memory_usage(&self) -> usize {
        let of_led = |led: &Led| size_of_val(led) + size_of_val(&*led.entries);
        self.all.iter().map(of_led).sum::<usize>() + self.has.len() * size_of::<[u8; 256]>()
    }
}

impl Lead {
    /// The first index at which the lead of something at `at` may begin: not before `lowest`, and
    /// with at least `min` bytes.
    pub(crate) fn start(
        &self,
        reel: &Reel<'_>,
        at: usize,
        lowest: usize,
        min: usize,
    ) -> Option<usize> {
        let lowest = lowest.max(at.saturating_sub(self.max as usize));
        let run = reel.bytes.get(lowest..at)?;
        let len = run.iter().rev().take_while(|byte| self.set.has(**byte)).count();
        self.start_within(reel, at - len..=at.checked_sub(min)?)
    }

    /// The first of these indices at which a lead may begin whose bytes all stand there.
    pub(crate) fn start_within(
        &self,
        reel: &Reel<'_>,
        places: RangeInclusive<usize>,
    ) -> Option<usize> {
        match self.look {
            None => (!places.is_empty()).then_some(*places.start()),
            Some(look) => first_that_holds(look, reel, places),
        }
    }
}

/// The first of these indices at which `look` holds, or may.
fn first_that_holds(look: Look, reel: &Reel<'_>, places: RangeInclusive<usize>) -> Option<usize> {
    let may_hold = |at: usize| reel.holds(look, at) != Some(false);
    if !matches!(look, Look::WordAscii | Look::WordUnicode) {
        return places.into_iter().find(|at| may_hold(*at));
    }
    if places.is_empty() {
        return None;
    }
    // Most often a boundary of words, which is not where the bytes go on as they began.
    let first = *places.start();
    if may_hold(first) {
        return Some(first);
    }
    let bytes = reel.bytes.get(first..=*places.end()).or_else(|| reel.bytes.get(first..))?;
    let is_in_word = is_word(*bytes.first()?);
    let same = bytes.iter().take_while(|byte| is_word(**byte) == is_in_word).count();
    ((first + same)..=*places.end()).find(|at| may_hold(*at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::ByteSet;

    #[test]
    fn runs_are_as_long_as_a_search_for_each_finds_them() {
        // More than a mask has bits, of many lengths and sets.
        let lead = |number: u32| {
            let set = ByteSet::of(|byte| {
                byte.is_ascii_lowercase() && !u32::from(byte).is_multiple_of(2 + number)
            });
            Lead { look: None, set, min: number, max: 1 + number % 40 }
        };
        let known: Vec<Lead> = (0..100).map(lead).collect();
        let delay = |number: usize| number % 6;
        let entries = known.iter().enumerate().map(|(number, lead)| (Some(lead), delay(number)));
        let leads = Leads::new(entries);
        assert_eq!(leads.all().len(), 100);
        let text: Vec<u8> = (0..3_000_u32).map(|at| b'a' + (at * at / 7 % 27) as u8).collect();
        for end in 0..text.len() {
            let bytes = &text[..end];
            let slow = known.iter().enumerate().map(|(number, lead)| {
                let reach = lead.max as usize + delay(number).saturating_sub(1);
                let run = bytes.iter().rev().take(reach);
                run.take_while(|byte| lead.set.has(**byte)).count()
            });
            assert_eq!(leads.runs(bytes).as_slice(), slow.collect::<Vec<_>>(), "{end}");
        }
    }
}
