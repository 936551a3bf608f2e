//! Access conditions: what must hold, or be open, wherever a whole rule does.
//!
//! A rule may be looked for by any one of its [`Way`]s. Nothing here decides: a rule that
//! is found is evaluated in full.

use std::net::IpAddr;

use bytes::Bytes;

use super::literals;
use crate::ast::{
    AddressItem, Argument, Case, Connective, Expr, ExprKind, Literal, Operand, Order, Quantifier,
    Source, Test,
};
use crate::fold::{self, Folded, Membership};
use crate::lists::Listed;
use crate::options::ParseOptions;
use crate::pattern::Patterns;
use crate::subject::Subject;

/// What a value must be like.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// It is these bytes.
    Equal(Bytes),
    /// It is these bytes, which are in lower case, whatever its own case.
    Folded(Bytes),
    /// It holds these bytes, which are in lower case, whatever its own case.
    Holds(Bytes),
    /// It is an address from the first to the last of these, of one family.
    Address(IpAddr, IpAddr),
    /// It is a number from the first to the last of these.
    Number(i64, i64),
    /// It is in this list.
    Listed(Listed),
    /// It is `true`.
    True,
}

/// One value that must be there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Access {
    pub(super) subject: Subject,
    pub(super) key: Key,
}

/// Ways to look for one rule: it can hold only if one of these values is there. None at all for a
/// rule that never holds.
pub(super) type Way = Vec<Access>;

/// The most values by which one rule is looked for.
const VALUES_MAX: usize = 4096;
/// The most options that are weighed against each other.
const OPTIONS_MAX: usize = 8;

/// What conditions are read with.
pub(super) struct Reader<'a> {
    pub(super) patterns: &'a mut Patterns,
    pub(super) options: &'a ParseOptions,
}

impl Reader<'_> {
    /// The options of a condition; no option where it may hold whatever is known.
    pub(super) fn options(&mut self, expr: &Expr) -> Vec<Way> {
        match &expr.kind {
            ExprKind::Constant(false) => vec![Way::new()],
            ExprKind::Test(operand, test) => self.way(operand, test).into_iter().collect(),
            ExprKind::Joined(Connective::And, items) => {
                let mut all: Vec<Way> = items.iter().flat_map(|item| self.options(item)).collect();
                all.truncate(OPTIONS_MAX);
                all
            }
            ExprKind::Joined(Connective::Or, items) => {
                let mut union = Way::new();
                for item in items {
                    // The first option will do: a rule is seldom a disjunction of conjunctions.
                    let Some(first) = self.options(item).into_iter().next() else {
                        return Vec::new();
                    };
                    union.extend(first);
                }
                if union.len() > VALUES_MAX { Vec::new() } else { vec![union] }
            }
            // Some element must hold, and with it its access condition.
            ExprKind::Quantified(Quantifier::Any, inner) => self.options(inner),
            ExprKind::Quantified(Quantifier::All, _)
            | ExprKind::Constant(true)
            | ExprKind::Joined(Connective::Xor, _)
            | ExprKind::Not(_) => Vec::new(),
        }
    }

    /// The way to look for a test. Functions are looked through where the value that they are given
    /// tells as much, so that it need not be made another one of.
    fn way(&mut self, operand: &Operand, test: &Test) -> Option<Way> {
        if let Some(Folded { operand, membership: Membership::Wanted, values }) =
            fold::folded(operand, test)
        {
            // What never holds is open as long as its field is.
            let is_sound = !values.is_empty() && values.len() <= VALUES_MAX;
            return self.entered(operand, test, is_sound.then_some(values)?, Key::Folded);
        }
        if let Some((text, literal)) = fixed_end(operand, test) {
            let literal = holds(literal)?;
            // The function is given a value, no truth.
            let value = &Test::Mask(0);
            return self.entered(fold::in_any_case(text), value, [literal], |key| key);
        }
        let keys = keys(test)?;
        let (looked_at, is_call) = match &operand.source {
            Source::Field(_) => (operand, false),
            Source::Call(_) if keys.iter().all(|key| matches!(key, Key::Holds(_))) => {
                let inner = fold::in_any_case(operand);
                (inner, matches!(inner.source, Source::Call(_)))
            }
            Source::Call(_) => (operand, true),
        };
        // That a condition holds tells no rules apart.
        let tells = !is_call || !keys.contains(&Key::True);
        self.entered(looked_at, test, tells.then_some(keys)?, |key| key)
    }

    fn entered<V>(
        &mut self,
        operand: &Operand,
        test: &Test,
        values: impl IntoIterator<Item = V>,
        key: impl Fn(V) -> Key,
    ) -> Option<Way> {
        let subject = Subject::new(operand, test, self.patterns, self.options).ok()?;
        let access = |value| Access { subject: subject.clone(), key: key(value) };
        Some(values.into_iter().map(access).collect())
    }
}

