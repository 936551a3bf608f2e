//! Asks the rules at a gate, and keeps the trail of what they said.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use gateway_inspect::Wanted;
use gateway_log::{Action as Done, Direction, Record, RuleMode, TrailStep};
use gateway_rules::{
    Act, Action, Facts, FieldId, Gate, Ids, Needs, Phase, Redirect, RuleIndex, field,
};

use crate::body::Wants;
use crate::clock::Clock;
use crate::external::ScanFailure;
use crate::identity::{self, Known, User};
use crate::policy::Policy;
use crate::strictness::Relaxed;

/// The facts of one flow and what the rules made of them.
pub(crate) struct Judge {
    pub(crate) policy: Arc<Policy>,
    pub(crate) facts: Facts,
    /// Who the client is.
    known: Known,
    clock: Clock,
    trail: Vec<TrailStep>,
    seen: Vec<(RuleIndex, gateway_rules::RuleMode)>,
    /// What the rules that have won make of the checks of HTTP/1.
    pub(crate) relaxed: Relaxed,
    /// No rule is open any more: whatever else comes to be known, the answer stays.
    settled: bool,
    spent: Duration,
}

/// What the rules say, freed from their borrow.
pub(crate) enum Ruling {
    Proceed(Needed),
    /// Facts are missing that can be had; addresses of the host are the only ones that must be
    /// asked for.
    Wait,
    Refuse(Refusal),
    DoNotInspect(RuleName),
}

/// What open rules still want to know.
#[derive(Default)]
pub(crate) struct Needed {
    any: Needs,
    enforcing: Needs,
    forward: Option<Forward>,
}

/// A rule hands the request to a Worker.
#[derive(Clone, Debug)]
pub(crate) struct Forward {
    pub(crate) rule: RuleName,
    pub(crate) worker: String,
}

/// A rule, for pages and records.
#[derive(Clone, Debug)]
pub(crate) struct RuleName {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// A rule that lets nothing pass.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) rule: RuleName,
    /// Where to instead.
    pub(crate) redirect: Option<Redirect>,
}

impl Judge {
    pub(crate) fn new(policy: Arc<Policy>, clock: Clock, facts: Facts) -> Self {
        let (known, trail, seen) = (Known::default(), Vec::new(), Vec::new());
        let (relaxed, settled, spent) = (Relaxed::default(), false, Duration::ZERO);
        Self { policy, facts, known, clock, trail, seen, relaxed, settled, spent }
    }

    /// What is known of a client that has just connected.
    pub(crate) fn of_client(policy: Arc<Policy>, clock: Clock, client: SocketAddr) -> Self {
        let mut facts = Facts::new(policy.rules.scheme());
        crate::facts::client(&policy.rules, &mut facts, client);
        Self::new(policy, clock, facts)
    }

    /// A judge of something within this flow, that knows what is known of it.
    pub(crate) fn fork(&self) -> Self {
        let mut judge = Self::new(self.policy.clone(), self.clock, self.facts.clone());
        judge.known = self.known.clone();
        judge.relaxed = self.relaxed.clone();
        judge
    }

    /// What was known of the client when it was accepted.
    pub(crate) fn know(&mut self, known: Known) {
        if let Some(user) = &known.user {
            identity::tell_user(&self.policy.rules, &mut self.facts, user);
        }
        if let Some(device) = &known.device {
            identity::tell_device(&self.policy.rules, &mut self.facts, device);
        }
        self.known = known;
    }

    /// The client is this user, whoever it was taken for before.
    pub(crate) fn know_user(&mut self, user: Arc<User>) {
        identity::tell_user(&self.policy.rules, &mut self.facts, &user);
        self.known.user = Some(user);
    }

    /// Whether no rule is open any more: nobody reads the facts that are still to come.
    pub(crate) const fn is_settled(&self) -> bool {
        self.settled
    }

    /// Who the client is.
    pub(crate) const fn known(&self) -> &Known {
        &self.known
    }

    /// Whether some rule reads the addresses that a host resolves to.
    pub(crate) fn reads_addresses(&self) -> bool {
        let rules = &self.policy.rules;
        rules.uses(field::NET_DST_IP) || rules.uses(field::HTTP_CONN_DST_IP)
    }

