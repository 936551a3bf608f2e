//! `any` and `all`, fused with the tests of the elements: the first that decides ends it.

use std::ops::ControlFlow::{Break, Continue};
use std::sync::Arc;

use bytes::Bytes;

use crate::among::is_same;
use crate::ast::{Index, Order, Quantifier};
use crate::check::Check;
use crate::facts::Facts;
use crate::needle::Needle;
use crate::place::{Found, visit};
use crate::subject::Subject;
use crate::value::Value;

/// A quantifier over the elements that one subject yields.
#[derive(Clone, Debug)]
pub(crate) struct Elements {
    pub(super) subject: Subject,
    /// What an element yields that decides: true under `any`, false under `all`.
    decisive: bool,
    condition: Each,
    /// What there is most of: one test of strings in an array.
    texts: Option<Texts>,
}

/// A test of strings whose kind need not be looked at.
#[derive(Clone, Debug)]
enum Texts {
    Is(Bytes),
    Contains(Arc<Needle>),
}

/// A condition over one element.
#[derive(Clone, Debug)]
pub(crate) enum Each {
    /// A test, and what a value of another type yields.
    Holds(Check, bool),
    Never,
    Not(Box<Self>),
    And(Box<[Self]>),
    Or(Box<[Self]>),
    Xor(Box<[Self]>),
}

impl Each {
    #[inline]
    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Holds(check, otherwise) => check.holds(value).unwrap_or(*otherwise),
            _ => self.compound(value),
        }
    }

    fn compound(&self, value: &Value) -> bool {
        match self {
            Self::Holds(..) | Self::Never => false,
            Self::Not(item) => !item.holds(value),
            Self::And(items) => items.iter().all(|item| item.holds(value)),
            Self::Or(items) => items.iter().any(|item| item.holds(value)),
            Self::Xor(items) => items.iter().fold(false, |before, item| before ^ item.holds(value)),
        }
    }
}

impl Elements {
    pub(super) fn new(subject: &Subject, quantifier: Quantifier, condition: Each) -> Self {
        let texts = match (&condition, subject.each(), quantifier) {
            (Each::Holds(check, false), [Index::Each], Quantifier::Any) => match check {
                Check::Contains(needle) => Some(Texts::Contains(needle.clone())),
                Check::Bytes(Order::Equal, known) => Some(Texts::Is(known.clone())),
                _ => None,
            },
            _ => None,
        };
        let decisive = quantifier == Quantifier::Any;
        Self { subject: subject.clone(), decisive, condition, texts }
    }

    #[inline(never)]
    pub(super) fn truth(&self, facts: &Facts) -> Option<bool> {
        self.subject.look(facts, |found| match found {
            Found::NotYet => None,
            Found::Nil => Some(!self.decisive && !self.subject.is_bare()),
            Found::Final(value) => Some(self.is_decided(value) == self.decisive),
            Found::Growing(value) => self.is_decided(value).then_some(self.decisive),
        })
    }

    /// Whether an element decides.
    fn is_decided(&self, value: &Value) -> bool {
        if let (Some(texts), Value::Array(items)) = (&self.texts, value) {
            return match texts {
                Texts::Is(known) => any_of(items, |text| is_same(text, known)),
                Texts::Contains(needle) => any_of(items, |text| needle.is_in(text)),
            };
        }
        let decides = |element: &Value| self.condition.holds(element) == self.decisive;
        match (self.subject.each(), value) {
            ([Index::Each], Value::Array(items)) => items.iter().any(decides),
            (path, _) => {
                let mut each =
                    |element: &Value| if decides(element) { Break(()) } else { Continue(()) };
                visit(value, path, &mut each).is_break()
            }
        }
    }
}

/// Whether one of the strings passes.
#[inline(always)]
fn any_of(items: &[Value], test: impl Fn(&[u8]) -> bool) -> bool {
    items.iter().any(|item| matches!(item, Value::Bytes(text) if test(text)))
}
