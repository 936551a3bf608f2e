//! Evaluation in three values: what holds, what does not, and what is not known yet.
//!
//! The evaluator notes the fields that keep an answer open. A part that turns out to be decided
//! takes back what its own parts noted, so that nothing is wanted in vain.

#[cfg(test)]
mod tests;

use std::ops::ControlFlow::{self, Break, Continue};

use bytes::Bytes;

use crate::ast::{Connective, Index, Quantifier};
use crate::facts::Facts;
use crate::filter::Truth;
use crate::needs::Needs;
use crate::place::{Found, visit};
use crate::program::{At, Children, Compared, Node, Op, Program, Scope, Tested};
use crate::scheme::FieldId;
use crate::subject::Subject;
use crate::value::Value;

/// A field that keeps an answer open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Want<'p> {
    pub(crate) field: FieldId,
    ids: Option<&'p [Bytes]>,
}

/// Gathers what is wanted into needs.
pub(crate) fn needs_of(wants: &[Want<'_>]) -> Needs {
    let mut needs = Needs::default();
    for want in wants {
        needs.add(want.field, want.ids);
    }
    needs
}

pub(crate) struct Evaluator<'p, 'f> {
    pub(crate) program: &'p Program,
    pub(crate) facts: &'f Facts,
    pub(crate) wants: Vec<Want<'p>>,
}

impl<'p, 'f> Evaluator<'p, 'f> {
    pub(crate) const fn new(program: &'p Program, facts: &'f Facts) -> Self {
        Self { program, facts, wants: Vec::new() }
    }

    fn node(&self, at: At) -> Option<&'p Node> {
        self.program.nodes.get(at)
    }

    /// The children of a node.
    pub(crate) fn children(&self, at: At) -> Children<'p> {
        self.program.children(at)
    }

    /// Whether the expression at a node holds; `False` for one that yields an array.
    pub(crate) fn truth(&mut self, at: At) -> Truth {
        let Some(node) = self.node(at) else { return Truth::False };
        match &node.op {
            Op::Constant(value) => Truth::from(*value),
            Op::Joined(Connective::And) => self.joined(at, Truth::False),
            Op::Joined(Connective::Or) => self.joined(at, Truth::True),
            Op::Joined(Connective::Xor) => {
                let mut truth = Truth::False;
                for child in self.children(at) {
                    truth = truth.xor(self.truth(child));
                }
                truth
            }
            Op::Not => self.truth(at + 1).not(),
            Op::Quantified(quantifier, Scope::Shared { subject, ids }) => {
                self.streamed(*quantifier, subject, ids.as_deref(), at + 1)
            }
            Op::Quantified(quantifier, Scope::Several) => match (self.array(at + 1), quantifier) {
                (None, _) => Truth::NotYet,
                (Some(values), Quantifier::Any) => values.into_iter().any(|value| value).into(),
                (Some(values), Quantifier::All) => values.into_iter().all(|value| value).into(),
            },
            Op::Test(tested) => self.test(tested),
            Op::Compare(compared) => self.compare(compared),
        }
    }

    /// `and`, which `False` decides, or `or`, which `True` decides.
    fn joined(&mut self, at: At, decisive: Truth) -> Truth {
        let noted = self.wants.len();
        let mut truth = decisive.not();
        for child in self.children(at) {
            match self.truth(child) {
                Truth::NotYet => truth = Truth::NotYet,
                decided if decided == decisive => {
                    self.wants.truncate(noted);
                    return decisive;
                }
                Truth::True | Truth::False => {}
            }
        }
        truth
    }

    #[inline]
    fn test(&mut self, tested: &'p Tested) -> Truth {
        let truth = tested.subject.look(self.facts, |found| match found {
            Found::NotYet => Truth::NotYet,
            Found::Nil => tested.on_nil.into(),
            Found::Final(value) => tested.check.holds(value).unwrap_or(tested.on_nil).into(),
            Found::Growing(value) => tested.check.bound(value),
        });
        if truth == Truth::NotYet {
            self.want(&tested.subject, None);
        }
        truth
    }

    fn want(&mut self, subject: &'p Subject, ids: Option<&'p [Bytes]>) {
        match subject {
            Subject::Place(place) => self.wants.push(Want { field: place.field, ids }),
            Subject::Call(..) => self.want_open(subject),
        }
    }

    fn compare(&mut self, compared: &'p Compared) -> Truth {
        let Compared { left, order, right, on_nil } = compared;
        let truth = left.look(self.facts, |left| {
            right.look(self.facts, |right| match (left, right) {
                (Found::Nil, _) | (_, Found::Nil) => Truth::from(*on_nil),
                (Found::Final(left), Found::Final(right)) => {
                    order.holds(left, right).unwrap_or(*on_nil).into()
                }
                (Found::NotYet | Found::Growing(_), _) | (_, Found::NotYet | Found::Growing(_)) => {
                    Truth::NotYet
                }
            })
        });
        if truth == Truth::NotYet {
            self.want_open(left);
            self.want_open(right);
        }
        truth
    }

    /// Wants those fields of a subject that are not final.
    fn want_open(&mut self, subject: &Subject) {
        let open = subject.open_fields(self.facts);
        self.wants.extend(open.map(|field| Want { field, ids: None }));
    }

    /// `any` or `all` over elements that are visited one by one until one decides.
    fn streamed(
        &mut self,
        quantifier: Quantifier,
        subject: &'p Subject,
        ids: Option<&'p [Bytes]>,
        condition: At,
    ) -> Truth {
        // The element that decides `any` is one that passes; for `all`, one that fails.
        let (decisive, otherwise) = match quantifier {
            Quantifier::Any => (true, false),
            Quantifier::All => (false, true),
        };
        let each = subject.each();
        let truth = subject.look(self.facts, |found| match found {
            Found::NotYet => Truth::NotYet,
            Found::Nil => Truth::from(otherwise && !subject.is_bare()),
            Found::Final(value) => {
                let decided = self.visit_elements(value, each, condition, decisive);
                Truth::from(decided.is_break() == decisive)
            }
            Found::Growing(value) => match self.visit_elements(value, each, condition, decisive) {
                Break(()) => Truth::from(decisive),
                Continue(()) => Truth::NotYet,
            },
        });
        if truth == Truth::NotYet {
            self.want(subject, ids);
        }
        truth
    }

    fn visit_elements(
        &self,
        value: &Value,
        each: &[Index],
        condition: At,
        decisive: bool,
    ) -> ControlFlow<()> {
        visit(value, each, &mut |element| {
            if self.element(condition, element) == decisive { Break(()) } else { Continue(()) }
        })
    }

    /// Whether one element meets a condition.
    fn element(&self, at: At, element: &Value) -> bool {
        let Some(node) = self.node(at) else { return false };
        match &node.op {
            Op::Test(tested) => tested.check.holds(element).unwrap_or(tested.on_nil),
            Op::Not => !self.element(at + 1, element),
            Op::Joined(Connective::And) => {
                self.children(at).all(|child| self.element(child, element))
            }
            Op::Joined(Connective::Or) => {
                self.children(at).any(|child| self.element(child, element))
            }
            Op::Joined(Connective::Xor) => {
                self.children(at).fold(false, |value, child| value ^ self.element(child, element))
            }
            // Under a quantifier that streams stand tests of its elements alone.
            Op::Constant(_) | Op::Quantified(..) | Op::Compare(_) => false,
        }
    }

    /// The truth values of an array expression, position by position as far as the shortest array
    /// goes; `None` while an array is not known to its end.
    pub(crate) fn array(&mut self, at: At) -> Option<Vec<bool>> {
        let node = self.node(at)?;
        match &node.op {
            Op::Test(tested) => {
                let Tested { subject, check, on_nil } = tested;
                let each = |element: &Value| check.holds(element).unwrap_or(*on_nil);
                let values = subject.look(self.facts, |found| elements(found, subject, each));
                if values.is_none() {
                    self.want(subject, None);
                }
                values
            }
            Op::Compare(compared) => {
                let Compared { left, order, right, on_nil } = &**compared;
                let values = right.look(self.facts, |right| {
                    let right = match right {
                        Found::NotYet | Found::Growing(_) => return None,
                        Found::Nil => None,
                        Found::Final(right) => Some(right),
                    };
                    let each = |element: &Value| {
                        right.and_then(|right| order.holds(element, right)).unwrap_or(*on_nil)
                    };
                    left.look(self.facts, |found| elements(found, left, each))
                });
                if values.is_none() {
                    self.want_open(left);
                    self.want_open(right);
                }
                values
            }
            Op::Not => {
                let values = self.array(at + 1)?;
                Some(values.into_iter().map(|value| !value).collect())
            }
            Op::Joined(connective) => {
                let mut joined: Option<Vec<bool>> = None;
                let mut is_known = true;
                for child in self.children(at) {
                    let Some(values) = self.array(child) else {
                        is_known = false;
                        continue;
                    };
                    joined = Some(match joined {
                        None => values,
                        Some(left) => {
                            let pairs = left.into_iter().zip(values);
                            pairs.map(|(left, right)| connective.apply(left, right)).collect()
                        }
                    });
                }
                joined.filter(|_| is_known)
            }
            Op::Constant(_) | Op::Quantified(..) => Some(Vec::new()),
        }
    }

    /// The node that made a true expression true: of an `or`, the first item that holds.
    pub(crate) fn witness(&mut self, at: At) -> At {
        let mut at = at;
        loop {
            let is_or = |node: &Node| matches!(node.op, Op::Joined(Connective::Or));
            if !self.node(at).is_some_and(is_or) {
                return at;
            }
            let noted = self.wants.len();
            let first = self.children(at).find(|&child| self.truth(child) == Truth::True);
            self.wants.truncate(noted);
            match first {
                Some(child) => at = child,
                None => return at,
            }
        }
    }
}

/// One truth value for each element of an array that is final.
fn elements(
    found: Found<'_>,
    subject: &Subject,
    each: impl Fn(&Value) -> bool,
) -> Option<Vec<bool>> {
    let mut values = Vec::new();
    match found {
        Found::NotYet | Found::Growing(_) => return None,
        Found::Nil => {}
        Found::Final(value) => {
            let _: ControlFlow<()> = visit(value, subject.each(), &mut |element| {
                values.push(each(element));
                Continue(())
            });
        }
    }
    Some(values)
}

impl Connective {
    const fn apply(self, left: bool, right: bool) -> bool {
        match self {
            Self::Or => left | right,
            Self::Xor => left ^ right,
            Self::And => left & right,
        }
    }
}