    /// Asks the rules.
    pub(crate) fn ask(&mut self, gate: Gate) -> Ruling {
        if self.settled {
            return Ruling::Proceed(Needed::default());
        }
        let policy = self.policy.clone();
        let facts = &self.facts;
        let decision = self.clock.measure(&mut self.spent, || policy.rules.decide(facts, gate));
        for entry in decision.trail() {
            if self.seen.contains(&(entry.rule, entry.mode)) {
                continue;
            }
            self.seen.push((entry.rule, entry.mode));
            let Some(rule) = policy.rules.rule(entry.rule) else { continue };
            if entry.mode == gateway_rules::RuleMode::Enforce {
                self.relaxed.add(rule);
            }
            let mut step = TrailStep::default();
            step.tier = entry.tier.name().into();
            step.rule_id = rule.id.as_str().into();
            step.rule_name = rule.name.as_str().into();
            step.action = logged(&rule.action);
            step.phase = entry.phase.name().into();
            step.predicate = policy.rules.predicate(entry).into();
            step.mode = match entry.mode {
                gateway_rules::RuleMode::Enforce => RuleMode::Enforce,
                gateway_rules::RuleMode::LogOnly => RuleMode::Log,
            };
            self.trail.push(step);
        }
        let name =
            |rule: &gateway_rules::Rule| RuleName { id: rule.id.clone(), name: rule.name.clone() };
        match decision.act() {
            Act::Proceed => {
                let forward = decision
                    .forward()
                    .map(|(rule, worker)| Forward { rule: name(rule), worker: worker.into() });
                let (_, any, enforcing) = decision.into_parts();
                // From the request head on every tier is asked at every gate.
                self.settled = gate >= Gate::RequestHead && any.is_empty();
                Ruling::Proceed(Needed { any, enforcing, forward })
            }
            Act::Wait => Ruling::Wait,
            Act::Block(rule) => Ruling::Refuse(Refusal { rule: name(rule), redirect: None }),
            Act::Redirect(rule, redirect) => {
                Ruling::Refuse(Refusal { rule: name(rule), redirect: Some(redirect.clone()) })
            }
            Act::DoNotInspect(rule) => Ruling::DoNotInspect(name(rule)),
        }
    }

    /// A message is refused because somebody outside gives no verdict on it and may not be done
    /// without.
    pub(crate) fn unscanned(
        &mut self,
        direction: Direction,
        scanner: &str,
        failure: ScanFailure,
    ) -> Refusal {
        let phase = match direction {
            Direction::Upload => Phase::RequestBody,
            _ => Phase::ResponseBody,
        };
        let rule = RuleName {
            id: scanner.to_owned(),
            name: format!("No verdict of {scanner}: {}", failure.name()),
        };
        let mut step = TrailStep::default();
        step.tier = "scanner".into();
        step.rule_id = rule.id.as_str().into();
        step.rule_name = rule.name.as_str().into();
        step.action = Some(Done::Block);
        step.phase = phase.name().into();
        step.predicate = format!("on_error = \"block\" and {}", failure.name()).as_str().into();
        step.mode = RuleMode::Enforce;
        self.trail.push(step);
        Refusal { rule, redirect: None }
    }

    /// Asks the rules as if both bodies ended with what is known of them: what holds of a message
    /// that is whole, though others may follow.
    pub(crate) fn ask_as_if_over(&mut self, gate: Gate) -> Ruling {
        let (facts, settled) = (self.facts.clone(), self.settled);
        self.facts.close(Phase::RequestBody);
        self.facts.close(Phase::ResponseBody);
        let ruling = self.ask(gate);
        (self.facts, self.settled) = (facts, settled);
        ruling
    }

    /// What open rules want to know at a gate, whether it waits or not.
    pub(crate) fn needs(&self, gate: Gate) -> Needed {
        if self.settled {
            return Needed::default();
        }
        let (_, any, enforcing) = self.policy.rules.decide(&self.facts, gate).into_parts();
        Needed { any, enforcing, forward: None }
    }

    /// Whether what was found in the body of `direction` is still undecided though nothing more
    /// were found: some other fact is missing.
    pub(crate) fn is_undecided(&mut self, direction: Direction) -> bool {
        if self.settled {
            return false;
        }
        let settled = crate::facts::if_nothing_more_is_found(&self.facts, direction);
        let (gate, phase) = match direction {
            Direction::Upload => (Gate::RequestBody, Phase::RequestBody),
            _ => (Gate::ResponseBody, Phase::ResponseBody),
        };
        let rules = &self.policy.rules;
        let decision = self.clock.measure(&mut self.spent, || rules.decide(&settled, gate));
        let scheme = rules.scheme();
        let of_body = |id| scheme.field(id).is_some_and(|field| field.phases().contains(phase));
        decision.needs_enforcing().fields().any(of_body)
    }

