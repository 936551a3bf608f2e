//! One turn of the machine: the smallest piece of work after which it may stop.

use bytes::Bytes;
use gateway_inspect::{Chain, Offset, Part, PartId, PartKind, Place, Span, Unscannable};

use super::Unpacker;
use super::told::{begins, is_plain, short, tell, walker};
use crate::archive::foreign;
use crate::archive::headed::HeadedWalk;
use crate::archive::partitions::Disk;
use crate::archive::tar::TarWalk;
use crate::archive::trailer;
use crate::archive::{Member, Walker};
use crate::coding::decoder::Decoder;
use crate::document::gathered::Gathered;
use crate::level::{Begun, Level, Node, PIECE_BYTES};
use crate::sniff::{Ended, SETTLE_BYTES, Sniff, settle, settles};
use crate::{PartEnd, PartEvent, Report};

/// Parts within each other that are kept to their end, at the most.
pub(super) const KEEPERS_MAX: usize = 2;

/// What a turn came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Something was done.
    Worked,
    /// There is nothing to do before more is pushed.
    Starved,
}

impl Unpacker {
    /// Does the next thing, highest stream first: walks through what it has, closes it if it is
    /// over, or gets more for it from as far below as need be.
    pub(super) fn turn(&mut self) -> Turn {
        let Some(top) = self.levels.last_mut() else { return Turn::Starved };
        if top.node.is_some() && !top.inbox.is_empty() {
            self.walk();
            return Turn::Worked;
        }
        if top.over.is_some() {
            self.close();
            return Turn::Worked;
        }
        for i in (1..self.levels.len()).rev() {
            let (below, above) = self.levels.split_at_mut(i);
            let (Some(below), Some(level)) = (below.last_mut(), above.first_mut()) else { break };
            if level.can_flow(below) {
                self.flow(i);
                return Turn::Worked;
            }
            if let (Some(_), None, Some(room)) = (below.over, level.over, self.room.get_mut(i)) {
                let piece = level.starve(below, room);
                if !piece.is_empty() {
                    self.accept(i, piece);
                }
                return Turn::Worked;
            }
        }
        self.take_wire()
    }

    fn take_wire(&mut self) -> Turn {
        if let Some(chunk) = self.queue.front_mut() {
            let piece = chunk.split_to(chunk.len().min(PIECE_BYTES));
            if chunk.is_empty() {
                self.queue.pop_front();
            }
            self.accept(0, piece);
            return Turn::Worked;
        }
        match self.levels.first_mut() {
            Some(wire) if self.ended && wire.over.is_none() => {
                wire.over = Some(Ok(()));
                Turn::Worked
            }
            Some(_) | None => Turn::Starved,
        }
    }

    /// Lets stream `i` take from the one below.
    fn flow(&mut self, i: usize) {
        let mut steps = self.steps_left(i);
        let before = steps;
        let (below, above) = self.levels.split_at_mut(i);
        let (Some(below), Some(level), Some(room)) =
            (below.last_mut(), above.first_mut(), self.room.get_mut(i))
        else {
            return;
        };
        let flowed = level.flow(below, PIECE_BYTES, room, &mut steps);
        self.run_steps += before - steps;
        self.work += flowed.work;
        if flowed.foreign {
            self.undecoded.get_or_insert(Unscannable::Malformed);
        }
        self.accept(i, flowed.piece);
    }

    /// Instructions that a program may be run for which is unpacked to stream `i`.
    fn steps_left(&self, i: usize) -> u64 {
        let limits = &self.limits;
        let by_bytes = self.came(i).saturating_mul(limits.run_steps_per_byte.into());
        let allowed = by_bytes.max(limits.run_steps_floor).min(limits.run_steps_max);
        allowed.saturating_sub(self.run_steps)
    }

    /// Bytes of the wire that had come, whatever the pieces, when the stream below `i` was where it is.
    fn came(&self, i: usize) -> u64 {
        let below = i.checked_sub(1).and_then(|below| self.levels.get(below));
        match (self.levels.first(), below) {
            (Some(wire), _) if wire.over.is_some() => wire.inbox.reached(),
            (_, Some(below)) if i == 2 && below.over.is_some() => below.came_in_all(),
            (_, Some(below)) => below.came(),
            (_, None) => 0,
        }
    }

