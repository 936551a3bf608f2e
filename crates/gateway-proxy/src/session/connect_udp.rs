//! A client that has datagrams relayed in a stream of HTTP (CONNECT-UDP, RFC 9298). The stream is
//! the driver's from the answer on; what becomes of each datagram is the association's business.

use std::sync::Arc;

use bytes::Bytes;
use gateway_h1h2::connect_udp::ConnectUdp;
use gateway_h1h2::socks::Destination;
use gateway_h1h2::{Event, RequestHead, StreamId};
use gateway_log::CloseReason;
use http::StatusCode;

use super::entry::{Entering, Step, Way};
use super::{Output, Session, Stage};
use crate::dial::Close;
use crate::identity::{self, Known, User};
use crate::policy::ConnectUdpPolicy;

/// A stream of datagrams in capsules (RFC 9297), in place of the client's connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapsuleStream {
    /// So much is known of the client.
    pub known: Known,
    /// Where all datagrams go.
    pub destination: Destination,
    /// What the client has sent of it already.
    pub early: Bytes,
}

impl Session {
    /// Whether `head`, of `user` if it says so itself, asks for datagrams to be relayed; it is
    /// answered then.
    pub(super) fn takes_connect_udp(
        &mut self,
        stream: StreamId,
        head: &RequestHead,
        user: Option<&Arc<User>>,
    ) -> bool {
        let offers = self.policy.settings.connect_udp == ConnectUdpPolicy::Relay;
        if !offers || self.inside.is_some() || self.speaks_http2() {
            return false;
        }
        match ConnectUdp::of_request(head) {
            Ok(None) => false,
            Ok(Some(asked)) => {
                self.relay_datagrams(stream, head, &asked, user);
                true
            }
            Err(error) => {
                let (status, detail) = (StatusCode::BAD_REQUEST, error.to_string());
                self.answer(stream, head, status, "Bad request", &detail);
                true
            }
        }
    }

    fn relay_datagrams(
        &mut self,
        stream: StreamId,
        head: &RequestHead,
        asked: &ConnectUdp,
        user: Option<&Arc<User>>,
    ) {
        let destination = asked.destination.clone();
        let mut known = self.known.clone();
        if let Some(user) = user {
            known.user = Some(user.clone());
        }
        if let Some(record) = &mut self.record {
            if let Some(user) = user {
                identity::record_user(&mut record.client, user);
            }
            record.client.detected_protocol = gateway_h1h2::connect_udp::PROTOCOL.into();
            record.http.host = destination.host.to_string().as_str().into();
            record.http.method = head.method.as_str().into();
            record.http.status = Some(StatusCode::SWITCHING_PROTOCOLS.as_u16());
        }
        let Stage::Proxying(proxying) = std::mem::replace(&mut self.stage, Stage::Closed) else {
            return;
        };
        let mut codec = proxying.codec;
        // Its end comes at the heels of a head without a body, or was taken while the client was
        // being identified; nothing else comes before the answer.
        let ended = matches!(codec.poll_event(), Ok(None | Some((_, Event::End))));
        if !ended || codec.send(stream, Event::ResponseHead(Box::new(asked.answer()))).is_err() {
            return self.close(CloseReason::ClientError, Close::Abort);
        }
        let mut to_client = Vec::new();
        codec.poll_output(&mut to_client);
        let early = codec.into_unread();
        self.stage = Stage::Entering(Box::new(Entering {
            since: self.now,
            way: Way::Capsules(to_client),
            step: Step::Associated,
            host: destination.host.to_string(),
            port: destination.port,
        }));
        self.emit(Output::Capsules(CapsuleStream { known, destination, early }));
    }
}
