//! How a transaction ends: answered, refused, cut or given up; and its record.

use gateway_h1h2::h1::{Checks, Found};
use gateway_h1h2::{Event, ResetReason};
use gateway_inspect::{Offset, PartId, Place};
use gateway_log::{
    Action, BlockedFile, CloseReason, Direction, DlpMatches, DlpProfileMatch, ExternalScan,
    Inspection, Interception, Record, ScanVerdict, SignatureMatch, UnscannablePart,
    UntrustedCertificateAction,
};
use gateway_rules::{Fact, Value, field};
use http::{Method, StatusCode};

use super::{Output, Transaction, micros, millis, request, response};
use crate::body::Body;
use crate::dial::DialError;
use crate::external::Verdict;
use crate::judge::Refusal;
use crate::quarantine::note_failure;
use crate::reply::{Form, Page, Reply, redirect};
use crate::strictness::{self, Relaxed, Sender};
use crate::tee::Said;

impl Transaction {
    /// A rule refuses. Before the response head is out that is a page or a redirect, after it a
    /// cut.
    pub(crate) fn refuse(&mut self, refusal: &Refusal) {
        if self.end_keeping() {
            return;
        }
        let path = self.head.target.path_and_query().map_or("/", |path| path.as_str());
        let location = refusal.location(path);
        let released = self.released();
        if let Some(record) = &mut self.record {
            record.decision.action = Some(refusal.action());
            record.decision.policy_id = refusal.rule.id.as_str().into();
            record.decision.policy_name = refusal.rule.name.as_str().into();
            record.bytes.released_before_block = Some(released);
            if let Some(location) = &location {
                record.decision.redirect_target_uri = location.as_str().into();
            }
            if refusal.keeps && self.aside.is_none() && record.inspection.quarantine.is_unknown() {
                note_failure(record, "no_body");
            }
        }
        if self.has_begun_answering() {
            self.note_cut(refusal);
            self.refuse_deferred(refusal);
            return self.cut(CloseReason::ProxyConnRefused);
        }
        match location {
            Some(location) => self.answer(redirect(&location)),
            None => {
                let page = Page {
                    status: StatusCode::FORBIDDEN,
                    title: "Blocked",
                    detail: "This request was blocked by a rule of your organisation.",
                    rule: Some((&refusal.rule.id, &refusal.rule.name)),
                    url: &self.url,
                    request_id: &self.request_id(),
                };
                let reply = page.reply(Form::wanted_by(&self.head.fields), &self.policy.settings);
                self.answer(reply);
            }
        }
    }

    /// What has left of the response is all that the client gets of it, though it asks for the rest.
    fn note_cut(&self, refusal: &Refusal) {
        if self.response.body.as_ref().is_some_and(|body| body.released() > 0) {
            let (client, validator) = (self.client.ip(), self.response.validator.clone());
            let cuts = &self.policy.settings.cuts;
            cuts.note(client, &self.url, validator, &refusal.rule, self.now);
        }
    }

    /// Why not, if it asks for the rest of a response that was cut.
    pub(super) fn asks_for_what_was_cut(&mut self) -> Option<Refusal> {
        let cuts = &self.policy.settings.cuts;
        let fields = &self.head.fields;
        let (rule, why) = cuts.rule_against(self.client.ip(), &self.url, fields, self.now)?;
        Some(self.judge.cut_before(rule, why))
    }

    /// The origin did something wrong, which the record tells.
    pub(crate) fn note_fault(&mut self, fault: &str) {
        if let Some(record) = &mut self.record {
            record.warnings.push(format!("origin: {fault}").into());
        }
    }

    /// Checks found something in what the origin sent, which the record tells.
    pub(crate) fn note_found(&mut self, found: Found, checks: &Checks) {
        if let Some(record) = &mut self.record {
            strictness::note(record, Sender::Origin, found, checks);
        }
    }

    /// What the rules make of the checks of HTTP/1.
    pub(crate) const fn relaxed(&self) -> &Relaxed {
        &self.judge.relaxed
    }

    /// The origin cannot be reached.
    pub(crate) fn on_unreachable(&mut self, error: &DialError) {
        if !matches!(self.request.state, request::State::Deciding | request::State::Dialing) {
            return;
        }
        if let Some(record) = &mut self.record {
            if let DialError::Certificate { validation } = error {
                record.origin.certificate_validation = Some(*validation);
                record.decision.untrusted_certificate_action =
                    Some(UntrustedCertificateAction::Error);
            }
            if matches!(error, DialError::Refused { .. }) {
                record.decision.action = Some(Action::Block);
            }
            if matches!(error, DialError::Busy) {
                record.warnings.push(error.to_string().into());
            }
        }
        let title = error.status().canonical_reason().unwrap_or("Error");
        self.answer_error(error.status(), title, &error.to_string(), error.close_reason());
    }