    /// Takes in the next bytes of stream `i`: shows them, once its kind is known.
    fn accept(&mut self, i: usize, piece: Bytes) {
        let Some(level) = self.levels.get_mut(i) else { return };
        let Some(node) = &mut level.node else {
            level.inbox.put(piece);
            return;
        };
        if node.chain.is_some() {
            self.show(i, piece);
            return;
        }
        let first = if node.first.is_empty() {
            piece
        } else {
            node.first.extend_from_slice(&piece);
            std::mem::take(&mut node.first).freeze()
        };
        match tell(&node.declared, &first, Ended::No) {
            Sniff::Need => node.first.extend_from_slice(&first),
            Sniff::Kind(kind) => {
                self.open(i, kind, &first);
                self.show(i, first);
            }
        }
    }

    /// The kind of the part on stream `i`, which begins with `first`, is known: opens its inspectors.
    fn open(&mut self, i: usize, kind: PartKind, first: &[u8]) {
        let below = self.levels.iter().take(i).filter_map(|level| level.node.as_ref());
        let keepers = below.filter(|node| node.trailer.keeps()).count();
        let Some(node) = self.levels.get_mut(i).and_then(|level| level.node.as_mut()) else {
            return;
        };
        node.part.kind = kind;
        let (examiners, wanted) = (&self.examiners, &self.wanted);
        node.chain = Some(Chain::open(examiners, &node.part, wanted, &self.inspect_limits));
        // Only for whoever looks into parts are the layers of a text worth looking for.
        let layers = !self.examiners.is_empty();
        if keepers < KEEPERS_MAX && trailer::may_be_image(kind, first) {
            node.trailer.keep();
        }
        node.walker = match node.inner.take() {
            Some(inner) => {
                node.is_file = false;
                Walker::Headed(Box::new(HeadedWalk::new(inner, 0, &self.limits)))
            }
            None => walker(kind, first, &node.declared, layers, &self.limits),
        };
        self.events.push_back(PartEvent::Opened(node.part.clone()));
        self.note_walk(i);
    }

    /// Shows bytes of the part on stream `i` to its inspectors, and hands them to the walk.
    fn show(&mut self, i: usize, piece: Bytes) {
        let Some(level) = self.levels.get_mut(i) else { return };
        let Some(node) = &mut level.node else { return };
        let Node { chain, part, first, is_file, members, begun, failed, trailer, .. } = node;
        let Some(chain) = chain else { return };
        if *is_file {
            trailer.push(&piece, self.limits.gathered_bytes_max);
        }
        if settles(part.kind) && first.len() < SETTLE_BYTES {
            let more = piece.get(..SETTLE_BYTES - first.len()).unwrap_or(&piece);
            first.extend_from_slice(more);
            if first.len() == SETTLE_BYTES {
                retype(part, first, &mut self.events);
                if *is_file && foreign::is_known(first) {
                    *failed = failed.iter().copied().chain([Unscannable::Unsupported]).min();
                }
                let found = is_file.then(|| begins(part.kind, first, &self.limits)).flatten();
                if let Some(found) = found {
                    if *members == 0 {
                        *begun = Some(found);
                        level.inbox.set_limit(Some(SETTLE_BYTES as u64));
                    } else if let Begun::Disk(_) | Begun::Tar(_) | Begun::Volume(..) = found {
                        *failed = Some(Unscannable::Contradiction);
                    }
                }
            }
        }
        chain.push(&piece, &mut self.found);
        self.scanned += piece.len() as u64;
        self.work += piece.len() as u64;
        level.inbox.put(piece);
        self.collect(i);
    }

    /// Takes up what the inspectors of stream `i` have just found.
    fn collect(&mut self, i: usize) {
        let (levels, tells_spans) = (&self.levels, self.tells_spans);
        let Some(level) = levels.get(i) else { return };
        self.reports.extend(self.found.drain().map(|finding| {
            let wire_start = finding.place.start().map(|start| level.wire_of(start));
            let spans = match finding.place {
                Place::Content { span, .. } if tells_spans => wire_spans(levels, i, span),
                Place::Content { .. } | Place::Structural { .. } => None,
            };
            Report { finding, wire_start, spans }
        }));
    }

