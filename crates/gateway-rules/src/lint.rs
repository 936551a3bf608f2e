//! Lint: what is odd about rules that compile. Nothing here decides; it costs milliseconds per
//! thousand rules and is for those who write them.
//!
//! What is called never true, always true or unreachable is proven so, for every value of every
//! field; what is not found may be so all the same.

mod clause;
mod finding;
mod joint;
#[cfg(test)]
mod laws;
mod parts;
mod prove;
mod ranges;
mod reach;
mod sets;
#[cfg(test)]
mod tests;
mod texts;
mod unused;
mod values;

use std::collections::HashMap;

pub use self::finding::{Finding, Flaw, Weight};
pub use self::unused::{unused_constants, unused_lists};

use self::prove::Prover;
use self::reach::Above;
use crate::action::Action;
use crate::ast::{Expr, ExprKind, Operand, Source, Test};
use crate::bodies;
use crate::index::Ways;
use crate::options::{ParseOptions, Yields};
use crate::print::Printed;
use crate::rule::{Rule, RuleIndex, Tier};
use crate::ruleset::RuleSet;
use crate::scheme::Scheme;

impl RuleSet {
    /// What is odd about the rules, by rule and place.
    ///
    /// Found are conditions and parts of them that never or always hold, rules that never decide
    /// because others come first, the same said twice, values that a field cannot have, patterns
    /// that match more than they seem to, and rules that are slow to find.
    ///
    /// ```
    /// use gateway_rules::{Action, Layer, Options, Rule, RuleSet, Scheme};
    ///
    /// let block = |id: &str, filter: &str| Rule::new(id, Layer::Http, Action::Block, filter);
    /// let rules = vec![
    ///     block("web", "net.dst.port in {80 443}"),
    ///     block("tls", r#"net.dst.port == 443 and http.request.host == "a.example""#),
    /// ];
    /// let rules = RuleSet::compile(&Scheme::gateway(), rules, &Options::default())?;
    /// let findings = rules.lint();
    /// assert_eq!(findings[0].flaw.code(), "unreachable");
    /// assert_eq!(rules.rule(findings[0].rule).map(|rule| &*rule.id), Some("tls"));
    /// # Ok::<(), gateway_rules::CompileError>(())
    /// ```
    #[must_use]
    pub fn lint(&self) -> Vec<Finding> {
        let options = ParseOptions { yields: Yields::Bool, ..self.options().parse.clone() };
        let read = |rule: &Rule| {
            let condition = bodies::read(&self.scheme, &rule.filter, &options).ok()?;
            Some(condition.expr)
        };
        let exprs: Vec<Option<Expr>> = self.rules.iter().map(read).collect();
        let mut lint = Lint { rules: self, prover: Prover::new(&options), findings: Vec::new() };
        let never: Vec<bool> =
            (0..).zip(&exprs).map(|(rule, expr)| lint.condition(rule, expr)).collect();
        let twice = lint.duplicates(&exprs);
        lint.reach(&exprs, |rule| {
            never.get(rule).copied().unwrap_or(true) || twice.get(rule).copied().unwrap_or(true)
        });
        lint.costs(&exprs);
        let mut findings = lint.findings;
        findings.sort_by_key(|finding| (finding.rule, finding.span.start, finding.span.end));
        findings
    }
}

/// Rules of one tier from which on one that no index finds is worth a word.
const MANY: usize = 10;

/// Rules being looked at.
struct Lint<'a> {
    rules: &'a RuleSet,
    prover: Prover<'a>,
    findings: Vec<Finding>,
}

