//! Who asks: credentials are taken off a request, checked by the driver, and asked for where they
//! are missing (RFC 9110 §11.7).
//!
//! Asked is whoever talks to the gateway itself: requests that name a whole URL, and CONNECT; SOCKS
//! has a way of its own.
//! Within a tunnel nobody is: there the client talks to an origin, and is whom CONNECT was
//! answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway_h1h2::{Event, RequestHead, StreamId};
use gateway_log::CloseReason;
use http::{Method, StatusCode};

use super::answer::SendBody;
use super::{Output, Session};
use crate::credentials::Credentials;
use crate::identity::{self, User};
use crate::policy::Anonymous;
use crate::reply::Form;
use crate::session::interface::{Identify, Unidentified};
use crate::transaction;

/// A request whose client is being identified.
pub(super) struct Waiting {
    stream: StreamId,
    head: Box<RequestHead>,
    /// What has come behind the head: at most the credit that a body begins with.
    events: Vec<Event>,
    since: Instant,
}

/// Why somebody is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    NoCredentials,
    Unreadable,
    Not(Unidentified),
}

impl Session {
    /// Whether the client must be known and is not, where it cannot be asked.
    pub(super) fn is_nobody(&self) -> bool {
        let anonymous = self.policy.settings.identification.anonymous;
        anonymous == Anonymous::Challenge && self.known.user.is_none()
    }

    /// The head of a request has come: finds out who asks, then goes on with it.
    pub(super) fn on_head(&mut self, stream: StreamId, mut head: Box<RequestHead>) {
        let connects = head.method == Method::CONNECT;
        // What becomes a connection itself is asked as such, by the session that it gets.
        if connects && self.inside.is_none() && self.speaks_http2() {
            return self.on_connect(stream, *head);
        }
        let asked = &self.policy.settings.identification;
        let given = match self.inside.is_some() || asked.schemes.is_empty() {
            true => Ok(None),
            false => Credentials::of(&head.fields),
        };
        // They are for the gateway alone: no rule, scanner, Worker or origin sees them.
        head.fields.remove("proxy-authorization");
        match given {
            Ok(Some(credentials)) if asked.schemes.contains(&credentials.scheme()) => {
                let (client, events, since) = (self.client.ip(), Vec::new(), self.now);
                self.waiting.push(Waiting { stream, head, events, since });
                self.emit(Output::Identify(Identify { stream, client, credentials }));
            }
            Ok(Some(_)) | Err(_) => self.turn_away(stream, &head, Why::Unreadable),
            Ok(None) => {
                if self.inside.is_none() && self.is_nobody() {
                    return self.turn_away(stream, &head, Why::NoCredentials);
                }
                self.go_on(stream, head, None);
            }
        }
    }

    /// Goes on with a request of `user`, if its credentials name one.
    fn go_on(&mut self, stream: StreamId, head: Box<RequestHead>, user: Option<Arc<User>>) {
        if head.method != Method::CONNECT {
            if !self.takes_connect_udp(stream, &head, user.as_ref()) {
                self.on_request(stream, head, user);
            }
            return;
        }
        if let Some(user) = user {
            if let Some(record) = &mut self.record {
                identity::record_user(&mut record.client, &user);
            }
            self.judge.know_user(user);
        }
        self.on_connect(stream, *head);
    }

    /// The driver knows who gave the credentials, or that nobody did.
    pub(super) fn on_identified(
        &mut self,
        stream: StreamId,
        result: Result<Arc<User>, Unidentified>,
    ) {
        if self.on_socks_identified(&result) {
            return;
        }
        let Some(Waiting { head, events, .. }) = self.take_waiting(stream) else { return };
        match result {
            Ok(user) => {
                self.go_on(stream, head, Some(user));
                for event in events {
                    match self.position(stream) {
                        Some(index) => self.give(index, transaction::Input::Client(event)),
                        None => self.on_branch_event(stream, event),
                    }
                }
            }
            Err(why) => self.turn_away(stream, &head, Why::Not(why)),
        }
    }

    fn take_waiting(&mut self, stream: StreamId) -> Option<Waiting> {
        let index = self.waiting.iter().position(|waiting| waiting.stream == stream)?;
        Some(self.waiting.remove(index))
    }

    /// Keeps what has come behind the head of a request whose client is being identified; gives
    /// back what belongs to no such request.
    pub(super) fn keep_for_waiting(&mut self, stream: StreamId, event: Event) -> Option<Event> {
        let waits = |waiting: &&mut Waiting| waiting.stream == stream;
        let Some(waiting) = self.waiting.iter_mut().find(waits) else { return Some(event) };
        if matches!(event, Event::Reset(_) | Event::Retry) {
            self.give_up_waiting(stream, CloseReason::ClientClosed);
        } else {
            waiting.events.push(event);
        }
        None
    }

