//! One stream: what is still to be received, and how far its sending is.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use h2::client::ResponseFuture;
use h2::server::SendResponse;
use h2::{Reason, RecvStream, SendStream};

use super::asked::{Asked, has_no_body};
use super::compact::compact;
use super::heard::Heard;
use super::receive_head::{self, Ending};
use super::{Fault, Options};
use crate::{BodySize, Event, SendError, StreamId};

/// What the engine gave for one stream, and where its two directions are.
pub(super) struct Stream {
    pub(super) id: StreamId,
    /// Its identifier on the wire.
    pub(super) wire: u32,
    pub(super) asked: Asked,
    pub(super) receiving: Receiving,
    pub(super) handle: Handle,
    pub(super) sending: Sending,
    /// Body bytes delivered that no credit was given for.
    owed: usize,
    /// Credit that no bytes were delivered for.
    credit: u64,
    /// Body bytes handed to the engine that it has not framed.
    pub(super) unframed: usize,
    /// How long none of them was framed.
    pub(super) stalled_ms: u64,
    /// The last piece of body: it is kept until it is known whether the body ends with it.
    pub(super) last: Bytes,
    informational: usize,
    /// Interim responses may have come: without them there is no need to look for them.
    pub(super) may_be_interim: bool,
    /// How many events had been told, of whatever stream, when the last one of this stream was;
    /// never too few.
    pub(super) told: u64,
}

/// The direction from the peer.
pub(super) enum Receiving {
    Response(ResponseFuture),
    Body(RecvStream),
    /// A response that has no body: nothing but the end may come.
    Bodiless(RecvStream),
    Trailers(RecvStream),
    /// A CONNECT that is not answered: what comes behind it belongs to nobody.
    Waiting(RecvStream),
    Ended,
}

/// What the engine sends with.
pub(super) enum Handle {
    Respond(SendResponse<Bytes>),
    Stream(SendStream<Bytes>),
    /// Somebody else has it: the stream is about to be forgotten.
    Taken,
}

/// The direction to the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sending {
    /// A response is due.
    Head,
    /// Behind a head; so many bytes are still owed, if that was announced.
    Body(Option<u64>),
    /// A CONNECT was sent and not answered.
    Connect,
    /// HTTP is over.
    Tunnel,
    /// The engine knows the end; the caller has not said it.
    Complete,
    /// The message is complete.
    Ended,
}

/// What polling a stream came to.
pub(super) enum Polled {
    Pending,
    /// Everything has been received.
    Ended,
    /// The peer sent what is refused; the engine knows nothing of it.
    Refused(Fault),
    /// The stream is dead.
    Dead(h2::Error),
}

impl Stream {
    pub(super) fn new(
        id: StreamId,
        wire: u32,
        asked: Asked,
        receiving: Receiving,
        handle: Handle,
        sending: Sending,
    ) -> Self {
        Self {
            id,
            wire,
            asked,
            receiving,
            handle,
            sending,
            owed: 0,
            credit: 0,
            unframed: 0,
            stalled_ms: 0,
            last: Bytes::new(),
            informational: 0,
            may_be_interim: false,
            told: 0,
        }
    }

    /// Body bytes that wait.
    pub(super) fn pending(&self) -> usize {
        self.unframed + self.last.len()
    }

    /// Takes both halves of the stream out of it: the body that comes, if it has not come to its end,
    /// with how many bytes of it were delivered and not given back; and what sends.
    pub(super) fn take_rest(&mut self) -> (Option<(RecvStream, usize)>, Handle) {
        let rest = match std::mem::replace(&mut self.receiving, Receiving::Ended) {
            Receiving::Body(body) | Receiving::Trailers(body) => Some((body, self.owed)),
            Receiving::Response(_)
            | Receiving::Bodiless(_)
            | Receiving::Waiting(_)
            | Receiving::Ended => None,
        };
        (rest, std::mem::replace(&mut self.handle, Handle::Taken))
    }

    /// Body bytes delivered that no credit was given for.
    pub(super) fn owed(&self) -> usize {
        self.owed
    }

    /// Whether the response has begun to come.
    pub(super) fn is_answered(&self) -> bool {
        !matches!(self.receiving, Receiving::Response(_))
    }

    pub(super) fn add_credit(&mut self, bytes: u64) {
        self.credit = self.credit.saturating_add(bytes);
        self.settle();
    }