    /// Lets the top part walk on to its next member.
    fn walk(&mut self) {
        let held: usize = self.levels.iter().filter_map(|l| l.node.as_ref()).map(index_bytes).sum();
        let index_room = self.limits.index_bytes_max.saturating_sub(held);
        let gathered: usize = self.levels.iter().map(Level::gathered).sum();
        let room = self.limits.gathered_bytes_max.saturating_sub(gathered);
        let top = self.levels.len().saturating_sub(1);
        let Some(level) = self.levels.last_mut() else { return };
        let Some(node) = &mut level.node else { return };
        if level.inbox.at() >= SETTLE_BYTES as u64
            && let Some(begun) = node.begun.take()
        {
            level.inbox.set_limit(None);
            match begun {
                Begun::Tar(header) => {
                    node.walker = Walker::Tar(Box::new(TarWalk::new(&header, &self.limits)));
                }
                Begun::Bare(bare, first) if is_plain(&node.walker) => {
                    level.inbox.unread(&first);
                    node.walker = bare.walker(&self.limits);
                }
                Begun::Disk(first) if is_plain(&node.walker) => {
                    level.inbox.unread(&first);
                    let walk = HeadedWalk::new(Box::new(Disk::default()), 0, &self.limits);
                    node.walker = Walker::Headed(Box::new(walk));
                }
                // Something else begins in its first bytes.
                Begun::Bare(..) => {}
                Begun::Volume(system, first) if is_plain(&node.walker) => {
                    level.inbox.unread(&first);
                    let reached = level.inbox.reached();
                    let walk = Gathered::volume(system, 0, reached, &self.limits);
                    node.walker = Walker::Gathered(Box::new(walk));
                }
                Begun::Disk(_) | Begun::Volume(..) => node.fail(Unscannable::Contradiction),
            }
        }
        let member = node.walker.walk(&mut level.inbox, index_room, room);
        self.note_walk(top);
        if let Some(member) = member {
            self.open_member(top, member);
        }
    }

    /// Notes where the container begins on the wire that the walk of stream `i` is in.
    fn note_walk(&mut self, i: usize) {
        let Some(level) = self.levels.get_mut(i) else { return };
        let begun = level.node.as_ref().and_then(|node| node.walker.begun_at());
        let wire = begun.map(|at| level.wire_of(Offset::new(at)).as_u64());
        if let Some(node) = &mut level.node {
            node.walk_start = wire.map(|wire| node.walk_start.unwrap_or(wire));
        }
    }

    /// Parts that there may be so far: what counts is what is shown of those that are over, as that does not
    /// depend on the pieces.
    fn parts_allowed(&self) -> u64 {
        let limits = &self.limits;
        let paid = self.shown.checked_div(limits.bytes_per_part.into()).unwrap_or(u64::MAX);
        u64::from(limits.parts_floor).saturating_add(paid).min(limits.parts_max.into())
    }

    /// Opens a member of the part on stream `top`, if limits allow.
    fn open_member(&mut self, top: usize, member: Member) {
        let parts_allowed = self.parts_allowed();
        let Some(below) = self.levels.get_mut(top) else { return };
        let Some(node) = &mut below.node else { return };
        if let Some(begun) = node.begun.take() {
            // Something else begins in its first bytes.
            below.inbox.set_limit(None);
            if let Begun::Disk(_) | Begun::Tar(_) | Begun::Volume(..) = begun {
                node.fail(Unscannable::Contradiction);
            }
        }
        let refusal = if node.part.depth >= self.limits.depth_max {
            Some(Unscannable::TooDeep)
        } else if u64::from(self.parts_opened) >= parts_allowed {
            Some(Unscannable::TooMany)
        } else if self.excess >= self.limits.excess_bytes_max {
            Some(Unscannable::RatioExceeded)
        } else {
            None
        };
        if let Some(reason) = refusal {
            node.close_walk();
            node.fail(reason);
            return;
        }
        let name = member_name(&node.part, &member, self.limits.name_bytes_max);
        let id = PartId::new(self.parts_opened);
        let mut part = Part::member(id, &node.part, name, node.members);
        part.size = member.size;
        part.packed_size = member.packed_size;
        part.encrypted = member.encrypted;
        if below.inbox.at() < SETTLE_BYTES as u64
            && node.part.kind == PartKind::Tar
            && let Some(container) = &mut part.container
        {
            // Whether that is known by now depends on the pieces.
            container.kind = PartKind::Unknown;
            part.containers = node.part.containers.within(PartKind::Unknown);
        }
        if member.view {
            part.become_view_of(&node.part);
        }
        let is_copy = member.decoder.as_ref().is_ok_and(Decoder::copies);
        if is_copy && member.from.is_none() && member.primed.is_empty() && member.inner.is_none() {
            part.copied_at = Some(Offset::new(below.inbox.at()));
        }
        node.members += 1;
        self.parts_opened += 1;
        let traces = self.tells_spans && below.editable;
        let (decoder, refused) = match member.decoder {
            Ok(decoder) => (decoder, None),
            Err(reason) => (Decoder::Stored { left: 0 }, Some(Err(reason))),
        };
        let mut node = Node::new(part);
        node.declared = member.declared;
        node.inner = member.inner;
        let traces = traces && decoder.keeps_text();
        let mut level = Level::above(below, decoder, Some(node), member.from);
        if let Some(node) = &mut below.node {
            node.walker.member_opened();
        }
        if traces {
            level.trace(member.primed_from);
        }
        level.prime(member.primed);
        level.over = refused;
        self.levels.push(level);
    }

