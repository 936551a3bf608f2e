//! What the engine and its streams say: polling whoever was woken, in turn, until nobody is.

use std::task::Context;

use bytes::Bytes;
use h2::RecvStream;
use h2::server::SendResponse;
use http::Request;

use super::asked::Asked;
use super::connection::{Connection, Role};
use super::engine::{self, Polled};
use super::frame::write_go_away;
use super::purse::Coin;
use super::receive_head::{self, Ending};
use super::stream::{self, Handle, Receiving, Sending, Stream};
use super::tap::Response;
use super::{Fault, H2Error};
use crate::{Blame, Event, ResetReason, Scope, StreamId};

/// `REFUSED_STREAM` (RFC 9113 §7).
const REFUSED_STREAM: u32 = 0x7;

impl Connection {
    /// Polls the engine and streams until there is nothing to do without input, output or
    /// commands.
    pub(super) fn drive(&mut self) {
        while !self.engine.is_ended() {
            if self.ready.take_connection() {
                self.poll_engine();
                self.read_notes();
                self.rests.poll(&mut Context::from_waker(&self.waker));
                continue;
            }
            let mut woken = std::mem::take(&mut self.woken);
            self.ready.take_slots(&mut woken);
            let mut answered = std::mem::take(&mut self.answered);
            let none = woken.is_empty() && answered.is_empty();
            for slot in answered.drain(..).chain(woken.drain(..)) {
                self.poll_stream(slot);
            }
            (self.answered, self.woken) = (answered, woken);
            if !none {
                continue;
            }
            self.count_refused();
            // What is held up waits until the caller has seen what came before it, too.
            if !self.events.is_empty() || !self.pipe.lift() {
                break;
            }
            self.ready.wake_connection();
        }
    }

    fn poll_engine(&mut self) {
        if self.completed > 0 {
            self.pipe.queues().purse.streams_ended(std::mem::take(&mut self.completed));
        }
        loop {
            let polled = self.engine.poll(&mut Context::from_waker(&self.waker));
            match polled {
                Polled::Accepted(request, respond) => self.accept(request, respond),
                Polled::Again => self.leave(),
                Polled::Pending => return,
                Polled::Closed => return self.end(),
                Polled::Failed(fault) => return self.fail(fault),
            }
        }
    }

    /// Has the streams of a client polled that something has come for: a request leaves no waker
    /// behind, its first poll does. The engine throws interim responses away that nobody asks for
    /// before the final one, so this is done before a stream is polled.
    fn read_heads(&mut self) {
        let mut heads = std::mem::take(&mut self.heads);
        let mut queues = self.pipe.queues();
        std::mem::swap(&mut heads, &mut queues.notes.heads);
        let parting = std::mem::take(&mut queues.notes.parting);
        drop(queues);
        for (wire, response) in heads.drain(..) {
            let Some(slot) = self.streams.slot_by_wire(wire) else { continue };
            let Some(stream) = self.streams.at_mut(slot) else { continue };
            if !stream.is_answered() {
                stream.may_be_interim |= response == Response::Any;
                self.answered.push(slot);
            }
        }
        self.heads = heads;
        if parting && self.role == Role::Client {
            self.answered.extend(self.streams.slots());
        }
    }

    /// Looks at what the taps have seen.
    fn read_notes(&mut self) {
        self.read_heads();
        let mut framed = std::mem::take(&mut self.framed);
        let mut queues = self.pipe.queues();
        std::mem::swap(&mut framed, &mut queues.notes.framed);
        let fault = queues.fault.take();
        drop(queues);
        for (wire, bytes) in framed.drain(..) {
            let stream = self.streams.slot_by_wire(wire);
            match stream.and_then(|slot| self.streams.at_mut(slot)) {
                Some(stream) => {
                    stream.unframed = stream.unframed.saturating_sub(bytes);
                    stream.stalled_ms = 0;
                }
                None => self.lingering.framed(wire, bytes),
            }
        }
        self.framed = framed;
        match fault {
            Some(fault) => self.fail(fault),
            None => self.read_resets(),
        }
    }

