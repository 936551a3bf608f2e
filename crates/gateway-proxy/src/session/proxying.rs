//! HTTP with the client: its codec, how long it may be silent, and how the codecs of both sides behave.

use std::time::Instant;

use bytes::Bytes;
use gateway_h1h2::{Codec, CodecOptions, Scheme, Version, h1, h2};

use super::preface::Preface;
use crate::clock::millis;
use crate::policy::{Policy, WebSocketPolicy};

/// HTTP with the client.
pub(super) struct Proxying {
    pub(super) codec: Codec,
    /// The first bytes of the connection, as long as they may begin HTTP/2.
    pub(super) preface: Preface,
    /// Since when the next request is awaited.
    pub(super) since: Instant,
    /// Since when a part of its head is there.
    pub(super) head_since: Option<Instant>,
    pub(super) served: bool,
    /// The client broke the rules of the connection: nothing more is read.
    pub(super) malformed: bool,
    /// What is still to be written before anything of the codec.
    pub(super) before: Vec<Bytes>,
}

impl Proxying {
    pub(super) fn new(policy: &Policy, now: Instant) -> Self {
        let codec = Codec::server(Version::Http11, options(policy, Scheme::Http));
        Self::speaking(codec, now)
    }

    /// HTTP in the version of `codec`.
    pub(super) fn speaking(codec: Codec, now: Instant) -> Self {
        Self {
            codec,
            preface: Preface::Past,
            since: now,
            head_since: None,
            served: false,
            malformed: false,
            before: Vec::new(),
        }
    }

    /// Whether bytes should be read from the client.
    pub(super) fn wants_input(&self) -> bool {
        self.codec.wants_input()
            && match &self.codec {
                // Who does not read its answers need not ask for more of them.
                Codec::H1(codec) => codec.send_capacity() > 0,
                Codec::H2(_) => true,
            }
    }

    /// Whether the client has not sent a byte.
    pub(super) const fn is_untouched(&self) -> bool {
        !self.served && self.head_since.is_none() && matches!(self.codec, Codec::H1(_))
    }

    /// When the next request must be there.
    pub(super) fn deadline(&self, policy: &Policy) -> Instant {
        let timeouts = &policy.settings.timeouts;
        match self.head_since {
            Some(since) => since + timeouts.head,
            None => self.since + timeouts.keep_alive,
        }
    }
}

/// Output of a connection of HTTP/1.1 that may wait to be taken before those who cause it must
/// wait: somewhat more than one large read.
const AHEAD_BYTES_MAX: usize = 320 << 10;

/// Bytes of a stream of HTTP/2 that may be on their way to us: what a round trip of 50 ms needs
/// for 80 Mbit/s.
const WINDOW_BYTES: u32 = 512 << 10;

/// Frames of a few bytes that an origin may send on top of what its messages need: a stream of small
/// messages, a thousand a second.
const ORIGIN_DATA_SMALL: u32 = 16_000;

/// How the codecs towards origins behave.
pub(crate) fn origin_options(policy: &Policy, scheme: Scheme) -> CodecOptions {
    let mut options = options(policy, scheme);
    options.h1.checks = policy.settings.strictness.origin.clone();
    let budgets = &mut options.h2.limits.budgets;
    budgets.data_small = ORIGIN_DATA_SMALL;
    budgets.all = budgets.all.saturating_add(ORIGIN_DATA_SMALL);
    options
}

/// How the codecs of both sides behave, those towards clients in everything. Requests without a scheme
/// are of `scheme`.
pub(super) fn options(policy: &Policy, scheme: Scheme) -> CodecOptions {
    let limits = &policy.settings.limits;
    let checks = policy.settings.strictness.client.clone();
    let mut h1 = h1::Options { limits: limits.h1.clone(), checks, ..h1::Options::default() };
    h1.limits.output_bytes_max = AHEAD_BYTES_MAX;
    let mut h2 = h2::Options::default();
    h2.limits = limits.h2.clone();
    let timeouts = &policy.settings.timeouts;
    h2.timeouts.head_ms = millis(timeouts.head);
    h2.timeouts.stall_ms = millis(timeouts.stall);
    h2.scheme = scheme;
    h2.credit_bytes = WINDOW_BYTES;
    h2.extended_connect = policy.settings.websocket != WebSocketPolicy::Strip;
    CodecOptions { h1, h2 }
}
