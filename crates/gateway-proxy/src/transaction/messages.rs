//! The messages of a WebSocket as bodies: what was found in one direction so far is its tally,
//! and each message is decided when it is whole, as if nothing followed.

use std::time::Duration;

use bytes::Bytes;
use gateway_h1h2::ws::Agreed;
use gateway_inspect::{Span, Unscannable};
use gateway_log::{ByteCounts, CloseReason, Direction, Record, WebSocketFacts};
use gateway_rules::{Facts, Gate, field};

use super::{Transaction, response};
use crate::body::{Body, Kept};
use crate::clock::millis;
use crate::judge::{Refusal, Ruling};
use crate::policy::{RefusedMessage, WebSocketPolicy};
use crate::quarantine::note_failure;

/// What a look at a message came to.
pub(crate) struct Looked {
    /// The rule that refuses it.
    pub(crate) refusal: Option<Refusal>,
    /// There is more to look at.
    pub(crate) again: bool,
    /// It is whole, was looked at, and may pass unless there is a refusal.
    pub(crate) settled: bool,
}

/// What the decisions on messages stand on.
#[derive(Default)]
pub(super) struct Messages {
    /// Whether nothing has come to be known since a whole message was found in order.
    in_order: bool,
    /// Messages of either direction so far.
    counted: Counted,
    /// What was known before the first message, where one that is refused is to leave no trace.
    base: Option<Box<Facts>>,
    /// The same of each direction before the message under way.
    upload: Option<Box<Kept>>,
    download: Option<Box<Kept>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    upload: u64,
    download: u64,
    /// The size of both bodies as rules see it.
    mib: u64,
}

impl Transaction {
    /// Whether messages will be looked at once the origin agrees to change to WebSocket.
    pub(crate) fn expects_messages(&self) -> bool {
        self.websocket.is_some() && self.policy.settings.websocket.looks_into_messages()
    }

    /// The origin has agreed: from here on the bodies are the messages.
    pub(super) fn begin_messages(&mut self, agreed: Agreed) {
        self.messages.base = match self.policy.settings.websocket {
            WebSocketPolicy::Rewrite(RefusedMessage::Drop | RefusedMessage::Replace) => {
                Some(Box::new(self.judge.facts.clone()))
            }
            _ => None,
        };
        let needed = self.judge.needs(Gate::ResponseHead);
        let info = gateway_content::BodyInfo::default();
        let body = |direction| {
            let wants = self.with_sample(needed.of_body(direction));
            Body::new(&self.policy, &wants, &info, None)
        };
        let (mut upload, mut download) = (body(Direction::Upload), body(Direction::Download));
        if !matches!(self.policy.settings.websocket, WebSocketPolicy::Rewrite(_)) {
            // Frames pass as they came.
            upload.forbid_edits();
            download.forbid_edits();
        }
        if let Some(prompt) = crate::facts::prompt_of(&self.policy, &self.head, &self.host) {
            upload.carries(prompt, &info);
        }
        upload.follows(std::mem::replace(&mut self.request.body, Body::unwatched(&self.policy)));
        self.request.body = upload;
        self.response.body = Some(download);
        self.agreed = agreed;
    }

    /// What client and origin have agreed on.
    pub(crate) fn agreed(&self) -> &Agreed {
        &self.agreed
    }

    /// Whether anybody wants to look at the messages of `direction`.
    pub(crate) fn watches(&self, direction: Direction) -> bool {
        self.body(direction).is_some_and(Body::is_watched)
    }

    /// The next message of `direction` begins.
    pub(crate) fn message_begins(&mut self, direction: Direction) {
        let policy = self.policy.clone();
        match direction {
            Direction::Upload => self.messages.counted.upload += 1,
            _ => self.messages.counted.download += 1,
        }
        if let Some(body) = self.body_mut(direction) {
            body.begin_message(&policy);
        }
        if self.messages.base.is_some() {
            let kept = self.body(direction).map(|body| Box::new(body.keep()));
            match direction {
                Direction::Upload => self.messages.upload = kept,
                _ => self.messages.download = kept,
            }
        }
    }

    /// The message under way was refused and taken out: what the rules know is what they knew
    /// without it. The record still tells of it.
    pub(crate) fn forget_message(&mut self, direction: Direction) {
        let kept = match direction {
            Direction::Upload => self.messages.upload.take(),
            _ => self.messages.download.take(),
        };
        let (Some(kept), Some(base)) = (kept, &self.messages.base) else { return };
        self.judge.facts = (**base).clone();
        self.messages.in_order = false;
        if let Some(body) = self.body_mut(direction) {
            body.forget_message(*kept);
        }
        for direction in [Direction::Upload, Direction::Download] {
            self.set_message_facts(direction);
        }
    }

