//! One direction of a WebSocket: from what was read to what may be written, piece by piece. It
//! asks nobody; what it finds to be done next it says as a [`Next`].

use std::collections::VecDeque;
use std::time::Instant;

use bytes::Bytes;
use gateway_h1h2::ws::{
    Agreement, Control, FrameHeader, FrameReader, Opcode, Piece, Sender, Tap, TapLimits, Tapped,
    WsError,
};

use super::anew::Anew;
use super::held::{Held, Length};
use super::queue::Queue;

/// One direction.
#[derive(Debug)]
pub(super) struct Half {
    input: VecDeque<Bytes>,
    input_bytes: usize,
    frames: FrameReader,
    /// `None` where nobody wants to look.
    tap: Option<Tap>,
    pub(super) queue: Queue,
    message: Option<Message>,
    /// Messages that have begun.
    pub(super) messages: u64,
    /// Bytes that came, and those of them that may leave.
    pub(super) bytes: u64,
    /// What its sender has closed with.
    pub(super) closed: Option<Closed>,
    pub(super) end: End,
    /// The key of the last masked frame.
    pub(super) mask: Option<[u8; 4]>,
    hold_bytes_max: u64,
    /// Whether a look at what came is not finished.
    pub(super) looking: bool,
    /// Whether nothing passes any more.
    stopped: bool,
}

/// A message that somebody looks at.
#[derive(Debug)]
struct Message {
    /// Bytes of its content so far.
    content: u64,
    /// Whether it goes on its way before it is whole.
    streams: bool,
    since: Instant,
    last: Instant,
    idle_looked_at: bool,
    /// Whether it was refused: the rest of it goes nowhere.
    refused: bool,
    /// Whether it will never be whole.
    broken: bool,
}

/// How messages that somebody looks at leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As they came.
    AsCame,
    /// Written anew.
    Anew,
}

/// A close frame that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Closed {
    pub(super) code: Option<u16>,
}

/// How far the end of the direction's connection has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum End {
    #[default]
    Open,
    /// The sender has ended; what it sent is still to be taken.
    Came,
    /// The end was passed on.
    Passed,
}

/// What is to be done next.
pub(super) enum Next {
    /// A message begins that somebody looks at.
    MessageBegins,
    /// More of its content.
    Content(Bytes),
    /// It is whole; what it holds must be decided before anything else is done.
    MessageEnds,
    /// A close frame came: no message follows.
    Closed(Bytes),
    /// Something passed that nobody need look at.
    Passed,
    /// There is nothing to do before more comes.
    Nothing,
}

impl Half {
    pub(super) fn new(
        sender: Sender,
        deflate: Option<&Agreement>,
        limits: Option<TapLimits>,
        hold_bytes_max: u64,
        form: Form,
    ) -> Self {
        let deflated = deflate.map(|agreed| (agreed, sender));
        // What nobody looks at passes as it came.
        let queue = match form {
            Form::Anew if limits.is_some() => Queue::Anew(Box::new(Anew::new(sender, deflate))),
            Form::AsCame | Form::Anew => Queue::AsCame(Held::default()),
        };
        Self {
            input: VecDeque::new(),
            input_bytes: 0,
            frames: FrameReader::new(sender, deflate),
            tap: limits.map(|limits| Tap::new(deflated, limits)),
            queue,
            message: None,
            messages: 0,
            bytes: 0,
            closed: None,
            end: End::Open,
            mask: None,
            hold_bytes_max,
            looking: false,
            stopped: false,
        }
    }

    /// Bytes that came and were not looked at.
    pub(super) const fn input_bytes(&self) -> usize {
        self.input_bytes
    }

    /// Takes bytes that came.
    pub(super) fn receive(&mut self, bytes: Bytes, now: Instant) {
        self.bytes += bytes.len() as u64;
        self.input_bytes += bytes.len();
        if !bytes.is_empty() {
            self.input.push_back(bytes);
        }
        if let Some(message) = &mut self.message {
            message.last = now;
            message.idle_looked_at = false;
        }
    }

    /// Nothing passes any more; only a close frame is still looked for.
    pub(super) fn stop(&mut self) {
        self.message = None;
        self.tap = None;
        self.looking = false;
        self.stopped = true;
        self.queue.discard();
    }

    /// Whether nothing passes any more.
    pub(super) const fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Does the next thing.
    ///
    /// # Errors
    /// What the sender did wrong, or a limit that it met.
    pub(super) fn next(&mut self, now: Instant) -> Result<Next, WsError> {
        if let Some((tap, message)) = self.tap.as_mut().zip(self.message.as_mut()) {
            match (tap.step()?, &mut self.queue) {
                (Tapped::Data(_), _) if message.refused => return Ok(Next::Passed),
                (Tapped::Data(content), queue) => {
                    message.content += content.len() as u64;
                    if let Queue::Anew(anew) = queue {
                        anew.push(content.clone());
                    }
                    return Ok(Next::Content(content));
                }
                (Tapped::Drained, Queue::AsCame(held)) => held.reached(message.content),
                (Tapped::Drained, Queue::Anew(_)) => {}
                (Tapped::MessageEnd, _) if message.refused => self.message = None,
                (Tapped::MessageEnd, _) => return Ok(Next::MessageEnds),
            }
        }
        loop {
            let mut nothing = Bytes::new();
            let input = self.input.front_mut().unwrap_or(&mut nothing);
            let before = input.len();
            let piece = self.frames.next(input)?;
            self.input_bytes -= before - input.len();
            let used = input.is_empty();
            if let Some(piece) = piece {
                return Ok(self.take(piece, now));
            }
            if !used || self.input.pop_front().is_none() {
                return Ok(Next::Nothing);
            }
        }
    }