    /// The client's message turns out to be none: its answer says so if it has not begun, and the
    /// origin gets no end of it.
    pub(crate) fn refuse_malformed(&mut self, status: StatusCode, detail: &str) {
        let title = status.canonical_reason().unwrap_or("Bad request");
        self.answer_error(status, title, detail, CloseReason::ClientError);
    }

    /// Answers with an error page, or cuts if the answer has begun.
    pub(super) fn answer_error(
        &mut self,
        status: StatusCode,
        title: &str,
        detail: &str,
        reason: CloseReason,
    ) {
        if self.end_keeping() {
            return;
        }
        if self.has_begun_answering() {
            return self.cut(reason);
        }
        if let Some(record) = &mut self.record {
            record.close_reason = Some(reason);
        }
        let page = Page {
            status,
            title,
            detail,
            rule: None,
            url: &self.url,
            request_id: &self.request_id(),
        };
        let reply = page.reply(Form::wanted_by(&self.head.fields), &self.policy.settings);
        self.answer(reply);
    }

    /// Answers in the origin's place.
    pub(super) fn answer(&mut self, reply: Reply) {
        self.stop_request();
        self.response.status = Some(reply.head.status);
        self.response.state = response::State::Done;
        self.emit(Output::Client(Event::ResponseHead(Box::new(reply.head))));
        if !reply.body.is_empty() && self.head.method != Method::HEAD {
            self.emit(Output::Client(Event::Data(reply.body)));
        }
        self.emit(Output::Client(Event::End));
        self.write_record();
    }

    /// Breaks the answer off in a way that no client can take for its end.
    pub(super) fn cut(&mut self, reason: CloseReason) {
        if let Some(record) = &mut self.record {
            record.close_reason = Some(reason);
        }
        if self.end_keeping() {
            return;
        }
        self.response.state = response::State::Done;
        self.emit(Output::Client(Event::Reset(ResetReason::Cancelled)));
        self.stop_request();
        self.write_record();
    }

    /// Ends at once, for a reason outside.
    pub(super) fn abort(&mut self, reason: CloseReason) {
        self.cut(reason);
    }

    /// The response is complete at the client; a request that is not stops where it is.
    pub(super) fn finish_answered(&mut self) {
        let unfinished = self.adapting.keeps_request() || self.adapting.is_response_unfinished();
        if self.request.state != request::State::Sent || unfinished {
            self.stop_request();
        }
        self.write_record();
    }

    /// The protocol has changed: the session goes on as a tunnel.
    pub(super) fn finish_upgraded(&mut self) {
        self.write_record();
    }

    /// Sends no more of the request. An origin that has part of it gets no end.
    fn stop_request(&mut self) {
        let answered = matches!(self.response.state, response::State::Done)
            && self.response.body.as_ref().is_some_and(Body::has_left);
        let unfinished = self.adapting.keeps_request() || self.adapting.is_response_unfinished();
        let whole = self.request.state == request::State::Sent && answered && !unfinished;
        if self.request.has_begun() && !whole {
            self.emit(Output::Origin(Event::Reset(ResetReason::Cancelled)));
        }
        self.request.state = request::State::Stopped;
        self.dial_started = None;
    }

    fn has_begun_answering(&self) -> bool {
        !matches!(self.response.state, response::State::Awaiting | response::State::HeadHeld(_))
    }

    fn released(&self) -> u64 {
        self.request.body.released() + self.left()
    }

    pub(super) fn request_id(&self) -> String {
        let id = self.record.as_ref().map(|record| record.request_id.as_bytes());
        String::from_utf8_lossy(id.unwrap_or_default()).into_owned()
    }