impl Lint<'_> {
    fn find(&mut self, rule: u32, expr: &Expr, flaw: Flaw) {
        let span = expr.span.range();
        self.findings.push(Finding { rule: RuleIndex(rule), span, flaw });
    }

    /// Looks at the condition of one rule; whether it never holds.
    fn condition(&mut self, rule: u32, expr: &Option<Expr>) -> bool {
        let Some(expr) = expr else { return true };
        let found = parts::flaws(&mut self.prover, expr);
        let is_never = found
            .first()
            .is_some_and(|(at, flaw)| std::ptr::eq(*at, expr) && *flaw == Flaw::NeverTrue);
        for (at, flaw) in found {
            self.find(rule, at, flaw);
        }
        let mut tests = Vec::new();
        leaves(expr, &mut tests);
        for (at, operand, test) in tests {
            let odd = texts::flaws(&self.rules.scheme, operand, test);
            for flaw in odd.into_iter().chain(sets::flaws(test)) {
                self.find(rule, at, flaw);
            }
        }
        is_never
    }

    /// Rules that say what one above them says; whether each is one.
    fn duplicates(&mut self, exprs: &[Option<Expr>]) -> Vec<bool> {
        let mut first: HashMap<(Option<Tier>, String), usize> = HashMap::new();
        let mut twice = Vec::with_capacity(exprs.len());
        for (index, expr) in exprs.iter().enumerate() {
            let rule = self.rules.rules.get(index);
            let (Some(expr), Some(rule)) = (expr, rule.filter(|rule| is_plain(rule))) else {
                twice.push(false);
                continue;
            };
            let Rule { action, mode, checks, .. } = rule;
            let number = u32::try_from(index).unwrap_or(u32::MAX);
            let tier = self.rules.tier(RuleIndex(number));
            let said =
                format!("{action:?} {mode:?} {checks:?} {}", normal(&self.rules.scheme, expr));
            let known = *first.entry((tier, said)).or_insert(index);
            twice.push(known != index);
            if known != index {
                let first = self.id(known);
                self.find(number, expr, Flaw::Duplicate { first });
            }
        }
        twice
    }

    /// Rules that never decide, but for those to be `passed_over`.
    fn reach(&mut self, exprs: &[Option<Expr>], passed_over: impl Fn(usize) -> bool) {
        for tier in Tier::ALL {
            let mut above = Above::new();
            for (index, expr) in exprs.iter().enumerate() {
                let number = u32::try_from(index).unwrap_or(u32::MAX);
                let acts = self.rules.rules.get(index).is_some_and(Rule::is_enforcing);
                let (Some(expr), true) = (expr, self.rules.tier(RuleIndex(number)) == Some(tier))
                else {
                    continue;
                };
                if !acts || passed_over(index) {
                    continue;
                }
                let Some(clauses) = reach::clauses(&mut self.prover, expr) else { continue };
                let scheme = &self.rules.scheme;
                if let Some(by) = above.shadowing(&mut self.prover, scheme, &clauses) {
                    let by = by.into_iter().map(|rule| self.id(rule)).collect();
                    self.find(number, expr, Flaw::Unreachable { by });
                } else if self.rules.rules.get(index).is_some_and(is_plain) {
                    above.add(&self.prover, scheme, index, clauses);
                }
            }
        }
    }

    /// Rules that are tried for every request although there are many.
    fn costs(&mut self, exprs: &[Option<Expr>]) {
        let mut of_tier: HashMap<(Option<Tier>, bool), usize> = HashMap::new();
        let key = |rules: &RuleSet, index: usize| {
            let number = RuleIndex(u32::try_from(index).unwrap_or(u32::MAX));
            (rules.tier(number), rules.rule(number).is_some_and(Rule::is_enforcing))
        };
        for index in 0..exprs.len() {
            *of_tier.entry(key(self.rules, index)).or_default() += 1;
        }
        for (index, expr) in exprs.iter().enumerate() {
            let others = of_tier.get(&key(self.rules, index)).copied().unwrap_or(0);
            let Some(expr) = expr.as_ref().filter(|_| others >= MANY) else {
                continue;
            };
            let Prover { patterns, options } = &mut self.prover;
            if Ways::of(expr, patterns, options).is_empty()
                && !matches!(expr.kind, ExprKind::Constant(_))
            {
                let flaw = Flaw::Unindexable { nanoseconds: cost(expr) };
                self.find(u32::try_from(index).unwrap_or(u32::MAX), expr, flaw);
            }
        }
    }

    fn id(&self, rule: usize) -> String {
        self.rules.rules.get(rule).map(|rule| rule.id.clone()).unwrap_or_default()
    }
}

/// Whether a rule ends its tier wherever its filter holds, and has nothing but what is known here: what
/// else there is may keep it from that.
fn is_plain(rule: &Rule) -> bool {
    if matches!(rule.action, Action::Redact(_)) {
        return false;
    }
    let mut plain = Rule::new(&rule.id, rule.layer, rule.action.clone(), &rule.filter);
    plain.name.clone_from(&rule.name);
    plain.checks.clone_from(&rule.checks);
    plain.mode = rule.mode;
    plain == *rule
}

/// Every test of a condition, with its place.
fn leaves<'e>(expr: &'e Expr, found: &mut Vec<(&'e Expr, &'e Operand, &'e Test)>) {
    match &expr.kind {
        ExprKind::Constant(_) => {}
        ExprKind::Joined(_, items) => items.iter().for_each(|item| leaves(item, found)),
        ExprKind::Not(inner) | ExprKind::Quantified(_, inner) => leaves(inner, found),
        ExprKind::Test(operand, test) => found.push((expr, operand, test)),
    }
}

/// The same text for conditions that differ in spelling and in the order of what they join.
fn normal(scheme: &Scheme, expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Joined(connective, items) => {
            let mut items: Vec<String> = items.iter().map(|item| normal(scheme, item)).collect();
            items.sort_unstable();
            format!("({})", items.join(&format!(" {} ", connective.word())))
        }
        ExprKind::Not(inner) => format!("not {}", normal(scheme, inner)),
        ExprKind::Quantified(quantifier, inner) => {
            format!("{}({})", quantifier.word(), normal(scheme, inner))
        }
        ExprKind::Constant(_) | ExprKind::Test(..) => Printed { scheme, expr }.to_string(),
    }
}

/// Roughly what it costs to try a condition in full, by what its kinds of tests cost on a request
/// of usual size.
fn cost(expr: &Expr) -> u32 {
    let mut tests = Vec::new();
    leaves(expr, &mut tests);
    let of_test = |operand: &Operand, test: &Test| {
        let own = match test {
            Test::Matches(_) => 25,
            Test::InList(_) => 60,
            Test::Wildcard(..) => 15,
            Test::Contains(_) => 6,
            Test::InBytes(_) | Test::InAddresses(_) => 6,
            Test::Against(..) => 5,
            Test::IsTrue | Test::Order(..) | Test::Mask(_) | Test::InInts(_) => 2,
        };
        let call = if matches!(operand.source, Source::Call(_)) { 30 } else { 0 };
        // A few elements.
        (own + call) * if operand.is_mapped() { 3 } else { 1 }
    };
    tests.into_iter().map(|(_, operand, test)| of_test(operand, test)).sum()
}
