//! Responses for which a page stands at the client: the user sees how far they are, while they are fetched to
//! their end and looked at, and what would have gone to the client goes to whoever keeps it.
//!
//! ```text
//!   Not ──offered──▶ May ──due──▶ Asked ──opened──▶ Deferred
//!                     │             │
//!                     └─ a byte, or the end, has left first: as ever
//! ```

use std::time::Instant;

use gateway_h1h2::{Event, Fields, RequestHead, ResponseHead};
use gateway_log::CloseReason;
use http::{Method, StatusCode};

use super::{Output, Transaction, request, response};
use crate::body::Body;
use crate::judge::Refusal;
use crate::progress::{DeferInput, DeferReport, Deferred, Running, Ticket, Waiter, address};
use crate::release::Release;
use crate::reply::{Form, Progress};

/// Whether a page stands for a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deferral {
    /// None does, nor will.
    Not,
    /// One may, once it takes too long.
    May,
    /// A place has been asked for where it can be kept meanwhile.
    Asked,
    /// One does.
    Deferred,
}

impl response::Response {
    /// When a page is due.
    pub(super) fn page_due(&self, release: &Release) -> Option<Instant> {
        let waits = self.deferral == Deferral::May;
        let held = matches!(self.state, response::State::HeadHeld(_));
        let since = self.body.as_ref().filter(|_| waits && held)?.deferrable_since()?;
        since.checked_add(release.page_after())
    }
}

impl Transaction {
    /// Whether a page stands for the response.
    pub(crate) fn is_deferred(&self) -> bool {
        self.response.deferral == Deferral::Deferred
    }

    /// A page may stand for this response, if somebody who sees it has asked for the whole of it.
    pub(super) fn offer_page(&mut self, body: &mut Body, head: &ResponseHead) {
        let asked = self.policy.settings.release.has_pages()
            && self.returning.is_none()
            && self.request.state == request::State::Sent
            && head.status == StatusCode::OK
            && navigates(&self.head);
        if asked {
            body.may_be_deferred();
            self.response.deferral = Deferral::May;
        }
    }

    /// Asks for a place where the response can be kept, if the page is due.
    pub(super) fn ask_for_page_in_time(&mut self) {
        let due = self.response.page_due(&self.policy.settings.release);
        if due.is_some_and(|at| self.now >= at) {
            self.asks_for_page();
        }
    }

    /// Asks for a place where the response can be kept, if a page may stand for it; whether one has been
    /// asked for.
    pub(super) fn asks_for_page(&mut self) -> bool {
        if self.response.deferral == Deferral::Asked {
            return true;
        }
        if self.is_done() || self.response.page_due(&self.policy.settings.release).is_none() {
            return false;
        }
        let length = match &self.response.state {
            response::State::HeadHeld(head) => crate::rewrite::length(head.body),
            _ => None,
        };
        self.response.deferral = Deferral::Asked;
        self.emit(Output::Defer(DeferInput::Open(Box::new(Deferred {
            waiter: self.waiter(),
            url: self.url.clone(),
            request_id: self.request_id(),
            length,
        }))));
        true
    }

    /// Who waits for it; what session and driver know of the user is theirs to add.
    pub(super) fn waiter(&self) -> Waiter {
        let scheme = self.origin.scheme().as_str();
        let origin = format!("{scheme}://{}:{}", self.host, self.origin.port);
        Waiter { client: self.client.ip(), user: Default::default(), origin }
    }

    /// Whoever keeps the response has said something.
    pub(super) fn on_deferred(&mut self, report: DeferReport) {
        match (self.response.deferral, report) {
            (Deferral::Asked, DeferReport::Opened(ticket)) => self.put_off(ticket),
            (Deferral::Asked, _) => {
                self.response.deferral = Deferral::Not;
                if let Some(body) = &mut self.response.body {
                    body.give_up_page();
                }
                self.pump_response();
            }
            (Deferral::Deferred, DeferReport::Abandoned) => self.abort(CloseReason::ClientClosed),
            (Deferral::Deferred, DeferReport::Failed) => {
                if let Some(record) = &mut self.record {
                    record.warnings.push("progress: the download cannot be kept".into());
                }
                self.abort(CloseReason::ProxyConnRefused);
            }
            _ => {}
        }
    }

