//! Facts: what is known so far about one connection and its current transaction.
//!
//! Facts do not judge; they only keep apart what is not known yet from what will never be.

use std::sync::Arc;

use crate::phase::{Phase, PhaseSet};
use crate::scheme::{FieldId, Scheme};
use crate::value::Value;

/// What is known of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact<'a> {
    /// It may still become known.
    NotYet,
    /// A lower bound of the value: an array may gain elements at its end and a map keys, an
    /// integer may go up, `false` may become `true`; other values may be replaced.
    Partial(&'a Value),
    /// The value is final.
    Known(&'a Value),
    /// There is no value and there will be none.
    Missing,
}

/// What is known of a field, in the uppermost bits of its word: nothing where none of them is set.
const STATE: u16 = 0b11 << 14;
const MISSING: u16 = 0b01 << 14;
const PARTIAL: u16 = 0b10 << 14;
const KNOWN: u16 = 0b11 << 14;
/// The value is known, and it is `true`.
const TRUE: u16 = 1 << 13;
/// Where the value is, counted from 1; 0 where there never was one. A scheme has no more fields than
/// this can count.
const SLOT: u16 = TRUE - 1;

/// The facts of one connection or transaction, filled as the phases pass.
///
/// A value whose type is not the field's counts as missing wherever an expression reads it.
#[derive(Debug)]
pub struct Facts {
    scheme: Arc<Scheme>,
    /// For each field of the scheme, its state and where its value is. Most fields are unset: what is
    /// copied for each transaction is what is known.
    words: Vec<u16>,
    values: Vec<Value>,
    closed: PhaseSet,
}

impl Facts {
    /// No facts yet, every phase open.
    #[must_use]
    pub fn new(scheme: &Arc<Scheme>) -> Self {
        let words = vec![0; scheme.fields().len()];
        Self { scheme: Arc::clone(scheme), words, values: Vec::new(), closed: PhaseSet::EMPTY }
    }

    /// The scheme whose fields these are.
    #[must_use]
    pub const fn scheme(&self) -> &Arc<Scheme> {
        &self.scheme
    }

    /// Sets the final value of a field. A number of another scheme is ignored.
    pub fn set(&mut self, field: FieldId, value: impl Into<Value>) {
        self.put(field, KNOWN, value.into());
    }

    /// Sets a value that may still grow; see [`Fact::Partial`]. The caller answers for the growth:
    /// a later value must not take back what an earlier one gave.
    pub fn set_partial(&mut self, field: FieldId, value: impl Into<Value>) {
        self.put(field, PARTIAL, value.into());
    }

    /// Makes what is known of a field final: a partial value is the whole, an unset one missing.
    pub fn settle(&mut self, field: FieldId) {
        let Some(word) = self.words.get_mut(field.index()) else { return };
        let (state, slot) = (*word & STATE, *word & SLOT);
        if state == PARTIAL {
            *word = KNOWN | slot | truth(self.values.get(place(slot)));
        } else if state != KNOWN {
            *word = MISSING | slot;
        }
    }

    /// Takes back what was said of a field: it is unset again.
    ///
    /// For what somebody better informed says in place of what was assumed, before any rule has
    /// been asked: what a rule has seen must not change.
    pub fn forget(&mut self, field: FieldId) {
        if let Some(word) = self.words.get_mut(field.index()) {
            empty(word, &mut self.values);
        }
    }

    fn put(&mut self, field: FieldId, state: u16, value: Value) {
        let Some(word) = self.words.get_mut(field.index()) else { return };
        let known = if state == KNOWN { truth(Some(&value)) } else { 0 };
        let mut slot = *word & SLOT;
        match self.values.get_mut(place(slot)) {
            Some(before) => *before = value,
            None => {
                self.values.push(value);
                // There are no more values than fields, and of those fewer than `SLOT`.
                slot = self.values.len() as u16 & SLOT;
            }
        }
        *word = state | known | slot;
    }

    /// The value of a field, if it is final.
    #[inline]
    pub(crate) fn known(&self, field: FieldId) -> Option<&Value> {
        let word = *self.words.get(field.index())?;
        if word & STATE == KNOWN { self.values.get(place(word & SLOT)) } else { None }
    }

    /// Whether the value of a field is `true`, if it is final.
    #[inline]
    pub(crate) fn truth(&self, field: FieldId) -> Option<bool> {
        let word = *self.words.get(field.index())?;
        (word & STATE == KNOWN).then_some(word & TRUE != 0)
    }

    /// Ends a phase. A field all of whose phases have ended is settled: partial values become
    /// final, and what was never set is missing.
    pub fn close(&mut self, phase: Phase) {
        self.closed = self.closed.union(PhaseSet::of(&[phase]));
    }

    /// The phases that have ended.
    #[must_use]
    pub const fn closed(&self) -> PhaseSet {
        self.closed
    }

    /// What is known of a field; `Missing` for a number of another scheme.
    #[must_use]
    #[inline]
    pub fn state(&self, field: FieldId) -> Fact<'_> {
        let Some(&word) = self.words.get(field.index()) else { return Fact::Missing };
        let settled = || self.scheme.phases(field).is_subset(self.closed);
        match (word & STATE, self.values.get(place(word & SLOT))) {
            (KNOWN, Some(value)) => Fact::Known(value),
            (PARTIAL, Some(value)) if settled() => Fact::Known(value),
            (PARTIAL, Some(value)) => Fact::Partial(value),
            (0, _) if !settled() => Fact::NotYet,
            _ => Fact::Missing,
        }
    }

    /// Forgets everything and opens every phase, keeping the memory for the next connection.
    pub fn clear(&mut self) {
        self.words.fill(0);
        self.values.clear();
        self.closed = PhaseSet::EMPTY;
    }

    /// Opens `phase` again and forgets the fields that only it and later phases contribute to.
    ///
    /// A kept-alive connection begins its next transaction with `reopen(Phase::RequestHead)`:
    /// what the connection itself is stays known.
    pub fn reopen(&mut self, phase: Phase) {
        let again: PhaseSet = Phase::ALL.into_iter().filter(|&p| p >= phase).collect();
        self.closed = Phase::ALL
            .into_iter()
            .filter(|&p| self.closed.contains(p) && !again.contains(p))
            .collect();
        for (word, (_, field)) in self.words.iter_mut().zip(self.scheme.fields()) {
            if *word != 0 && field.phases().is_subset(again) {
                empty(word, &mut self.values);
            }
        }
    }
}

