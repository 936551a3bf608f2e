//! The session on which Workers come out again: requests that they pass on join their flows, and
//! what they ask for of themselves is an ordinary request, if they may.
//!
//! Only the gateway's own Workers reach it. Nothing of a request that is passed on is decided here:
//! where it goes was decided before it was handed over, whatever URL it comes back with.

use std::time::Instant;

use gateway_h1h2::{Authority, Codec, RequestHead, Scheme, StreamId, Target, Version, h1};
use http::{Method, StatusCode};

use super::{Accepted, Output, Proxying, Session, Stage, options};
use crate::judge::Judge;
use crate::key::{OriginKey, Security, TenantId, bare};
use crate::policy::Policy;
use crate::transaction::{Mismatch, Opening, Returning, Transaction};
use crate::worker::{ClaimError, EGRESS_FIELD, Entrance, HostList, strip_own_fields, token_of};

impl Session {
    /// Begins with a connection of a Worker. `accepted.policy` is that of requests which come back;
    /// as a rule one without rules or scanners, since they were asked before.
    #[must_use]
    pub fn egress(accepted: Accepted, entrance: Entrance, now: Instant) -> Self {
        let mut session = Self::new(accepted, now);
        let mut options = options(&session.policy, Scheme::Http);
        // What a Worker asks for of itself comes without `Host`.
        let mended = options.h1.checks.set(h1::Check::HostMissing, h1::Severity::Repair);
        debug_assert!(mended.is_ok(), "the check can be mended");
        let codec = Codec::server(Version::Http11, options);
        session.stage = Stage::Proxying(Box::new(Proxying::speaking(codec, now)));
        session.egress = Some(Box::new(entrance));
        session
    }

    /// A Worker has sent a request.
    pub(super) fn on_egress(&mut self, stream: StreamId, head: RequestHead) {
        let Some(entrance) = self.egress.as_deref() else { return };
        let secret = head.fields.get(EGRESS_FIELD).unwrap_or_default();
        let entry = entrance.entries.iter().find(|entry| entry.secret.as_bytes() == secret);
        let Some(entry) = entry.filter(|entry| !entry.secret.is_empty()).cloned() else {
            return self.turn_back(stream, &head, StatusCode::FORBIDDEN, NOT_A_WORKER);
        };
        match entry.hosts {
            None => self.on_returned(stream, head, &entry.worker),
            Some(hosts) => self.on_own(stream, head, &entry.worker, &hosts),
        }
    }

    /// A request that was handed to a Worker comes back.
    fn on_returned(&mut self, stream: StreamId, mut head: RequestHead, worker: &str) {
        let now = self.now;
        let Some(entrance) = self.egress.as_deref() else { return };
        let token = token_of(&head.fields).ok_or(ClaimError::Unknown);
        let claimed =
            token.and_then(|token| Ok((entrance.flows.claim(token, worker, now)?, token)));
        let flow = match claimed {
            Ok((flow, token)) => {
                self.emit(Output::Claimed(token));
                flow
            }
            Err(error) => {
                return self.turn_back(stream, &head, StatusCode::CONFLICT, &error.to_string());
            }
        };
        let destination = flow.destination();
        head.target = destination.target;
        let opening = Opening {
            policy: self.policy.clone(),
            clock: self.clock,
            client: self.client,
            session_id: self.id_text(),
            request_id: Default::default(),
            origin: destination.key,
            host: destination.host,
        };
        let judge = self.judge.fork();
        let mut transaction =
            Transaction::with_judge(opening, judge, Box::new(head), Mismatch::No, now);
        transaction.returning = Some(Returning::Flow(flow));
        transaction.begin_at(&destination.addresses);
        self.carry(stream, transaction, None);
    }

    /// A Worker asks for something of itself.
    fn on_own(&mut self, stream: StreamId, mut head: RequestHead, worker: &str, hosts: &HostList) {
        let Some(entrance) = self.egress.as_deref() else { return };
        let policy = entrance.own.clone();
        let Target::Absolute { scheme, authority, .. } = &head.target else {
            let detail = "A Worker can fetch http and https URLs, and open no other connection.";
            let status = if head.method == Method::CONNECT {
                StatusCode::FORBIDDEN
            } else {
                StatusCode::BAD_REQUEST
            };
            return self.turn_back(stream, &head, status, detail);
        };
        let host = bare(authority.host()).to_owned();
        if !hosts.admits(&host) {
            let detail = format!("The Worker `{worker}` may not fetch from {host}.");
            return self.turn_back(stream, &head, StatusCode::FORBIDDEN, &detail);
        }
        let mut origin = own_key(*scheme, authority, host.clone(), &policy);
        // WebSocket over HTTP/1.1 goes on over HTTP/1.1.
        if crate::rewrite::websocket(&head, &policy.settings).is_some() {
            origin = origin.over_http11();
        }
        strip_own_fields(&mut head.fields);
        self.opened += 1;
        let opening = Opening {
            policy: policy.clone(),
            clock: self.clock,
            client: self.client,
            session_id: self.id_text(),
            request_id: self.request_id(),
            origin,
            host,
        };
        let judge = Judge::of_client(policy, self.clock, self.client);
        let mut transaction =
            Transaction::with_judge(opening, judge, Box::new(head), Mismatch::No, self.now);
        transaction.is_of_worker(worker);
        transaction.begin();
        self.carry(stream, transaction, None);
    }

    /// Answers a request that comes to nothing, and closes; the record tells of it.
    fn turn_back(&mut self, stream: StreamId, head: &RequestHead, status: StatusCode, why: &str) {
        let title = status.canonical_reason().unwrap_or("Refused");
        self.answer(stream, head, status, title, why);
    }
}

const NOT_A_WORKER: &str = "Only Workers of this gateway are served here.";

/// The connection that a Worker's own request needs.
fn own_key(scheme: Scheme, authority: &Authority, host: String, policy: &Policy) -> OriginKey {
    let security = match scheme {
        Scheme::Https => {
            let alpn = policy.settings.http2.for_origin_of_worker();
            Security::Tls { server_name: host.clone(), alpn, verified_by: policy.generation }
        }
        _ => Security::Plain,
    };
    let port = authority.port().unwrap_or_else(|| scheme.port());
    OriginKey { tenant: TenantId::default(), security, host, port }
}
