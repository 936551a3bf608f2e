//! Leads: what stands at the front of matches before the place at which they are spotted, and how
//! far it may reach back there. What a lead is made of, `anchor.rs` says.

use std::ops::RangeInclusive;

use regex_syntax::hir::Look;

use crate::anchor::Lead;
use crate::bytes::is_word;
use crate::reel::Reel;

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
    fn start_within(&self, reel: &Reel<'_>, places: RangeInclusive<usize>) -> Option<usize> {
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