    /// More of the content of the message under way.
    pub(crate) fn message_content(&mut self, direction: Direction, content: Bytes) {
        let now = self.now;
        if let Some(body) = self.body_mut(direction) {
            body.push(content, now);
        }
    }

    /// The message under way is whole.
    pub(crate) fn message_ends(&mut self, direction: Direction) {
        if let Some(body) = self.body_mut(direction) {
            body.end(None);
        }
    }

    /// Looks at what came of the message under way.
    pub(crate) fn look(&mut self, direction: Direction) -> Looked {
        let now = self.now;
        let clock = self.clock;
        let mut scanned = Duration::ZERO;
        let Some(body) = self.body_mut(direction) else {
            return Looked { refusal: None, again: false, settled: true };
        };
        let worked = clock.measure(&mut scanned, || body.work(now));
        self.scanned += scanned;
        let mut refusal = None;
        if worked.news {
            refusal = self.tell_of_message(direction);
        }
        if refusal.is_none() && worked.settled {
            refusal = self.decide_message(direction);
        }
        Looked { refusal, again: worked.again, settled: worked.settled }
    }

    /// The message under way cannot be decoded: what rules make of it.
    pub(crate) fn fail_message(
        &mut self,
        direction: Direction,
        reason: Unscannable,
    ) -> Option<Refusal> {
        if let Some(body) = self.body_mut(direction) {
            body.note_undecodable(reason);
        }
        self.give_up_message(direction, reason)
    }

    /// The rest of the message under way cannot be known, for this reason: what rules make of it.
    pub(crate) fn give_up_message(
        &mut self,
        direction: Direction,
        reason: Unscannable,
    ) -> Option<Refusal> {
        let now = self.now;
        let news = self.body_mut(direction).is_some_and(|body| body.give_up(reason, now));
        if news && let Some(refusal) = self.tell_of_message(direction) {
            return Some(refusal);
        }
        if let Some(body) = self.body_mut(direction) {
            body.let_go(now);
        }
        None
    }

    /// Lets go of what the mere beginning of a match keeps back.
    pub(crate) fn release_idle(&mut self, direction: Direction) {
        let (idle_ms, now) = (self.policy.settings.limits.inspect.idle_release_ms, self.now);
        if let Some(body) = self.body_mut(direction) {
            body.release_idle(idle_ms, now);
        }
    }

    /// The bytes of the content of the message under way that were overwritten since this was asked
    /// last.
    pub(crate) fn take_edits(&mut self, direction: Direction) -> Vec<Span> {
        self.body_mut(direction).map_or_else(Vec::new, Body::take_edits)
    }

    /// Bytes of the content of the message under way that may leave.
    pub(crate) fn message_cleared(&mut self, direction: Direction) -> u64 {
        let now = self.now;
        let Some(body) = self.body_mut(direction) else { return u64::MAX };
        body.advance(now);
        body.message_released()
    }

    /// Whether the message under way is longer than may be held, and nothing can leave.
    pub(crate) fn is_message_stuck(&self, direction: Direction) -> bool {
        self.body(direction).is_some_and(Body::is_stuck)
    }

    /// Whether bytes may have to wait at all.
    pub(crate) fn holds_messages(&self, direction: Direction) -> bool {
        self.body(direction).is_some_and(Body::holds)
    }

    /// Tells the rules what came to be known in the middle of a message.
    fn tell_of_message(&mut self, direction: Direction) -> Option<Refusal> {
        self.messages.in_order = false;
        self.set_message_facts(direction);
        match self.judge.ask(gate(direction)) {
            Ruling::Refuse(refusal) => Some(refusal),
            Ruling::Proceed(needed) => {
                let standing = self.judge.if_nothing_more_is_found(direction);
                let wants = needed.of_body(direction);
                let body = self.body_mut(direction)?;
                let redaction = standing.redaction.as_deref().or(wants.redaction.as_deref());
                if let Some(rule) = body.redact(redaction) {
                    return Some(Refusal::block(rule));
                }
                body.narrow(&wants);
                if !standing.is_undecided {
                    body.cleared_by_rules();
                }
                None
            }
            Ruling::Wait => {
                if let Some(body) = self.body_mut(direction) {
                    body.keep_all();
                }
                None
            }
            Ruling::DoNotInspect(_) => None,
        }
    }

