//! What input does to a connection: `poll_event` and one function for each state.

use http::StatusCode;

use super::Check;
use super::connection::Connection;
use super::error::H1Error;
use super::head::{Request, Response};
use super::intake::{Body, Step};
use super::judge::Located;
use super::offer::Offer;
use super::state::{Exchange, Inflow, Receiving, Role, Sending};
use crate::{Blame, Close, Event, ResetReason, StreamId, Version};

/// What looking at the input came to.
enum Next {
    /// An event for the exchange in progress.
    Event(Event),
    /// The state changed: look again.
    Again,
    /// Nothing until something is done from outside.
    Wait,
}

impl Connection {
    /// The next event, or `None` until there is more input, credit, or a command.
    ///
    /// # Errors
    /// When a check refuses what the peer sent. Nothing more is read then, and every further call
    /// gives the same error. On a server one response may still be sent, see
    /// [`H1Error::stream`].
    pub fn poll_event(&mut self) -> Result<Option<(StreamId, Event)>, H1Error> {
        loop {
            let stream = self.stream();
            let next = match self.receiving {
                Receiving::Head => match self.role {
                    Role::Server => self.poll_request(),
                    Role::Client => self.poll_response(),
                },
                Receiving::Body(_) => self.poll_body(),
                Receiving::Ending => {
                    self.receiving = Receiving::Ended;
                    self.settle();
                    Ok(Next::Event(Event::End))
                }
                Receiving::Draining { .. } => Ok(self.drain()),
                Receiving::Switching => {
                    self.receiving = Receiving::Tunnel;
                    Ok(Next::Event(Event::Upgrade))
                }
                Receiving::Ended | Receiving::Tunnel | Receiving::Closed => Ok(Next::Wait),
                Receiving::Failed(error) => return Err(error),
            };
            match next {
                // A request head brings its stream with it.
                Ok(Next::Event(event @ Event::RequestHead(_))) => {
                    return Ok(Some((self.stream(), event)));
                }
                Ok(Next::Event(event)) => return Ok(Some((stream, event))),
                Ok(Next::Again) => {}
                Ok(Next::Wait) => return Ok(None),
                Err(located) => self.fail(located),
            }
        }
    }

    fn poll_request(&mut self) -> Result<Next, Located> {
        let Some(request) = self.intake.request()? else {
            if self.is_open() {
                return Ok(Next::Wait);
            }
            if self.intake.is_empty() {
                self.shut(Close::Graceful);
                return Ok(Next::Again);
            }
            return Err(self.intake.refuse(Check::HeadTruncated));
        };
        let Request { head, framing, persistent, asks_upgrade } = request;
        self.exchange = Some(Exchange {
            stream: self.open(),
            method: head.method.clone(),
            modern: head.version != Version::Http10,
            offer: if asks_upgrade { Offer::of(&head.fields) } else { Offer::default() },
            persistent,
            informational: 0,
        });
        self.sending = Sending::Head;
        self.credit = self.intake.options.credit_bytes;
        self.receiving = Body::framed(framing).map_or(Receiving::Ending, Receiving::Body);
        Ok(Next::Event(Event::RequestHead(head)))
    }

    fn poll_response(&mut self) -> Result<Next, Located> {
        let Some(exchange) = &mut self.exchange else {
            return self.poll_unasked();
        };
        let Some(response) = self.intake.response(&exchange.method)? else {
            return Ok(self.poll_no_response());
        };
        let Response { head, framing, persistent } = response;
        if head.status == StatusCode::SWITCHING_PROTOCOLS {
            if !exchange.offer.takes(&head.fields) || self.sending != Sending::Ended {
                return Err(self.intake.refuse(Check::SwitchUnasked));
            }
            self.sending = Sending::Tunnel;
            self.receiving = Receiving::Switching;
            return Ok(Next::Event(Event::ResponseHead(head)));
        }
        if head.status.is_informational() {
            exchange.informational += 1;
            if exchange.informational > self.intake.options.limits.informational_max {
                return Err(self.intake.refuse(Check::InformationalTooMany));
            }
            return Ok(Next::Event(Event::Informational(head)));
        }
        if exchange.method == http::Method::CONNECT && head.status.is_success() {
            self.sending = Sending::Tunnel;
            self.receiving = Receiving::Switching;
            return Ok(Next::Event(Event::ResponseHead(head)));
        }
        let body = Body::framed(framing);
        // A refused CONNECT: what was sent behind it in hope must not become a request
        // (RFC 9112 §9.6 and its successor).
        let refused = exchange.method == http::Method::CONNECT;
        let until_close = matches!(body, Some(Body::UntilClose));
        exchange.persistent &= persistent && !refused && !until_close;
        self.receiving = body.map_or(Receiving::Ending, Receiving::Body);
        Ok(Next::Event(Event::ResponseHead(head)))
    }