    /// The top stream is over and used up: settles its part and tells the container.
    fn close(&mut self) {
        let top = self.levels.len().saturating_sub(1);
        let Some(level) = self.levels.last_mut() else { return };
        let over = level.over.unwrap_or(Ok(()));
        if let Some(node) = &mut level.node
            && node.chain.is_none()
        {
            let first = std::mem::take(&mut node.first).freeze();
            let kind = match tell(&node.declared, &first, Ended::Yes) {
                Sniff::Kind(kind) => kind,
                Sniff::Need => PartKind::Unknown,
            };
            self.open(top, kind, &first);
            self.show(top, first);
            return;
        }
        if let Some(node) = &mut level.node {
            let first = std::mem::take(&mut node.first);
            if first.len() < SETTLE_BYTES {
                retype(&mut node.part, &first, &mut self.events);
                if node.is_file && foreign::is_known(&first) {
                    node.fail(Unscannable::Unsupported);
                }
                if let Some(bare) = short(node, &first, &self.limits) {
                    level.inbox.unread(&first);
                    node.walker = bare.walker(&self.limits);
                    return;
                }
            }
            if node.walker.put_back(&mut level.inbox) {
                return;
            }
            match node.trailer.take() {
                Some(Ok(image)) => {
                    node.close_walk();
                    let walk = Gathered::image(image, &self.limits);
                    node.walker = Walker::Gathered(Box::new(walk));
                }
                Some(Err(reason)) => node.fail(reason),
                None => {}
            }
            if let Some(member) = node.walker.at_end() {
                self.open_member(top, member);
                return;
            }
            node.settle_walk(over);
        }
        self.finish_part(top);
        let Some(mut level) = self.levels.pop() else { return };
        self.excess = self.excess.saturating_add(level.excess(&self.limits));
        if top <= self.root {
            self.stop();
        } else if let Some(node) = self.levels.last_mut().and_then(|level| level.node.as_mut()) {
            node.walker.member_ended(&level.member_end());
            node.walker.keep(level.remains());
            self.note_walk(top - 1);
        }
    }

    /// Finishes the inspectors of the part on stream `top` and reports its end.
    fn finish_part(&mut self, top: usize) {
        let Some(level) = self.levels.get_mut(top) else { return };
        let Some(node) = &mut level.node else { return };
        if top == self.root
            && let Some(reason) = self.undecoded
        {
            node.fail(reason);
        }
        let Some(chain) = &mut node.chain else { return };
        let mut outcome = chain.finish(&mut self.found);
        let bytes = chain.seen().as_u64();
        if level.over == Some(Ok(())) {
            self.shown = self.shown.saturating_add(bytes);
        }
        let reasons = [outcome.unscannable, node.failed];
        outcome.unscannable = reasons.into_iter().flatten().min();
        let end = PartEnd { part: node.part.clone(), bytes, outcome };
        self.collect(top);
        self.events.push_back(PartEvent::Ended(end));
    }
}

/// The bytes of the wire that the bytes `span` of stream `i` came from, if they can be overwritten
/// there.
fn wire_spans(levels: &[Level], i: usize, span: Span) -> Option<Vec<Span>> {
    let mut spans = vec![span];
    for level in levels.get(..=i)?.iter().rev() {
        if !level.is_editable() {
            return None;
        }
        let below: Option<Vec<Vec<Span>>> =
            spans.into_iter().map(|span| level.below(span)).collect();
        spans = below?.concat();
    }
    Some(spans)
}

fn index_bytes(node: &Node) -> usize {
    node.walker.index_bytes()
}

/// Gives `part` the kind that its `first` bytes show on a second look.
fn retype(part: &mut Part, first: &[u8], events: &mut std::collections::VecDeque<PartEvent>) {
    let kind = settle(part.kind, first);
    if kind != part.kind {
        part.kind = kind;
        events.push_back(PartEvent::Retyped { part: part.id, kind });
    }
}

/// The path of a member: that of its container, the format, its own name as far as it is kept.
fn member_name(container: &Part, member: &Member, name_bytes_max: usize) -> String {
    let kept = member.name.get(..name_bytes_max).unwrap_or(&member.name);
    let name = String::from_utf8_lossy(kept);
    let separator = if container.name.is_empty() { "" } else { "/" };
    format!("{}{separator}{}:{name}", container.name, member.format)
}