    /// Writes the trail and what asking took into a record.
    pub(crate) fn fill(&mut self, record: &mut Record) {
        record.decision.trail = std::mem::take(&mut self.trail);
        record.timings.rule_evaluation_us = Some(micros(self.spent));
        record.config_generation = self.policy.generation;
    }
}

impl Needed {
    /// The Worker that the request is handed to, if it is; said at the gate of its head.
    pub(crate) fn take_forward(&mut self) -> Option<Forward> {
        self.forward.take()
    }

    /// What is wanted of the body in `direction`.
    pub(crate) fn of_body(&self, direction: Direction) -> Wants {
        Wants { any: wanted(&self.any, direction), enforcing: wanted(&self.enforcing, direction) }
    }
}

fn wanted(needs: &Needs, direction: Direction) -> Wanted {
    use field::*;
    if needs.is_empty() {
        return Wanted::none();
    }
    let (profiles, dlp, av, content) = match direction {
        Direction::Upload => (
            [DLP_PROFILES, DLP_UPLOAD_PROFILES],
            [DLP_ENTRIES, DLP_COUNT, DLP_UPLOAD_ENTRIES, DLP_UPLOAD_COUNT],
            [AV_UPLOAD_INFECTED, AV_UPLOAD_SIGNATURES, AV_UPLOAD_UNSCANNABLE],
            [CONTENT_UPLOAD_UNSCANNABLE, HTTP_UPLOAD_FILE_TYPES, HTTP_UPLOAD_MIME],
        ),
        _ => (
            [DLP_PROFILES, DLP_DOWNLOAD_PROFILES],
            [DLP_ENTRIES, DLP_COUNT, DLP_DOWNLOAD_ENTRIES, DLP_DOWNLOAD_COUNT],
            [AV_DOWNLOAD_INFECTED, AV_DOWNLOAD_SIGNATURES, AV_DOWNLOAD_UNSCANNABLE],
            [CONTENT_DOWNLOAD_UNSCANNABLE, HTTP_DOWNLOAD_FILE_TYPES, HTTP_DOWNLOAD_MIME],
        ),
    };
    let wants_one = |fields: &[FieldId]| fields.iter().any(|field| needs.wants_field(*field));
    let mut wanted = Wanted::none();
    for field in profiles {
        match needs.ids(field) {
            Ids::All => wanted.insert("dlp"),
            Ids::Only(ids) => {
                for id in ids {
                    wanted.insert(format!("dlp.{}", String::from_utf8_lossy(id)));
                }
            }
        }
    }
    if wants_one(&dlp) {
        wanted.insert("dlp");
    }
    if wants_one(&av) || wants_one(&[AV_INFECTED, AV_SIGNATURES, AV_UNSCANNABLE]) {
        wanted.insert("av");
    }
    let counts = match direction {
        Direction::Upload => [HTTP_UPLOAD_FILE_SIZE, WEBSOCKET_UPLOAD_MESSAGES],
        _ => [HTTP_DOWNLOAD_FILE_SIZE, WEBSOCKET_DOWNLOAD_MESSAGES],
    };
    if wants_one(&content) || wants_one(&[CONTENT_UNSCANNABLE]) || wants_one(&counts) {
        wanted.insert(gateway_content::Unpacker::SCANNER);
    }
    wanted
}

/// How the record names an action; `None` for one that only counts.
fn logged(action: &Action) -> Option<Done> {
    match action {
        Action::Allow => Some(Done::Allow),
        Action::Block => Some(Done::Block),
        Action::DoNotInspect => Some(Done::Off),
        Action::Forward(_) => Some(Done::Forward),
        Action::NoScan => Some(Done::NoScan),
        Action::Redirect(_) => Some(Done::Redirect),
        _ => None,
    }
}

impl Refusal {
    /// How the record names it.
    pub(crate) const fn action(&self) -> Done {
        match self.redirect {
            Some(_) => Done::Redirect,
            None => Done::Block,
        }
    }

    /// Where to instead, for a request of `path_and_query`.
    pub(crate) fn location(&self, path_and_query: &str) -> Option<String> {
        self.redirect.as_ref().map(|redirect| redirect.location(path_and_query))
    }
}

/// Microseconds, rounded down.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Milliseconds, rounded down.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