    /// A request ends before it was known whose it is, if there is one.
    pub(super) fn give_up_waiting(&mut self, stream: StreamId, reason: CloseReason) {
        let Some(Waiting { head, .. }) = self.take_waiting(stream) else { return };
        let mut record = self.page_record(&head, None);
        record.close_reason = Some(reason);
        self.fill_client(stream, &mut record);
        self.emit(Output::Record(Box::new(record)));
    }

    /// All such requests end.
    pub(super) fn give_up_all_waiting(&mut self, reason: CloseReason) {
        while let Some(stream) = self.waiting.first().map(|waiting| waiting.stream) {
            self.give_up_waiting(stream, reason);
        }
    }

    /// When the answer about each of them must be there.
    pub(super) fn identification_deadlines(&self) -> impl Iterator<Item = Instant> {
        let patience = self.policy.settings.timeouts.dial;
        self.waiting.iter().map(move |waiting| waiting.since + patience)
    }

    /// Those whose answer has not come are told to come again.
    pub(super) fn end_overdue_identification(&mut self) {
        let patience = self.policy.settings.timeouts.dial;
        let overdue = self.waiting.iter().filter(|waiting| waiting.since + patience <= self.now);
        let overdue: Vec<StreamId> = overdue.map(|waiting| waiting.stream).collect();
        for stream in overdue {
            self.on_identified(stream, Err(Unidentified::Busy));
        }
    }

    /// Answers whoever could not be identified. The connection stays, so that the client can try
    /// again on it; what is left of the request's body its codec reads or cuts.
    fn turn_away(&mut self, stream: StreamId, head: &RequestHead, why: Why) {
        let asked = self.policy.settings.identification.clone();
        let status = why.status(!asked.schemes.is_empty());
        let mut record = self.page_record(head, Some(status));
        record.warnings.push(why.detail().into());
        let title = status.canonical_reason().unwrap_or("Refused");
        let mut reply = self.page(Form::wanted_by(&head.fields), status, title, why.detail(), "");
        if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            for scheme in &asked.schemes {
                // A challenge holds nothing that a field cannot.
                let _ =
                    reply.head.fields.append("Proxy-Authenticate", scheme.challenge(&asked.realm));
            }
        }
        if let Some(wait) = why.retry_after() {
            let seconds = wait.as_secs().max(1).to_string();
            let _ = reply.head.fields.append("Retry-After", seconds);
        }
        let body = if head.method == Method::HEAD { SendBody::No } else { SendBody::Yes };
        self.send_reply(stream, reply, body);
        self.fill_client(stream, &mut record);
        self.emit(Output::Record(Box::new(record)));
    }
}

impl Why {
    /// RFC 9110 §15.5.8 and RFC 6585 §4; without a challenge there is no 407.
    const fn status(self, can_ask: bool) -> StatusCode {
        match self {
            Self::Not(Unidentified::Locked { .. }) => StatusCode::TOO_MANY_REQUESTS,
            Self::Not(Unidentified::Busy) => StatusCode::SERVICE_UNAVAILABLE,
            Self::NoCredentials | Self::Unreadable | Self::Not(Unidentified::Wrong) if can_ask => {
                StatusCode::PROXY_AUTHENTICATION_REQUIRED
            }
            Self::NoCredentials | Self::Unreadable | Self::Not(Unidentified::Wrong) => {
                StatusCode::FORBIDDEN
            }
        }
    }

    pub(super) const fn detail(self) -> &'static str {
        match self {
            Self::NoCredentials => "The gateway has to know who you are.",
            Self::Unreadable => "The credentials for the gateway cannot be read.",
            Self::Not(Unidentified::Wrong) => "The credentials for the gateway are not valid.",
            Self::Not(Unidentified::Locked { .. }) => {
                "Too many wrong credentials have come; try again later."
            }
            Self::Not(Unidentified::Busy) => "Credentials cannot be checked now; try again later.",
        }
    }

    const fn retry_after(self) -> Option<Duration> {
        match self {
            Self::Not(Unidentified::Locked { retry_after }) => Some(retry_after),
            Self::Not(Unidentified::Busy) => Some(Duration::from_secs(1)),
            Self::NoCredentials | Self::Unreadable | Self::Not(Unidentified::Wrong) => None,
        }
    }
}
