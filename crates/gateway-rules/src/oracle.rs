//! The meaning of filters said once more, as plainly as can be: what tests and fuzzers hold the
//! evaluator to. It knows final facts only, copies what it looks at, and compiles nothing ahead.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::net::IpAddr;

use crate::ast::{
    AddressItem, Argument, Call, Case, Connective, Expr, ExprKind, Index, Operand, Order,
    Quantifier, Source, Test,
};
use crate::call::value_of;
use crate::facts::{Fact, Facts};
use crate::filter::Answer;
use crate::functions::Given;
use crate::options::{NilNotEqual, ParseOptions};
use crate::pattern::Patterns;
use crate::place::step;
use crate::problem::Problem;
use crate::value::Value;

/// What an expression comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    One(bool),
    Many(Vec<bool>),
}

pub(crate) struct Oracle<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) options: &'a ParseOptions,
}

impl Oracle<'_> {
    /// What the filter yields by facts that are final.
    ///
    /// # Errors
    /// A pattern is too large; the filter was read under other options.
    pub(crate) fn answer(&self, expr: &Expr) -> Result<Answer, Problem> {
        Ok(match self.expression(expr)? {
            Outcome::One(value) => Answer::Bool(value.into()),
            Outcome::Many(values) => Answer::Array(values),
        })
    }

    fn expression(&self, expr: &Expr) -> Result<Outcome, Problem> {
        Ok(match &expr.kind {
            ExprKind::Constant(value) => Outcome::One(*value),
            ExprKind::Not(inner) => match self.expression(inner)? {
                Outcome::One(value) => Outcome::One(!value),
                Outcome::Many(values) => Outcome::Many(values.iter().map(|value| !value).collect()),
            },
            ExprKind::Joined(connective, items) => {
                let mut results = Vec::new();
                for item in items {
                    results.push(self.expression(item)?);
                }
                let joined = results.into_iter().reduce(|left, right| match (left, right) {
                    (Outcome::One(left), Outcome::One(right)) => {
                        Outcome::One(join(*connective, left, right))
                    }
                    (Outcome::Many(left), Outcome::Many(right)) => {
                        let pairs = left.iter().zip(&right);
                        Outcome::Many(pairs.map(|(l, r)| join(*connective, *l, *r)).collect())
                    }
                    // The parser mixes no shapes.
                    (left, _) => left,
                });
                joined.unwrap_or(Outcome::One(false))
            }
            ExprKind::Quantified(quantifier, inner) => {
                if self.is_missing_array(inner) {
                    return Ok(Outcome::One(false));
                }
                let Outcome::Many(values) = self.expression(inner)? else {
                    return Ok(Outcome::One(false));
                };
                Outcome::One(match quantifier {
                    Quantifier::Any => values.contains(&true),
                    Quantifier::All => !values.contains(&false),
                })
            }
            ExprKind::Test(operand, test) => self.test(operand, test)?,
        })
    }

    /// Whether a condition is about one array of truth values that is written without `[*]` and
    /// missing: then, unlike with `[*]`, it is no empty one.
    fn is_missing_array(&self, expr: &Expr) -> bool {
        fn operands<'e>(expr: &'e Expr, found: &mut Vec<Option<&'e Operand>>) {
            match &expr.kind {
                ExprKind::Test(operand, test) => {
                    let is_bare = *test == Test::IsTrue && !operand.is_mapped();
                    found.push(is_bare.then_some(operand));
                }
                ExprKind::Joined(_, items) => items.iter().for_each(|item| operands(item, found)),
                ExprKind::Not(inner) | ExprKind::Quantified(_, inner) => operands(inner, found),
                ExprKind::Constant(_) => {}
            }
        }
        let mut found = Vec::new();
        operands(expr, &mut found);
        match found.split_first() {
            Some((Some(first), rest)) => {
                rest.iter().all(|other| *other == Some(first))
                    && self.value(first).is_ok_and(|value| value.is_none())
            }
            _ => false,
        }
    }

    fn test(&self, operand: &Operand, test: &Test) -> Result<Outcome, Problem> {
        let is_not_equal =
            matches!(test, Test::Order(Order::NotEqual, _) | Test::Against(Order::NotEqual, _));
        let on_nil = is_not_equal && self.options.nil_not_equal == NilNotEqual::True;
        let right = match test {
            Test::Against(_, right) => self.value(right)?,
            _ => None,
        };
        let holds = |value: &Value| match self.holds(test, value, right.as_ref()) {
            Ok(holds) => Ok(holds.unwrap_or(on_nil)),
            Err(problem) => Err(problem),
        };
        let each = |values: &[Value]| values.iter().map(holds).collect::<Result<_, _>>();
        if operand.is_mapped() {
            let values = self.values(operand)?.unwrap_or_default();
            return each(&values).map(Outcome::Many);
        }
        match self.value(operand)? {
            None if *test == Test::IsTrue && self.is_array(operand) => {
                Ok(Outcome::Many(Vec::new()))
            }
            None => Ok(Outcome::One(on_nil)),
            Some(Value::Array(items)) if *test == Test::IsTrue => each(&items).map(Outcome::Many),
            Some(value) => holds(&value).map(Outcome::One),
        }
    }

    /// Whether the operand's type is an array of truth values.
    fn is_array(&self, operand: &Operand) -> bool {
        match &operand.source {
            Source::Field(field) => {
                let ty = self.facts.scheme().field(*field).map(|field| field.ty().clone());
                let element = |ty: Option<crate::Type>, _: &Index| ty?.element().cloned();
                let ty = operand.path.iter().fold(ty, element);
                ty.is_some_and(|ty| !ty.is_scalar())
            }
            Source::Call(call) if !operand.path.is_empty() || call.is_mapped() => {
                operand.path.is_empty()
            }
            // Of the functions `concat` alone yields an array of truth values, of such.
            Source::Call(call) => call.arguments.iter().any(|argument| match argument {
                Argument::Operand(inner) => {
                    call.function.function().name == "concat" && self.is_array(inner)
                }
                Argument::Literal(_) => false,
            }),
        }
    }

    /// The single value of an operand.
    fn value(&self, operand: &Operand) -> Result<Option<Value>, Problem> {
        let Some(base) = self.source(&operand.source)? else { return Ok(None) };
        Ok(operand.path.iter().try_fold(&base, step).cloned())
    }

    /// The values that `[*]` leads to; `None` where there is nothing to go through.
    fn values(&self, operand: &Operand) -> Result<Option<Vec<Value>>, Problem> {
        let Some(base) = self.source(&operand.source)? else { return Ok(None) };
        let (mut values, mut is_mapped) = (vec![base], false);
        for index in &operand.path {
            values = match index {
                Index::Each => values.into_iter().flat_map(elements).collect(),
                _ => values.iter().filter_map(|value| step(value, index).cloned()).collect(),
            };
            is_mapped |= *index == Index::Each;
            if values.is_empty() && !is_mapped {
                return Ok(None);
            }
        }
        Ok(Some(values))
    }

    fn source(&self, source: &Source) -> Result<Option<Value>, Problem> {
        match source {
            Source::Field(field) => Ok(match self.facts.state(*field) {
                Fact::Known(value) => Some(value.clone()),
                Fact::NotYet | Fact::Partial(_) | Fact::Missing => None,
            }),
            Source::Call(call) => self.call(call),
        }
    }

    fn call(&self, call: &Call) -> Result<Option<Value>, Problem> {
        let function = call.function.function();
        let mut patterns = Patterns::default();
        let prepared = (function.prepare)(&call.arguments, &mut patterns, self.options)?;
        let mut values = Vec::new();
        for argument in call.arguments.iter().skip(1) {
            values.push(match argument {
                Argument::Literal(literal) => Some(Cow::Owned(value_of(literal))),
                Argument::Operand(operand) => self.value(operand)?.map(Cow::Owned),
            });
        }
        let apply = |first: Option<&Value>| {
            (function.apply)(&Given { first, rest: &values, prepared: &prepared })
        };
        Ok(match call.arguments.first() {
            None => None,
            Some(Argument::Literal(literal)) => apply(Some(&value_of(literal))),
            Some(Argument::Operand(operand)) if operand.is_mapped() => {
                let made = |values: Vec<Value>| {
                    Value::Array(values.iter().filter_map(|value| apply(Some(value))).collect())
                };
                self.values(operand)?.map(made)
            }
            Some(Argument::Operand(operand)) => apply(self.value(operand)?.as_ref()),
        })
    }

    /// Whether a value passes; `None` where it is of another type, or has nothing to stand against.
    fn holds(
        &self,
        test: &Test,
        value: &Value,
        right: Option<&Value>,
    ) -> Result<Option<bool>, Problem> {
        Ok(Some(match (test, value) {
            (Test::IsTrue, Value::Bool(value)) => *value,
            (Test::Order(order, literal), _) => {
                return Ok(compare(*order, value, &value_of(literal)));
            }
            (Test::Against(order, _), _) => {
                return Ok(right.and_then(|right| compare(*order, value, right)));
            }
            (Test::Mask(mask), Value::Int(value)) => value & mask != 0,
            (Test::InInts(ranges), Value::Int(value)) => {
                ranges.iter().any(|(first, last)| first <= value && value <= last)
            }
            (Test::InAddresses(items), Value::Ip(value)) => {
                items.iter().any(|item| is_in(item, *value))
            }
            (Test::InBytes(values), Value::Bytes(value)) => values.contains(value),
            // Lists are held to their entries by tests of their own.
            (Test::InList(listed), value) => listed.list.holds(value),
            (Test::Contains(needle), Value::Bytes(value)) => {
                needle.is_empty() || value.windows(needle.len()).any(|window| window == needle)
            }
            (Test::Matches(pattern), Value::Bytes(value)) => {
                Patterns::default().regex(pattern, self.options)?.is_match(value)
            }
            (Test::Wildcard(case, pattern), Value::Bytes(value)) => {
                is_wildcard_match(*case, pattern, value)
            }
            _ => return Ok(None),
        }))
    }
}