    fn read_resets(&mut self) {
        loop {
            let mut queues = self.pipe.queues();
            if let Some((wire, code)) = queues.notes.resets.pop_front() {
                drop(queues);
                match self.streams.slot_by_wire(wire) {
                    Some(slot) => self.reset_by_peer(slot, code),
                    None => self.lingering.remove(wire),
                }
            } else if let Some(wire) = queues.notes.resets_sent.pop_front() {
                drop(queues);
                // Those that we reset are gone already: this was the engine's own decision.
                let Some(slot) = self.streams.slot_by_wire(wire) else {
                    self.lingering.remove(wire);
                    continue;
                };
                self.poll_stream(slot);
                if let Some(stream) = self.streams.remove(slot) {
                    self.refuse(stream.id, Fault::Message);
                }
            } else {
                if queues.notes.going_away && self.role == Role::Client {
                    drop(queues);
                    self.leaving = true;
                    self.leave();
                }
                return;
            }
        }
    }

    /// Charges for requests that the engine has refused without a word.
    fn count_refused(&mut self) {
        let mut queues = self.pipe.queues();
        if self.role == Role::Client || queues.blocked {
            return;
        }
        let unaccepted = queues.notes.opened.saturating_sub(self.accepted);
        while self.refused < unaccepted {
            self.refused += 1;
            if let Err(fault) = queues.purse.take(Coin::Cancelled) {
                drop(queues);
                return self.fail(fault);
            }
        }
    }

    fn accept(&mut self, request: Request<RecvStream>, respond: SendResponse<Bytes>) {
        self.accepted += 1;
        let wire = respond.stream_id().as_u32();
        self.highest = self.highest.max(wire);
        let id = StreamId::new(u64::from(wire));
        let (parts, body) = request.into_parts();
        let asked = Asked::from(&parts.method);
        let ending = if body.is_end_stream() { Ending::WithHead } else { Ending::Later };
        let head = receive_head::request(&parts, ending, &self.options, &mut self.heard);
        let (handle, sending) = (Handle::Respond(respond), Sending::Head);
        let receiving = match (&head, asked, ending) {
            (Err(_), _, _) => Receiving::Ended,
            (Ok(_), Asked::Connect, _) => Receiving::Waiting(body),
            (Ok(_), _, Ending::WithHead) => Receiving::Ended,
            (Ok(_), _, Ending::Later) => Receiving::Body(body),
        };
        let ended = !matches!(receiving, Receiving::Body(_));
        let slot = self.streams.insert(Stream::new(id, wire, asked, receiving, handle, sending));
        match head {
            Ok(head) => {
                self.tell(id, Event::RequestHead(head));
                if ended {
                    self.tell(id, Event::End);
                } else {
                    self.poll_stream(slot);
                }
            }
            Err(fault) => self.refuse(id, fault),
        }
        self.mark(slot);
    }

    /// Remembers that something was told of the stream of this slot.
    pub(super) fn mark(&mut self, slot: usize) {
        let told = self.taken + self.events.len() as u64;
        if let Some(stream) = self.streams.at_mut(slot) {
            stream.told = told;
        }
    }

    pub(super) fn tell(&mut self, id: StreamId, event: Event) {
        self.events.push_back(Ok((id, event)));
    }

    /// Takes what has come for the stream of this slot.
    pub(super) fn poll_stream(&mut self, slot: usize) {
        let (events, options, heard) = (&mut self.events, &self.options, &mut self.heard);
        let Some((place, held)) = self.streams.slot_and_held(slot) else { return };
        place.bell.hush();
        let Some(stream) = &mut place.stream else { return };
        let id = stream.id;
        let mut context = Context::from_waker(&place.waker);
        let others = held.saturating_sub(stream.owed());
        let mut tell = |event| events.push_back(Ok((id, event)));
        let polled = stream.poll(&mut context, options, heard, others, &mut tell);
        *held = others + stream.owed();
        stream.told = self.taken + events.len() as u64;
        match polled {
            stream::Polled::Pending => {}
            stream::Polled::Ended => {
                if self.role == Role::Client {
                    self.completed += 1;
                }
                // A server has its response still to send, and a tunnel its other half.
                if stream.sending == Sending::Ended {
                    self.let_go(slot);
                }
            }
            stream::Polled::Refused(fault) => self.refuse_message(slot, fault),
            stream::Polled::Dead(error) => self.bury(slot, &error),
        }
    }

