//! What the rules say of what is known of a request, gate by gate, and what would have to be known besides.

use gateway_rules::{
    Act, Decision, Facts, FieldId, Gate, Ids, Needs, Outcome, Passage, Phase, RuleMode, RuleSet,
    Standing, Tier, TrailEntry,
};
use serde::Serialize;

/// What would happen, where nothing is found out that is not described.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Answer {
    /// `allow`, `block`, `forward`, `noscan`, `off`, `quarantine`, `redact` or `redirect`: what `rules test`
    /// would find.
    action: &'static str,
    /// Whether no fact that is missing could change that.
    certain: bool,
    /// The gate at which it is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    gate: Option<&'static str>,
    /// The rule that says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<Named>,
    /// What the rules say at each gate that would be reached.
    gates: Vec<AtGate>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Named {
    id: String,
    name: String,
    action: &'static str,
}

#[derive(Clone, Debug, Serialize)]
struct AtGate {
    gate: &'static str,
    /// `proceed`, `wait`, `block`, `redirect` or `off`.
    act: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<Named>,
    /// Where a redirect leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    /// Tiers that wait for facts.
    waiting: Vec<&'static str>,
    trail: Vec<Step>,
    missing: Vec<Missing>,
}

#[derive(Clone, Debug, Serialize)]
struct Step {
    tier: &'static str,
    #[serde(flatten)]
    rule: Named,
    phase: &'static str,
    mode: &'static str,
    predicate: String,
    passed_over: Vec<String>,
}

/// A fact that could still change the decision.
#[derive(Clone, Debug, Serialize)]
struct Missing {
    field: String,
    #[serde(rename = "type")]
    ty: String,
    doc: String,
    /// When it becomes known.
    phases: Vec<&'static str>,
    /// Whether that is in time for this gate.
    before_gate: bool,
    /// Whether a rule waits for it that is carried out.
    enforcing: bool,
    /// The elements that matter; all where none is named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<String>,
}

pub(super) fn answer(rules: &RuleSet, facts: &Facts, passage: Passage, path: &str) -> Answer {
    let mut gates = Vec::new();
    let mut certain = true;
    for gate in passage.gates() {
        let decision = rules.decide(&facts.before(gate), gate);
        gates.push(at_gate(rules, &decision, path));
        if ends(&decision) {
            break;
        }
        let open = decision.needs_enforcing();
        certain &= decision.act() != Act::Wait && (gate < Gate::ResponseBody || open.is_empty());
    }
    // What is done where nothing else is found out.
    let Outcome { action, rule, gate } = rules.rehearse(facts, passage);
    Answer { action, certain, gate: gate.map(Gate::name), rule: rule.map(named), gates }
}

/// Whether nothing comes after a decision.
fn ends(decision: &Decision<'_>) -> bool {
    !matches!(decision.act(), Act::Proceed | Act::Wait)
}

fn at_gate(rules: &RuleSet, decision: &Decision<'_>, path: &str) -> AtGate {
    let (act, rule, location) = match decision.act() {
        Act::Proceed => ("proceed", None, None),
        Act::Wait => ("wait", None, None),
        Act::Block(rule) => ("block", Some(rule), None),
        Act::Redirect(rule, to) => ("redirect", Some(rule), Some(to.location(path))),
        Act::DoNotInspect(rule) => ("off", Some(rule), None),
    };
    let waiting = |tier: &Tier| decision.standing(*tier) == Standing::Waiting;
    AtGate {
        gate: decision.gate().name(),
        act,
        rule: rule.map(named),
        location,
        waiting: Tier::ALL.iter().filter(|tier| waiting(tier)).map(|tier| tier.name()).collect(),
        trail: decision.trail().iter().filter_map(|entry| step(rules, entry)).collect(),
        missing: missing(rules, decision),
    }
}

fn named(rule: &gateway_rules::Rule) -> Named {
    Named { id: rule.id.clone(), name: rule.name.clone(), action: rule.action.api_name() }
}

fn step(rules: &RuleSet, entry: &TrailEntry) -> Option<Step> {
    let id = |index: &_| Some(rules.rule(*index)?.id.clone());
    Some(Step {
        tier: entry.tier.name(),
        rule: named(rules.rule(entry.rule)?),
        phase: entry.phase.name(),
        mode: match entry.mode {
            RuleMode::Enforce => "enforce",
            RuleMode::LogOnly => "log",
        },
        predicate: rules.predicate(entry).to_owned(),
        passed_over: entry.passed_over.iter().filter_map(id).collect(),
    })
}

fn missing(rules: &RuleSet, decision: &Decision<'_>) -> Vec<Missing> {
    let enforcing = decision.needs_enforcing();
    let one = |id: FieldId| {
        let field = rules.scheme().field(id)?;
        Some(Missing {
            field: field.name().to_owned(),
            ty: field.ty().to_string(),
            doc: field.doc().to_owned(),
            phases: field.phases().iter().map(Phase::name).collect(),
            before_gate: !field.phases().intersection(decision.gate().before()).is_empty(),
            enforcing: enforcing.wants_field(id),
            values: values(decision.needs(), id),
        })
    };
    decision.needs().fields().filter_map(one).collect()
}

fn values(needs: &Needs, id: FieldId) -> Vec<String> {
    match needs.ids(id) {
        Ids::All => Vec::new(),
        Ids::Only(ids) => ids.iter().map(|id| String::from_utf8_lossy(id).into_owned()).collect(),
    }
}
