//! Sessions that begin with another thing than HTTP: with SOCKS, or with a connection that the
//! network led here. What the destination is, is known before the first byte of its own; the rules
//! are asked as for CONNECT.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Instant;

use bytes::Bytes;
use gateway_h1h2::StreamId;
use gateway_h1h2::socks::{self, Destination, Host, Reply};
use gateway_log::{CloseReason, SpliceReason};
use gateway_rules::{Gate, Phase};

use super::connect::plain_key;
use super::identify::Why;
use super::interface::{Accepted, Output, Unidentified};
use super::peek::Peeking;
use super::{Session, Stage};
use crate::dial::{Close, Dial, DialError, Dialed, OriginId, Reuse, Sharing};
use crate::judge::Ruling;
use crate::origin::Origin;

/// A session before its first bytes of their own.
pub(super) struct Entering {
    pub(super) since: Instant,
    pub(super) way: Way,
    pub(super) step: Step,
    pub(super) host: String,
    pub(super) port: u16,
}

/// How it came here.
pub(super) enum Way {
    Socks(socks::Server),
    Transparent,
    /// A stream of datagrams, and what is still to be written before it.
    Capsules(Vec<Bytes>),
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The client says what it wants.
    Talking,
    /// Whose credentials those are.
    Identifying,
    /// What the host resolves to.
    Resolving,
    /// The origin of a connection that will not be looked into.
    Dialing(OriginId),
    /// The driver makes a relay for datagrams.
    Associating,
    /// Datagrams are relayed for as long as this connection stands (RFC 1928 §7).
    Associated,
}

/// The one stream of a session that is no HTTP.
pub(super) const STREAM: StreamId = StreamId::new(0);

impl Session {
    /// Begins with a connection that the network led here instead of to `destination`.
    ///
    /// The destination stays what it is: whatever name the client gives later, no other address is
    /// connected.
    #[must_use]
    pub fn transparent(accepted: Accepted, destination: SocketAddr, now: Instant) -> Self {
        let mut session = Self::new(accepted, now);
        session.pinned = true;
        crate::facts::led_here(&session.policy.rules, &mut session.judge.facts);
        let (ip, port) = (destination.ip().to_canonical(), destination.port());
        session.stage = Stage::Entering(Box::new(Entering {
            since: now,
            way: Way::Transparent,
            step: Step::Talking,
            host: String::new(),
            port,
        }));
        if session.is_nobody() {
            session.refuse_nobody();
        } else {
            session.enter(&Destination { host: Host::Ip(ip), port });
        }
        session
    }

    /// Who must be known and is not gets nothing.
    pub(super) fn refuse_nobody(&mut self) {
        self.refuse_entering(Why::NoCredentials);
    }

    /// Ends a session whose client is not known well enough.
    pub(super) fn refuse_entering(&mut self, why: Why) {
        if let Some(record) = &mut self.record {
            record.decision.action = Some(gateway_log::Action::Block);
            record.warnings.push(why.detail().into());
        }
        self.close(CloseReason::ProxyConnRefused, Close::Graceful);
    }

    /// The destination is known: the rules decide, once its addresses are known if they ask.
    pub(super) fn enter(&mut self, destination: &Destination) {
        let host = destination.host.to_string();
        let policy = self.policy.clone();
        crate::facts::destination(&policy, &mut self.judge.facts, &host, destination.port);
        if let Some(record) = &mut self.record {
            record.http.host = host.as_str().into();
        }
        let reads_addresses = self.judge.reads_addresses();
        let Stage::Entering(entering) = &mut self.stage else { return };
        entering.host.clone_from(&host);
        entering.port = destination.port;
        entering.since = self.now;
        match destination.host {
            Host::Name(_) if reads_addresses => {
                entering.step = Step::Resolving;
                self.emit(Output::Resolve(STREAM, host));
            }
            Host::Name(_) => self.decide_entry(&[]),
            Host::Ip(ip) => self.decide_entry(&[ip]),
        }
    }

