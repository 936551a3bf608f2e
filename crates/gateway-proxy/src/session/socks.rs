//! The talk of a client that begins with SOCKS (RFC 1928; 4 and 4a): who it is, where that is asked for
//! (RFC 1929), and what it wants. What then becomes of it is `entry.rs`'s business.

use std::sync::Arc;

use bytes::Bytes;
use gateway_h1h2::socks::{self, Auth, Command, Reply, Request, SocksError};
use gateway_log::CloseReason;

use super::entry::{Entering, STREAM, Step, Way};
use super::identify::Why;
use super::interface::{Identify, Output, Unidentified};
use super::{Session, Stage};
use crate::credentials::{AuthScheme, Credentials};
use crate::dial::Close;
use crate::identity::{self, User};
use crate::policy::SocksOffer;

impl Session {
    /// Whether a client begins with SOCKS and is let.
    pub(super) fn begins_socks(&self, bytes: &[u8]) -> bool {
        let Stage::Proxying(proxying) = &self.stage else { return false };
        self.policy.settings.socks > SocksOffer::Nothing
            && matches!(bytes.first(), Some(&(socks::VERSION | socks::VERSION_4)))
            && proxying.is_untouched()
            && self.inside.is_none()
    }

    /// The first bytes of SOCKS.
    pub(super) fn begin_socks(&mut self, bytes: &[u8]) {
        if let Some(record) = &mut self.record {
            let is_4 = bytes.first() == Some(&socks::VERSION_4);
            record.client.detected_protocol = if is_4 { "socks4" } else { "socks5" }.into();
        }
        self.pinned = true;
        let asks = self.policy.settings.identification.schemes.contains(&AuthScheme::Basic);
        let auth = match asks {
            true if self.is_nobody() => Auth::Password,
            true => Auth::Either,
            // There is nobody who could check a password.
            false => Auth::None,
        };
        self.stage = Stage::Entering(Box::new(Entering {
            since: self.now,
            way: Way::Socks(socks::Server::new(auth)),
            step: Step::Talking,
            host: String::new(),
            port: 0,
        }));
        self.on_entering(bytes);
    }

    /// The next bytes of SOCKS.
    pub(super) fn on_entering(&mut self, bytes: &[u8]) {
        if let Some(server) = self.socks_server() {
            server.receive(bytes);
            self.hear_socks();
        }
    }

    /// Takes what the client has said, if it is complete.
    fn hear_socks(&mut self) {
        let Some(server) = self.socks_server() else { return };
        match server.poll_event() {
            Ok(Some(socks::Event::Request(request))) => self.on_socks_request(&request),
            Ok(Some(socks::Event::Credentials { user, password })) => {
                self.on_socks_credentials(&user, password);
            }
            Ok(_) => {}
            // It could be asked, and has no password to give.
            Err(SocksError::Method) if self.is_nobody() => self.refuse_nobody(),
            Err(error) => {
                if let Some(record) = &mut self.record {
                    record.warnings.push(error.to_string().into());
                }
                self.close(CloseReason::ClientError, Close::Graceful);
            }
        }
    }

    fn on_socks_credentials(&mut self, user: &[u8], password: Bytes) {
        let Ok(credentials) = Credentials::of_pair(user, password) else {
            return self.turn_socks_away(Why::Unreadable);
        };
        if let Stage::Entering(entering) = &mut self.stage {
            entering.step = Step::Identifying;
            entering.since = self.now;
        }
        let client = self.client.ip();
        self.emit(Output::Identify(Identify { stream: STREAM, client, credentials }));
    }

    /// The driver knows who gave the credentials, or that nobody did. Whether that was waited for.
    pub(super) fn on_socks_identified(&mut self, result: &Result<Arc<User>, Unidentified>) -> bool {
        match &mut self.stage {
            Stage::Entering(entering) if entering.step == Step::Identifying => {
                entering.step = Step::Talking;
                entering.since = self.now;
            }
            _ => return false,
        }
        match result {
            Ok(user) => {
                identity::tell_user(&self.policy.rules, &mut self.judge.facts, user);
                if let Some(record) = &mut self.record {
                    identity::record_user(&mut record.client, user);
                }
                self.known.user = Some(user.clone());
                if let Some(server) = self.socks_server() {
                    server.admit();
                }
                self.hear_socks();
            }
            Err(why) => self.turn_socks_away(Why::Not(*why)),
        }
        true
    }

    /// Tells whoever could not be identified so much; there is no word for why (RFC 1929 §2).
    fn turn_socks_away(&mut self, why: Why) {
        if let Some(server) = self.socks_server() {
            server.turn_away();
        }
        self.refuse_entering(why);
    }

    fn on_socks_request(&mut self, request: &Request) {
        if self.is_nobody() {
            self.reply(Reply::NotAllowed);
            return self.refuse_nobody();
        }
        match request.command {
            Command::Connect => self.enter(&request.destination),
            Command::UdpAssociate if self.policy.settings.socks == SocksOffer::TcpAndUdp => {
                if let Stage::Entering(entering) = &mut self.stage {
                    entering.step = Step::Associating;
                    entering.since = self.now;
                }
                self.emit(Output::Associate(self.known.clone()));
            }
            _ => {
                self.reply(Reply::CommandNotSupported);
                self.close(CloseReason::ProxyConnRefused, Close::Graceful);
            }
        }
    }

    fn socks_server(&mut self) -> Option<&mut socks::Server> {
        match &mut self.stage {
            Stage::Entering(entering) => match &mut entering.way {
                Way::Socks(server) => Some(server),
                Way::Transparent | Way::Capsules(_) => None,
            },
            _ => None,
        }
    }
}
