//! Overwriting what was found: what is held of a finding until the rules have spoken, and what they
//! have overwritten. It decides nothing, and never touches a byte that has left.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gateway_inspect::{Entry, Finding, Hold, Offset, Span, Tally, Wanted};
use gateway_rules::{Named, Otherwise};

use super::Body;
use crate::judge::RuleName;

/// What takes the place of each byte.
pub(crate) const MASK: u8 = b'*';

/// Findings that wait for the rules, at the most; of more nobody knows where they are.
const WAITING_MAX: usize = 4_096;

/// What a rule wants overwritten in one direction.
#[derive(Clone, Debug)]
pub(crate) struct Redaction {
    pub(crate) rule: RuleName,
    pub(crate) named: Named,
    pub(crate) otherwise: Otherwise,
}

impl Redaction {
    /// Has overwritten what another one wants to have, too. What cannot be is refused if one of them says
    /// so.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.named.merge(&other.named);
        if other.otherwise == Otherwise::Block && self.otherwise != Otherwise::Block {
            self.otherwise = Otherwise::Block;
            self.rule = other.rule.clone();
        }
    }

    /// Adds to `wanted` what it has to know of.
    pub(crate) fn add_to(&self, wanted: &mut Wanted) {
        match &self.named {
            Named::Nothing => {}
            Named::All => wanted.insert("dlp"),
            Named::Profiles(ids) => {
                for id in ids {
                    wanted.insert(format!("dlp.{}", String::from_utf8_lossy(id)));
                }
            }
        }
    }
}

/// Whether bytes of a body may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Editable {
    Yes,
    /// The sender forbids it, or the way in which the body leaves.
    No,
}

/// What is overwritten in one body.
#[derive(Debug)]
pub(super) struct Redactor {
    editable: Editable,
    redaction: Option<Redaction>,
    waiting: Vec<Waiting>,
    /// More findings wait than can be remembered.
    overflowed: bool,
    /// Findings that nobody was told of when it was looked at last.
    beyond: u64,
    /// Where entries were overwritten: what was found in two forms of a part is one.
    done: BTreeSet<(Arc<str>, Offset)>,
    /// How often each entry was overwritten.
    pub(super) counts: BTreeMap<Arc<str>, u64>,
    /// Findings that were meant and could not be overwritten.
    pub(super) left: u64,
    /// Overwritten since somebody asked, for who has bytes of the body of his own.
    edits: Vec<Span>,
}

/// A finding that no rule has had overwritten yet.
#[derive(Debug)]
struct Waiting {
    entry: Arc<Entry>,
    /// Its bytes on the wire; `None` where they cannot be overwritten.
    spans: Option<Vec<Span>>,
}

/// What came of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Redacted {
    /// All that is meant is overwritten.
    All,
    /// Something that is meant cannot be.
    NotAll,
}

impl Body {
    /// No byte of it is to be changed.
    pub(crate) fn forbid_edits(&mut self) {
        if let Some(redactor) = &mut self.redactor {
            redactor.forbid();
        }
    }

    /// Overwrites what a rule wants overwritten, that of `redaction` if there is one, else the one that
    /// wanted something before. If something cannot be, the rule that wants the body refused for
    /// that. To be done before anything is released on the strength of what rules say.
    pub(crate) fn redact(&mut self, redaction: Option<&Redaction>) -> Option<RuleName> {
        let redactor = self.redactor.as_mut()?;
        if let Some(redaction) = redaction {
            redactor.set(redaction);
        }
        let tally = &self.found.get_or_insert_default().tally;
        match redactor.apply(&mut self.hold, tally) {
            Redacted::All => None,
            Redacted::NotAll => redactor.redaction().map(|redaction| redaction.rule.clone()),
        }
    }

    /// Whether some of it may be overwritten.
    pub(crate) fn may_be_edited(&self) -> bool {
        self.redactor.as_ref().is_some_and(|redactor| redactor.is_editable())
    }

    /// What was overwritten since this was asked last.
    pub(crate) fn take_edits(&mut self) -> Vec<Span> {
        self.redactor.as_mut().map_or_else(Vec::new, |redactor| redactor.take_edits())
    }

    /// How often each entry was overwritten, and at the wish of which rule.
    pub(crate) fn redacted(&self) -> Option<(&RuleName, &BTreeMap<Arc<str>, u64>)> {
        let redactor = self.redactor.as_ref()?;
        let rule = &redactor.redaction()?.rule;
        (!redactor.counts.is_empty()).then_some((rule, &redactor.counts))
    }

