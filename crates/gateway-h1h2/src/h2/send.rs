//! What commands do to a connection: `send` and one function for each kind of event.

use bytes::Bytes;
use http::StatusCode;

use super::asked::{Asked, has_no_body};
use super::connection::{Connection, Role};
use super::send_head::{self, Sent};
use super::stream::{Handle, Receiving, Sending, Stream};
use crate::{BodySize, Event, Fields, RequestHead, ResetReason, ResponseHead, SendError, StreamId};

/// `INTERNAL_ERROR` (RFC 9113 §7).
const INTERNAL_ERROR: u32 = 0x2;
/// `REFUSED_STREAM`
const REFUSED_STREAM: u32 = 0x7;
/// `CANCEL`
const CANCEL: u32 = 0x8;

/// The code that a peer is told for a message that will never be complete.
const fn code(reason: ResetReason) -> u32 {
    match reason {
        ResetReason::Cancelled => CANCEL,
        // Not to be repeated without thought, and not the receiver's fault.
        ResetReason::Truncated | ResetReason::Unanswered => INTERNAL_ERROR,
    }
}

impl Connection {
    /// Sends one event: on a server `Informational`, `ResponseHead`, `Data`, `Trailers`, `End`,
    /// `Reset` and `Retry` of a stream that is in progress; on a client `RequestHead` of a stream
    /// that [`open`](Self::open) gave, then the same from `Data` on.
    ///
    /// A 2xx `ResponseHead` to a CONNECT, extended or not, makes a tunnel of the stream: `Upgrade`
    /// comes out of [`poll_event`](Self::poll_event), then `Data` goes both ways, and `End` ends
    /// one of them. `Reset` becomes RST_STREAM with `CANCEL` for
    /// [`Cancelled`](ResetReason::Cancelled), else with `INTERNAL_ERROR`; `Retry`, which may stand
    /// in the place of a response, with `REFUSED_STREAM`. Names are sent in lower case, `Host` as
    /// `:authority`; `Connection`, `Upgrade` and the like are left out, and trailers where the head
    /// has said that there is no body.
    ///
    /// # Errors
    /// When the event cannot be sent now; the connection is as it was before. A stream that the
    /// peer has reset is gone as soon as the event that says so is ready: `SendError::Stream`.
    pub fn send(&mut self, stream: StreamId, event: Event) -> Result<(), SendError> {
        if self.engine.is_ended() || self.failed.is_some() {
            return Err(SendError::Closed);
        }
        if let (Role::Client, Event::RequestHead(head)) = (self.role, &event) {
            return self.send_request_head(stream, head);
        }
        let slot = self.streams.slot(stream).ok_or(SendError::Stream { stream })?;
        let role = self.role;
        let entry = self.streams.at_mut(slot).ok_or(SendError::Stream { stream })?;
        match event {
            Event::Informational(head) => send_informational(entry, &head, &mut self.sent),
            Event::ResponseHead(head) => self.send_response_head(slot, &head),
            Event::Data(data) => {
                let kept = !entry.last.is_empty();
                send_data(entry, data)?;
                if !kept && !entry.last.is_empty() {
                    self.keeping.push(slot);
                }
                Ok(())
            }
            Event::Trailers(trailers) => send_trailers(entry, &trailers),
            Event::End => self.send_end(slot),
            Event::Reset(reason) => {
                self.send_reset(slot, code(reason));
                Ok(())
            }
            Event::Retry if role == Role::Server && entry.sending == Sending::Head => {
                self.send_reset(slot, REFUSED_STREAM);
                Ok(())
            }
            Event::RequestHead(_) | Event::Retry | Event::Upgrade => Err(SendError::Order),
        }
    }