fn elements(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        Value::Map(items) => items.into_values().collect(),
        Value::Bool(_) | Value::Int(_) | Value::Ip(_) | Value::Bytes(_) => Vec::new(),
    }
}

const fn join(connective: Connective, left: bool, right: bool) -> bool {
    match connective {
        Connective::And => left && right,
        Connective::Or => left || right,
        Connective::Xor => left != right,
    }
}

fn compare(order: Order, left: &Value, right: &Value) -> Option<bool> {
    let ordering = match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Ip(IpAddr::V4(left)), Value::Ip(IpAddr::V4(right))) => Some(left.cmp(right)),
        (Value::Ip(IpAddr::V6(left)), Value::Ip(IpAddr::V6(right))) => Some(left.cmp(right)),
        (Value::Ip(_), Value::Ip(_)) => None,
        (Value::Bytes(left), Value::Bytes(right)) => Some(left.cmp(right)),
        _ => return None,
    };
    Some(match order {
        Order::Equal => ordering == Some(Ordering::Equal),
        Order::NotEqual => ordering != Some(Ordering::Equal),
        Order::Less => ordering == Some(Ordering::Less),
        Order::LessOrEqual => ordering.is_some_and(Ordering::is_le),
        Order::Greater => ordering == Some(Ordering::Greater),
        Order::GreaterOrEqual => ordering.is_some_and(Ordering::is_ge),
    })
}

