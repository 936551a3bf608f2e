//! A request on its way through a service: REQMOD.

use gateway_h1h2::{Authority, BodySize, Event, FieldError, RequestHead, Target};
use gateway_log::CloseReason;
use http::{Method, StatusCode};

use super::super::request::State;
use super::super::{Leg, Transaction};
use super::{Adaptation, AnswerBody, strip_for_service};
use crate::external::ScanFailure;
use crate::key::bare;
use crate::rewrite::Via;

impl Transaction {
    /// The service that the request goes through, as far as that is known.
    pub(in crate::transaction) fn request_adapter(&self) -> Option<usize> {
        self.adapter_by(Leg::Client, &self.judge.facts)
    }

    /// Offers the request of which this is the head, as the origin is going to get it, to a service.
    pub(in crate::transaction) fn offer_request(&mut self, adapter: usize, head: Box<RequestHead>) {
        let Ok(shown) = self.shown(&head, head.body) else { return self.unfit_head() };
        let offer = self.offer(adapter, shown);
        let Some(settings) = self.policy.settings.adapters.get(adapter) else { return };
        let (body, original) = (head.body, Event::RequestHead(head));
        let adaptation = Adaptation::new(settings, Leg::Client, original, body, offer, self.now);
        self.adapting.request = Some(Box::new(adaptation));
        self.settle_adaptation(Leg::Client);
    }

    /// What has left the pipeline goes on: to the service, if there is one, or to the origin.
    pub(in crate::transaction) fn request_out(&mut self, event: Event) {
        match &mut self.adapting.request {
            Some(adaptation) => {
                adaptation.source(event);
                self.settle_adaptation(Leg::Client);
            }
            None => self.send_on(event),
        }
    }

    /// Sends the head to the origin; false if that ended the transaction.
    pub(in crate::transaction) fn head_out(&mut self, mut head: Box<RequestHead>) -> bool {
        // The mark of this gateway was left out while a service had the head.
        let marked = match (&self.adapting.request, self.via_of_request()) {
            (Some(_), Via::Append) => {
                let pseudonym = &self.policy.settings.pseudonym;
                gateway_h1h2::append_via(&mut head.fields, self.head.version, pseudonym)
            }
            (Some(_), Via::Leave) | (None, _) => Ok(()),
        };
        match marked.and_then(|()| self.address_to_worker(*head)) {
            Ok(head) => {
                self.begin_sending(Box::new(head));
                true
            }
            Err(_) => {
                self.unfit_head();
                false
            }
        }
    }

    /// Sends the head that went on once more, on another connection; `None` if none went on yet.
    pub(in crate::transaction) fn head_out_again(&mut self) -> Option<bool> {
        let head = self.adapting.head.clone()?;
        self.request.state = State::Sending;
        Some(self.head_out(head))
    }

    pub(in crate::transaction) fn unfit_head(&mut self) {
        let detail = "The request cannot be passed on.";
        let status = StatusCode::BAD_REQUEST;
        self.answer_error(status, "Bad request", detail, CloseReason::ClientError);
    }

    /// The service answers in the origin's place. Nothing more of the request is needed.
    pub(super) fn on_answer(&mut self, event: Event) {
        match event {
            Event::ResponseHead(head) => {
                if self.request.state != State::Sent {
                    self.request.state = State::Stopped;
                }
                self.note_answer_body(&head);
                self.on_response_head(head);
            }
            Event::Data(_) if self.adapting.body == AnswerBody::None => {}
            event => self.on_response(event),
        }
    }

    /// Makes of a head that a service gave back one that can go on, unless it leads anywhere else than
    /// the original, or is none that a gateway passes on.
    pub(super) fn acceptable(
        &self,
        mut head: Box<RequestHead>,
    ) -> Result<Box<RequestHead>, ScanFailure> {
        let misdirected = Err(ScanFailure::Misdirected);
        let named = self.named();
        let leads_here = |authority: &Authority| {
            bare(authority.host()) == named.host
                && authority.port().unwrap_or_else(|| named.scheme.port()) == named.port
        };
        match &head.target {
            Target::Absolute { scheme, authority, .. } => {
                if *scheme != named.scheme || !leads_here(authority) {
                    return misdirected;
                }
            }
            Target::Origin(_) | Target::Asterisk => {}
            Target::Authority(_) => return misdirected,
        }
        for host in head.fields.all("host") {
            let host = Authority::parse(bytes::Bytes::copy_from_slice(host));
            if !host.is_ok_and(|host| leads_here(&host)) {
                return misdirected;
            }
        }
        // An offer to change to WebSocket has no body.
        let is_odd = self.websocket.is_some() && head.body != BodySize::Empty;
        if is_odd || head.method == Method::CONNECT || head.method == Method::TRACE {
            return Err(ScanFailure::Garbled);
        }
        self.restore(&mut head).map_err(|_| ScanFailure::Garbled)?;
        Ok(head)
    }

    /// Puts back what services do not see.
    fn restore(&self, head: &mut RequestHead) -> Result<(), FieldError> {
        head.target = head.target.to_origin_form();
        strip_for_service(&mut head.fields);
        head.fields.set("Host", self.named().authority())?;
        let Some(Event::RequestHead(original)) =
            self.adapting.request.as_ref().and_then(|adaptation| adaptation.original())
        else {
            return Ok(());
        };
        head.protocol.clone_from(&original.protocol);
        for name in ["Upgrade", "TE", "Connection"] {
            if let Some(value) = original.fields.get(name) {
                head.fields.set(name, bytes::Bytes::copy_from_slice(value))?;
            }
        }
        Ok(())
    }
}
