//! The index of a tier: which of many rules may hold, found from what is known instead of from the
//! rules.
//!
//! Each rule is entered under values one of which must be there wherever it holds. A place in the
//! facts that is known finds the rules entered under its value; one that is still open finds all
//! that are entered for it; one without a value none. What a function makes of the facts is looked
//! up like a place, and so made once for all rules. Rules without such a value stand in a list of
//! their own. What is found is a superset, which is evaluated in order.

mod access;
mod grams;
mod literals;
mod price;
mod search;
mod segments;

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::ops::ControlFlow::Continue;
use std::sync::Arc;

use bytes::Bytes;
use rustc_hash::FxBuildHasher;

use self::access::{Access, Key, Reader, Way};
pub(crate) use self::literals::longest_piece;
use self::price::{FIND_PRICE, look_price};
use self::search::Search;
use self::segments::Segments;
use crate::ast::Expr;
use crate::facts::Facts;
use crate::lists::{List, Listed};
use crate::options::{Indexing, ParseOptions};
use crate::pattern::Patterns;
use crate::phase::Phase;
use crate::place::{Found, visit};
use crate::rule::RuleIndex;
use crate::scheme::Scheme;
use crate::subject::Subject;
use crate::value::Value;

/// The ways in which a rule can be looked for.
#[derive(Clone, Debug)]
pub(crate) struct Ways(Vec<Way>);

impl Ways {
    /// The ways to look for a rule with this condition.
    pub(crate) fn of(expr: &Expr, patterns: &mut Patterns, options: &ParseOptions) -> Self {
        Self(Reader { patterns, options }.options(expr))
    }

    /// Whether there is none: the rule is tried whatever is known.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// So many values must be looked for in what a function makes for it to be made in every decision.
const CALLED_MIN: u32 = 4;

/// Rules in order of precedence, found from what is known.
#[derive(Debug, Default)]
pub(crate) struct Index {
    subjects: Vec<BySubject>,
    /// Rules that any facts find.
    rest: Vec<u32>,
    /// About how many nanoseconds it takes to find those that may hold, and to try the rest.
    price: u32,
}

/// A rule that is to be entered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'w> {
    pub(crate) rule: RuleIndex,
    pub(crate) ways: &'w Ways,
    /// About how many nanoseconds it takes to try it.
    pub(crate) price: u32,
}

/// The rules entered for one place, or for what one call makes.
#[derive(Debug)]
struct BySubject {
    subject: Subject,
    all: Vec<u32>,
    equal: HashMap<Bytes, Vec<u32>, FxBuildHasher>,
    /// By values in lower case.
    folded: HashMap<Bytes, Vec<u32>, FxBuildHasher>,
    literals: Option<Search>,
    v4: Segments<u32>,
    v6: Segments<u128>,
    numbers: Segments<i64>,
    truths: Vec<u32>,
    /// Each list is asked once, however many rules name it.
    lists: Vec<(Arc<List>, Vec<u32>)>,
}

impl Index {
    /// The index of rules; none where it is chosen that they are tried one by one.
    pub(crate) fn chosen<'w>(
        scheme: &Scheme,
        rules: impl Iterator<Item = Entry<'w>> + Clone,
        indexing: Indexing,
    ) -> Option<Self> {
        let worth = match indexing {
            Indexing::Never => return None,
            Indexing::Always => return Some(Self::new(scheme, rules, indexing)),
            Indexing::ByCost => rules.clone().map(|entry| entry.price).fold(0, u32::saturating_add),
        };
        // It need not even be made.
        if worth <= FIND_PRICE {
            return None;
        }
        let index = Self::new(scheme, rules, indexing);
        (index.price < worth).then_some(index)
    }

    /// Enters rules, each in the way that finds it least often in vain. Those of a place that is
    /// dearer to look at than they are to be tried are tried, unless all rules are to be found.
    #[expect(clippy::mutable_key_type, reason = "calls are ordered by their words alone")]
    fn new<'w>(
        scheme: &Scheme,
        rules: impl Iterator<Item = Entry<'w>> + Clone,
        indexing: Indexing,
    ) -> Self {
        let mut uses: BTreeMap<&Access, u32> = BTreeMap::new();
        let mut called: BTreeMap<&Subject, u32> = BTreeMap::new();
        for access in rules.clone().flat_map(|entry| &entry.ways.0).flatten() {
            *uses.entry(access).or_default() += 1;
            if let Subject::Call(..) = access.subject {
                *called.entry(&access.subject).or_default() += 1;
            }
        }
        let pays = |way: &&Way| {
            let mut called = way.iter().filter_map(|access| called.get(&access.subject));
            called.all(|count| *count >= CALLED_MIN)
        };
        let mut rest = Vec::new();
        let mut price = FIND_PRICE;
        let mut entries: BTreeMap<&Subject, Vec<(&Key, Entry<'w>)>> = BTreeMap::new();
        for entry in rules {
            let ways = entry.ways.0.iter().filter(pays);
            let Some(way) = ways.min_by_key(|way| cost(scheme, way, &uses)) else {
                rest.push(entry);
                continue;
            };
            for access in way {
                entries.entry(&access.subject).or_default().push((&access.key, entry));
            }
        }
        let mut subjects = Vec::with_capacity(entries.len());
        for (subject, entries) in entries {
            let tried = || entries.iter().map(|(_, entry)| *entry);
            let worth = tried().map(|entry| entry.price).fold(0, u32::saturating_add);
            let looked = look_price(subject, entries.iter().map(|(key, _)| *key));
            match BySubject::new(subject, &entries) {
                Some(by_subject) if indexing == Indexing::Always || looked < worth => {
                    price = price.saturating_add(looked);
                    subjects.push(by_subject);
                }
                Some(_) | None => rest.extend(tried()),
            }
        }
        rest.sort_unstable_by_key(|entry| entry.rule);
        rest.dedup_by_key(|entry| entry.rule);
        price = rest.iter().map(|entry| entry.price).fold(price, u32::saturating_add);
        Self { subjects, rest: rest.iter().map(|entry| entry.rule.0).collect(), price }
    }

    /// The rules that may hold or be open, in order of precedence.
    pub(crate) fn find(&self, facts: &Facts) -> Vec<RuleIndex> {
        let mut found = self.rest.clone();
        for subject in &self.subjects {
            subject.find(facts, &mut found);
        }
        if found.len() > self.rest.len() {
            ascending(&mut found);
        }
        found.into_iter().map(RuleIndex).collect()
    }
}