    /// Gives back what is both delivered and credited.
    fn settle(&mut self) {
        let bytes = usize::try_from(self.credit).unwrap_or(usize::MAX).min(self.owed);
        let (Receiving::Body(body) | Receiving::Trailers(body)) = &mut self.receiving else {
            return;
        };
        // What was delivered and not given back is in flight by the engine's count too.
        if bytes > 0 && body.flow_control().release_capacity(bytes).is_ok() {
            self.owed -= bytes;
            self.credit -= bytes as u64;
        }
    }

    /// Takes all that has come. The other streams have delivered `others` body bytes that no credit
    /// was given for.
    pub(super) fn poll(
        &mut self,
        context: &mut Context<'_>,
        options: &Options,
        heard: &mut Heard,
        others: usize,
        tell: &mut impl FnMut(Event),
    ) -> Polled {
        loop {
            let polled = match &mut self.receiving {
                Receiving::Response(_) => self.poll_response(context, options, heard, tell),
                Receiving::Body(_) => self.poll_body(context, others, tell),
                Receiving::Bodiless(body) => match body.poll_data(context) {
                    Poll::Pending => Some(Polled::Pending),
                    Poll::Ready(Some(Ok(data))) if data.is_empty() => None,
                    Poll::Ready(Some(Ok(_))) => Some(Polled::Refused(Fault::ContentLength)),
                    Poll::Ready(Some(Err(error))) => Some(Polled::Dead(error)),
                    Poll::Ready(None) => self.turn(Turn::Trailers),
                },
                Receiving::Trailers(body) => match body.poll_trailers(context) {
                    Poll::Pending => Some(Polled::Pending),
                    Poll::Ready(Ok(None)) => self.turn(Turn::Ended),
                    Poll::Ready(Ok(Some(map))) if self.sending == Sending::Tunnel => {
                        drop(map);
                        self.turn(Turn::Ended)
                    }
                    Poll::Ready(Ok(Some(map))) => match receive_head::trailers(&map, options) {
                        Ok(trailers) => {
                            if !trailers.is_empty() {
                                tell(Event::Trailers(Box::new(trailers)));
                            }
                            self.turn(Turn::Ended)
                        }
                        Err(fault) => Some(Polled::Refused(fault)),
                    },
                    Poll::Ready(Err(error)) => Some(Polled::Dead(error)),
                },
                Receiving::Waiting(_) => Some(Polled::Pending),
                Receiving::Ended => Some(Polled::Pending),
            };
            match polled {
                None => {}
                Some(Polled::Ended) => {
                    tell(Event::End);
                    return Polled::Ended;
                }
                Some(polled) => return polled,
            }
        }
    }

    /// Goes on behind the body, or to the end.
    fn turn(&mut self, turn: Turn) -> Option<Polled> {
        let mut body = match std::mem::replace(&mut self.receiving, Receiving::Ended) {
            Receiving::Body(body) | Receiving::Bodiless(body) | Receiving::Trailers(body) => body,
            Receiving::Response(_) | Receiving::Waiting(_) | Receiving::Ended => {
                return Some(Polled::Ended);
            }
        };
        match turn {
            Turn::Trailers => {
                self.receiving = Receiving::Trailers(body);
                None
            }
            Turn::Ended => {
                // The window of the stream has no more use; the connection gets its part back, by
                // itself if nothing is left of the stream.
                if self.sending != Sending::Ended {
                    let _ = body.flow_control().release_capacity(std::mem::take(&mut self.owed));
                }
                Some(Polled::Ended)
            }
        }
    }

    fn poll_body(
        &mut self,
        context: &mut Context<'_>,
        others: usize,
        tell: &mut impl FnMut(Event),
    ) -> Option<Polled> {
        let Receiving::Body(body) = &mut self.receiving else { return None };
        match body.poll_data(context) {
            Poll::Pending => Some(Polled::Pending),
            Poll::Ready(Some(Ok(data))) => {
                let ended = body.is_end_stream();
                if !data.is_empty() {
                    self.owed += data.len();
                    tell(Event::Data(compact(data, others + self.owed)));
                    self.settle();
                }
                if ended { self.turn(Turn::Ended) } else { None }
            }
            Poll::Ready(Some(Err(error))) => Some(Polled::Dead(error)),
            Poll::Ready(None) => self.turn(Turn::Trailers),
        }
    }