    /// Writes the one record.
    pub(super) fn write_record(&mut self) {
        let detached = self.detach_scans();
        self.cancel_scans();
        self.cancel_adaptations();
        self.end_deferral();
        let Some(mut record) = self.record.take() else { return };
        self.end_pickup(&mut record);
        record.ended_ns = self.clock.unix_ns(self.now);
        record.timings.total_ms = Some(millis(self.now.saturating_duration_since(self.started)));
        if record.client.is_unknown() {
            record.client.addr = Some(self.client);
        }
        self.judge.fill(&mut record);
        self.end_detour(&mut record);
        if record.decision.action.is_none() {
            self.note_action(&mut record);
        }
        record.decision.actions = actions(&record);
        self.fill_http(&mut record);
        let [upload, download] = [record.bytes.from_client, record.bytes.from_origin];
        self.judge.charge(upload.unwrap_or(0), download.unwrap_or(0), self.now);
        self.fill_origin(&mut record);
        // Nobody asks for them again.
        record.http.url = std::mem::take(&mut self.url).into();
        record.http.host = std::mem::take(&mut self.host).into();
        self.fill_inspection(&mut record);
        self.fill_matches(&mut record);
        self.fill_adaptations(&mut record);
        self.fill_behind_worker(&mut record);
        self.tell_detached(detached, &record);
        if !self.tell_flow(&record) {
            self.emit_record(record);
        }
    }

    /// It passed, as it was or not.
    fn note_action(&self, record: &mut Record) {
        let bodies = [Some(&self.request.body), self.response.body.as_ref()];
        record.decision.action = Some(Action::Allow);
        if let Some((rule, _)) = bodies.into_iter().flatten().find_map(Body::redacted) {
            record.decision.action = Some(Action::Redact);
            record.decision.policy_id = rule.id.as_str().into();
            record.decision.policy_name = rule.name.as_str().into();
        }
    }

    pub(super) fn fill_http(&self, record: &mut Record) {
        let field = |name| self.head.fields.get(name).unwrap_or_default().into();
        record.http.method = crate::facts::method_text(&self.head.method);
        record.http.version = crate::facts::version_text(self.head.version);
        record.http.status = Some(self.response.status.map_or(0, |status| status.as_u16()));
        record.http.referer = field("referer");
        record.http.user_agent = field("user-agent");
        record.bytes.from_client = Some(self.request.body.bytes());
        record.bytes.to_origin = Some(self.request.body.released());
        record.bytes.from_origin = Some(self.response.body.as_ref().map_or(0, Body::bytes));
        record.bytes.to_client = Some(self.left());
        if let Some(relayed) = &self.relayed {
            let released_before_block = record.bytes.released_before_block;
            record.bytes = relayed.bytes.clone();
            record.bytes.released_before_block = released_before_block;
            record.websocket = relayed.websocket.clone().into();
        }
    }

    pub(super) fn fill_origin(&self, record: &mut Record) {
        record.origin.resolved_fqdn = self.origin.host.as_str().into();
        let Some(dialed) = &self.dialed else { return };
        record.http.origin_version = crate::facts::version_text(dialed.version());
        dialed.fill(record);
        if dialed.tls.is_some() {
            record.decision.untrusted_certificate_action = Some(UntrustedCertificateAction::None);
        }
    }

    pub(super) fn fill_inspection(&self, record: &mut Record) {
        let blocked = matches!(record.decision.action, Some(Action::Block | Action::Quarantine));
        let inspection = &mut record.inspection;
        inspection.interception = Some(Interception::Inspected);
        if let Some(mode) = self.response.body.as_ref().and_then(Body::release_mode) {
            inspection.release.mode = mode.into();
        }
        let both = [
            (Direction::Upload, Some(&self.request.body)),
            (Direction::Download, self.response.body.as_ref()),
        ];
        let mut scanned = 0;
        for (direction, body) in both {
            let Some(body) = body.filter(|body| !body.was_unwatched()) else { continue };
            scanned += body.scanned_bytes();
            match direction {
                Direction::Upload => inspection.upload_dlp = dlp_matches(body).into(),
                _ => inspection.download_dlp = dlp_matches(body).into(),
            }
            let seen = body.found();
            for finding in seen.findings.iter().filter(|f| f.entry.scanner == "av") {
                let mut found = SignatureMatch::default();
                found.direction = direction;
                found.name = finding.entry.name.as_ref().into();
                found.part = seen.part_name(finding.place.part()).into();
                found.scanner = "gateway".into();
                if blocked && inspection.blocked_file.name.is_empty() {
                    inspection.blocked_file = blocked_file(body, &finding.place, &found).into();
                }
                inspection.signatures.push(found);
            }
            fill_scans(inspection, direction, body, blocked);
            for (part, reason) in &seen.unscannable {
                let mut missed = UnscannablePart::default();
                missed.direction = direction;
                missed.part = part.as_str().into();
                missed.reason = reason.name().into();
                inspection.unscannable.push(missed);
            }
            if body.is_sample() {
                inspection.dlp_sampled = Some(true);
            }
            if body.idle_released > 0 {
                let bytes = body.idle_released;
                record.warnings.push(format!("idle release of {bytes} held bytes").into());
            }
            for reason in body.gaps() {
                record.warnings.push(format!("counted in part only: {reason}").into());
            }
            let unredacted = body.unredacted();
            if unredacted > 0 {
                record.warnings.push(format!("{unredacted} findings not overwritten").into());
            }
            let missed = seen.tally.missed();
            if missed > 0 {
                record.warnings.push(format!("{missed} findings beyond the limit").into());
            }
        }
        if let Fact::Known(Value::Bytes(app)) = self.judge.facts.state(field::DLP_PROMPT_APP) {
            inspection.upload_dlp.prompt_app = app.as_ref().into();
        }
        inspection.scanned_bytes = Some(scanned);
        record.timings.scan_us = Some(micros(self.scanned));
    }
}

