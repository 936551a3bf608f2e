//! Asks the rules at a gate, and keeps the trail of what they said.

mod needed;
mod redact;
mod refusal;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_log::{Action as Done, Direction, Record, RuleMode, TrailStep};
use gateway_rules::{Act, Action, Facts, Gate, Named, PayloadLog, Phase, RuleIndex, field};

pub(crate) use self::needed::Needed;
use self::needed::scans_of;
use self::redact::{Redact, in_body};
pub(crate) use self::refusal::Refusal;
use crate::body;
use crate::clock::{Clock, micros};
use crate::header_changes::Changing;
use crate::identity::{self, Known, User};
use crate::policy::Policy;
use crate::quota::{Asker, Charge};
use crate::strictness::Relaxed;

/// The facts of one flow and what the rules made of them.
pub(crate) struct Judge {
    pub(crate) policy: Arc<Policy>,
    pub(crate) facts: Facts,
    /// Who the client is.
    known: Known,
    clock: Clock,
    pub(crate) trail: Vec<TrailStep>,
    /// The rules that have won and change heads.
    pub(crate) changing: Changing,
    /// What the request is charged for in quotas, once its bytes are known.
    charges: Vec<Charge>,
    seen: Vec<(RuleIndex, gateway_rules::RuleMode)>,
    /// What the rules that have won make of the checks of HTTP/1.
    pub(crate) relaxed: Relaxed,
    /// No rule is open any more: whatever else comes to be known, the answer stays.
    settled: bool,
    /// What rules had overwritten when they were asked last; it stays when nothing is open any more.
    redacting: Vec<Redact>,
    /// What rules that match have kept for the record.
    payload_logs: Vec<Arc<PayloadLog>>,
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

/// How what was found in a body stands if nothing more is found in it.
#[derive(Default)]
pub(crate) struct Standing {
    /// Whether some other fact is missing, or a rule refuses the body if it stays at what was found.
    pub(crate) is_undecided: bool,
    /// What is to be overwritten.
    pub(crate) redaction: Option<Arc<body::Redaction>>,
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

impl Judge {
    pub(crate) fn new(policy: Arc<Policy>, clock: Clock, facts: Facts) -> Self {
        let (known, trail, seen) = (Known::default(), Vec::new(), Vec::new());
        let (relaxed, settled, spent) = (Relaxed::default(), false, Duration::ZERO);
        let (changing, charges) = (Vec::new(), Vec::new());
        Self {
            policy,
            facts,
            known,
            clock,
            trail,
            changing,
            charges,
            seen,
            relaxed,
            settled,
            redacting: Vec::new(),
            payload_logs: Vec::new(),
            spent,
        }
    }

    /// What is known of a client that has just connected.
    pub(crate) fn of_client(policy: Arc<Policy>, clock: Clock, client: SocketAddr) -> Self {
        let mut facts = Facts::new(policy.rules.scheme());
        crate::facts::client(&policy, &mut facts, client);
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
        if let Some(endpoint) = known.endpoint
            && self.policy.rules.uses(field::PROXY_ENDPOINT)
        {
            self.facts.set(field::PROXY_ENDPOINT, endpoint.to_string());
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
        crate::facts::OF_ADDRESSES.iter().any(|id| rules.uses(*id))
    }

    /// Asks the rules.
    pub(crate) fn ask(&mut self, gate: Gate) -> Ruling {
        if self.settled {
            return Ruling::Proceed(self.settled_needs());
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
            self.payload_logs.extend(policy.rules.payload_log(entry.rule).cloned());
            if entry.mode == gateway_rules::RuleMode::Enforce {
                self.relaxed.add(rule);
                if !rule.headers.is_empty() {
                    self.changing.push(entry.rule);
                }
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
                let redact = Redact::of(&decision);
                self.redacting.clone_from(&redact);
                let scans = match gate {
                    Gate::RequestHead | Gate::ResponseHead => scans_of(&decision),
                    Gate::Dial | Gate::Tunnel | Gate::RequestBody | Gate::ResponseBody => {
                        Vec::new()
                    }
                };
                let (_, any, enforcing) = decision.into_parts();
                // From the request head on every tier is asked at every gate.
                self.settled = gate >= Gate::RequestHead && any.is_empty();
                Ruling::Proceed(Needed { any, enforcing, forward, redact, scans })
            }
            Act::Wait => Ruling::Wait,
            Act::Block(rule) => {
                let keeps = rule.action == Action::Quarantine;
                Ruling::Refuse(Refusal { keeps, ..Refusal::block(name(rule)) })
            }
            Act::Redirect(rule, redirect) => {
                let redirect = Some(redirect.clone());
                Ruling::Refuse(Refusal { redirect, ..Refusal::block(name(rule)) })
            }
            Act::DoNotInspect(rule) => Ruling::DoNotInspect(name(rule)),
        }
    }

    /// What is wanted when no rule is open: only what is overwritten, in whichever body is to come.
    fn settled_needs(&self) -> Needed {
        Needed { redact: self.redacting.clone(), ..Needed::default() }
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
            return self.settled_needs();
        }
        let decision = self.policy.rules.decide(&self.facts, gate);
        let redact = Redact::of(&decision);
        let (_, any, enforcing) = decision.into_parts();
        Needed { any, enforcing, redact, ..Needed::default() }
    }