    fn poll_response(
        &mut self,
        context: &mut Context<'_>,
        options: &Options,
        heard: &mut Heard,
        tell: &mut impl FnMut(Event),
    ) -> Option<Polled> {
        let Receiving::Response(future) = &mut self.receiving else { return None };
        let interim = match self.may_be_interim {
            true => future.poll_informational(context),
            false => Poll::Ready(None),
        };
        match interim {
            Poll::Pending => return Some(Polled::Pending),
            Poll::Ready(Some(Ok(interim))) => {
                self.informational += 1;
                if self.informational > options.limits.informational_max {
                    return Some(Polled::Refused(Fault::InformationalTooMany));
                }
                let (status, headers) = (interim.status(), interim.headers());
                match receive_head::response(status, headers, || Ending::Later, options, heard) {
                    Ok(head) => tell(Event::Informational(head)),
                    Err(fault) => return Some(Polled::Refused(fault)),
                }
                return None;
            }
            Poll::Ready(Some(Err(error))) => return Some(Polled::Dead(error)),
            Poll::Ready(None) => {}
        }
        let response = match Pin::new(future).poll(context) {
            Poll::Pending => return Some(Polled::Pending),
            Poll::Ready(Ok(response)) => response,
            Poll::Ready(Err(error)) => return Some(Polled::Dead(error)),
        };
        let (parts, body) = response.into_parts();
        let ending = || if body.is_end_stream() { Ending::WithHead } else { Ending::Later };
        let head = receive_head::response(parts.status, &parts.headers, ending, options, heard);
        let head = match head {
            Ok(head) => head,
            Err(fault) => return Some(Polled::Refused(fault)),
        };
        let status = head.status;
        let bodiless = self.asked == Asked::Head || has_no_body(status);
        // Asking the engine costs a lock: it is asked where the head does not say that more comes.
        let ended = match head.body {
            BodySize::Unknown => false,
            BodySize::Length(1..) if !bodiless => false,
            BodySize::Empty | BodySize::Length(_) => body.is_end_stream(),
        };
        tell(Event::ResponseHead(head));
        if self.asked == Asked::Connect && status.is_success() {
            self.sending = Sending::Tunnel;
            tell(Event::Upgrade);
            self.receiving = Receiving::Body(body);
            return if ended { self.turn(Turn::Ended) } else { None };
        }
        if self.sending == Sending::Connect {
            // A refused CONNECT has nothing more to say.
            self.finish(Bytes::new());
            self.sending = Sending::Complete;
        }
        self.receiving = if bodiless { Receiving::Bodiless(body) } else { Receiving::Body(body) };
        if ended { self.turn(Turn::Ended) } else { None }
    }

    /// Hands body bytes to the engine; those of the call before, since the last are kept.
    pub(super) fn push(&mut self, data: Bytes) -> Result<(), SendError> {
        let before = std::mem::replace(&mut self.last, data);
        self.hand_over(before)
    }

    /// Hands over what is kept.
    pub(super) fn flush(&mut self) -> Result<(), SendError> {
        let last = std::mem::take(&mut self.last);
        self.hand_over(last)
    }

    fn hand_over(&mut self, data: Bytes) -> Result<(), SendError> {
        if data.is_empty() {
            return Ok(());
        }
        let Handle::Stream(stream) = &mut self.handle else { return Err(SendError::Order) };
        let bytes = data.len();
        stream.send_data(data, false).map_err(|_| SendError::Stream { stream: self.id })?;
        self.unframed += bytes;
        Ok(())
    }

    /// Ends the sending direction with these bytes. A stream that died meanwhile is told by its
    /// own event.
    pub(super) fn finish(&mut self, data: Bytes) {
        if let Handle::Stream(stream) = &mut self.handle {
            let bytes = data.len();
            if stream.send_data(data, true).is_ok() {
                self.unframed += bytes;
            }
        }
    }

    /// Resets the stream, if it is not over in both directions.
    pub(super) fn reset(&mut self, code: u32) {
        reset(&mut self.handle, code);
    }
}

/// Resets a stream, if it is not over in both directions.
pub(super) fn reset(handle: &mut Handle, code: u32) {
    let reason = Reason::from(code);
    match handle {
        Handle::Respond(respond) => respond.send_reset(reason),
        Handle::Stream(stream) => stream.send_reset(reason),
        Handle::Taken => {}
    }
}

#[derive(Clone, Copy)]
enum Turn {
    Trailers,
    Ended,
}