    /// What the host resolves to. Whether that was waited for.
    pub(super) fn on_entry_resolved(&mut self, result: &Result<Vec<IpAddr>, DialError>) -> bool {
        match &self.stage {
            Stage::Entering(entering) if entering.step == Step::Resolving => {}
            _ => return false,
        }
        match result {
            Ok(addresses) => {
                let policy = self.policy.clone();
                crate::facts::addresses(&policy, &mut self.judge.facts, addresses);
                self.decide_entry(addresses);
            }
            Err(error) => self.refuse_entry(error),
        }
        true
    }

    fn decide_entry(&mut self, addresses: &[IpAddr]) {
        self.judge.facts.close(Phase::Connect);
        self.addresses = addresses.to_vec();
        let ruling = match self.judge.ask(Gate::Dial) {
            Ruling::Refuse(refusal) => Ruling::Refuse(refusal),
            _ => self.judge.ask(Gate::Tunnel),
        };
        match ruling {
            Ruling::Refuse(refusal) => {
                self.note_refusal(&refusal);
                self.reply(Reply::NotAllowed);
                self.close(CloseReason::ProxyConnRefused, Close::Graceful);
            }
            Ruling::DoNotInspect(rule) => {
                self.note_do_not_inspect(&rule);
                let id = self.next_origin();
                let Stage::Entering(entering) = &mut self.stage else { return };
                entering.step = Step::Dialing(id);
                let key = plain_key(&entering.host, entering.port);
                self.origins.push(Origin::dialing(id, key.clone(), None));
                let addresses = self.addresses.clone();
                self.emit(Output::Dial(Dial {
                    id,
                    key,
                    addresses,
                    reuse: Reuse::Fresh,
                    sharing: Sharing::Alone,
                }));
            }
            Ruling::Proceed(_) | Ruling::Wait => self.accept_entry(),
        }
    }

    /// Says that the connection stands and looks at what comes.
    fn accept_entry(&mut self) {
        self.reply(Reply::Succeeded);
        let Some((to_client, early, host, port)) = self.leave_entry() else { return };
        self.stage = Stage::Peeking(Box::new(Peeking::new(host, port, to_client, self.now)));
        if !early.is_empty() {
            self.on_peeked(&early);
        }
    }

    /// The origin of a connection that is not looked into stands, or not. Whether that was waited
    /// for.
    pub(super) fn on_entry_dialed(
        &mut self,
        id: OriginId,
        result: &Result<Dialed, DialError>,
    ) -> bool {
        match &self.stage {
            Stage::Entering(entering) if entering.step == Step::Dialing(id) => {}
            _ => return false,
        }
        match result {
            Ok(dialed) => {
                self.note_dialed(dialed);
                self.reply_from(Reply::Succeeded, dialed.local);
                if let Some((to_client, early, _, _)) = self.leave_entry() {
                    self.splice(id, to_client, early, SpliceReason::DoNotInspect);
                }
            }
            Err(error) => {
                self.origins.retain(|origin| origin.id != id);
                self.refuse_entry(error);
            }
        }
        true
    }

    /// The driver has made a relay for datagrams, reachable at `bound`, or not.
    pub(super) fn on_associated(&mut self, bound: Option<SocketAddr>) {
        let Stage::Entering(entering) = &mut self.stage else { return };
        if entering.step != Step::Associating {
            return;
        }
        match bound {
            Some(bound) => {
                entering.step = Step::Associated;
                self.reply_from(Reply::Succeeded, bound);
            }
            None => {
                self.reply(Reply::GeneralFailure);
                self.close(CloseReason::Unknown, Close::Graceful);
            }
        }
    }

