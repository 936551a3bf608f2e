//! Subjects: what a test looks at, a value in the facts or what a function makes of such values.

use std::sync::Arc;

use crate::ast::{Index, Operand, Source, Test};
use crate::call::{Call, Made};
use crate::facts::{Fact, Facts};
use crate::options::ParseOptions;
use crate::pattern::Patterns;
use crate::place::{Found, Path, Place, step};
use crate::problem::Problem;
use crate::scheme::FieldId;
use crate::value::Value;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    Place(Place),
    Call(Arc<Call>, Path),
}

impl Subject {
    /// What the test of an operand looks at.
    ///
    /// # Errors
    /// A function finds its arguments wanting only when it compiles them.
    pub(crate) fn new(
        operand: &Operand,
        test: &Test,
        patterns: &mut Patterns,
        options: &ParseOptions,
    ) -> Result<Self, Problem> {
        let is_truth = *test == Test::IsTrue;
        Ok(match &operand.source {
            Source::Field(field) => {
                let Path { prefix, each, is_bare } = Path::new(&operand.path, is_truth);
                Self::Place(Place { field: *field, prefix, each, is_bare })
            }
            Source::Call(call) => {
                let call = patterns.call(call, options)?;
                Self::Call(call, Path::new(&operand.path, is_truth))
            }
        })
    }

    /// The operand up to the first `[*]`, as it can be written in a filter.
    pub(crate) fn operand(&self) -> Operand {
        match self {
            Self::Place(place) => {
                Operand { source: Source::Field(place.field), path: place.prefix.to_vec() }
            }
            Self::Call(call, path) => Operand {
                source: Source::Call(Box::new(call.written().clone())),
                path: path.prefix.to_vec(),
            },
        }
    }

    /// From the first `[*]` on.
    pub(crate) fn each(&self) -> &[Index] {
        match self {
            Self::Place(place) => &place.each,
            Self::Call(_, path) => &path.each,
        }
    }

    /// Whether it is an array of truth values written without `[*]`.
    pub(crate) const fn is_bare(&self) -> bool {
        match self {
            Self::Place(place) => place.is_bare,
            Self::Call(_, path) => path.is_bare,
        }
    }

    /// The fields that it reads.
    pub(crate) fn fields(&self) -> &[FieldId] {
        match self {
            Self::Place(place) => std::slice::from_ref(&place.field),
            Self::Call(call, _) => call.fields(),
        }
    }

    /// The fields that it reads and that are not final.
    pub(crate) fn open_fields(&self, facts: &Facts) -> impl Iterator<Item = FieldId> {
        let is_open =
            |field: &FieldId| matches!(facts.state(*field), Fact::NotYet | Fact::Partial(_));
        self.fields().iter().copied().filter(is_open)
    }

    /// Shows what is known of the value to `then`.
    #[inline]
    pub(crate) fn look<R>(&self, facts: &Facts, then: impl FnOnce(Found<'_>) -> R) -> R {
        match self {
            Self::Place(place) => then(place.find(facts)),
            Self::Call(call, path) => {
                let (value, is_growing) = match call.make(facts) {
                    Made::Open => return then(Found::NotYet),
                    Made::Nil => return then(Found::Nil),
                    Made::Final(value) => (value, false),
                    Made::Growing(value) => (value, true),
                };
                match path.prefix.iter().try_fold(&value, step) {
                    Some(element) if is_growing && !path.prefix.is_empty() => {
                        // Elements of what a function makes do not grow.
                        then(Found::Final(element))
                    }
                    Some(element) if is_growing => then(Found::Growing(element)),
                    Some(element) => then(Found::Final(element)),
                    None if is_growing => then(Found::NotYet),
                    None => then(Found::Nil),
                }
            }
        }
    }
}

/// The value itself, where a path of single indexes leads.
pub(crate) fn reached(value: Value, path: &[Index]) -> Option<Value> {
    if path.is_empty() {
        return Some(value);
    }
    path.iter().try_fold(&value, step).cloned()
}