    /// The peer sent a message that is refused, and does not know it.
    fn refuse_message(&mut self, slot: usize, fault: Fault) {
        let Some(stream) = self.streams.at_mut(slot) else { return };
        let id = stream.id;
        if self.role == Role::Server && stream.sending == Sending::Head {
            stream.receiving = Receiving::Ended;
        } else if let Some(mut stream) = self.streams.remove(slot) {
            stream.reset(fault.code());
        }
        self.refuse(id, fault);
        self.mark(slot);
    }

    /// A stream has failed by the fault of the peer.
    pub(super) fn refuse(&mut self, id: StreamId, fault: Fault) {
        let blame = self.blame();
        self.events.push_back(Err(H2Error { fault, scope: Scope::Stream(id), blame }));
        let taken = self.pipe.queues().purse.take(Coin::Cancelled);
        if let Err(fault) = taken {
            self.fail(fault);
        }
    }

    /// The engine says that a stream is dead.
    fn bury(&mut self, slot: usize, error: &h2::Error) {
        if error.is_reset() && error.is_remote() {
            let code = error.reason().map_or(0, u32::from);
            return self.reset_by_peer(slot, code);
        }
        let Some(stream) = self.streams.remove(slot) else { return };
        match error.reason() {
            // RFC 9113 §6.8: streams above the last one were not acted on.
            Some(_) if error.is_go_away() && error.is_remote() && !stream.is_answered() => {
                self.tell(stream.id, Event::Retry);
            }
            Some(reason) if error.is_reset() => {
                let fault = match engine::fault(reason) {
                    Fault::Protocol => Fault::Message,
                    fault => fault,
                };
                self.refuse(stream.id, fault);
            }
            Some(_) | None => self.tell_cut(&stream),
        }
    }

    /// The peer has reset a stream.
    fn reset_by_peer(&mut self, slot: usize, code: u32) {
        let Some(stream) = self.streams.remove(slot) else { return };
        let event = match (self.role, &stream.receiving) {
            // The response is complete: what is left of the request nobody wants.
            (Role::Client, Receiving::Ended) => return,
            (Role::Client, Receiving::Response(_)) if code == REFUSED_STREAM => Event::Retry,
            (Role::Client | Role::Server, _) => Event::Reset(ResetReason::Cancelled),
        };
        self.tell(stream.id, event);
    }

    /// The connection ended before a stream did.
    fn tell_cut(&mut self, stream: &Stream) {
        let reason = match (self.role, &stream.receiving) {
            (Role::Client, Receiving::Ended) => return,
            (Role::Client, Receiving::Response(_)) => ResetReason::Unanswered,
            (Role::Server, Receiving::Ended | Receiving::Waiting(_)) => ResetReason::Cancelled,
            (Role::Client | Role::Server, _) => ResetReason::Truncated,
        };
        self.tell(stream.id, Event::Reset(reason));
    }

    fn blame(&self) -> Blame {
        match self.role {
            Role::Server => Blame::Client,
            Role::Client => Blame::Origin,
        }
    }

    /// Ends the connection by the fault of the peer.
    pub(super) fn fail(&mut self, fault: Fault) {
        if self.failed.is_some() {
            return;
        }
        let told = self.engine.is_ended();
        self.failed = Some(H2Error { fault, scope: Scope::Connection, blame: self.blame() });
        self.end();
        let mut queues = self.pipe.queues();
        // The engine tells the peer what it has found itself, but for a wrong preface.
        if (!told || fault == Fault::Preface) && queues.is_between_frames() {
            write_go_away(&mut queues.output, self.highest, fault.code());
        }
    }

    /// Ends the connection: every stream is told.
    pub(super) fn end(&mut self) {
        self.read_heads();
        self.engine = engine::Engine::Ended;
        self.pipe.queues().clear_input();
        self.rests.clear();
        self.lingering.clear();
        while let Some(slot) = self.streams.first() {
            self.poll_stream(slot);
            if let Some(stream) = self.streams.remove(slot) {
                self.tell_cut(&stream);
            }
        }
    }
}
