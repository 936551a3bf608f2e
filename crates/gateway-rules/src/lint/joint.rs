//! Joint reach: rules that no single one above them keeps from deciding, but several together do:
//! each for some of the values that the rule asks for.
//!
//! The rules above differ from it in what they say of one operand alone, or say less. Nothing is
//! said of what would take more to be seen.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::clause::{About, Clause, Literal, values};
use super::reach::{grows, inside};
use super::values::{Present, Values};
use crate::options::ParseOptions;
use crate::scheme::Scheme;

/// The most facts of a clause besides those of one operand of which all choices are looked for.
const OTHERS_MAX: usize = 3;
/// The most clauses that are told, and those that are looked at to find them.
const TOLD_MAX: usize = 16;
const LOOKED_MAX: usize = 256;

/// What a clause says of one operand, and what else it says.
struct Part<'c, 'e> {
    about: About<'e>,
    /// The operand, as a text.
    name: &'c str,
    values: Values,
    others: Vec<&'c Named<'e>>,
}

/// A fact with its name and a number that stands for all that it says.
struct Named<'e> {
    literal: Literal<'e>,
    name: String,
    number: u64,
}

/// The clauses above that say the same of all operands but one.
#[derive(Default)]
struct Alike {
    /// Each text with the clause that was the first to admit it.
    texts: HashMap<Bytes, usize, FxBuildHasher>,
    ints: Spread,
    v4: Spread,
    v6: Spread,
    admits_nil: bool,
    /// The clauses, in order, and the values that each admits.
    clauses: Vec<(usize, Values)>,
}

/// Numbers that are covered: the first ones of ranges that are apart, with their last ones.
#[derive(Default)]
struct Spread(BTreeMap<u128, u128>);

/// All clauses above, by the operand in which they differ and by what else they say.
#[derive(Default)]
pub(super) struct Joint {
    alike: FxHashMap<(String, u64), Alike>,
}

impl Joint {
    /// Adds a clause of a rule below all that are there; `at` is its number.
    pub(super) fn add(
        &mut self,
        options: &ParseOptions,
        scheme: &Scheme,
        at: usize,
        clause: &Clause<'_>,
    ) {
        let named = named(clause);
        for part in parts(options, scheme, &named) {
            let key = (part.name.to_owned(), sum(&part.others));
            self.alike.entry(key).or_default().add(at, part.values);
        }
    }

    /// Clauses above of which one is known to hold wherever this one does, and the operand in which
    /// they differ from it; `None` where there are none that can be seen so.
    pub(super) fn covering<'e>(
        &self,
        options: &ParseOptions,
        scheme: &Scheme,
        clause: &Clause<'e>,
    ) -> Option<(About<'e>, Vec<usize>)> {
        let named = named(clause);
        parts(options, scheme, &named).iter().find_map(|part| {
            // One value is one rule's to admit.
            if part.values.few(1).is_some() {
                return None;
            }
            let alike: Vec<&Alike> = choices(&part.others)
                .filter_map(|number| self.alike.get(&(part.name.to_owned(), number)))
                .collect();
            let told = is_covered(&part.values, &alike).then(|| told(&part.values, &alike))?;
            (!told.is_empty()).then_some((part.about, told))
        })
    }
}

/// The sums of the numbers of all choices of facts; of none and of all where they are many.
fn choices<'n>(others: &'n [&'n Named<'_>]) -> impl Iterator<Item = u64> + 'n {
    let all = (1_usize << others.len().min(OTHERS_MAX + 1)) - 1;
    let are_few = others.len() <= OTHERS_MAX;
    let few = (0..=all).filter(move |_| are_few).map(|choice| {
        let chosen = others.iter().enumerate().filter(|(at, _)| choice >> at & 1 == 1);
        chosen.fold(0_u64, |sum, (_, one)| sum.wrapping_add(one.number))
    });
    let many = [0, sum(others)].into_iter().filter(move |_| !are_few);
    few.chain(many)
}

fn sum(others: &[&Named<'_>]) -> u64 {
    others.iter().fold(0, |sum, one| sum.wrapping_add(one.number))
}

/// The facts of a clause, each once.
fn named<'e>(clause: &Clause<'e>) -> Vec<Named<'e>> {
    let mut all: Vec<Named<'e>> = Vec::with_capacity(clause.len());
    for literal in clause {
        let name = super::reach::named(literal.about);
        let said = (&name, format!("{:?} {}", literal.what, literal.holds));
        let number = std::hash::BuildHasher::hash_one(&FxBuildHasher, said);
        if all.iter().all(|other| other.number != number) {
            all.push(Named { literal: literal.clone(), name, number });
        }
    }
    all
}