/// The text that must begin or end with a literal.
fn fixed_end<'a>(operand: &'a Operand, test: &Test) -> Option<(&'a Operand, &'a [u8])> {
    let Source::Call(call) = &operand.source else { return None };
    let is_end = matches!(call.function.function().name, "starts_with" | "ends_with");
    match call.arguments.as_slice() {
        [Argument::Operand(text), Argument::Literal(Literal::Bytes(literal))]
            if is_end && *test == Test::IsTrue =>
        {
            Some((text, literal))
        }
        _ => None,
    }
}

/// The values that pass a test; `None` where too many do, or those of which nothing is known.
fn keys(test: &Test) -> Option<Vec<Key>> {
    let keys = match test {
        Test::IsTrue | Test::Order(Order::Equal, Literal::Bool(true)) => vec![Key::True],
        Test::Order(Order::Equal, Literal::Bytes(value)) => vec![Key::Equal(value.clone())],
        Test::Order(Order::Equal, Literal::Ip(value)) => vec![Key::Address(*value, *value)],
        Test::Order(order, Literal::Int(value)) => vec![range(*order, *value)?],
        Test::InBytes(values) => values.iter().cloned().map(Key::Equal).collect(),
        Test::InInts(ranges) => ranges.iter().map(|(low, high)| Key::Number(*low, *high)).collect(),
        Test::InAddresses(items) => items.iter().map(address).collect(),
        Test::Contains(needle) => vec![holds(needle)?],
        Test::Wildcard(Case::Exact, pattern) if !pattern.contains(&b'*') => {
            vec![Key::Equal(literals::unescaped(pattern).into())]
        }
        Test::Wildcard(_, pattern) => vec![holds(&literals::longest_piece(pattern))?],
        Test::Matches(pattern) => {
            let required = literals::required(pattern)?;
            required.iter().map(|literal| holds(literal)).collect::<Option<_>>()?
        }
        Test::InList(listed) => vec![Key::Listed(listed.clone())],
        Test::Order(..) | Test::Against(..) | Test::Mask(_) => return None,
    };
    (keys.len() <= VALUES_MAX).then_some(keys)
}

fn holds(needle: &[u8]) -> Option<Key> {
    (!needle.is_empty()).then(|| Key::Holds(needle.to_ascii_lowercase().into()))
}

fn range(order: Order, value: i64) -> Option<Key> {
    Some(match order {
        Order::Equal => Key::Number(value, value),
        Order::Less => Key::Number(i64::MIN, value.checked_sub(1)?),
        Order::LessOrEqual => Key::Number(i64::MIN, value),
        Order::Greater => Key::Number(value.checked_add(1)?, i64::MAX),
        Order::GreaterOrEqual => Key::Number(value, i64::MAX),
        Order::NotEqual => return None,
    })
}

fn address(item: &AddressItem) -> Key {
    match *item {
        AddressItem::Range(first, last) => Key::Address(first, last),
        AddressItem::Network(IpAddr::V4(first), prefix) => {
            let host = u32::MAX.checked_shr(prefix.into()).unwrap_or(0);
            Key::Address(first.into(), IpAddr::V4((u32::from(first) | host).into()))
        }
        AddressItem::Network(IpAddr::V6(first), prefix) => {
            let host = u128::MAX.checked_shr(prefix.into()).unwrap_or(0);
            Key::Address(first.into(), IpAddr::V6((u128::from(first) | host).into()))
        }
    }
}
