//! Calls: compiled applications of functions, and what they make of the facts.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops::ControlFlow::Continue;

use crate::ast::{self, Argument, Index, Literal, Test};
use crate::facts::Facts;
use crate::functions::{Function, Given, Prepared};
use crate::options::ParseOptions;
use crate::pattern::Patterns;
use crate::place::{Found, visit};
use crate::problem::Problem;
use crate::scheme::FieldId;
use crate::subject::{Subject, reached};
use crate::value::Value;

/// A compiled call. Two are equal if they are of the same words.
#[derive(Debug)]
pub(crate) struct Call {
    key: ast::Call,
    function: &'static Function,
    inputs: Box<[Input]>,
    prepared: Prepared,
    fields: Box<[FieldId]>,
}

#[derive(Debug)]
enum Input {
    Literal(Value),
    Subject(Subject),
}

/// What a call makes.
pub(crate) enum Made {
    /// An argument is not known yet.
    Open,
    /// There is no value.
    Nil,
    Final(Value),
    /// An array that may gain elements at its end.
    Growing(Value),
}

impl PartialEq for Call {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Call {}

impl PartialOrd for Call {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Call {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl Call {
    /// # Errors
    /// What the function compiles of its arguments is faulty or too large.
    pub(crate) fn new(
        call: &ast::Call,
        patterns: &mut Patterns,
        options: &ParseOptions,
    ) -> Result<Self, Problem> {
        let function = call.function.function();
        let prepared = (function.prepare)(&call.arguments, patterns, options)?;
        let mut inputs = Vec::with_capacity(call.arguments.len());
        let mut fields = BTreeSet::new();
        for argument in &call.arguments {
            inputs.push(match argument {
                Argument::Literal(literal) => Input::Literal(value_of(literal)),
                Argument::Operand(operand) => {
                    // Arguments are values, no truths: an array stands for itself.
                    let mask = Test::Mask(0);
                    let subject = Subject::new(operand, &mask, patterns, options)?;
                    fields.extend(subject.fields());
                    Input::Subject(subject)
                }
            });
        }
        Ok(Self {
            key: call.clone(),
            function,
            inputs: inputs.into(),
            prepared,
            fields: fields.into_iter().collect(),
        })
    }

    /// The call as it was written.
    pub(crate) const fn written(&self) -> &ast::Call {
        &self.key
    }

    /// The fields that it reads, in ascending order.
    pub(crate) fn fields(&self) -> &[FieldId] {
        &self.fields
    }

    /// What comes of the call by what is known.
    pub(crate) fn make(&self, facts: &Facts) -> Made {
        let Some((first, rest)) = self.inputs.split_first() else { return Made::Nil };
        let mut others = Vec::with_capacity(rest.len());
        for input in rest {
            match input.whole(facts) {
                Ok(value) => others.push(value),
                Err(Open) => return Made::Open,
            }
        }
        let apply = |first: Option<&Value>| {
            (self.function.apply)(&Given { first, rest: &others, prepared: &self.prepared })
        };
        match first {
            Input::Subject(subject) if !subject.each().is_empty() => {
                subject.look(facts, |found| each(found, subject.each(), apply))
            }
            Input::Literal(_) | Input::Subject(_) => match first.whole(facts) {
                Ok(value) => apply(value.as_deref()).map_or(Made::Nil, Made::Final),
                Err(Open) => Made::Open,
            },
        }
    }
}

/// One application for each element; those without a result are passed over.
fn each(found: Found<'_>, path: &[Index], apply: impl Fn(Option<&Value>) -> Option<Value>) -> Made {
    let (value, is_growing) = match found {
        Found::NotYet => return Made::Open,
        Found::Nil => return Made::Nil,
        Found::Final(value) => (value, false),
        Found::Growing(value) => (value, true),
    };
    let mut made = Vec::new();
    let mut is_final = true;
    let _ = visit(value, path, &mut |element| {
        // The last element of what grows may grow too, unless it is a scalar.
        is_final &= !matches!(element, Value::Array(_) | Value::Map(_));
        made.extend(apply(Some(element)));
        Continue(())
    });
    match (is_growing, value) {
        (false, _) => Made::Final(Value::Array(made)),
        // Keys that come to a map later may stand before those that are there.
        (true, Value::Array(_)) if is_final && path.len() == 1 => Made::Growing(Value::Array(made)),
        (true, _) => Made::Open,
    }
}

struct Open;

impl Input {
    /// The value as a whole, if it is final.
    fn whole<'v>(&'v self, facts: &'v Facts) -> Result<Option<Cow<'v, Value>>, Open> {
        match self {
            Self::Literal(value) => Ok(Some(Cow::Borrowed(value))),
            Self::Subject(Subject::Place(place)) => match place.find(facts) {
                Found::NotYet | Found::Growing(_) => Err(Open),
                Found::Nil => Ok(None),
                Found::Final(value) => Ok(Some(Cow::Borrowed(value))),
            },
            Self::Subject(Subject::Call(call, path)) => match call.make(facts) {
                Made::Open | Made::Growing(_) => Err(Open),
                Made::Nil => Ok(None),
                Made::Final(value) => Ok(reached(value, &path.prefix).map(Cow::Owned)),
            },
        }
    }
}

pub(crate) fn value_of(literal: &Literal) -> Value {
    match literal {
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Int(value) => Value::Int(*value),
        Literal::Ip(value) => Value::Ip(*value),
        Literal::Bytes(value) => Value::Bytes(value.clone()),
    }
}