    fn take(&mut self, piece: Piece, now: Instant) -> Next {
        match piece {
            Piece::Control(Control::Close { wire, close }) => {
                self.closed = Some(Closed { code: close.code });
                Next::Closed(wire)
            }
            _ if self.stopped => Next::Passed,
            Piece::Begin { header, wire } => self.begin(&header, wire, now),
            Piece::Payload { wire } => {
                match (&mut self.tap, &self.message, &mut self.queue) {
                    (Some(tap), Some(_), Queue::Anew(_)) => tap.push(&wire),
                    (Some(tap), Some(_), Queue::AsCame(held)) => {
                        tap.push(&wire);
                        held.push(wire);
                    }
                    (_, _, Queue::AsCame(held)) => {
                        held.push(wire);
                        held.reached(0);
                        held.release_to(0);
                    }
                    // Of each message that is written anew there is a decoded copy.
                    (None, _, Queue::Anew(_)) | (_, None, Queue::Anew(_)) => {}
                }
                Next::Passed
            }
            Piece::End => {
                if let Queue::AsCame(held) = &mut self.queue {
                    held.end_frame();
                }
                match (&mut self.tap, &self.message) {
                    (Some(tap), Some(_)) => tap.end_frame(),
                    _ => self.queue.release_to(0),
                }
                Next::Passed
            }
            Piece::Control(control) => {
                self.pass_control(control.into_wire());
                Next::Passed
            }
        }
    }

    fn begin(&mut self, header: &FrameHeader, wire: Bytes, now: Instant) -> Next {
        self.mask = header.mask.or(self.mask);
        let begins = header.opcode != Opcode::Continuation;
        self.messages += u64::from(begins);
        let Some(tap) = &mut self.tap else {
            if let Queue::AsCame(held) = &mut self.queue {
                held.begin(wire, Length::Long, 0);
                held.release_to(0);
            }
            return Next::Passed;
        };
        tap.begin(header);
        if begins {
            self.message = Some(Message {
                content: 0,
                streams: false,
                since: now,
                last: now,
                idle_looked_at: false,
                refused: false,
                broken: false,
            });
        }
        let content = self.message.as_ref().map_or(0, |message| message.content);
        let short = header.length <= self.hold_bytes_max;
        match &mut self.queue {
            Queue::AsCame(held) => {
                held.begin(wire, if short { Length::Short } else { Length::Long }, content);
            }
            Queue::Anew(anew) if begins => anew.begin(header),
            Queue::Anew(_) => {}
        }
        if begins { Next::MessageBegins } else { Next::Passed }
    }

    /// A ping or pong need not wait for the message that it comes within, unless it would come
    /// within a frame.
    fn pass_control(&mut self, wire: Bytes) {
        match &mut self.queue {
            Queue::AsCame(held) if held.is_mid_frame() => {
                let content = self.message.as_ref().map_or(0, |message| message.content);
                held.begin(wire, Length::Short, content);
                held.end_frame();
            }
            queue => queue.write(wire),
        }
    }

    // The message under way.

    /// Whether it is too long to be held to its end, or has waited too long for it.
    pub(super) fn message_streams(&mut self) -> bool {
        let Some(message) = &mut self.message else { return false };
        let most = self.hold_bytes_max;
        message.streams |= message.content > most || self.queue.bytes() as u64 > most;
        message.streams
    }

    /// It goes on its way before it is whole.
    pub(super) fn let_message_stream(&mut self) {
        if let Some(message) = &mut self.message {
            message.streams = true;
        }
    }

    /// It was decided that the message may pass.
    pub(super) fn pass_message(&mut self) {
        let message = self.message.take();
        match &mut self.queue {
            Queue::AsCame(held) => held.release(),
            // What is not whole must not come to look so.
            Queue::Anew(anew) if message.is_none_or(|message| message.broken) => anew.discard(),
            Queue::Anew(anew) => anew.finish(),
        }
    }

    /// Nobody wants to look at the message under way, nor at those that follow: they pass as they
    /// come. Whether that can be: who has begun to write messages anew has to go on.
    pub(super) fn look_no_more(&mut self) -> bool {
        if matches!(self.queue, Queue::Anew(_)) {
            return false;
        }
        self.pass_message();
        self.tap = None;
        true
    }

    /// The rest of the message under way will not come.
    pub(super) fn break_message(&mut self) {
        if let Some(message) = &mut self.message {
            message.broken = true;
        }
    }

    /// Takes the message under way out of the direction, with `instead` in its place. Whether that
    /// can be: none of it may have left.
    pub(super) fn refuse_message(&mut self, instead: Option<&str>) -> bool {
        let (Queue::Anew(anew), Some(message)) = (&mut self.queue, &mut self.message) else {
            return false;
        };
        if anew.has_begun() || message.broken {
            return false;
        }
        anew.replace(instead);
        message.refused = true;
        true
    }

    /// The message that was refused is whole.
    pub(super) fn end_refused_message(&mut self) {
        if self.message.as_ref().is_some_and(|message| message.refused) {
            self.message = None;
        }
    }

    pub(super) const fn is_in_message(&self) -> bool {
        self.message.is_some()
    }

    /// Since when something of it is held.
    pub(super) fn held_since(&self) -> Option<Instant> {
        self.message.as_ref().filter(|_| self.queue.bytes() > 0).map(|message| message.since)
    }

    /// When something of a held message came last, if that was not looked at yet.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        let message = self.message.as_ref().filter(|_| self.queue.bytes() > 0)?;
        (!message.idle_looked_at).then_some(message.last)
    }

    /// What the silence means was looked at.
    pub(super) fn idle_was_looked_at(&mut self) {
        if let Some(message) = &mut self.message {
            message.idle_looked_at = true;
        }
    }
}