    /// A client that waits for the rest of a response head.
    fn poll_no_response(&mut self) -> Next {
        if self.is_open() {
            return Next::Wait;
        }
        let interim = self.exchange.as_ref().is_some_and(|exchange| exchange.informational > 0);
        let reason = match interim || !self.intake.is_empty() {
            true => ResetReason::Truncated,
            false => ResetReason::Unanswered,
        };
        self.shut(Close::Graceful);
        Next::Event(Event::Reset(reason))
    }

    /// A client that waits for nothing.
    fn poll_unasked(&mut self) -> Result<Next, Located> {
        if !self.intake.is_empty() {
            return Err(self.intake.refuse(Check::ResponseUnasked));
        }
        if !self.is_open() {
            self.shut(Close::Graceful);
        }
        Ok(Next::Wait)
    }

    fn poll_body(&mut self) -> Result<Next, Located> {
        let Receiving::Body(body) = &mut self.receiving else {
            return Ok(Next::Again);
        };
        let until_close = matches!(body, Body::UntilClose);
        match self.intake.step(body, self.credit)? {
            Step::Data(data) => {
                self.credit = self.credit.saturating_sub(data.len() as u64);
                Ok(Next::Event(Event::Data(data)))
            }
            Step::Trailers(trailers) => {
                self.receiving = Receiving::Ending;
                Ok(Next::Event(Event::Trailers(Box::new(trailers))))
            }
            Step::End => {
                self.receiving = Receiving::Ending;
                Ok(Next::Again)
            }
            Step::NeedCredit => Ok(Next::Wait),
            Step::NeedInput if self.is_open() => Ok(Next::Wait),
            Step::NeedInput if until_close && self.inflow == Inflow::Ended => {
                self.receiving = Receiving::Ending;
                Ok(Next::Again)
            }
            Step::NeedInput => {
                match self.role {
                    // The client may still read an answer.
                    Role::Server => self.receiving = Receiving::Closed,
                    Role::Client => self.shut(Close::Graceful),
                }
                self.part();
                Ok(Next::Event(Event::Reset(ResetReason::Truncated)))
            }
        }
    }

    /// Throws away the rest of a request whose response is complete.
    fn drain(&mut self) -> Next {
        let Receiving::Draining { body, left } = &mut self.receiving else {
            return Next::Again;
        };
        match self.intake.step(body, u64::MAX) {
            Ok(Step::Data(data)) => {
                match left.checked_sub(data.len() as u64) {
                    Some(rest) => *left = rest,
                    None => self.shut(Close::Graceful),
                }
                Next::Again
            }
            Ok(Step::End | Step::Trailers(_)) => {
                self.renew();
                Next::Again
            }
            Ok(Step::NeedInput | Step::NeedCredit) if self.is_open() => Next::Wait,
            // Nobody asks for these bytes any more: an end is an end.
            Ok(Step::NeedInput | Step::NeedCredit) | Err(_) => {
                self.shut(Close::Graceful);
                Next::Again
            }
        }
    }

    /// Stops reading. A server may answer the message that failed, a client can do nothing.
    fn fail(&mut self, located: Located) {
        let blame = match self.role {
            Role::Server => Blame::Client,
            Role::Client => Blame::Origin,
        };
        if self.role == Role::Server && self.exchange.is_none() {
            let stream = self.open();
            self.exchange = Some(Exchange {
                stream,
                method: http::Method::GET,
                modern: true,
                offer: Offer::default(),
                persistent: false,
                informational: 0,
            });
            self.sending = Sending::Head;
        }
        let Located { check, offset } = located;
        let error = H1Error { check, offset, stream: self.stream(), blame };
        self.part();
        self.receiving = Receiving::Failed(error);
        if self.role == Role::Client {
            self.shut(Close::Graceful);
        }
    }

    /// The exchange in progress is the last one on this connection.
    fn part(&mut self) {
        if let Some(exchange) = &mut self.exchange {
            exchange.persistent = false;
        }
    }

    /// The stream of the exchange in progress, or else of the next one.
    fn stream(&self) -> StreamId {
        self.exchange.as_ref().map_or_else(|| StreamId::new(self.next), |exchange| exchange.stream)
    }
}
