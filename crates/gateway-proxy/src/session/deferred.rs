//! Responses for which a page stands at the client: they go on without it, after its connection has ended
//! too; and requests for what is kept of them.

use gateway_h1h2::{Event, StreamId, Version};
use gateway_log::CloseReason;

use super::{Output, Session, Stage, Wire};
use crate::dial::Close;
use crate::progress::{DeferInput, DeferReport, PickupInput, Waiter};
use crate::transaction;

/// Bytes of a response that may wait to be kept before the origin has to wait.
pub(super) const UNKEPT_BYTES_MAX: u64 = 256 << 10;

impl Session {
    /// A transaction tells whoever keeps its response something.
    pub(super) fn defer_for(&mut self, index: usize, mut input: DeferInput) {
        match &mut input {
            DeferInput::Open(download) => self.name_user(index, &mut download.waiter),
            DeferInput::Event(Event::Data(bytes)) => {
                if let Some(exchange) = self.exchanges.get_mut(index) {
                    exchange.unkept += bytes.len() as u64;
                }
            }
            DeferInput::Event(_) | DeferInput::Refused(..) | DeferInput::Cancel => {}
        }
        if let Some(exchange) = self.exchanges.get(index) {
            self.out.push_back(Output::Defer(exchange.stream, input));
        }
    }

    /// A transaction asks for what is kept.
    pub(super) fn pick_up_for(&mut self, index: usize, mut input: PickupInput) {
        if let PickupInput::Ask(_, waiter) = &mut input {
            self.name_user(index, waiter);
        }
        if let Some(exchange) = self.exchanges.get(index) {
            self.out.push_back(Output::Pickup(exchange.stream, input));
        }
    }

    /// Who waits is also the user who has said so with the request, or with the connection.
    fn name_user(&self, index: usize, waiter: &mut Waiter) {
        let exchange = self.exchanges.get(index).and_then(|exchange| exchange.user.as_ref());
        waiter.user = match (exchange, &self.record) {
            (Some(user), _) => user.id.clone(),
            (None, Some(record)) => record.client.user.id.as_bytes().to_vec().into(),
            (None, None) => Default::default(),
        };
    }

    /// Whoever keeps a response has said something.
    pub(super) fn on_deferred(&mut self, stream: StreamId, report: DeferReport) {
        let now = self.now;
        let Some(index) = self.position(stream) else { return };
        if let DeferReport::Taken(bytes) = report {
            if let Some(exchange) = self.exchanges.get_mut(index) {
                exchange.unkept = exchange.unkept.saturating_sub(bytes);
                exchange.transaction.note_taken(transaction::Leg::Client, now);
            }
            return;
        }
        // Where one stream follows another, the connection could become something else before the response
        // has ended: the page is the last answer on it.
        if let (DeferReport::Opened(_), Stage::Proxying(proxying)) = (report, &mut self.stage)
            && proxying.codec.version() != Version::Http2
        {
            proxying.codec.close_when_idle();
        }
        self.give(index, transaction::Input::Deferred(report));
    }

    /// There is room at the client for more of what the exchange at `index` brings.
    pub(super) fn let_source_go_on(&mut self, index: usize, stream: StreamId, bytes: u64) {
        if self.exchanges.get(index).is_some_and(|exchange| exchange.transaction.is_pickup()) {
            self.out.push_back(Output::Pickup(stream, PickupInput::More));
        } else if let Some(origin) = self.serving(stream) {
            origin.credit(stream, bytes);
        }
    }

    /// Whether the client waits for something, or may yet.
    pub(super) fn is_answering(&self) -> bool {
        let answers = self.exchanges.iter().any(|exchange| !exchange.transaction.is_deferred());
        answers || !(self.branches.is_empty() && self.waiting.is_empty())
    }

    /// Gives up what the client waits for, and goes on with what pages stand for.
    pub(super) fn abort_answers(&mut self, reason: CloseReason) {
        // From the last to the first: one that ends is taken out.
        for index in (0..self.exchanges.len()).rev() {
            let exchange = self.exchanges.get(index);
            if exchange.is_some_and(|exchange| !exchange.transaction.is_deferred()) {
                self.give(index, transaction::Input::Abort(reason));
            }
        }
    }

    /// Gives up what pages stand for.
    pub(super) fn give_up_deferred(&mut self, reason: CloseReason) {
        for index in (0..self.exchanges.len()).rev() {
            let exchange = self.exchanges.get(index);
            if exchange.is_some_and(|exchange| exchange.transaction.is_deferred()) {
                self.give(index, transaction::Input::Abort(reason));
            }
        }
    }

    /// The client's connection ends, and the session with it, unless pages stand for responses: then it ends
    /// with the last of these.
    pub(super) fn part(&mut self, reason: CloseReason, how: Close) {
        let is_http = matches!(self.stage, Stage::Proxying(_));
        if !is_http || !self.exchanges.iter().any(|exchange| exchange.transaction.is_deferred()) {
            return self.close(reason, how);
        }
        if self.parted.is_some() {
            return;
        }
        self.abort_answers(reason);
        self.give_up_all_waiting(reason);
        for branch in std::mem::take(&mut self.branches) {
            self.out.push_back(Output::Close(Wire::Origin(branch.id()), Close::Abort));
        }
        self.parted = Some(reason);
        self.out.push_back(Output::Close(Wire::Client, how));
    }
}
