//! The fringe of what has come: the bytes at its end with which something may have begun of which the lanes have
//! noticed nothing yet.
//!
//! The states of the lanes tell how many bytes of a literal or a head have come. Before these, a match has only
//! such bytes as its entry may have there, and no more of them than it may have. Entries that are much alike in
//! this are one kind: the fringe may be a little longer than it needs to be, and is never shorter.

use crate::anchor::Lead;
use crate::bytes::ByteSet;

/// The most bytes right before a literal that may be any, and are known to be so few.
pub(crate) const ANY_MAX: usize = 2;

/// Kinds of entries that are told apart: bits of a mask.
const KINDS_MAX: usize = u8::BITS as usize;

/// Bytes that are looked at together.
const BLOCK: usize = 8;

/// What a match may have before what its entry is noticed by, from there back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Unnoticed {
    /// The bytes that may stand there.
    pub(crate) before: ByteSet,
    /// How many of the last ones may be any instead, at most [`ANY_MAX`].
    pub(crate) any: usize,
}

impl Unnoticed {
    /// Nothing stands before it.
    pub(crate) const NOTHING: Self = Self { before: ByteSet::EMPTY, any: 0 };
}

/// What entries of one kind may have at the end of what has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    unnoticed: Unnoticed,
    /// Bytes at most from the start of a match to the end.
    reach: usize,
}

impl Kind {
    /// One that holds what either does.
    fn with(self, other: Self) -> Self {
        let (one, two) = (self.unnoticed, other.unnoticed);
        let unnoticed =
            Unnoticed { before: one.before.union(two.before), any: one.any.max(two.any) };
        Self { unnoticed, reach: self.reach.max(other.reach) }
    }

    /// How much more than either alone both together hold.
    fn loss(self, other: Self) -> usize {
        let size = |kind: Self| {
            (kind.unnoticed.before.len() + 1) * kind.reach + kind.unnoticed.any * KINDS_MAX
        };
        2 * size(self.with(other)) - size(self) - size(other)
    }
}

/// Finds the fringe.
pub(crate) struct Fringe {
    /// By byte, the kinds that may have it before what they are noticed by.
    has: Box<[u8; 256]>,
    /// By how many bytes right before what has come in part, less one: the kinds of which these may be any.
    any: [u8; ANY_MAX],
    /// By the number of bytes from a place to the end, less one: the kinds that reach so far.
    within: Vec<u8>,
    /// The bytes that a match may begin with.
    first: ByteSet,
}

impl Fringe {
    /// That of entries: for each, what it may have, its delay, its lead, and what it begins with behind that.
    pub(crate) fn new<'a>(
        entries: impl Iterator<Item = (Unnoticed, usize, Option<&'a Lead>, ByteSet)>,
    ) -> Self {
        let (mut kinds, mut first) = (Vec::new(), ByteSet::EMPTY);
        for (mut unnoticed, delay, lead, begin) in entries {
            let mut reach = delay.saturating_sub(1);
            first = first.union(begin);
            if let Some(lead) = lead {
                unnoticed.before = unnoticed.before.union(lead.set);
                reach += lead.max as usize;
                first = first.union(lead.set);
            }
            if unnoticed != Unnoticed::NOTHING && reach > 0 {
                kinds.push(Kind { unnoticed, reach });
            }
        }
        let kinds = few(kinds);
        let longest = kinds.iter().map(|kind| kind.reach).max().unwrap_or(0);
        let mut fringe =
            Self { has: Box::new([0; 256]), any: [0; ANY_MAX], within: vec![0; longest], first };
        for (bit, Kind { unnoticed, reach }) in kinds.iter().enumerate() {
            let Unnoticed { before, any } = unnoticed;
            before.iter().for_each(|byte| fringe.has[usize::from(byte)] |= 1 << bit);
            fringe.any.iter_mut().take(*any).for_each(|kinds| *kinds |= 1 << bit);
            fringe.within.iter_mut().take(*reach).for_each(|kinds| *kinds |= 1 << bit);
        }
        fringe
    }

    /// How many bytes at the end of `bytes` it has, of which the last `depth` are what the lanes say has come in
    /// part.
    pub(crate) fn len(&self, bytes: &[u8], depth: usize) -> usize {
        let run = self.run(bytes, depth.min(bytes.len()));
        let bytes = bytes.get(bytes.len() - run..).unwrap_or_default();
        let begin = bytes.iter().position(|byte| self.first.has(*byte));
        begin.map_or(0, |begin| run - begin)
    }