/// So many numbers are sorted sooner by a bit for each that there can be.
const SORTED_MAX: usize = 256;

/// Makes the numbers of rules ascend, each once.
fn ascending(found: &mut Vec<u32>) {
    let greatest = found.iter().max().map_or(0, |greatest| *greatest as usize);
    if found.len() <= SORTED_MAX.max(greatest / 64) {
        found.sort_unstable();
        found.dedup();
        return;
    }
    let mut bits = vec![0_u64; greatest / 64 + 1];
    for rule in found.drain(..) {
        if let Some(word) = bits.get_mut(rule as usize / 64) {
            *word |= 1 << (rule % 64);
        }
    }
    for (mut word, first) in bits.into_iter().zip((0..).step_by(64)) {
        while word != 0 {
            found.push(first + word.trailing_zeros());
            word &= word - 1;
        }
    }
}

/// How often a way finds its rule in vain, as far as can be told: whether its fields become known
/// only with a body, then by the most common of its values.
#[expect(clippy::mutable_key_type, reason = "calls are ordered by their words alone")]
fn cost(scheme: &Scheme, way: &Way, uses: &BTreeMap<&Access, u32>) -> (bool, u32) {
    let of_body = |access: &Access| {
        access.subject.fields().iter().any(|field| {
            let latest = scheme.phases(*field).latest();
            latest.is_some_and(|phase| phase == Phase::RequestBody || phase == Phase::ResponseBody)
        })
    };
    let commonness = |access: &Access| {
        let uses = uses.get(access).copied().unwrap_or(0);
        // What a call makes is made even where it finds nothing.
        let made = if let Subject::Call(..) = access.subject { 16 } else { 0 };
        uses.saturating_add(made).saturating_mul(match &access.key {
            Key::Equal(_) | Key::Folded(_) => 1,
            // A wide range finds its rules for many values.
            Key::Address(first, last) if first == last => 1,
            Key::Address(..) => 4,
            Key::Number(first, last) if first == last => 2,
            // Asking a list costs about as much as trying a few rules.
            Key::Listed(_) => 4,
            Key::Holds(literal) => 2 + 8 / u32::try_from(literal.len()).unwrap_or(8).max(1),
            Key::Number(..) | Key::True => 1_000,
        })
    };
    (way.iter().any(of_body), way.iter().map(commonness).max().unwrap_or(0))
}

