//! `any` and `all`, fused with the tests of the elements: the first that decides ends it.

use std::ops::ControlFlow::{Break, Continue};

use crate::among::is_same;
use crate::ast::{Index, Order};
use crate::check::Check;
use crate::facts::Facts;
use crate::place::{Found, visit};
use crate::subject::Subject;
use crate::value::Value;

/// A quantifier over the elements that one subject yields.
#[derive(Clone, Debug)]
pub(crate) struct Elements {
    pub(super) subject: Subject,
    /// What an element yields that decides: true under `any`, false under `all`.
    pub(super) decisive: bool,
    pub(super) condition: Each,
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
        // What there is most of: one test of strings, whose kind is looked at once.
        if let (Each::Holds(check, otherwise), [Index::Each], Value::Array(items)) =
            (&self.condition, self.subject.each(), value)
        {
            match check {
                Check::Contains(needle) => {
                    return self.any_of(items, *otherwise, |text| needle.is_in(text));
                }
                Check::Bytes(Order::Equal, known) => {
                    return self.any_of(items, *otherwise, |text| is_same(text, known));
                }
                _ => {}
            }
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

    /// Whether one of the strings decides.
    #[inline]
    fn any_of(&self, items: &[Value], otherwise: bool, test: impl Fn(&[u8]) -> bool) -> bool {
        let mut truths = items.iter().map(|item| match item {
            Value::Bytes(text) => test(text),
            _ => otherwise,
        });
        truths.any(|truth| truth == self.decisive)
    }
}