    /// How what was found in the body of `direction` stands though nothing more were found.
    pub(crate) fn if_nothing_more_is_found(&mut self, direction: Direction) -> Standing {
        if self.settled {
            return Standing::default();
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
        let refuses = matches!(decision.act(), Act::Block(_) | Act::Redirect(..));
        let is_undecided = refuses || decision.needs_enforcing().fields().any(of_body);
        let redaction = in_body(&Redact::of(&decision), direction);
        Standing { is_undecided, redaction }
    }

    /// Counts a request for `host` in the quotas that want to know of it.
    pub(crate) fn count_request(&mut self, host: &str, client: IpAddr, now: Instant) {
        let quotas = &self.policy.settings.quotas;
        if quotas.is_empty() {
            return;
        }
        let nobody = Bytes::new();
        let user = self.known.user.as_deref();
        let user =
            user.map_or(&nobody, |user| if user.id.is_empty() { &user.email } else { &user.id });
        let unix_ms = self.clock.unix_ns(now) / 1_000_000;
        let asker = Asker { user, client, host };
        self.charges = quotas.count(&self.policy.rules, &mut self.facts, asker, unix_ms);
    }

    /// The bytes that the request is charged for are known.
    pub(crate) fn charge(&mut self, upload: u64, download: u64, now: Instant) {
        if !self.charges.is_empty() {
            let charges = std::mem::take(&mut self.charges);
            let unix_ms = self.clock.unix_ns(now) / 1_000_000;
            self.policy.settings.quotas.charge(&charges, upload, download, unix_ms);
        }
    }

    /// Whose findings in the body of `direction` are kept for the record.
    pub(crate) fn payload_of(&self, direction: Direction) -> Named {
        let mut named = Named::Nothing;
        for payload_log in &self.payload_logs {
            named.merge(match direction {
                Direction::Upload => &payload_log.upload,
                _ => &payload_log.download,
            });
        }
        named
    }

    /// Writes the trail and what asking took into a record.
    pub(crate) fn fill(&mut self, record: &mut Record) {
        record.decision.trail = std::mem::take(&mut self.trail);
        record.timings.rule_evaluation_us = Some(micros(self.spent));
        record.config_generation = self.policy.generation;
    }
}

/// How the record names an action; `None` for one that only counts.
fn logged(action: &Action) -> Option<Done> {
    match action {
        Action::Allow => Some(Done::Allow),
        Action::Block => Some(Done::Block),
        Action::DoNotInspect => Some(Done::Off),
        Action::Forward(_) => Some(Done::Forward),
        Action::NoScan => Some(Done::NoScan),
        Action::Quarantine => Some(Done::Quarantine),
        Action::Redact(_) => Some(Done::Redact),
        Action::Redirect(_) => Some(Done::Redirect),
        _ => None,
    }
}
