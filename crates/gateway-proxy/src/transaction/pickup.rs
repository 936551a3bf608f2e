//! Requests for what a page stands for: the gateway answers them itself, whatever host they are for. How the
//! download is, whoever keeps it knows; it was decided on when it was asked for first.

use std::net::IpAddr;

use gateway_h1h2::Event;
use gateway_log::{Action, CloseReason, Record};
use http::{Method, StatusCode};

use super::{Output, Transaction, request, response};
use crate::progress::{
    PickupInput, PickupReport, Running, Ticket, address, is_reserved, ticket_of,
};
use crate::reply::{Form, Page, Progress};

/// A request for a download.
pub(super) struct Pickup {
    ticket: Ticket,
    /// The request that has begun it, once that is known.
    of: String,
    /// Bytes that the client has got.
    sent: u64,
    /// Whether more may come of it.
    open: bool,
}

const NOT_HERE: &str =
    "There is no such download, or it is not kept any more. It can be begun anew.";
const FAILED: &str =
    "The download could not be fetched and scanned to its end. It can be begun anew.";

impl Transaction {
    /// Decides on the head as soon as the transaction begins.
    pub(crate) fn begin(&mut self) {
        self.begin_at(&[]);
    }

    /// The same; the host has been resolved to `addresses`, if there are any.
    pub(crate) fn begin_at(&mut self, addresses: &[IpAddr]) {
        match self.head.target.path_and_query() {
            Some(path) if is_reserved(path.path()) => self.begin_pickup(),
            _ => self.begin_request(addresses),
        }
    }

    /// Whether it is a request for what a page stands for.
    pub(crate) fn is_pickup(&self) -> bool {
        self.pickup.is_some()
    }

    /// No origin is asked for this path.
    fn begin_pickup(&mut self) {
        self.request.state = request::State::Stopped;
        let ticket = self.head.target.path_and_query().and_then(|path| ticket_of(path.path()));
        let may_ask = self.head.method == Method::GET && self.returning.is_none();
        match ticket.filter(|_| may_ask) {
            Some(ticket) => {
                let pickup = Pickup { ticket, of: String::new(), sent: 0, open: true };
                self.pickup = Some(Box::new(pickup));
                let waiter = Box::new(self.waiter());
                self.emit(Output::Pickup(PickupInput::Ask(ticket, waiter)));
            }
            None => self.is_not_here(),
        }
    }

    fn is_not_here(&mut self) {
        let status = StatusCode::NOT_FOUND;
        self.answer_error(status, "Not found", NOT_HERE, CloseReason::ProxyConnRefused);
    }

    /// How the download is, or the next of it.
    pub(super) fn on_picked(&mut self, report: PickupReport) {
        let Some(pickup) = &mut self.pickup else { return };
        let awaits = matches!(self.response.state, response::State::Awaiting);
        match report {
            PickupReport::Data(bytes) if !awaits => {
                pickup.sent += bytes.len() as u64;
                self.owed.origin += bytes.len() as u64;
                self.emit(Output::Client(Event::Data(bytes)));
            }
            PickupReport::End if !awaits => {
                pickup.open = false;
                self.response.state = response::State::Done;
                self.emit(Output::Client(Event::End));
                self.finish_answered();
            }
            PickupReport::Data(_) | PickupReport::End => {}
            PickupReport::Lost => {
                pickup.open = false;
                self.cut(CloseReason::Unknown);
            }
            PickupReport::Unknown => {
                pickup.open = false;
                self.is_not_here();
            }
            PickupReport::Ready(running, head) => {
                pickup.of = running.request_id;
                self.response.status = Some(head.status);
                self.response.state = response::State::Sending;
                self.emit(Output::Client(Event::ResponseHead(head)));
                self.emit(Output::Pickup(PickupInput::More));
            }
            PickupReport::Running(running) => self.is_running(&running),
            PickupReport::Refused(running, id, name) => self.was_refused(&running, &id, &name),
            PickupReport::Failed(running) => {
                pickup.open = false;
                pickup.of = running.request_id;
                let status = StatusCode::BAD_GATEWAY;
                self.answer_error(status, "Download failed", FAILED, CloseReason::OriginError);
            }
        }
    }

    fn is_running(&mut self, running: &Running) {
        let Some(pickup) = &mut self.pickup else { return };
        pickup.open = false;
        pickup.of.clone_from(&running.request_id);
        let path = self.head.target.path_and_query().map_or("/", |path| path.path());
        let page = Progress { running, address: &address(pickup.ticket, path) };
        let reply = page.reply(&self.policy.settings);
        self.answer(reply);
    }

    fn was_refused(&mut self, running: &Running, id: &str, name: &str) {
        let Some(pickup) = &mut self.pickup else { return };
        pickup.open = false;
        pickup.of.clone_from(&running.request_id);
        if let Some(record) = &mut self.record {
            record.decision.action = Some(Action::Block);
            record.decision.policy_id = id.into();
            record.decision.policy_name = name.into();
            record.bytes.released_before_block = Some(0);
        }
        let page = Page {
            status: StatusCode::FORBIDDEN,
            title: "Blocked",
            detail: "This download was blocked by a rule of your organisation.",
            rule: Some((id, name)),
            url: &running.url,
            request_id: &running.request_id,
        };
        let reply = page.reply(Form::wanted_by(&self.head.fields), &self.policy.settings);
        self.answer(reply);
    }

    /// Bytes of the download that the client has got.
    pub(super) fn picked_up_bytes(&self) -> u64 {
        self.pickup.as_ref().map_or(0, |pickup| pickup.sent)
    }

    /// Nothing more of it is wanted; the record tells what it was a request for.
    pub(super) fn end_pickup(&mut self, record: &mut Record) {
        let Some(pickup) = &mut self.pickup else { return };
        if !pickup.of.is_empty() {
            record.inspection.release.mode = "progress".into();
            record.inspection.release.request_id = pickup.of.as_str().into();
        }
        if std::mem::take(&mut pickup.open) {
            self.emit(Output::Pickup(PickupInput::Cancel));
        }
    }
}