    /// There is a place for the response: the page goes to the client, all else goes there.
    fn put_off(&mut self, ticket: Ticket) {
        let held = matches!(self.response.state, response::State::HeadHeld(_));
        let Some(body) = self.response.body.as_ref().filter(|_| held && self.keeping.is_none())
        else {
            self.response.deferral = Deferral::Not;
            return self.emit(Output::Defer(DeferInput::Cancel));
        };
        let length = match &self.response.state {
            response::State::HeadHeld(head) => crate::rewrite::length(head.body),
            _ => None,
        };
        let path = self.head.target.path_and_query().map_or("/", |path| path.path());
        let running = Running {
            url: self.url.clone(),
            request_id: self.request_id(),
            bytes: body.bytes(),
            length,
        };
        let page = Progress { running: &running, address: &address(ticket, path) };
        let reply = page.reply(&self.policy.settings);
        self.emit(Output::Client(Event::ResponseHead(Box::new(reply.head))));
        self.emit(Output::Client(Event::Data(reply.body)));
        self.emit(Output::Client(Event::End));
        self.response.deferral = Deferral::Deferred;
        self.response.stopped = None;
        if let Some(body) = &mut self.response.body {
            body.defer();
        }
        if self.send_response_head() {
            self.flush_response();
        }
    }

    /// A rule refuses what a page stands for.
    pub(super) fn refuse_deferred(&mut self, refusal: &Refusal) {
        if self.is_deferred() {
            let (id, name) = (refusal.rule.id.clone(), refusal.rule.name.clone());
            self.emit(Output::Defer(DeferInput::Refused(id, name)));
        }
    }

    /// It is over: a place that was asked for is not needed.
    pub(super) fn end_deferral(&mut self) {
        if self.response.deferral == Deferral::Asked {
            self.response.deferral = Deferral::Not;
            self.emit(Output::Defer(DeferInput::Cancel));
        }
    }

    /// Bytes of the response that the client has got.
    pub(super) fn left(&self) -> u64 {
        match self.response.body.as_ref() {
            _ if self.is_deferred() => 0,
            Some(body) => body.released(),
            None => self.picked_up_bytes(),
        }
    }
}

/// Whether somebody looks at what this request is answered with: a browser that goes to a page, in a window
/// or a frame (Fetch Metadata), or says by what it accepts first that it may be one. Whoever asks for a part
/// wants no page.
fn navigates(head: &RequestHead) -> bool {
    if head.method != Method::GET || head.fields.get("range").is_some() {
        return false;
    }
    let field = |name| head.fields.get(name);
    match (field("sec-fetch-mode"), field("sec-fetch-dest")) {
        (None, None) => accepts_html_first(&head.fields),
        (mode, dest) => {
            let shown = [&b"document"[..], b"iframe", b"frame"];
            mode == Some(b"navigate") && dest.is_some_and(|dest| shown.contains(&dest))
        }
    }
}

fn accepts_html_first(fields: &Fields) -> bool {
    let first = fields.get("accept").unwrap_or_default().split(|byte| *byte == b',').next();
    let essence = first.unwrap_or_default().split(|byte| *byte == b';').next();
    let names_html = essence.unwrap_or_default().trim_ascii().eq_ignore_ascii_case(b"text/html");
    names_html && Form::wanted_by(fields) == Form::Html
}

#[cfg(test)]
mod tests {
    use gateway_h1h2::Target;

    use super::*;

    const NAVIGATE: (&str, &str) = ("Sec-Fetch-Mode", "navigate");
    const DOCUMENT: (&str, &str) = ("Sec-Fetch-Dest", "document");
    const HTML: (&str, &str) = ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");

    #[test]
    fn only_who_looks_at_the_answer_gets_a_page() {
        for (fields, shown) in [
            (&[NAVIGATE, DOCUMENT][..], true),
            (&[NAVIGATE, ("Sec-Fetch-Dest", "iframe")], true),
            (&[NAVIGATE, DOCUMENT, ("Range", "bytes=0-")], false),
            (&[NAVIGATE, ("Sec-Fetch-Dest", "image")], false),
            (&[("Sec-Fetch-Mode", "cors"), DOCUMENT, HTML], false),
            (&[NAVIGATE, HTML], false),
            (&[HTML], true),
            (&[("Accept", "TEXT/HTML;q=0.9")], true),
            (&[("Accept", "*/*,text/html")], false),
            (&[("Accept", "text/htmlx")], false),
            (&[], false),
        ] {
            let target = Target::parse(&Method::GET, "/x".into()).unwrap();
            let mut head = RequestHead::new(Method::GET, target);
            for (name, value) in fields {
                head.fields.append(name, *value).unwrap();
            }
            assert_eq!(navigates(&head), shown, "{fields:?}");
            head.method = Method::POST;
            assert!(!navigates(&head));
        }
    }
}
