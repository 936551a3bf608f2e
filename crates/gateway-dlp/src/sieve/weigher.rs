//! How one profile weighs the findings of one entry, compiled.

use std::collections::BTreeSet;

use gateway_inspect::Confidence;

use super::demand::Around;
use super::keywords::{Hit, Lexicon};
use super::regex::SmallRegex;
use crate::BuildError;
use crate::precision::{AROUND_MAX, Adjustment, Change, Exclusion, Instances, Precision, step};
use crate::validate::entropy_bits;

/// Weighs findings.
pub(super) struct Weigher {
    /// Bytes before and behind, and the keywords by number.
    pub(super) proximity: Option<Vicinity>,
    adjust: Vec<(SmallRegex, Adjustment)>,
    words: BTreeSet<Vec<u8>>,
    excluded: Option<SmallRegex>,
    confidence_min: Confidence,
    entropy_above: Option<f64>,
    pub(super) instances: Instances,
}

/// Where keywords are looked for, and which.
pub(super) struct Vicinity {
    pub(super) keywords: Vec<u32>,
    pub(super) before: usize,
    pub(super) after: usize,
}

impl Weigher {
    /// # Errors
    /// What of `precision` is wrong.
    pub(super) fn new(
        profile: &str,
        precision: &Precision,
        own: &[String],
        lexicon: &mut Lexicon,
    ) -> Result<Self, BuildError> {
        let wrong = |setting: &'static str| {
            move |reason| BuildError::Precision { profile: profile.to_owned(), setting, reason }
        };
        let near = |setting, before: usize, after: usize| {
            let fits = before.max(after) <= AROUND_MAX;
            let reason = || format!("more than {AROUND_MAX} bytes around a finding");
            fits.then_some(()).ok_or_else(reason).map_err(wrong(setting))
        };
        let mut proximity = None;
        if let Some(asked) = &precision.proximity {
            let (before, after) = (asked.before_bytes, asked.after_bytes);
            near("proximity", before, after)?;
            let words = if asked.keywords.is_empty() { own } else { &asked.keywords };
            proximity = Some(Vicinity { keywords: lexicon.ids(words), before, after });
        }
        let mut adjust = Vec::with_capacity(precision.adjust.len());
        for adjustment in &precision.adjust {
            near("adjust", adjustment.before_bytes, adjustment.after_bytes)?;
            let regex = SmallRegex::any(&[&adjustment.pattern]).map_err(wrong("adjust"))?;
            adjust.push((regex, adjustment.clone()));
        }
        let (mut words, mut patterns) = (BTreeSet::new(), Vec::new());
        for exclusion in &precision.exclude {
            match exclusion {
                Exclusion::Words(all) => {
                    words.extend(all.iter().map(|word| word.to_ascii_lowercase().into_bytes()));
                }
                Exclusion::Regex(pattern) => patterns.push(pattern),
            }
        }
        let excluded = (!patterns.is_empty()).then(|| SmallRegex::any(&patterns));
        Ok(Self {
            proximity,
            adjust,
            words,
            excluded: excluded.transpose().map_err(wrong("exclude"))?,
            confidence_min: precision.confidence_min,
            entropy_above: precision.entropy_above,
            instances: precision.instances,
        })
    }

    /// Bytes before a finding that it looks at, one more than are searched.
    pub(super) fn before(&self) -> usize {
        let adjust = self.adjust.iter().map(|(_, adjustment)| adjustment.before_bytes);
        let keywords = self.proximity.iter().map(|vicinity| vicinity.before);
        adjust.chain(keywords).max().map_or(0, |bytes| bytes + 1)
    }

    /// Bytes behind a finding that it looks at, one more than are searched.
    pub(super) fn after(&self) -> usize {
        let adjust = self.adjust.iter().map(|(_, adjustment)| adjustment.after_bytes);
        let keywords = self.proximity.iter().map(|vicinity| vicinity.after);
        adjust.chain(keywords).filter(|bytes| *bytes > 0).max().map_or(0, |bytes| bytes + 1)
    }

    /// How sure a finding is to this profile, with the keywords `near` it; `None` if it does not
    /// count.
    pub(super) fn weigh(
        &self,
        around: &Around<'_>,
        confidence: Confidence,
        near: impl Iterator<Item = Hit>,
    ) -> Option<Confidence> {
        let value = around.bytes.get(around.start..around.end).unwrap_or_default();
        let excluded = self.words.contains(&value.to_ascii_lowercase())
            || self.excluded.as_ref().is_some_and(|regex| regex.is_match(value))
            || self.entropy_above.is_some_and(|bits| entropy_bits(value) <= bits);
        if excluded {
            return None;
        }
        let different: BTreeSet<u32> = near.map(|hit| hit.keyword).collect();
        let steps = i32::try_from(different.len().min(2)).unwrap_or(2);
        let mut confidence = step(confidence, steps);
        for (regex, adjustment) in &self.adjust {
            let low = around.start.saturating_sub(adjustment.before_bytes);
            let high = around.end.saturating_add(adjustment.after_bytes).min(around.bytes.len());
            let sides = [low..around.start, around.end..high];
            let mut sides = sides.into_iter().filter_map(|side| around.bytes.get(side));
            if !sides.any(|side| regex.is_match(side)) {
                continue;
            }
            confidence = match adjustment.change {
                Change::Raise(steps) => step(confidence, i32::from(steps)),
                Change::Lower(steps) => step(confidence, -i32::from(steps)),
                Change::Set(confidence) => confidence,
                Change::Exclude => return None,
            };
        }
        (confidence >= self.confidence_min).then_some(confidence)
    }
}
