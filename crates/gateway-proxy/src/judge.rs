//! Asks the rules at a gate, and keeps the trail of what they said.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_inspect::Wanted;
use gateway_log::{Action as Done, Direction, Record, RuleMode, TrailStep};
use gateway_rules::{
    Act, Action, Decision, Facts, FieldId, Gate, Ids, Named, Needs, PayloadLog, Phase, Redaction,
    Redirect, RuleIndex, field,
};

use crate::body::{self, Wants};
use crate::clock::Clock;
use crate::cuts::Why;
use crate::external::ScanFailure;
use crate::header_changes::Changing;
use crate::identity::{self, Known, User};
use crate::policy::Policy;
use crate::quota::{Asker, Charge};
use crate::strictness::Relaxed;
use crate::tee;

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

/// What open rules still want to know.
#[derive(Default)]
pub(crate) struct Needed {
    any: Needs,
    enforcing: Needs,
    forward: Option<Forward>,
    redact: Vec<Redact>,
    /// Who looks for malware, as rules say that do; said where a body may begin.
    scans: Vec<(Arc<str>, Option<Needs>)>,
}

/// A rule has what was found overwritten.
#[derive(Clone)]
struct Redact {
    rule: RuleName,
    what: Arc<Redaction>,
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

/// A rule that lets nothing pass.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) rule: RuleName,
    /// Where to instead.
    pub(crate) redirect: Option<Redirect>,
    /// Whether the body that is refused is kept aside.
    pub(crate) keeps: bool,
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
        Refusal::block(rule)
    }

    /// A request is refused because it asks for the rest of what `rule` has cut, or for what it would have.
    pub(crate) fn cut_before(&mut self, rule: RuleName, why: Why) -> Refusal {
        let mut step = TrailStep::default();
        step.tier = "cut".into();
        step.rule_id = rule.id.as_str().into();
        step.rule_name = rule.name.as_str().into();
        step.action = Some(Done::Block);
        step.phase = Phase::RequestHead.name().into();
        step.predicate = match why {
            Why::WasCut => "the rest of a response that was cut".into(),
            Why::FoundLate => "found in this once it had left".into(),
        };
        step.mode = RuleMode::Enforce;
        self.trail.push(step);
        Refusal::block(rule)
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

impl Needed {
    /// The Worker that the request is handed to, if it is; said at the gate of its head.
    pub(crate) fn take_forward(&mut self) -> Option<Forward> {
        self.forward.take()
    }

    /// Who looks for malware in the body of `direction`: those of the first rule that speaks of it.
    fn scan_group(&self, direction: Direction) -> Option<Arc<str>> {
        let speaks = |needs: &Option<Needs>| {
            needs.as_ref().is_none_or(|needs| wanted(needs, direction).wants_any(tee::SCANNER))
        };
        let mut scans = self.scans.iter();
        scans.find(|(_, needs)| speaks(needs)).map(|(group, _)| group.clone())
    }

    /// What is wanted of the body in `direction`.
    pub(crate) fn of_body(&self, direction: Direction) -> Wants {
        let (any, enforcing) = (wanted(&self.any, direction), wanted(&self.enforcing, direction));
        let scan_group = self.scan_group(direction);
        let mut wants = Wants { any, enforcing, direction, scan_group, ..Wants::default() };
        if let Some(redaction) = in_body(&self.redact, direction) {
            redaction.add_to(&mut wants.any);
            redaction.add_to(&mut wants.enforcing);
            wants.redaction = Some(redaction);
        }
        wants
    }
}

impl Redact {
    fn of(decision: &Decision<'_>) -> Vec<Self> {
        let one = |(rule, what): &(&gateway_rules::Rule, &Arc<Redaction>)| {
            let rule = RuleName { id: rule.id.clone(), name: rule.name.clone() };
            Self { rule, what: (*what).clone() }
        };
        decision.redactions().iter().map(one).collect()
    }

    /// What is overwritten in the body of `direction`, if that is anything.
    fn in_body(&self, direction: Direction) -> Option<body::Redaction> {
        let named = match direction {
            Direction::Upload => &self.what.upload,
            _ => &self.what.download,
        };
        let (rule, named, otherwise) = (self.rule.clone(), named.clone(), self.what.otherwise);
        let redaction = body::Redaction { rule, named, otherwise };
        (redaction.named != Named::Nothing).then_some(redaction)
    }
}

/// What all of them have overwritten in the body of `direction`, if that is anything.
fn in_body(redacts: &[Redact], direction: Direction) -> Option<Arc<body::Redaction>> {
    let mut all = redacts.iter().filter_map(|redact| redact.in_body(direction));
    let mut redaction = all.next()?;
    all.for_each(|other| redaction.merge(&other));
    Some(Arc::new(redaction))
}

/// Who looks for malware, as rules say.
fn scans_of(decision: &Decision<'_>) -> Vec<(Arc<str>, Option<Needs>)> {
    let scans = decision.scans().iter();
    scans.map(|scanning| (scanning.group.into(), scanning.wants.clone())).collect()
}

fn wanted(needs: &Needs, direction: Direction) -> Wanted {
    use field::*;
    const UPLOAD_PROFILES: &[FieldId] = &[DLP_PROFILES, DLP_UPLOAD_PROFILES, DLP_PROMPT_PROFILES];
    const DOWNLOAD_PROFILES: &[FieldId] = &[DLP_PROFILES, DLP_DOWNLOAD_PROFILES];
    if needs.is_empty() {
        return Wanted::none();
    }
    let (profiles, dlp, av, content) = match direction {
        Direction::Upload => (
            UPLOAD_PROFILES,
            [DLP_ENTRIES, DLP_COUNT, DLP_UPLOAD_ENTRIES, DLP_UPLOAD_COUNT],
            [AV_UPLOAD_INFECTED, AV_UPLOAD_SIGNATURES, AV_UPLOAD_UNSCANNABLE],
            [CONTENT_UPLOAD_UNSCANNABLE, HTTP_UPLOAD_FILE_TYPES, HTTP_UPLOAD_MIME],
        ),
        _ => (
            DOWNLOAD_PROFILES,
            [DLP_ENTRIES, DLP_COUNT, DLP_DOWNLOAD_ENTRIES, DLP_DOWNLOAD_COUNT],
            [AV_DOWNLOAD_INFECTED, AV_DOWNLOAD_SIGNATURES, AV_DOWNLOAD_UNSCANNABLE],
            [CONTENT_DOWNLOAD_UNSCANNABLE, HTTP_DOWNLOAD_FILE_TYPES, HTTP_DOWNLOAD_MIME],
        ),
    };
    let wants_one = |fields: &[FieldId]| fields.iter().any(|field| needs.wants_field(*field));
    let mut wanted = Wanted::none();
    for field in profiles {
        match needs.ids(*field) {
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
        Action::Quarantine => Some(Done::Quarantine),
        Action::Redact(_) => Some(Done::Redact),
        Action::Redirect(_) => Some(Done::Redirect),
        _ => None,
    }
}

impl Refusal {
    /// By `rule`, and nothing else.
    pub(crate) const fn block(rule: RuleName) -> Self {
        Self { rule, redirect: None, keeps: false }
    }

    /// How the record names it.
    pub(crate) const fn action(&self) -> Done {
        match self.redirect {
            Some(_) => Done::Redirect,
            None => self.action_in_place(),
        }
    }

    /// The same where there is nothing that could be sent elsewhere.
    pub(crate) const fn action_in_place(&self) -> Done {
        if self.keeps { Done::Quarantine } else { Done::Block }
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
