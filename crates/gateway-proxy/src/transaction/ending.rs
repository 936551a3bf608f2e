//! How a transaction ends: answered, refused, cut or given up. What its record then says is in
//! [`record`](super::record).

use gateway_h1h2::h1::{Checks, Found};
use gateway_h1h2::{Event, ResetReason};
use gateway_log::{Action, CloseReason, UntrustedCertificateAction};
use http::{Method, StatusCode};

use super::{Output, Transaction, request, response};
use crate::body::Body;
use crate::dial::DialError;
use crate::judge::Refusal;
use crate::quarantine::note_failure;
use crate::reply::{Form, Page, Reply, redirect};
use crate::strictness::{self, Relaxed, Sender};

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
}
