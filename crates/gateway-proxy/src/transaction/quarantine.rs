//! Bodies that rules have kept aside: taken in to their end though they are refused, while nothing of them
//! has left, and handed over with the record.

use bytes::Bytes;
use gateway_log::{Direction, Record};

use super::{Leg, Output, Transaction, response};
use crate::body::Body;
use crate::judge::Refusal;
use crate::quarantine::{Extent, Quarantined, note_failure};

/// A body that is refused and still comes.
pub(super) struct Keeping {
    refusal: Refusal,
    direction: Direction,
}

/// What is kept of a refused body.
pub(super) struct Aside {
    direction: Direction,
    pieces: Vec<Bytes>,
    from: u64,
    extent: Extent,
    content_type: Bytes,
    content_encoding: Bytes,
    kind: &'static str,
}

impl Transaction {
    /// A body is refused. One that is to be kept aside is taken in first, unless a part of it has left
    /// already: then it ends at once.
    pub(super) fn refuse_body(&mut self, direction: Direction, refusal: Refusal) {
        if self.end_keeping() {
            return;
        }
        if !refusal.keeps || !self.goes_on_coming(direction) {
            self.set_aside(direction, &refusal);
            return self.refuse(&refusal);
        }
        if let Some(body) = self.body_mut(direction) {
            body.keep_all();
            // What else they might find changes nothing.
            body.cancel_scans();
        }
        self.feed_scans(match direction {
            Direction::Upload => Leg::Client,
            _ => Leg::Origin,
        });
        self.keeping = Some(Box::new(Keeping { refusal, direction }));
    }

    /// Whether the body of `direction` is one that is kept aside: more of it has come, which nobody looks
    /// at any more.
    pub(super) fn keeps_on(&mut self, direction: Direction) -> bool {
        let keeps = self.is_keeping(direction);
        if keeps && !self.goes_on_coming(direction) {
            self.end_keeping();
        }
        keeps
    }

    /// The same as [`end_keeping`](Self::end_keeping), for the body of `direction` alone.
    pub(super) fn ends_keeping_of(&mut self, direction: Direction) -> bool {
        self.is_keeping(direction) && self.end_keeping()
    }

    /// Whether the body of `direction` is refused and still taken in.
    fn is_keeping(&self, direction: Direction) -> bool {
        self.keeping.as_ref().is_some_and(|keeping| keeping.direction == direction)
    }

    /// No more will come of a body that is kept aside, or it is waited for no longer: refuses it with what
    /// is there. Whether there was one.
    pub(super) fn end_keeping(&mut self) -> bool {
        let Some(keeping) = self.keeping.take() else { return false };
        let Keeping { refusal, direction } = *keeping;
        self.set_aside(direction, &refusal);
        self.refuse(&refusal);
        true
    }

    /// Whether more is to come of a body of which nothing has left, and there is room for it.
    fn goes_on_coming(&self, direction: Direction) -> bool {
        let bytes_max = self.policy.settings.quarantine_bytes_max;
        self.body(direction).is_some_and(|body| {
            let is_waited_for = !body.has_ended() && !body.is_stuck() && body.holds();
            is_waited_for && body.released() == 0 && body.bytes() < bytes_max
        })
    }

    /// Takes what is held of the body of `direction`, if the rule wants it kept.
    fn set_aside(&mut self, direction: Direction, refusal: &Refusal) {
        if !refusal.keeps {
            return;
        }
        let bytes_max = self.policy.settings.quarantine_bytes_max;
        let held = self.body(direction).map_or(0, Body::held_bytes);
        let failure = match held {
            _ if bytes_max == 0 => Some("no_store"),
            0 => Some("no_body"),
            held if held > bytes_max => Some("too_large"),
            _ => None,
        };
        if let Some(failure) = failure {
            return self.note_unkept(failure);
        }
        let fields = match (direction, &self.response.state) {
            (Direction::Upload, _) => Some(&self.head.fields),
            (_, response::State::HeadHeld(head)) => Some(&head.fields),
            _ => None,
        };
        let field = |name| fields.and_then(|fields| fields.get(name)).unwrap_or_default();
        let [content_type, content_encoding] =
            ["content-type", "content-encoding"].map(|name| Bytes::copy_from_slice(field(name)));
        let Some(body) = self.body(direction) else { return };
        let is_whole = body.has_ended() && body.released() == 0;
        self.aside = Some(Box::new(Aside {
            direction,
            pieces: body.held_pieces(),
            from: body.released(),
            extent: if is_whole { Extent::Whole } else { Extent::Part },
            content_type,
            content_encoding,
            kind: body.found().part_kind(gateway_inspect::PartId::ROOT).name(),
        }));
    }

    /// What was to be kept aside is not, for this reason.
    pub(super) fn note_unkept(&mut self, detail: &str) {
        if let Some(record) = &mut self.record {
            note_failure(record, detail);
        }
    }

    /// Hands the record over, with the body that is to be kept before it is written.
    pub(super) fn emit_record(&mut self, record: Box<Record>) {
        let Some(aside) = self.aside.take() else { return self.emit(Output::Record(record)) };
        let Aside { direction, pieces, from, extent, content_type, content_encoding, kind } =
            *aside;
        self.emit(Output::Quarantine(Box::new(Quarantined {
            record,
            direction,
            pieces,
            from,
            extent,
            content_type,
            content_encoding,
            kind,
        })));
    }
}
