//! What speaks for a finding: for people who ask why.

use gateway_inspect::Span;

use crate::bytes::is_word;
use crate::conditions::REACH;
use crate::detectors::Detector;
use crate::plan::{EntryPlan, Plan};
use crate::sample::Test;
use crate::{Characters, Proximity};

/// What speaks for a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Keywords of its entry near it, in the order of the alphabet.
    pub keywords: Vec<String>,
    /// What it has passed besides its form, such as `luhn` or `entropy`.
    pub validators: Vec<&'static str>,
    /// What it has not passed: it was found by its form, its place or a name near it.
    pub failed: Vec<&'static str>,
}

/// What may speak for findings of an entry.
pub(crate) struct EvidencePlan {
    keywords: Vec<String>,
    before: usize,
    after: usize,
    /// Whether keywords in the finding itself, and in longer words, count.
    anywhere: bool,
    validators: Vec<&'static str>,
    test: Test,
}

impl EvidencePlan {
    pub(crate) fn new(plan: &Plan, entry: &EntryPlan) -> Self {
        let mut this = Self {
            keywords: entry.keywords.clone(),
            before: Proximity::default().before_bytes,
            after: Proximity::default().after_bytes,
            anywhere: entry.conditions.is_some(),
            validators: Vec::new(),
            test: entry.test,
        };
        if let Some(detector) = Detector::find(&entry.entry.id) {
            this.validators.extend(detector.validators());
        }
        if let Some((_, asked)) = &entry.conditions {
            (this.before, this.after) = (REACH, REACH);
            let conditions = [
                ("allow_list", !asked.allow.is_empty()),
                ("characters", asked.characters != Characters::default()),
                ("entropy", asked.entropy_above.is_some()),
                ("keywords", !asked.keywords.is_empty()),
                ("path", asked.path.is_some()),
                ("required", !asked.required.is_empty()),
            ];
            let set = conditions.into_iter().filter(|(_, is_set)| *is_set);
            this.validators.extend(set.map(|(name, _)| name));
        }
        let profiles = entry.entry.profiles.iter();
        for precision in profiles.filter_map(|profile| plan.precisions.get(&profile.id)) {
            if let Some(proximity) = &precision.proximity {
                let added = proximity.keywords.iter().map(|word| word.to_lowercase());
                this.keywords.extend(added);
                this.before = this.before.max(proximity.before_bytes);
                this.after = this.after.max(proximity.after_bytes);
            }
        }
        this.keywords.sort();
        this.keywords.dedup();
        this
    }

    pub(crate) fn of(&self, span: Span, bytes: &[u8]) -> Evidence {
        let index = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
        let (start, end) = (index(span.start.as_u64()), index(span.end.as_u64()));
        let low = start.saturating_sub(self.before);
        let high = bytes.len().min(end.saturating_add(self.after));
        let sides = if self.anywhere { [low..high, high..high] } else { [low..start, end..high] };
        let is_near = |keyword: &&String| {
            sides.iter().any(|side| holds(bytes, side.clone(), keyword.as_bytes(), self.anywhere))
        };
        let keywords = self.keywords.iter().filter(is_near).cloned().collect();
        let validators = self.validators.clone();
        if self.test.fails_checks(bytes, start, end) {
            return Evidence { keywords, validators: Vec::new(), failed: validators };
        }
        Evidence { keywords, validators, failed: Vec::new() }
    }
}

/// Whether `word` is in this stretch of `bytes`, in any case: anywhere, or as a word of its own.
fn holds(bytes: &[u8], stretch: std::ops::Range<usize>, word: &[u8], anywhere: bool) -> bool {
    let last = stretch.end.saturating_sub(word.len());
    (stretch.start..=last).filter(|_| !word.is_empty()).any(|at| {
        let end = at + word.len();
        let joins = |outer: Option<&u8>, inner: Option<&u8>| {
            let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| is_word(*byte));
            is_word(outer) && is_word(inner) && outer != Some(&b'_')
        };
        let is_whole = || {
            let before = at.checked_sub(1).and_then(|before| bytes.get(before));
            !joins(before, word.first()) && !joins(bytes.get(end), word.last())
        };
        bytes.get(at..end).is_some_and(|text| text.eq_ignore_ascii_case(word))
            && (anywhere || is_whole())
    })
}