    /// Findings that were to be overwritten and could not be.
    pub(crate) fn unredacted(&self) -> u64 {
        self.redactor.as_ref().map_or(0, |redactor| redactor.left)
    }
}

impl Redactor {
    pub(super) fn new(editable: Editable) -> Self {
        Self {
            editable,
            redaction: None,
            waiting: Vec::new(),
            overflowed: false,
            beyond: 0,
            done: BTreeSet::new(),
            counts: BTreeMap::new(),
            left: 0,
            edits: Vec::new(),
        }
    }

    /// The next message of the same direction begins: positions begin anew.
    pub(super) fn begin_message(&mut self) {
        self.waiting.clear();
        self.done.clear();
        self.edits.clear();
    }

    /// No byte is to be changed.
    pub(super) fn forbid(&mut self) {
        self.editable = Editable::No;
    }

    pub(super) fn is_editable(&self) -> bool {
        self.editable == Editable::Yes
    }

    /// The rule that wants something overwritten, if one does.
    pub(super) fn redaction(&self) -> Option<&Redaction> {
        self.redaction.as_ref()
    }

    /// A rule wants something overwritten, from now on and in what still waits.
    pub(super) fn set(&mut self, redaction: &Redaction) {
        match &mut self.redaction {
            Some(known) => known.merge(redaction),
            None => self.redaction = Some(redaction.clone()),
        }
    }

    /// Something was found.
    pub(super) fn note(&mut self, finding: &Finding, spans: Option<Vec<Span>>) {
        if finding.entry.profiles.is_empty() {
            return;
        }
        if self.waiting.len() == WAITING_MAX {
            self.overflowed = true;
            return;
        }
        let spans = spans.filter(|_| self.editable == Editable::Yes);
        self.waiting.push(Waiting { entry: finding.entry.clone(), spans });
    }

    /// Overwrites in `hold` what is meant of all that waits.
    pub(super) fn apply(&mut self, hold: &mut Hold, tally: &Tally) -> Redacted {
        let Some(redaction) = self.redaction.clone() else {
            let released = hold.released();
            // What has left is no longer to be decided.
            self.waiting.retain(|waiting| waiting.is_held(released));
            return Redacted::All;
        };
        let matching: BTreeSet<&[u8]> = tally.profiles().map(|id| id.as_bytes()).collect();
        let meant = |waiting: &mut Waiting| {
            let mut ids = waiting.entry.profiles.iter().map(|profile| profile.id.as_bytes());
            ids.any(|id| matching.contains(id) && redaction.named.contains(id))
        };
        let mut failed = 0;
        let named = tally.profiles().filter(|id| redaction.named.contains(id.as_bytes()));
        if let Some(beyond) = named.map(|id| tally.beyond(id)).max() {
            failed += beyond.saturating_sub(self.beyond);
            failed += u64::from(std::mem::take(&mut self.overflowed));
            self.beyond = self.beyond.max(beyond);
        }
        for waiting in self.waiting.extract_if(.., meant) {
            let Some(spans) = waiting.spans else {
                failed += 1;
                continue;
            };
            let mut gone = 0;
            for span in &spans {
                gone += hold.overwrite(*span, MASK);
            }
            let id = &waiting.entry.id;
            let start = spans.first().map_or(Offset::ZERO, |span| span.start);
            if gone < spans.iter().map(|span| span.len()).sum() {
                self.edits.extend(spans);
                if self.done.insert((id.clone(), start)) {
                    *self.counts.entry(id.clone()).or_default() += 1;
                }
            }
        }
        let released = hold.released();
        self.waiting.retain(|waiting| waiting.is_held(released));
        self.done.retain(|(_, start)| *start >= released);
        self.left += failed;
        match redaction.otherwise {
            Otherwise::Block if failed > 0 => Redacted::NotAll,
            Otherwise::Block | Otherwise::Allow => Redacted::All,
        }
    }

    /// What was overwritten since this was asked last.
    pub(super) fn take_edits(&mut self) -> Vec<Span> {
        std::mem::take(&mut self.edits)
    }
}

impl Waiting {
    /// Whether some of it is still there.
    fn is_held(&self, released: Offset) -> bool {
        let last = self.spans.as_ref().map(|spans| spans.last().map(|span| span.end));
        last.is_none_or(|end| end.is_some_and(|end| end > released))
    }
}