    /// The message is whole and all of it was looked at: what the rules make of it.
    fn decide_message(&mut self, direction: Direction) -> Option<Refusal> {
        self.note_counts();
        if !self.messages.in_order {
            self.set_message_facts(direction);
            // With all facts known nothing is waited for.
            match self.judge.ask_as_if_over(gate(direction)) {
                Ruling::Refuse(refusal) => return Some(refusal),
                Ruling::Proceed(needed) => {
                    let redaction = needed.of_body(direction).redaction;
                    let body = self.body_mut(direction);
                    if let Some(rule) = body.and_then(|body| body.redact(redaction.as_deref())) {
                        return Some(Refusal::block(rule));
                    }
                }
                Ruling::Wait | Ruling::DoNotInspect(_) => {}
            }
            self.messages.in_order = true;
        }
        if let Some(body) = self.body_mut(direction) {
            body.decide_end();
        }
        None
    }

    /// What no scanner says is news only where a rule reads it.
    fn note_counts(&mut self) {
        let rules = &self.policy.rules;
        let both = self.request.body.bytes() + self.response.body.as_ref().map_or(0, Body::bytes);
        let mib = both.div_ceil(1 << 20);
        let counts = [field::WEBSOCKET_UPLOAD_MESSAGES, field::WEBSOCKET_DOWNLOAD_MESSAGES];
        let sizes = [field::HTTP_UPLOAD_FILE_SIZE, field::HTTP_DOWNLOAD_FILE_SIZE];
        let grown = mib != self.messages.counted.mib && sizes.iter().any(|id| rules.uses(*id));
        if grown || counts.iter().any(|id| rules.uses(*id)) {
            self.messages.in_order = false;
        }
        self.messages.counted.mib = mib;
    }

    fn set_message_facts(&mut self, direction: Direction) {
        let policy = self.policy.clone();
        let counted = self.messages.counted;
        let facts = &mut self.judge.facts;
        crate::facts::messages(&policy.rules, facts, counted.upload, counted.download);
        let (body, other) = match (direction, &self.response.body) {
            (Direction::Upload, other) => (&self.request.body, other.as_ref()),
            (_, Some(body)) => (body, Some(&self.request.body)),
            (_, None) => return,
        };
        let other = other.map(|body| &body.found().tally);
        crate::facts::body(&policy.rules, facts, direction, &body.seen(), other);
    }

    /// A message was refused: says so in the record.
    pub(crate) fn note_refusal(&mut self, refusal: &Refusal) {
        let released =
            self.request.body.released() + self.response.body.as_ref().map_or(0, Body::released);
        if let Some(record) = &mut self.record {
            // There is nowhere to send a WebSocket to: a redirect is a block too.
            record.decision.action = Some(refusal.action_in_place());
            record.decision.policy_id = refusal.rule.id.as_str().into();
            record.decision.policy_name = refusal.rule.name.as_str().into();
            record.bytes.released_before_block = Some(released);
            if refusal.keeps {
                note_failure(record, "websocket");
            }
        }
    }

    /// Adds a word to the record about what was wrong.
    pub(crate) fn note_warning(&mut self, warning: &str) {
        if let Some(record) = &mut self.record {
            record.warnings.push(warning.into());
        }
    }

    /// The record as it would be now.
    pub(crate) fn interim_record(&mut self, relayed: Relayed) -> Option<Box<Record>> {
        let mut record = self.record.clone()?;
        record.interim = true;
        record.ended_ns = self.clock.unix_ns(self.now);
        let total = self.now.saturating_duration_since(self.started);
        record.timings.total_ms = Some(millis(total));
        record.config_generation = self.policy.generation;
        self.relayed = Some(relayed);
        self.fill_http(&mut record);
        self.fill_origin(&mut record);
        record.http.url = self.url.as_str().into();
        record.http.host = self.host.as_str().into();
        self.fill_inspection(&mut record);
        Some(record)
    }

    /// The connection is over: writes the record.
    pub(crate) fn end_messages(&mut self, relayed: Relayed, reason: CloseReason) {
        self.relayed = Some(relayed);
        if let Some(record) = &mut self.record {
            record.close_reason = Some(reason);
        }
        self.response.state = response::State::Done;
        self.write_record();
    }

    pub(super) const fn body(&self, direction: Direction) -> Option<&Body> {
        match direction {
            Direction::Upload => Some(&self.request.body),
            _ => self.response.body.as_ref(),
        }
    }

    pub(super) const fn body_mut(&mut self, direction: Direction) -> Option<&mut Body> {
        match direction {
            Direction::Upload => Some(&mut self.request.body),
            _ => self.response.body.as_mut(),
        }
    }
}

/// What was relayed after the change of protocol.
#[derive(Clone, Debug, Default)]
pub(crate) struct Relayed {
    pub(crate) bytes: ByteCounts,
    pub(crate) websocket: WebSocketFacts,
}

const fn gate(direction: Direction) -> Gate {
    match direction {
        Direction::Upload => Gate::RequestBody,
        _ => Gate::ResponseBody,
    }
}