/// Every action that was carried out, in the order of the trail; the executed one comes last.
fn actions(record: &Record) -> Vec<Action> {
    let carried_out = |step: &&gateway_log::TrailStep| step.mode == gateway_log::RuleMode::Enforce;
    let mut actions: Vec<Action> =
        record.decision.trail.iter().filter(carried_out).filter_map(|step| step.action).collect();
    if let Some(last) = record.decision.action
        && actions.last() != Some(&last)
    {
        actions.push(last);
    }
    actions
}

fn dlp_matches(body: &Body) -> DlpMatches {
    let mut matches = DlpMatches::default();
    let (profiles, entries) = body.found().of_dlp();
    let redacted = body.redacted().map(|(_, counts)| counts);
    if let Some(tally) = body.prompt() {
        matches.prompt_profiles = tally.profiles().map(|id| id.as_ref().into()).collect();
    }
    matches.profiles = profiles.into_iter().map(|id| id.as_ref().into()).collect();
    for (id, count) in entries {
        matches.entries.push(id.as_ref().into());
        let mut counted = DlpProfileMatch::default();
        counted.entry = id.as_ref().into();
        counted.count = count;
        counted.redacted = redacted.and_then(|counts| counts.get(&id)).copied().unwrap_or_default();
        matches.counts.push(counted);
    }
    matches
}

/// What scanners outside have said of `body`.
fn fill_scans(inspection: &mut Inspection, direction: Direction, body: &Body, blocked: bool) {
    for scanned in body.scanned() {
        let mut scan = ExternalScan::default();
        scan.direction = direction;
        scan.scanner = scanned.scanner.into();
        scan.group = scanned.group.unwrap_or_default().into();
        scan.bytes = scanned.bytes;
        scan.duration_ms = millis(scanned.took);
        match scanned.verdict {
            Said::Nothing => {}
            Said::Later => scan.verdict = ScanVerdict::Pending,
            Said::Verdict(Verdict::Clean) => scan.verdict = ScanVerdict::Clean,
            Said::Verdict(Verdict::Declined) => scan.verdict = ScanVerdict::Declined,
            Said::Verdict(Verdict::Found(name)) => {
                scan.verdict = ScanVerdict::Found;
                scan.detail = name.as_str().into();
                let mut found = SignatureMatch::default();
                found.direction = direction;
                found.name = name.as_str().into();
                found.scanner = scanned.scanner.into();
                if blocked && inspection.blocked_file.reason.is_empty() {
                    let place = Place::Structural { part: PartId::ROOT, detected_at: Offset::ZERO };
                    inspection.blocked_file = blocked_file(body, &place, &found).into();
                }
                inspection.signatures.push(found);
            }
            Said::Verdict(Verdict::Failed(failure)) => {
                scan.verdict = ScanVerdict::Failed;
                scan.detail = failure.name().into();
                let mut missed = UnscannablePart::default();
                missed.direction = direction;
                missed.reason = failure.reason().name().into();
                inspection.unscannable.push(missed);
            }
        }
        inspection.external_scans.push(scan);
    }
}

fn blocked_file(body: &Body, place: &Place, found: &SignatureMatch) -> BlockedFile {
    let mut file = BlockedFile::default();
    file.name = found.part.clone();
    file.reason = found.name.clone();
    file.kind = body.found().part_kind(place.part()).name().into();
    file
}
