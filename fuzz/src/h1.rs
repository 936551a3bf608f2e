//! What the two HTTP/1.1 targets share: how their first byte is read, and messages out of a
//! transcript.

use bytes::{Bytes, BytesMut};
use gateway_h1h2::h1::{Check, Connection, Options, Severity, Transcript};
use gateway_h1h2::{BodySize, Event, Fields, StreamId, UpgradeField, Version, strip_hop_by_hop};

/// The low six bits of a mode: the length of the pieces less one.
pub(crate) fn piece_bytes(mode: u8) -> usize {
    usize::from(mode % 64) + 1
}

/// Strict, or with 64 in a mode (letters have it, digits do not) as lenient as each check offers.
pub(crate) fn options(mode: u8) -> Options {
    relaxed(mode, &[Severity::Repair, Severity::Observe])
}

/// Those of who receives what was passed on: what was repaired is right now, what was only
/// observed is as it was.
pub(crate) fn options_behind(mode: u8) -> Options {
    relaxed(mode, &[Severity::Observe])
}

fn relaxed(mode: u8, severities: &[Severity]) -> Options {
    let mut options = Options::default();
    for check in Check::ALL.iter().filter(|_| mode & 64 != 0) {
        for severity in severities.iter().filter(|severity| check.offers(**severity)) {
            options.checks.set(*check, *severity).expect("what is offered");
        }
    }
    options
}

/// One complete message: its heads, body and trailers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Message {
    pub(crate) heads: Vec<Event>,
    pub(crate) body: Bytes,
    pub(crate) trailers: Option<Fields>,
}

/// The messages of `transcript` that have an end, without what concerns its hop alone.
pub(crate) fn messages(transcript: &Transcript) -> Vec<Message> {
    let mut messages = Vec::new();
    let new = || (Vec::new(), BytesMut::new(), None);
    let (mut heads, mut body, mut trailers) = new();
    for (_, event) in &transcript.events {
        match event {
            Event::Data(data) => body.extend_from_slice(data),
            Event::Trailers(fields) => trailers = Some(Fields::clone(fields)),
            Event::End => {
                messages.push(Message { heads, body: body.freeze(), trailers });
                (heads, body, trailers) = new();
            }
            Event::Reset(_) | Event::Retry | Event::Upgrade => (heads, body, trailers) = new(),
            head => heads.push(end_to_end(head.clone())),
        }
    }
    messages
}

fn end_to_end(mut head: Event) -> Event {
    match &mut head {
        Event::RequestHead(head) => strip_hop_by_hop(&mut head.fields, UpgradeField::Strip),
        Event::Informational(head) | Event::ResponseHead(head) => {
            strip_hop_by_hop(&mut head.fields, UpgradeField::Strip);
        }
        _ => {}
    }
    head
}

impl Message {
    /// What `connection` writes for this message; `None` if it may not send it.
    pub(crate) fn written(&self, connection: &mut Connection, stream: StreamId) -> Option<Vec<u8>> {
        let mut events = self.heads.clone();
        if !self.body.is_empty() {
            events.push(Event::Data(self.body.clone()));
        }
        events.extend(self.trailers.clone().map(Box::new).map(Event::Trailers));
        events.push(Event::End);
        for event in events {
            connection.send(stream, event).ok()?;
        }
        let mut pieces = Vec::new();
        connection.poll_output(&mut pieces);
        Some(pieces.concat())
    }

    /// With what may differ behind a wire set to one value.
    pub(crate) fn normal(mut self) -> Self {
        for head in &mut self.heads {
            match head {
                Event::RequestHead(head) => {
                    head.version = Version::Http11;
                    head.body = known(head.body);
                    head.fields.remove("connection");
                    let host = head.fields.get("host").unwrap_or_default().to_vec();
                    // A Host made from the target comes first.
                    head.fields.remove("host");
                    head.fields.append("Host", host).expect("a host that was a field");
                }
                Event::Informational(head) | Event::ResponseHead(head) => {
                    head.version = Version::Http11;
                    head.body = known(head.body);
                    head.fields.remove("connection");
                    head.reason = Bytes::new();
                }
                _ => {}
            }
        }
        self.trailers = self.trailers.filter(|trailers| !trailers.is_empty());
        self
    }
}

/// A length of nothing is written where a receiver would else wait for more.
fn known(size: BodySize) -> BodySize {
    if size == BodySize::Length(0) { BodySize::Empty } else { size }
}