    fn send_request_head(&mut self, id: StreamId, head: &RequestHead) -> Result<(), SendError> {
        if id.number() < self.unsent || id.number() >= self.next {
            return Err(SendError::Stream { stream: id });
        }
        if self.leaving {
            return Err(SendError::Closed);
        }
        if !self.can_open() {
            return Err(SendError::StreamsTooMany);
        }
        if head.protocol.is_some() && !self.takes_extended_connect() {
            return Err(SendError::ExtendedConnect);
        }
        let request = send_head::request(head, &self.options, &mut self.sent)?;
        let asked = Asked::from(&head.method);
        let (sending, ends) = match (asked, head.body) {
            (Asked::Connect, _) => (Sending::Connect, false),
            (_, BodySize::Empty | BodySize::Length(0)) => (Sending::Complete, true),
            (_, BodySize::Length(bytes)) => (Sending::Body(Some(bytes)), false),
            (_, BodySize::Unknown) => (Sending::Body(None), false),
        };
        let requests = self.engine.requests().ok_or(SendError::Closed)?;
        // A request that the engine does not take may have used up an identifier.
        let next_wire = self.next_wire.take();
        let sent = requests.send_request(request, ends);
        let (future, stream) = sent.map_err(|_| SendError::Closed)?;
        self.unsent = id.number() + 1;
        let receiving = Receiving::Response(future);
        let wire = next_wire.unwrap_or_else(|| stream.stream_id().as_u32());
        debug_assert_eq!(wire, stream.stream_id().as_u32(), "clients count by two");
        self.next_wire = wire.checked_add(2);
        let stream = Stream::new(id, wire, asked, receiving, Handle::Stream(stream), sending);
        // Nothing has come yet: it is polled when a head has.
        self.streams.insert(stream);
        Ok(())
    }

    fn send_response_head(&mut self, slot: usize, head: &ResponseHead) -> Result<(), SendError> {
        let Some(stream) = self.streams.at_mut(slot) else { return Err(SendError::Order) };
        let (Sending::Head, Handle::Respond(respond)) = (stream.sending, &mut stream.handle) else {
            return Err(SendError::Order);
        };
        if head.status == StatusCode::SWITCHING_PROTOCOLS {
            return Err(SendError::UpgradeUnasked);
        }
        if head.status.is_informational() {
            return Err(SendError::Order);
        }
        let waits = matches!(stream.receiving, Receiving::Waiting(_));
        let tunnel = waits && head.status.is_success();
        let (sending, length) = match head.body {
            _ if tunnel => (Sending::Tunnel, BodySize::Empty),
            // RFC 9110 §8.6: the length of the body that a GET would have had.
            size if stream.asked == Asked::Head || head.status == StatusCode::NOT_MODIFIED => {
                (Sending::Complete, size)
            }
            _ if has_no_body(head.status) => (Sending::Complete, BodySize::Empty),
            size @ (BodySize::Empty | BodySize::Length(0)) => (Sending::Complete, size),
            size @ BodySize::Length(bytes) => (Sending::Body(Some(bytes)), size),
            BodySize::Unknown => (Sending::Body(None), BodySize::Unknown),
        };
        let ends = sending == Sending::Complete;
        let sent = respond
            .send_response(send_head::response(head, length, &mut self.sent), ends)
            .map_err(|_| SendError::Stream { stream: stream.id })?;
        stream.handle = Handle::Stream(sent);
        stream.sending = sending;
        if tunnel {
            stream.receiving = match std::mem::replace(&mut stream.receiving, Receiving::Ended) {
                Receiving::Waiting(body) => Receiving::Body(body),
                other => other,
            };
            let id = stream.id;
            self.tell(id, Event::Upgrade);
            self.mark(slot);
            self.ring(slot);
        }
        Ok(())
    }

    fn send_end(&mut self, slot: usize) -> Result<(), SendError> {
        let Some(stream) = self.streams.at_mut(slot) else { return Err(SendError::Order) };
        match stream.sending {
            Sending::Body(Some(missing @ 1..)) => {
                return Err(SendError::BodyTooShort { missing });
            }
            Sending::Body(_) | Sending::Tunnel => {
                let last = std::mem::take(&mut stream.last);
                stream.finish(last);
            }
            Sending::Complete => {}
            // The request is told whole; on the wire it stays open for the tunnel.
            Sending::Connect => return Ok(()),
            Sending::Head | Sending::Ended => return Err(SendError::Order),
        }
        if self.role == Role::Server {
            self.completed += 1;
        }
        let tunnel = stream.sending == Sending::Tunnel;
        stream.sending = Sending::Ended;
        let received = matches!(stream.receiving, Receiving::Ended);
        if self.role == Role::Server && !tunnel {
            self.await_rest(slot);
        } else if received {
            self.let_go(slot);
        }
        Ok(())
    }

    fn send_reset(&mut self, slot: usize, code: u32) {
        if let Some(stream) = self.streams.at_mut(slot) {
            stream.reset(code);
        }
        self.leave_untold(slot);
        self.streams.discard(slot);
    }