/// Values that a copy has room for beyond those that are known: those of a request's head.
const ROOM: usize = 8;

/// A copy is for a transaction, in which more comes to be known.
impl Clone for Facts {
    fn clone(&self) -> Self {
        let mut values = Vec::with_capacity(self.values.len() + ROOM);
        values.extend_from_slice(&self.values);
        Self {
            scheme: Arc::clone(&self.scheme),
            words: self.words.clone(),
            values,
            closed: self.closed,
        }
    }
}

/// The position of a value by the number in a word.
#[inline]
fn place(slot: u16) -> usize {
    usize::from(slot).wrapping_sub(1)
}

/// The bit for a value that is known.
fn truth(value: Option<&Value>) -> u16 {
    if value == Some(&Value::Bool(true)) { TRUE } else { 0 }
}

/// Unsets a field; the place of its value stays its own.
fn empty(word: &mut u16, values: &mut [Value]) {
    *word &= SLOT;
    if let Some(value) = values.get_mut(place(*word)) {
        *value = Value::Bool(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field;

    #[test]
    fn a_phase_settles_its_fields() {
        let mut facts = Facts::new(&Scheme::gateway());
        assert_eq!(facts.state(field::NET_SNI_HOST), Fact::NotYet);
        facts.close(Phase::ClientHello);
        assert_eq!(facts.state(field::NET_SNI_HOST), Fact::Missing);
        facts.set(field::NET_SNI_HOST, "a.example");
        assert_eq!(facts.state(field::NET_SNI_HOST), Fact::Known(&Value::from("a.example")));
    }

    #[test]
    fn a_field_of_two_phases_needs_both_closed() {
        let mut facts = Facts::new(&Scheme::gateway());
        facts.set_partial(field::DLP_COUNT, 3_i64);
        facts.close(Phase::RequestBody);
        assert_eq!(facts.state(field::DLP_COUNT), Fact::Partial(&Value::Int(3)));
        assert_eq!(facts.state(field::DLP_PROFILES), Fact::NotYet);
        facts.close(Phase::ResponseBody);
        assert_eq!(facts.state(field::DLP_COUNT), Fact::Known(&Value::Int(3)));
        assert_eq!(facts.state(field::DLP_PROFILES), Fact::Missing);
    }

    #[test]
    fn a_next_transaction_keeps_the_connection() {
        let mut facts = Facts::new(&Scheme::gateway());
        facts.set(field::NET_SNI_HOST, "a.example");
        facts.set(field::HTTP_REQUEST_METHOD, "GET");
        Phase::ALL.into_iter().for_each(|phase| facts.close(phase));
        facts.reopen(Phase::RequestHead);
        assert_eq!(facts.state(field::NET_SNI_HOST), Fact::Known(&Value::from("a.example")));
        assert_eq!(facts.state(field::HTTP_REQUEST_METHOD), Fact::NotYet);
        assert_eq!(facts.state(field::TLS_JA4), Fact::Missing);
        facts.clear();
        assert_eq!(facts.state(field::NET_SNI_HOST), Fact::NotYet);
        assert_eq!(facts.state(field::TLS_JA4), Fact::NotYet);
    }

    #[test]
    fn a_settled_field_grows_no_more() {
        let mut facts = Facts::new(&Scheme::gateway());
        facts.set_partial(field::DLP_COUNT, 3_i64);
        facts.settle(field::DLP_COUNT);
        facts.settle(field::DLP_PROFILES);
        assert_eq!(facts.state(field::DLP_COUNT), Fact::Known(&Value::Int(3)));
        assert_eq!(facts.state(field::DLP_PROFILES), Fact::Missing);
    }

    #[test]
    fn a_foreign_number_is_harmless() {
        let mut facts = Facts::new(&Scheme::gateway());
        facts.set(FieldId(u16::MAX), true);
        assert_eq!(facts.state(FieldId(u16::MAX)), Fact::Missing);
    }
}
