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

#[derive(Clone, Debug)]
enum Slot {
    Empty,
    Missing,
    Partial(Value),
    Known(Value),
}

/// The facts of one connection or transaction, filled as the phases pass.
///
/// A value whose type is not the field's counts as missing wherever an expression reads it.
#[derive(Clone, Debug)]
pub struct Facts {
    scheme: Arc<Scheme>,
    /// For each field of the scheme, where its slot is, counted from 1; 0 while it is unset. Most
    /// fields are: what is copied for each transaction is what is known.
    places: Vec<u16>,
    slots: Vec<Slot>,
    closed: PhaseSet,
}

impl Facts {
    /// No facts yet, every phase open.
    #[must_use]
    pub fn new(scheme: &Arc<Scheme>) -> Self {
        let places = vec![0; scheme.fields().len()];
        Self { scheme: Arc::clone(scheme), places, slots: Vec::new(), closed: PhaseSet::EMPTY }
    }

    /// The scheme whose fields these are.
    #[must_use]
    pub const fn scheme(&self) -> &Arc<Scheme> {
        &self.scheme
    }

    /// Sets the final value of a field. A number of another scheme is ignored.
    pub fn set(&mut self, field: FieldId, value: impl Into<Value>) {
        self.put(field, Slot::Known(value.into()));
    }

    /// Sets a value that may still grow; see [`Fact::Partial`]. The caller answers for the growth:
    /// a later value must not take back what an earlier one gave.
    pub fn set_partial(&mut self, field: FieldId, value: impl Into<Value>) {
        self.put(field, Slot::Partial(value.into()));
    }

    /// Makes what is known of a field final: a partial value is the whole, an unset one missing.
    pub fn settle(&mut self, field: FieldId) {
        let settled = match self.slot_mut(field) {
            Some(slot) => match std::mem::replace(slot, Slot::Missing) {
                Slot::Partial(value) | Slot::Known(value) => Slot::Known(value),
                Slot::Empty | Slot::Missing => return,
            },
            None => Slot::Missing,
        };
        self.put(field, settled);
    }

    /// Takes back what was said of a field: it is unset again.
    ///
    /// For what somebody better informed says in place of what was assumed, before any rule has
    /// been asked: what a rule has seen must not change.
    pub fn forget(&mut self, field: FieldId) {
        if let Some(slot) = self.slot_mut(field) {
            *slot = Slot::Empty;
        }
    }

    fn put(&mut self, field: FieldId, filled: Slot) {
        if let Some(slot) = self.slot_mut(field) {
            *slot = filled;
        } else if let Some(place) = self.places.get_mut(field.index()) {
            self.slots.push(filled);
            *place = u16::try_from(self.slots.len()).unwrap_or(0);
        }
    }

    #[inline]
    fn slot(&self, field: FieldId) -> Option<&Slot> {
        let place = *self.places.get(field.index())?;
        Some(self.slots.get(usize::from(place).wrapping_sub(1)).unwrap_or(&Slot::Empty))
    }

    fn slot_mut(&mut self, field: FieldId) -> Option<&mut Slot> {
        let place = *self.places.get(field.index())?;
        self.slots.get_mut(usize::from(place).checked_sub(1)?)
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
        let settled = || self.scheme.phases(field).is_subset(self.closed);
        match self.slot(field) {
            Some(Slot::Known(value)) => Fact::Known(value),
            Some(Slot::Partial(value)) if settled() => Fact::Known(value),
            Some(Slot::Partial(value)) => Fact::Partial(value),
            Some(Slot::Empty) if settled() => Fact::Missing,
            Some(Slot::Empty) => Fact::NotYet,
            Some(Slot::Missing) | None => Fact::Missing,
        }
    }

    /// Forgets everything and opens every phase, keeping the memory for the next connection.
    pub fn clear(&mut self) {
        self.places.fill(0);
        self.slots.clear();
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
        for (place, (_, field)) in self.places.iter().zip(self.scheme.fields()) {
            let slot = self.slots.get_mut(usize::from(*place).wrapping_sub(1));
            if let Some(slot) = slot.filter(|_| field.phases().is_subset(again)) {
                *slot = Slot::Empty;
            }
        }
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
