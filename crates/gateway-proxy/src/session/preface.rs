//! The first bytes of a connection without ALPN: HTTP/2 with prior knowledge, or HTTP/1.

use std::time::Instant;

use bytes::{Bytes, BytesMut};
use gateway_h1h2::{Codec, Scheme, Version};

use super::{Proxying, options};
use crate::policy::Policy;

/// What every connection of HTTP/2 begins with (RFC 9113 §3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How far the first bytes have been looked at.
#[derive(Debug)]
pub(super) enum Preface {
    /// They may still turn out to be the preface.
    Open(BytesMut),
    /// It is known what they are.
    Past,
}

impl Preface {
    /// What a connection begins with whose version is not known yet.
    pub(super) fn expected(policy: &Policy) -> Self {
        if policy.settings.http2.client { Self::Open(BytesMut::new()) } else { Self::Past }
    }
}

impl Proxying {
    /// Takes bytes of the client; `idle` if no request is in progress.
    pub(super) fn receive(&mut self, bytes: Bytes, policy: &Policy, idle: Idle, now: Instant) {
        if idle == Idle::Yes && self.codec.version() != Version::Http2 {
            self.head_since.get_or_insert(now);
        }
        let Preface::Open(seen) = &mut self.preface else {
            return self.codec.receive(bytes);
        };
        let bytes = if seen.is_empty() {
            bytes
        } else {
            seen.extend_from_slice(&bytes);
            seen.split().freeze()
        };
        if PREFACE.len() > bytes.len() && PREFACE.starts_with(&bytes) {
            seen.extend_from_slice(&bytes);
            return;
        }
        self.preface = Preface::Past;
        if bytes.starts_with(PREFACE) {
            self.codec = Codec::server(Version::Http2, options(policy, Scheme::Http));
            self.head_since = None;
        }
        self.codec.receive(bytes);
    }

    /// The client sends no more.
    pub(super) fn receive_eof(&mut self) {
        if let Preface::Open(seen) = &mut self.preface {
            let seen = seen.split().freeze();
            self.preface = Preface::Past;
            self.codec.receive(seen);
        }
        self.codec.receive_eof();
    }
}

/// Whether no request is in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Idle {
    Yes,
    No,
}
