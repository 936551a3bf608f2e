//! Places: where in the facts a test looks, and what is known there.

use std::ops::ControlFlow::{self, Continue};

use crate::ast::Index;
use crate::facts::{Fact, Facts};
use crate::scheme::FieldId;
use crate::value::Value;

/// Where a value is found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) field: FieldId,
    /// What leads to one value, up to the first `[*]`.
    pub(crate) prefix: Box<[Index]>,
    /// From the first `[*]` on; empty for a single value.
    pub(crate) each: Box<[Index]>,
    /// Whether the array was written without `[*]`: then, unlike with it, a missing array is no
    /// empty one.
    pub(crate) is_bare: bool,
}

/// The indexes behind an operand, cut at the first `[*]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Path {
    pub(crate) prefix: Box<[Index]>,
    pub(crate) each: Box<[Index]>,
    pub(crate) is_bare: bool,
}

impl Path {
    /// `is_truth`: nothing is compared, the value itself is the truth.
    pub(crate) fn new(path: &[Index], is_truth: bool) -> Self {
        let first_each = path.iter().position(|index| *index == Index::Each);
        let (prefix, each) = path.split_at(first_each.unwrap_or(path.len()));
        // Only a truth stands over a whole array; over a single Bool `each` is never looked at.
        let is_bare = first_each.is_none() && is_truth;
        let each = if is_bare { [Index::Each].into() } else { each.into() };
        Self { prefix: prefix.into(), each, is_bare }
    }
}

/// A value on the way from a field to an element.
#[derive(Clone, Copy)]
pub(crate) enum Found<'f> {
    NotYet,
    Nil,
    Final(&'f Value),
    /// A lower bound; see [`Fact::Partial`].
    Growing(&'f Value),
}

impl Place {
    /// What is known of the value.
    #[inline]
    pub(crate) fn find<'f>(&self, facts: &'f Facts) -> Found<'f> {
        match facts.known(self.field) {
            Some(value) => {
                let mut path = self.prefix.iter();
                path.try_fold(value, step).map_or(Found::Nil, Found::Final)
            }
            None => self.find_growing(facts),
        }
    }

    fn find_growing<'f>(&self, facts: &'f Facts) -> Found<'f> {
        let (mut value, mut is_growing) = match facts.state(self.field) {
            Fact::NotYet => return Found::NotYet,
            Fact::Missing => return Found::Nil,
            Fact::Known(value) => (value, false),
            Fact::Partial(value) => (value, true),
        };
        for index in &self.prefix {
            match step(value, index) {
                // What stands in a growing array or map does not change, unless it is one itself.
                Some(element) => {
                    value = element;
                    is_growing &= matches!(element, Value::Array(_) | Value::Map(_));
                }
                None if is_growing => return Found::NotYet,
                None => return Found::Nil,
            }
        }
        if is_growing { Found::Growing(value) } else { Found::Final(value) }
    }
}

pub(crate) fn step<'f>(value: &'f Value, index: &Index) -> Option<&'f Value> {
    match (value, index) {
        (Value::Array(items), Index::At(position)) => items.get(*position as usize),
        (Value::Map(items), Index::Key(key)) => items.get(key),
        _ => None,
    }
}

/// Visits the elements that a path with `[*]` leads to, passing over those that are not there.
pub(crate) fn visit(
    value: &Value,
    path: &[Index],
    each: &mut dyn FnMut(&Value) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let Some((index, rest)) = path.split_first() else { return each(value) };
    match (index, value) {
        (Index::Each, Value::Array(items)) => {
            items.iter().try_for_each(|item| visit(item, rest, each))
        }
        (Index::Each, Value::Map(items)) => {
            items.values().try_for_each(|item| visit(item, rest, each))
        }
        (Index::Each, _) => Continue(()),
        (Index::At(_) | Index::Key(_), _) => match step(value, index) {
            Some(item) => visit(item, rest, each),
            None => Continue(()),
        },
    }
}