fn is_in(item: &AddressItem, address: IpAddr) -> bool {
    fn bits(address: IpAddr) -> Vec<bool> {
        let octets = match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        octets.iter().flat_map(|octet| (0..8).rev().map(move |at| octet >> at & 1 == 1)).collect()
    }
    let family = |other: IpAddr| other.is_ipv4() == address.is_ipv4();
    match *item {
        AddressItem::Network(network, length) => {
            let prefix = bits(network).into_iter().zip(bits(address)).take(length.into());
            family(network) && prefix.into_iter().all(|(network, address)| network == address)
        }
        AddressItem::Range(first, last) => family(first) && first <= address && address <= last,
    }
}

/// Every way to cut the value at the `*`, by a table of which beginnings match.
fn is_wildcard_match(case: Case, pattern: &[u8], value: &[u8]) -> bool {
    let mut reached = vec![false; value.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    let mut bytes = pattern.iter();
    while let Some(&byte) = bytes.next() {
        let wanted = match byte {
            b'*' => {
                let mut any = false;
                for end in &mut reached {
                    any |= *end;
                    *end = any;
                }
                continue;
            }
            b'\\' => bytes.next().copied().unwrap_or(byte),
            _ => byte,
        };
        let mut next = vec![false; reached.len()];
        for ((end, is_reached), found) in next.iter_mut().skip(1).zip(&reached).zip(value) {
            let is_equal = match case {
                Case::Exact => *found == wanted,
                Case::Ignored => found.eq_ignore_ascii_case(&wanted),
            };
            *end = *is_reached && is_equal;
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::filter::Filter;
    use crate::options::{NilNotEqual, ParseOptions, Yields};
    use crate::test_scheme::{self, Reads, condition, settled, world};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn the_evaluator_agrees(
            text in condition(Reads::Everything),
            world in world(),
            is_different in any::<bool>(),
        ) {
            let nil_not_equal = if is_different { NilNotEqual::True } else { NilNotEqual::False };
            let options =
                ParseOptions { yields: Yields::BoolOrArray, nil_not_equal, ..ParseOptions::default() };
            let filter = Filter::parse(&test_scheme::scheme(), &text, &options).expect("a filter");
            let facts = settled(&world);
            prop_assert_eq!(Some(filter.answer(&facts)), filter.oracle(&facts, &options), "{}", text);
        }
    }
}