/// What a clause says of each operand whose values can be named: of a value that is known as a whole
/// or not at all, or of some element.
fn parts<'c, 'e>(
    options: &ParseOptions,
    scheme: &Scheme,
    clause: &'c [Named<'e>],
) -> Vec<Part<'c, 'e>> {
    let mut parts: Vec<Part<'c, 'e>> = Vec::new();
    for one in clause {
        if parts.iter().any(|part| part.name == one.name) {
            continue;
        }
        let (own, others): (Vec<&Named<'e>>, Vec<&Named<'e>>) =
            clause.iter().partition(|other| other.name == one.name);
        let is_sound = match one.literal.about {
            About::Value(operand) => !grows(scheme, operand),
            // What two facts say may be of two elements.
            About::Elements(_) => own.len() == 1,
            About::Whole(_) => false,
        };
        let all = || {
            let mut each = own.iter().map(|one| values(inside(&one.literal)?, options));
            let first = each.next()??;
            each.try_fold(first, |all, values| all.intersection(&values?))
        };
        if let Some(values) = is_sound.then(all).flatten() {
            parts.push(Part { about: one.literal.about, name: &one.name, values, others });
        }
    }
    parts
}

/// Whether each of the values is admitted by one of the clauses.
fn is_covered(values: &Values, alike: &[&Alike]) -> bool {
    let is_nil_covered = !values.nil || alike.iter().any(|alike| alike.admits_nil);
    // Ranges may be covered by clauses of several kinds together, which is not looked into.
    is_nil_covered
        && match &values.some {
            Present::Bytes(texts) => {
                texts.iter().all(|text| alike.iter().any(|alike| alike.texts.contains_key(text)))
            }
            Present::Int(ranges) => {
                ranges.iter().all(|range| alike.iter().any(|alike| alike.ints.covers(range)))
            }
            Present::Ip { v4, v6 } => {
                v4.iter().all(|range| alike.iter().any(|alike| alike.v4.covers(range)))
                    && v6.iter().all(|range| alike.iter().any(|alike| alike.v6.covers(range)))
            }
            Present::Bool { .. } | Present::BytesBut(_) => false,
        }
}

/// The first clauses that admit the values, as far as they are easily found.
fn told(values: &Values, alike: &[&Alike]) -> Vec<usize> {
    let mut found: Vec<usize> = match &values.some {
        Present::Bytes(texts) => {
            let first = |text| alike.iter().filter_map(|alike| alike.texts.get(text)).min();
            texts.iter().filter_map(first).copied().collect()
        }
        _ => {
            let clauses = alike.iter().flat_map(|alike| &alike.clauses).take(LOOKED_MAX);
            let admits = |(_, admitted): &&(usize, Values)| {
                let both = admitted.intersection(values);
                both.is_some_and(|both| both.nil || !both.has_none())
            };
            clauses.filter(admits).map(|(at, _)| *at).collect()
        }
    };
    found.sort_unstable();
    found.dedup();
    found.truncate(TOLD_MAX);
    found
}

impl Alike {
    fn add(&mut self, at: usize, values: Values) {
        self.admits_nil |= values.nil;
        match &values.some {
            Present::Bytes(texts) => {
                for text in texts {
                    self.texts.entry(text.clone()).or_insert(at);
                }
            }
            Present::Int(ranges) => ranges.iter().for_each(|range| self.ints.add(range)),
            Present::Ip { v4, v6 } => {
                v4.iter().for_each(|range| self.v4.add(range));
                v6.iter().for_each(|range| self.v6.add(range));
            }
            Present::Bool { .. } | Present::BytesBut(_) => {}
        }
        self.clauses.push((at, values));
    }
}

impl Spread {
    fn add(&mut self, (first, last): (u128, u128)) {
        let (mut first, mut last) = (first, last);
        // Those that touch the range, from the last one on that begins no later than behind it.
        while let Some((&start, &end)) = self.0.range(..=last.saturating_add(1)).next_back() {
            if end.saturating_add(1) < first {
                break;
            }
            (first, last) = (first.min(start), last.max(end));
            self.0.remove(&start);
        }
        self.0.insert(first, last);
    }

    fn covers(&self, (first, last): (u128, u128)) -> bool {
        self.0.range(..=first).next_back().is_some_and(|(_, end)| last <= *end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_covered_is_all_there(
            ranges in prop::collection::vec((0_u128..20, 0_u128..6), 0..8),
            asked in (0_u128..20, 0_u128..6),
        ) {
            let mut spread = Spread::default();
            let ranges: Vec<_> = ranges.iter().map(|(first, len)| (*first, first + len)).collect();
            ranges.iter().for_each(|range| spread.add(*range));
            let holds = |n| ranges.iter().any(|(first, last)| (*first..=*last).contains(&n));
            let (first, last) = (asked.0, asked.0 + asked.1);
            prop_assert_eq!(spread.covers((first, last)), (first..=last).all(holds));
        }
    }

    #[test]
    fn the_ends_are_no_edge() {
        let mut spread = Spread::default();
        spread.add((0, 9));
        spread.add((10, u128::MAX));
        assert!(spread.covers((0, u128::MAX)));
    }
}