    /// The same, whatever matches begin with.
    fn run(&self, bytes: &[u8], depth: usize) -> usize {
        let within = |run: usize| self.within.get(run).copied().unwrap_or(0);
        let mut run = depth;
        let mut kinds = within(run);
        if kinds == 0 {
            return run;
        }
        // Whether the run has all of these bytes.
        let narrow = |run: &mut usize, kinds: &mut u8, bytes: &[u8]| {
            for byte in bytes.iter().rev() {
                let any = self.any.get(*run - depth).copied().unwrap_or(0);
                *kinds &= (self.has[usize::from(*byte)] | any) & within(*run);
                if *kinds == 0 {
                    return false;
                }
                *run += 1;
            }
            true
        };
        let before = bytes.get(..bytes.len() - depth).unwrap_or_default();
        let (begin, blocks) = before.as_rchunks::<BLOCK>();
        let of = |byte: &u8| self.has[usize::from(*byte)];
        for block in blocks.iter().rev() {
            // Most runs are short, or long.
            let [a, b, c, d, e, f, g, h] = block.each_ref().map(of);
            let of_all = (a & b & (c & d)) & (e & f & (g & h)) & kinds & within(run + BLOCK - 1);
            if of_all == kinds || of_all != 0 && run - depth >= ANY_MAX {
                (kinds, run) = (of_all, run + BLOCK);
            } else if !narrow(&mut run, &mut kinds, block) {
                return run;
            }
        }
        narrow(&mut run, &mut kinds, begin);
        run
    }

    pub(crate) fn memory_usage(&self) -> usize {
        size_of_val(&*self.has) + self.within.len()
    }
}

/// The kinds that all of these are of, so few that a mask has a bit for each.
fn few(mut all: Vec<Kind>) -> Vec<Kind> {
    all.sort_unstable();
    all.dedup();
    let mut few: Vec<Kind> = Vec::new();
    for kind in all {
        few.push(kind);
        if few.len() <= KINDS_MAX {
            continue;
        }
        let pairs = (0..few.len()).flat_map(|one| (0..one).map(move |other| (one, other)));
        let loss = |&(one, other): &(usize, usize)| few[one].loss(few[other]);
        if let Some((one, other)) = pairs.min_by_key(loss) {
            let merged = few.swap_remove(one).with(few[other]);
            few[other] = merged;
        }
    }
    few
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An entry: what stands before it, its delay, and its lead.
    type Drawn = (Unnoticed, usize, Option<Lead>);

    fn set() -> impl Strategy<Value = ByteSet> {
        prop::collection::vec(b'a'..=b'h', 0..5).prop_map(|bytes| {
            bytes.into_iter().fold(ByteSet::EMPTY, |all, byte| all.union(ByteSet::one(byte)))
        })
    }

    fn drawn() -> impl Strategy<Value = Drawn> {
        let lead = (set(), 1_u32..9);
        let lead = lead.prop_map(|(set, max)| Lead { look: None, set, min: 0, max });
        (set(), 0..=ANY_MAX, 0_usize..40, prop::option::of(lead))
            .prop_map(|(before, any, delay, lead)| (Unnoticed { before, any }, delay, lead))
    }

    /// How far back a match of this entry alone may reach.
    fn alone((unnoticed, delay, lead): &Drawn, bytes: &[u8], depth: usize) -> usize {
        let lead_set = lead.as_ref().map_or(ByteSet::EMPTY, |lead| lead.set);
        let set = unnoticed.before.union(lead_set);
        let reach = delay.saturating_sub(1) + lead.as_ref().map_or(0, |lead| lead.max as usize);
        let before = bytes.iter().rev().enumerate().skip(depth).take_while(|(at, byte)| {
            *at < reach && (set.has(**byte) || *at < depth + unnoticed.any)
        });
        depth + before.count()
    }

    proptest! {
        #[test]
        fn no_fringe_is_shorter_than_that_of_any_entry(
            entries in prop::collection::vec(drawn(), 1..20),
            first in set(),
            bytes in "[a-i]{0,60}",
            depth in 0_usize..9,
        ) {
            let bytes = bytes.as_bytes();
            let depth = depth.min(bytes.len());
            let leads = |entry: &Drawn| entry.2.as_ref().map_or(ByteSet::EMPTY, |lead| lead.set);
            let begins = entries.iter().fold(first, |all, entry| all.union(leads(entry)));
            let of_entries = entries.iter().map(|(unnoticed, delay, lead)| {
                (*unnoticed, *delay, lead.as_ref(), first)
            });
            let len = Fringe::new(of_entries).len(bytes, depth);
            let run = entries.iter().map(|entry| alone(entry, bytes, depth)).max().unwrap_or(0);
            let begin = bytes[bytes.len() - run..].iter().position(|byte| begins.has(*byte));
            let needed = begin.map_or(0, |begin| run - begin);
            prop_assert!(len >= needed, "{len} {needed}");
            // Few entries are kinds of their own.
            if entries.len() <= KINDS_MAX {
                prop_assert_eq!(len, needed);
            }
        }

        /// With more bytes it begins no earlier, if the lanes say what they may.
        #[test]
        fn a_fringe_never_moves_back(
            entries in prop::collection::vec(drawn(), 1..20),
            first in set(),
            bytes in "[a-i]{1,60}",
            depths in prop::collection::vec(0_usize..9, 60),
        ) {
            let of_entries = entries.iter().map(|(unnoticed, delay, lead)| {
                (*unnoticed, *delay, lead.as_ref(), first)
            });
            let fringe = Fringe::new(of_entries);
            let (mut depth, mut begin) = (0, 0);
            for (end, next) in (1..=bytes.len()).zip(depths) {
                depth = next.min(depth + 1);
                let now = end - fringe.len(&bytes.as_bytes()[..end], depth);
                prop_assert!(now >= begin, "{now} behind {end}, {begin} before");
                begin = now;
            }
        }
    }
}