    /// The datagrams have come to an end by themselves.
    pub(super) fn on_association_ended(&mut self) {
        let Stage::Entering(entering) = &self.stage else { return };
        if entering.step == Step::Associated {
            let reason = match entering.way {
                Way::Socks(_) | Way::Transparent => CloseReason::ClientIdleTimeout,
                Way::Capsules(_) => CloseReason::ClientClosed,
            };
            self.close(reason, Close::Graceful);
        }
    }

    /// What is waited for did not come in time.
    pub(super) fn on_entry_overdue(&mut self) {
        let Stage::Entering(entering) = &self.stage else { return };
        match entering.step {
            Step::Talking => self.close(CloseReason::ClientIdleTimeout, Close::Graceful),
            Step::Identifying => {
                self.on_socks_identified(&Err(Unidentified::Busy));
            }
            Step::Resolving | Step::Dialing(_) | Step::Associating => {
                if let Step::Dialing(id) = entering.step {
                    self.origins.retain(|origin| origin.id != id);
                }
                self.refuse_entry(&DialError::TimedOut);
            }
            Step::Associated => {}
        }
    }

    fn refuse_entry(&mut self, error: &DialError) {
        self.note_unreachable(error);
        self.reply(match error {
            DialError::Refused { .. } => Reply::NotAllowed,
            DialError::TimedOut => Reply::TtlExpired,
            DialError::Resolve { .. } => Reply::HostUnreachable,
            DialError::Unreachable { .. } => Reply::ConnectionRefused,
            DialError::Busy | DialError::Tls | DialError::Certificate { .. } => {
                Reply::GeneralFailure
            }
        });
        self.close(error.close_reason(), Close::Graceful);
    }

    pub(super) fn reply(&mut self, reply: Reply) {
        self.reply_from(reply, SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)));
    }

    fn reply_from(&mut self, reply: Reply, bound: SocketAddr) {
        if let Stage::Entering(entering) = &mut self.stage
            && let Way::Socks(server) = &mut entering.way
        {
            server.reply(reply, bound);
        }
    }

    /// What is still to be said, what came early, and where to.
    fn leave_entry(&mut self) -> Option<(Vec<Bytes>, Bytes, String, u16)> {
        let Stage::Entering(_) = &self.stage else { return None };
        let Stage::Entering(entering) = std::mem::replace(&mut self.stage, Stage::Closed) else {
            return None;
        };
        let Entering { way, host, port, .. } = *entering;
        let mut to_client = Vec::new();
        let early = match way {
            Way::Socks(mut server) => {
                server.poll_output(&mut to_client);
                server.into_unread()
            }
            Way::Transparent | Way::Capsules(_) => Bytes::new(),
        };
        Some((to_client, early, host, port))
    }
}

impl Entering {
    /// Whether more of the client's bytes are of use. The end of a connection that datagrams hang
    /// on must show.
    pub(super) fn wants_input(&self) -> bool {
        match (&self.way, self.step) {
            (Way::Socks(server), Step::Talking) => server.wants_input(),
            (Way::Socks(_), Step::Associated) => true,
            (Way::Socks(_) | Way::Transparent | Way::Capsules(_), _) => false,
        }
    }

    pub(super) fn poll_output(&mut self, out: &mut Vec<Bytes>) -> usize {
        match &mut self.way {
            Way::Socks(server) => server.poll_output(out),
            Way::Transparent => 0,
            Way::Capsules(before) => super::take(before, out),
        }
    }

    /// When what is waited for must be there.
    pub(super) fn deadline(&self, timeouts: &crate::Timeouts) -> Option<Instant> {
        match self.step {
            Step::Talking => Some(self.since + timeouts.head),
            Step::Identifying | Step::Resolving | Step::Dialing(_) | Step::Associating => {
                Some(self.since + timeouts.dial)
            }
            Step::Associated => None,
        }
    }

    /// Whether nothing has been decided that should be finished.
    pub(super) const fn is_talking(&self) -> bool {
        matches!(self.step, Step::Talking | Step::Identifying)
    }
}
