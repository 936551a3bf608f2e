//! TLS with the client inside a tunnel: the driver is asked to take it, and HTTP begins once it stands.

use bytes::Bytes;
use gateway_h1h2::{Codec, Scheme};
use gateway_log::Interception;

use super::exchange::Instead;
use super::{ClientTls, ClientTlsDone, Output, Proxying, Session, Stage};
use crate::clock::{micros, millis};
use crate::judge::Refusal;

impl Session {
    /// A rule refuses what the first bytes have shown: a page inside TLS says so.
    pub(super) fn refuse_inside(&mut self, refusal: Refusal, name: String, replay: Bytes) {
        self.note_refusal(&refusal);
        if let Some(inside) = &mut self.inside {
            inside.answer = Some(Instead::Refuse(refusal));
        }
        self.take_client_tls(name, None, replay);
    }

    pub(super) fn take_client_tls(&mut self, name: String, mirror: Option<Bytes>, replay: Bytes) {
        self.stage = Stage::Handshaking(self.now);
        let alpn = self.policy.settings.http2.for_client();
        self.emit(Output::ClientTls(ClientTls { name, mirror, alpn, replay }));
    }

    /// TLS with the client stands: HTTP begins inside.
    pub(super) fn on_client_tls(&mut self, done: &ClientTlsDone) {
        if !matches!(self.stage, Stage::Handshaking(_)) {
            return;
        }
        if let Some(record) = &mut self.record {
            record.client.tls.version = done.version.as_str().into();
            record.client.tls.cipher = done.cipher.as_str().into();
            record.inspection.interception = Some(Interception::Inspected);
            record.inspection.mint_cache_hit = Some(done.mint_cache_hit);
            record.timings.client_tls_ms = Some(millis(done.handshake));
            if !done.mint_cache_hit {
                record.timings.mint_us = Some(micros(done.mint));
            }
        }
        let mut options = super::options(&self.policy, Scheme::Https);
        options.h1.checks = self.judge.relaxed.over(&options.h1.checks);
        let codec = Codec::server(done.agreed.version(), options);
        self.stage = Stage::Proxying(Box::new(Proxying::speaking(codec, self.now)));
    }
}