impl BySubject {
    /// `None` if there are more literals than an automaton can hold.
    fn new(subject: &Subject, entries: &[(&Key, Entry<'_>)]) -> Option<Self> {
        let mut all: Vec<u32> = entries.iter().map(|(_, entry)| entry.rule.0).collect();
        all.sort_unstable();
        all.dedup();
        let mut equal: HashMap<Bytes, Vec<u32>, FxBuildHasher> = HashMap::default();
        let mut folded: HashMap<Bytes, Vec<u32>, FxBuildHasher> = HashMap::default();
        let mut literals: BTreeMap<&Bytes, Vec<u32>> = BTreeMap::new();
        let (mut v4, mut v6, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        let mut truths = Vec::new();
        let mut lists: BTreeMap<&Listed, Vec<u32>> = BTreeMap::new();
        for (key, entry) in entries {
            let rule = &entry.rule.0;
            match key {
                Key::Equal(value) => equal.entry(value.clone()).or_default().push(*rule),
                Key::Folded(value) => folded.entry(value.clone()).or_default().push(*rule),
                Key::Holds(literal) => literals.entry(literal).or_default().push(*rule),
                Key::Address(IpAddr::V4(first), IpAddr::V4(last)) => {
                    v4.push((u32::from(*first), u32::from(*last), *rule));
                }
                Key::Address(IpAddr::V6(first), IpAddr::V6(last)) => {
                    v6.push((u128::from(*first), u128::from(*last), *rule));
                }
                // A range is of one family.
                Key::Address(..) => {}
                Key::Number(first, last) => numbers.push((*first, *last, *rule)),
                Key::Listed(listed) => lists.entry(listed).or_default().push(*rule),
                Key::True => truths.push(*rule),
            }
        }
        let literals = if literals.is_empty() { None } else { Some(Search::new(literals)?) };
        Some(Self {
            subject: subject.clone(),
            all,
            equal,
            folded,
            literals,
            v4: Segments::new(v4, |value| value.checked_add(1)),
            v6: Segments::new(v6, |value| value.checked_add(1)),
            numbers: Segments::new(numbers, |value| value.checked_add(1)),
            truths,
            lists: lists
                .into_iter()
                .map(|(listed, rules)| (Arc::clone(&listed.list), rules))
                .collect(),
        })
    }

    fn find(&self, facts: &Facts, found: &mut Vec<u32>) {
        self.subject.look(facts, |value| match value {
            Found::Nil => {}
            // What grows may come to hold any value.
            Found::NotYet | Found::Growing(_) => found.extend_from_slice(&self.all),
            Found::Final(value) if self.subject.is_bare() && !matches!(value, Value::Array(_)) => {
                self.probe(value, found);
            }
            Found::Final(value) => {
                let _ = visit(value, self.subject.each(), &mut |element| {
                    self.probe(element, found);
                    Continue(())
                });
            }
        });
    }

    fn probe(&self, value: &Value, found: &mut Vec<u32>) {
        for (list, rules) in &self.lists {
            if list.holds(value) {
                found.extend_from_slice(rules);
            }
        }
        match value {
            Value::Bytes(value) => {
                if let Some(rules) = self.equal.get(value) {
                    found.extend_from_slice(rules);
                }
                if !self.folded.is_empty() {
                    lowered(value, |lower| {
                        found.extend_from_slice(self.folded.get(lower).map_or(&[][..], |r| r));
                    });
                }
                if let Some(literals) = &self.literals {
                    literals.find(value, found);
                }
            }
            Value::Ip(IpAddr::V4(value)) => self.v4.find(u32::from(*value), found),
            Value::Ip(IpAddr::V6(value)) => self.v6.find(u128::from(*value), found),
            Value::Int(value) => self.numbers.find(*value, found),
            Value::Bool(true) => found.extend_from_slice(&self.truths),
            // No test passes on these.
            Value::Bool(false) | Value::Array(_) | Value::Map(_) => {}
        }
    }
}

/// Shows a text in lower case to `then`; most are copied to the stack.
fn lowered(text: &[u8], then: impl FnOnce(&[u8])) {
    let mut room = [0; 256];
    match room.get_mut(..text.len()) {
        Some(lower) => {
            lower.copy_from_slice(text);
            lower.make_ascii_lowercase();
            then(lower);
        }
        None => then(&text.to_ascii_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::action::Action;
    use crate::options::Options;
    use crate::rule::{Layer, Rule, Tier};
    use crate::ruleset::RuleSet;
    use crate::test_scheme;

    #[test]
    fn an_index_is_made_where_it_is_cheaper() {
        let port = |n: usize| format!("port == {n}");
        let regex = |n: usize| format!(r#"http.host matches "(?i)word{n}[a-z]+/[0-9]""#);
        let is_indexed = |filters: Vec<String>| {
            let rule = |filter: &String| Rule::new("r", Layer::Http, Action::Block, filter);
            let rules = filters.iter().map(rule).collect();
            let set = RuleSet::compile(&test_scheme::scheme(), rules, &Options::default());
            set.expect("sound").enforcing[Tier::Http.index()].tried().is_none()
        };
        for (count, dear, expected) in
            [(0, 0, false), (16, 0, false), (200, 0, true), (3, 1, false), (3, 8, true)]
        {
            let filters = (0..count).map(port).chain((0..dear).map(regex)).collect();
            assert_eq!(is_indexed(filters), expected, "{count} {dear}");
        }
    }

    proptest! {
        #[test]
        fn numbers_ascend_each_once(
            most in prop::sample::select(vec![1_u32, 70, 5_000, 1_000_000]),
            found in prop::collection::vec(any::<u32>(), 0..700),
        ) {
            let mut found: Vec<u32> = found.into_iter().map(|number| number % most).collect();
            let mut expected = found.clone();
            expected.sort_unstable();
            expected.dedup();
            ascending(&mut found);
            prop_assert_eq!(found, expected);
        }
    }
}
