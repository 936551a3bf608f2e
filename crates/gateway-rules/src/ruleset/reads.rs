//! Which fields the rules of a set read, counted so that a set made from another one need not look at
//! all rules again.

use super::recompile::Splice;
use super::{Compiled, RuleSet};
use crate::diagnostic::Diagnostic;
use crate::needs::FieldSet;
use crate::problem::Problem;
use crate::program::{At, Node, Program};
use crate::scheme::{FieldId, Presence};

/// What the rules read that were compiled as a whole.
#[derive(Debug, Default)]
pub(super) struct Reads {
    /// How many tests read each field, by its number.
    counts: Vec<u32>,
    /// Where each rule is in the program.
    ats: Vec<At>,
}

impl Reads {
    pub(super) fn new(program: &Program, compiled: &[Compiled]) -> Self {
        let mut counts = Vec::new();
        for field in program.nodes.iter().flat_map(Node::fields) {
            if counts.len() <= field.index() {
                counts.resize(field.index() + 1, 0);
            }
            if let Some(count) = counts.get_mut(field.index()) {
                *count += 1;
            }
        }
        Self { counts, ats: compiled.iter().map(|compiled| compiled.at).collect() }
    }

    /// The fields that are read by the rules that a splice leaves.
    fn without(&self, program: &Program, splice: Splice) -> FieldSet {
        let mut counts = self.counts.clone();
        for at in self.ats.get(splice.removed()).unwrap_or_default() {
            for field in program.fields(*at) {
                if let Some(count) = counts.get_mut(field.index()) {
                    *count = count.saturating_sub(1);
                }
            }
        }
        let mut fields = FieldSet::default();
        for (number, _) in (0..).zip(counts).filter(|(_, count)| *count > 0) {
            fields.insert(FieldId(number));
        }
        fields
    }
}

impl RuleSet {
    /// The fields that the rules read.
    pub(super) fn read_by_rules(&self) -> FieldSet {
        let mut fields = self.base.reads.without(&self.base.program, self.patch.splice);
        for node in &self.patch.program.nodes {
            node.fields().for_each(|field| fields.insert(field));
        }
        self.headers.fields().for_each(|field| fields.insert(field));
        if self.compiled.iter().any(|compiled| compiled.is_timed) {
            self.time.into_iter().for_each(|field| fields.insert(field));
        }
        fields
    }

    /// Warns of every place where a rule names a field that nothing gives a value.
    pub(super) fn warn_of_foreign(&mut self) {
        let is_foreign = |id: FieldId| {
            self.scheme.field(id).is_some_and(|field| field.presence() == Presence::Foreign)
        };
        if !self.scheme.fields().any(|(id, _)| is_foreign(id) && self.fields.contains(id)) {
            return;
        }
        let mut found = Vec::new();
        for (index, compiled) in self.compiled.iter().enumerate() {
            for (id, span) in self.program(compiled.part).places(compiled.at) {
                if let Some(field) = self.scheme.field(id).filter(|_| is_foreign(id)) {
                    let (field, doc) = (field.name().to_owned(), field.doc().to_owned());
                    let problem = Problem::NeverKnown { field, doc };
                    found.push((index, Diagnostic::new(problem, span.range())));
                }
            }
        }
        self.warnings.extend(found);
        self.warnings.sort_by_key(|(index, _)| *index);
    }
}
