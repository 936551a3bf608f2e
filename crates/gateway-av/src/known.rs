//! What is in force already of files that are read once more: their signatures, of which those that are
//! met again need not be built.

use std::ops::Range;
use std::sync::Arc;

use crate::av::Whole;
use crate::blocks::Block;
use crate::digest_set::DigestSet;
use crate::files::weight;
use crate::hash_line::HashLine;
use crate::layer::Layer;
use crate::mask::Ids;

/// Signatures of a database that are looked for in files that come in the place of others.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) whole: Arc<Whole>,
    /// By number, the signatures of lines of which each is met with at most once more.
    lines: Arc<[(u64, u32)]>,
    /// Those of files that are replaced and that were not met again.
    unmet: Ids,
    /// How many were.
    met: usize,
    /// How much may be new, and how much may go, as [`weight`] tells it.
    weight_max: usize,
}

/// A state to go back to.
#[derive(Clone, Debug)]
pub(crate) struct Met {
    unmet: Ids,
    met: usize,
}

impl Known {
    /// Looks for the signatures of `gone`, ranges of ids of `whole`. What is new may weigh so much.
    pub(crate) fn new(whole: Arc<Whole>, gone: &[Range<u32>], weight_max: usize) -> Self {
        let mut unmet = Ids::default();
        let all = 0..whole.layer.names_len();
        for id in gone.iter().flat_map(|ids| ids.start..ids.end.min(all.end)) {
            unmet.insert(id);
        }
        let lines = whole.files.lines.iter().filter(|(id, _)| unmet.contains(*id));
        let mut lines: Vec<_> = lines.map(|(id, number)| (number, id)).collect();
        lines.sort_unstable();
        Self { whole, lines: lines.into(), unmet, met: 0, weight_max }
    }

    /// Whether a signature of the line `number` is in force and was not met yet. Then it is met now.
    pub(crate) fn meet_line(&mut self, number: u64) -> bool {
        // Of lines that are alike the first ones are met first.
        let is_before =
            |one: &(u64, u32)| one.0 < number || one.0 == number && !self.unmet.contains(one.1);
        let first = self.lines.get(self.lines.partition_point(is_before));
        let id = first.filter(|one| one.0 == number).map(|one| one.1);
        let is_met = id.is_some_and(|id| self.unmet.remove(id));
        self.met += usize::from(is_met);
        is_met
    }

    /// Whether a signature of this digest and name among those that `set` gives is in force and was not
    /// met yet. Then it is met now.
    pub(crate) fn meet_digest(
        &mut self,
        set: fn(&Layer) -> &DigestSet,
        line: &HashLine,
        name: &str,
    ) -> bool {
        let (layer, unmet) = (&self.whole.layer, &mut self.unmet);
        let mut same = set(layer).ids_of(line);
        let is_met = same.any(|id| layer.is_called(id, name) && unmet.remove(id));
        self.met += usize::from(is_met);
        is_met
    }

    /// Whether all signatures of a block of digests are in force and were not met yet. Then they are met
    /// now.
    pub(crate) fn meet_block(&mut self, block: Block) -> bool {
        let is_met = self.whole.files.blocks.meet(block, &mut self.unmet);
        self.met += if is_met { usize::from(block.len()) } else { 0 };
        is_met
    }

    /// How many signatures were met.
    pub(crate) const fn met(&self) -> usize {
        self.met
    }

    /// Whether `fresh` signatures, `others` of which are no digests, are more than may be new.
    pub(crate) const fn is_exceeded(&self, fresh: usize, others: usize) -> bool {
        weight(fresh, others) > self.weight_max
    }

    /// The signatures that were not met, unless they are more than may go.
    pub(crate) fn hidden(&self) -> Option<&Ids> {
        let others = self.whole.files.lines.count_of(self.unmet.iter());
        (!self.is_exceeded(self.unmet.iter().count(), others)).then_some(&self.unmet)
    }

    pub(crate) fn state(&self) -> Met {
        Met { unmet: self.unmet.clone(), met: self.met }
    }

    /// Goes back to what was met at `state`.
    pub(crate) fn restore(&mut self, state: &Met) {
        self.unmet.clone_from(&state.unmet);
        self.met = state.met;
    }
}