    /// A response is complete: its request may come to an end as well.
    fn await_rest(&mut self, slot: usize) {
        self.leave_untold(slot);
        let Some(stream) = self.streams.at_mut(slot) else { return };
        let (wire, unframed) = (stream.wire, stream.unframed);
        let (rest, handle) = stream.take_rest();
        self.streams.discard(slot);
        let handle = match unframed {
            0 => Some(handle),
            _ => {
                self.lingering.add(wire, unframed, handle);
                None
            }
        };
        if let Some((body, owed)) = rest {
            self.rests.add(body, handle, owed, &self.options.limits);
            self.ready.wake_connection();
        }
    }

    /// A stream is over in both directions, but for what of its body is still to be framed.
    pub(super) fn let_go(&mut self, slot: usize) {
        let Some(stream) = self.streams.at_mut(slot) else { return };
        let (wire, unframed) = (stream.wire, stream.unframed);
        if unframed > 0 {
            self.lingering.add(wire, unframed, stream.take_rest().1);
        }
        self.streams.discard(slot);
    }

    /// A stream is over for the caller: what it did not take of it is dropped.
    fn leave_untold(&mut self, slot: usize) {
        let Some(stream) = self.streams.at_mut(slot) else { return };
        let (stream, told) = (stream.id, stream.told);
        if told > self.taken {
            self.events.retain(|event| match event {
                Ok((id, _)) => *id != stream,
                Err(error) => error.stream() != Some(stream),
            });
        }
    }

    /// Has a stream polled.
    fn ring(&mut self, slot: usize) {
        if let Some(slot) = self.streams.slot_mut(slot) {
            slot.bell.ring();
        }
    }

    /// Hands over the pieces of body that were kept back.
    pub(super) fn flush(&mut self) {
        for slot in self.keeping.drain(..) {
            if let Some(stream) = self.streams.at_mut(slot) {
                // A stream that died meanwhile is told by its own event.
                let _ = stream.flush();
            }
        }
    }
}

fn send_informational(
    stream: &mut Stream,
    head: &ResponseHead,
    sent: &mut Sent,
) -> Result<(), SendError> {
    let interim = head.status.is_informational();
    if !interim || head.status == StatusCode::SWITCHING_PROTOCOLS {
        return Err(SendError::Order);
    }
    let (Sending::Head, Handle::Respond(respond)) = (stream.sending, &mut stream.handle) else {
        return Err(SendError::Order);
    };
    respond
        .send_informational(send_head::response(head, BodySize::Empty, sent))
        .map_err(|_| SendError::Stream { stream: stream.id })
}

fn send_data(stream: &mut Stream, data: Bytes) -> Result<(), SendError> {
    let bytes = data.len() as u64;
    match stream.sending {
        Sending::Body(_) | Sending::Tunnel | Sending::Complete if data.is_empty() => Ok(()),
        Sending::Body(Some(left)) => match left.checked_sub(bytes) {
            Some(rest) => {
                stream.push(data)?;
                stream.sending = Sending::Body(Some(rest));
                Ok(())
            }
            None => Err(SendError::BodyTooLong { excess: bytes - left }),
        },
        Sending::Body(None) | Sending::Tunnel => stream.push(data),
        Sending::Complete => Err(SendError::BodyNotAllowed),
        Sending::Head | Sending::Connect | Sending::Ended => Err(SendError::Order),
    }
}

fn send_trailers(stream: &mut Stream, trailers: &Fields) -> Result<(), SendError> {
    match stream.sending {
        Sending::Body(Some(missing @ 1..)) => return Err(SendError::BodyTooShort { missing }),
        Sending::Body(_) => {}
        Sending::Complete => return Ok(()),
        Sending::Head | Sending::Connect | Sending::Tunnel | Sending::Ended => {
            return Err(SendError::Order);
        }
    }
    let map = send_head::trailers(trailers);
    if map.is_empty() {
        let last = std::mem::take(&mut stream.last);
        stream.finish(last);
    } else {
        stream.flush()?;
        if let Handle::Stream(handle) = &mut stream.handle {
            handle.send_trailers(map).map_err(|_| SendError::Stream { stream: stream.id })?;
        }
    }
    stream.sending = Sending::Complete;
    Ok(())
}
