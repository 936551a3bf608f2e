//! One stream of the stack that is being unpacked: the wire, a body in some coding, a part.

use bytes::{Bytes, BytesMut};
use crc32fast::Hasher;
use gateway_inspect::{Chain, Clearance, Offset, Part, PartKind, Span, Unscannable};

use crate::Limits;
use crate::anchor::Anchors;
use crate::archive::bare::Bare;
use crate::archive::headed::Headed;
use crate::archive::trailer::Trailer;
use crate::archive::volume::FileSystem;
use crate::archive::{MemberEnd, Walker};
use crate::coding::decoder::{Decoded, Decoder};
use crate::coding::gzip::MAGIC;
use crate::coding::inflate::WINDOW;
use crate::coding::remains::Remains;
use crate::declared::Declared;
use crate::inbox::Inbox;
use crate::sniff::SETTLE_BYTES;
use crate::trace::Trace;

/// The most bytes that are handed on at once.
pub(crate) const PIECE_BYTES: usize = 64 << 10;

/// One stream.
pub(crate) struct Level {
    /// How its bytes come from the stream below.
    decoder: Decoder,
    anchors: Anchors,
    origin: Origin,
    pub(crate) inbox: Inbox,
    /// Where decoders write.
    out: BytesMut,
    /// Bytes taken from the stream below, the descriptor of a member included, and bytes that
    /// came out.
    packed: u64,
    unpacked: u64,
    /// What came from where, if somebody wants to know and it can be told.
    trace: Option<Box<Trace>>,
    /// Whether bytes of it can be overwritten on the wire, as long as it is text.
    pub(crate) editable: bool,
    /// Over the bytes that came out; an archive says what it should be.
    crc: Hasher,
    /// Set when no more bytes come, and whether they are all there is.
    pub(crate) over: Option<Result<(), Unscannable>>,
    /// The part that these bytes are; `None` for streams in a coding.
    pub(crate) node: Option<Node>,
}

/// Where the first byte of a stream comes from, whatever the pieces.
#[derive(Clone, Copy, Debug)]
enum Origin {
    /// It stands there on the wire, and so do those behind it.
    Stretch(u64),
    /// It is unpacked from something behind that.
    Behind(u64),
}

/// What one turn of a decoder brought.
pub(crate) struct Flowed {
    /// The bytes; may be none.
    pub(crate) piece: Bytes,
    /// What it cost to make them, in bytes of output that take as long.
    pub(crate) work: u64,
    /// Whether the stream turned out not to be in the coding that was announced.
    pub(crate) foreign: bool,
}

/// One part that is being inspected.
pub(crate) struct Node {
    pub(crate) part: Part,
    /// Its inspectors, once its kind is known.
    pub(crate) chain: Option<Chain>,
    pub(crate) walker: Walker,
    /// What is declared about it.
    pub(crate) declared: Declared,
    /// What it consists of, if it is no file itself.
    pub(crate) inner: Option<Box<dyn Headed>>,
    /// Whether it is a file itself, and not walked through as what it consists of.
    pub(crate) is_file: bool,
    /// The first bytes: until the kind is known, then until it is settled.
    pub(crate) first: BytesMut,
    /// What its first bytes begin, if these tell only together, until all of them are used: only then
    /// it is certain that nothing else has begun in them.
    pub(crate) begun: Option<Begun>,
    /// What of it is kept, as it may tell at its end what it is.
    pub(crate) trailer: Trailer,
    /// Where it begins on the wire, and where the container in it does.
    start: u64,
    pub(crate) walk_start: Option<u64>,
    pub(crate) failed: Option<Unscannable>,
    /// Members that were met in it.
    pub(crate) members: u32,
}

/// What a part begins with that shows no earlier than by its first [`SETTLE_BYTES`].
pub(crate) enum Begun {
    /// The first header of an archive of tar.
    Tar(Vec<u8>),
    /// The first sector of a disk.
    Disk(Vec<u8>),
    /// That of a file system.
    Volume(FileSystem, Vec<u8>),
    /// A stream without a signature, with all that was seen of it.
    Bare(Bare, Vec<u8>),
}

impl Level {
    /// The wire itself.
    pub(crate) fn wire(node: Option<Node>) -> Self {
        Self::new(Decoder::unbounded(), Anchors::Linear { shift: 0 }, Origin::Stretch(0), node)
    }

    /// A stream that `decoder` unpacks from where `below` stands, and from nothing before `from`.
    pub(crate) fn above(
        below: &Self,
        decoder: Decoder,
        node: Option<Node>,
        from: Option<u64>,
    ) -> Self {
        let at = from.unwrap_or_else(|| below.inbox.at());
        let cleared = below.cleared();
        let anchors = match (&decoder, &below.anchors) {
            // It began in what was put back after it had been cleared.
            _ if at < cleared => Anchors::sparse(below.anchors.map(cleared)),
            (Decoder::Stored { .. }, Anchors::Linear { shift }) => {
                Anchors::Linear { shift: shift + at }
            }
            _ => Anchors::sparse(below.anchors.map(at)),
        };
        let origin = match (&decoder, below.origin) {
            (Decoder::Stored { .. }, Origin::Stretch(start)) => Origin::Stretch(start + at),
            (_, Origin::Stretch(start)) => Origin::Behind(start + at),
            (_, behind) => behind,
        };
        let mut level = Self::new(decoder, anchors, origin, node);
        if let Some(node) = &mut level.node {
            node.start = level.anchors.map(0);
        }
        level
    }

    fn new(decoder: Decoder, anchors: Anchors, origin: Origin, node: Option<Node>) -> Self {
        Self {
            decoder,
            anchors,
            origin,
            inbox: Inbox::default(),
            out: BytesMut::new(),
            packed: 0,
            unpacked: 0,
            trace: None,
            editable: false,
            crc: Hasher::new(),
            over: None,
            node,
        }
    }

    /// Whether a turn of its decoder brings anything.
    pub(crate) fn can_flow(&self, below: &Self) -> bool {
        let has_input = !below.inbox.is_empty() || self.decoder.left() == Some(0);
        self.over.is_none() && (has_input || !self.decoder.is_drained())
    }

    /// Lets its decoder take from `below`: what comes out, of `room` bytes that may come out of
    /// decompressors, and in `steps` that programs may be run for.
    pub(crate) fn flow(
        &mut self,
        below: &mut Self,
        piece_max: usize,
        room: &mut u64,
        steps: &mut u64,
    ) -> Flowed {
        let before = self.decoder.work();
        let (piece, decoded) = if let Decoder::Held(bytes) = &mut self.decoder {
            let piece = bytes.split_to(bytes.len().min(piece_max));
            let decoded = if bytes.is_empty() { Decoded::End } else { Decoded::More };
            (piece, decoded)
        } else if self.decoder.is_stored() {
            let (n, decoded) = self.decoder.take_stored(below.inbox.front().len().min(piece_max));
            self.packed += n as u64;
            (below.inbox.take(n), decoded)
        } else {
            self.decoder.allow(*steps);
            let before = self.decoder.steps();
            let unpacked = self.unpack(below, room);
            *steps = steps.saturating_sub(self.decoder.steps().saturating_sub(before));
            unpacked
        };
        let work = self.decoder.work().saturating_sub(before);
        self.unpacked += piece.len() as u64;
        if self.decoder.is_checked() {
            self.crc.update(&piece);
        }
        if let Decoded::Foreign { held } = decoded {
            // Taken for what it is: the bytes themselves, those included that looked like gzip.
            self.decoder = Decoder::unbounded();
            self.unpacked += held as u64;
            let piece = Bytes::from_static(MAGIC.get(..held).unwrap_or_default());
            return Flowed { piece, work, foreign: true };
        }
        self.end_at(decoded);
        if self.decoder.is_drained() && self.decoder.is_settled() {
            // At the end what was not used was put back.
            let lag = if self.over.is_some() { 0 } else { self.decoder.lag() };
            let used = below.inbox.at().saturating_sub(lag as u64);
            let wire = below.anchors.map(used);
            self.anchors.push(self.unpacked, wire, self.cleared());
        }
        Flowed { piece, work, foreign: false }
    }

    fn unpack(&mut self, below: &mut Self, room: &mut u64) -> (Bytes, Decoded) {
        let mut decoded = Decoded::More;
        if let Some(trace) = &mut self.trace {
            trace.shown();
        }
        self.inbox.release();
        // Most of what text encodes is small.
        self.out.reserve(if self.decoder.expands() { 2 * WINDOW } else { 64 });
        let enough = self.decoder.work().saturating_add(WINDOW as u64);
        while decoded == Decoded::More && self.decoder.work() < enough {
            let input = below.inbox.front();
            let (n, now) = match &mut self.trace {
                Some(trace) if trace.is_full() => break,
                Some(trace) => {
                    self.decoder.run_traced(trace, below.inbox.at(), input, &mut self.out)
                }
                None => self.decoder.run(input, &mut self.out),
            };
            let idle = n == 0 && input.is_empty() && self.decoder.is_drained();
            below.inbox.advance(n);
            self.packed += n as u64;
            decoded = now;
            if idle {
                break;
            }
        }
        if decoded == Decoded::End {
            below.inbox.unread(self.decoder.unread());
        }
        if !self.decoder.expands() {
            return (self.out.split().freeze(), decoded);
        }
        if self.out.len() as u64 > *room {
            // As many as there is room for fit into a usize: they are fewer than came out.
            self.out.truncate(usize::try_from(*room).unwrap_or(usize::MAX));
            decoded = Decoded::Failed(Unscannable::TooLarge);
        }
        *room -= self.out.len() as u64;
        (self.out.split().freeze(), decoded)
    }

    fn end_at(&mut self, decoded: Decoded) {
        match decoded {
            Decoded::More | Decoded::Foreign { .. } => {}
            Decoded::End => self.over = Some(Ok(())),
            Decoded::Failed(reason) => self.over = Some(Err(reason)),
        }
    }

    /// The stream below is over, and so is this one: what was still under way comes out, of `room`
    /// bytes that may come out of decompressors. What is no part of it is put back.
    pub(crate) fn starve(&mut self, below: &mut Self, room: &mut u64) -> Bytes {
        let before = self.out.len();
        let mut whole = self.decoder.finish(&mut self.out);
        below.inbox.unread(self.decoder.rest());
        if let Some(trace) = &mut self.trace {
            trace.finish(self.out.get(before..).unwrap_or_default());
        }
        if self.decoder.expands() && self.out.len() as u64 > *room {
            self.out.truncate(usize::try_from(*room).unwrap_or(usize::MAX));
            whole = Err(Unscannable::TooLarge);
        }
        if self.decoder.expands() {
            *room -= self.out.len() as u64;
        }
        self.over = Some(below.over.unwrap_or(Ok(())).and(whole));
        let piece = self.out.split().freeze();
        self.unpacked += piece.len() as u64;
        piece
    }

    /// What came out of its decoder before it was opened.
    pub(crate) fn prime(&mut self, bytes: BytesMut) {
        self.out = bytes;
    }

    /// Notes what comes from where from now on, behind what `primed` knows of.
    pub(crate) fn trace(&mut self, primed: Option<Box<Trace>>) {
        self.editable = true;
        self.trace = Some(primed.unwrap_or_default());
    }

    /// Whether bytes of the part can be overwritten on the wire without harm to its form.
    pub(crate) fn is_editable(&self) -> bool {
        self.editable && self.node.as_ref().is_some_and(|node| is_text(node.part.kind))
    }

    /// The bytes of the stream below that the bytes `span` came from.
    pub(crate) fn below(&self, span: Span) -> Option<Vec<Span>> {
        match &self.trace {
            Some(trace) => trace.below(span),
            None => Some(vec![span]),
        }
    }

    /// Bytes that its container has gathered.
    pub(crate) fn gathered(&self) -> usize {
        self.node.as_ref().map_or(0, |node| node.walker.gathered())
    }

    /// Bytes that its decoder, its trace and its walk for members to come may hold, beyond what every one may.
    pub(crate) fn decoder_memory_max(&self) -> usize {
        let trace = if self.trace.is_some() { Trace::memory_max() } else { 0 };
        let kept = self.node.as_ref().map_or(0, |node| node.walker.kept());
        self.decoder.memory_max() + trace + kept
    }

    /// What a member of the same container that goes on from it needs of it, if it is whole.
    pub(crate) fn remains(&mut self) -> Option<Remains> {
        if self.over == Some(Ok(())) { self.decoder.remains() } else { None }
    }

    /// Bytes of the wire that had come for certain when it was read up to where it was.
    pub(crate) const fn came(&self) -> u64 {
        match self.origin {
            Origin::Stretch(start) => start.saturating_add(self.inbox.reached()),
            Origin::Behind(start) => start,
        }
    }

    /// The same once it is over, if it was read from the wire: how much it took of that is certain then.
    pub(crate) const fn came_in_all(&self) -> u64 {
        match self.origin {
            Origin::Stretch(_) => self.came(),
            Origin::Behind(start) => start.saturating_add(self.packed),
        }
    }

    /// What became of it, for the container that it came from.
    pub(crate) fn member_end(&self) -> MemberEnd {
        let packed = if self.decoder.expands() { self.packed } else { self.unpacked };
        MemberEnd {
            packed,
            unpacked: self.unpacked,
            crc: self.crc.clone().finalize(),
            whole: self.over.unwrap_or(Ok(())),
        }
    }

    /// Bytes that came out of its decoder beyond what the ratio allows for those that went in.
    pub(crate) fn excess(&self, limits: &Limits) -> u64 {
        if !self.decoder.expands() {
            return 0;
        }
        let told = self.node.as_ref().and_then(|node| node.part.packed_size);
        let packed = if self.packed > 0 { Some(self.packed) } else { told };
        match self.over {
            Some(Ok(())) => packed.map_or(0, |packed| {
                self.unpacked.saturating_sub(packed.saturating_mul(limits.ratio_max.into()))
            }),
            // How far it was read before that showed depends on the pieces.
            Some(Err(Unscannable::RatioExceeded)) => limits.ratio_floor_bytes,
            Some(Err(_)) | None => 0,
        }
    }

    /// The wire position of a position in this stream, rounded down.
    pub(crate) fn wire_of(&self, at: Offset) -> Offset {
        Offset::new(self.anchors.map(at.as_u64()))
    }

    /// Up to where the bytes of this stream are used and no container can begin any more.
    fn used(&self) -> u64 {
        let carried = self.node.as_ref().map_or(0, |node| node.walker.carried());
        self.inbox.at().saturating_sub(carried as u64)
    }

    /// Up to where this stream is cleared: neither its own inspectors nor those of parts yet to be
    /// opened in it will report a finding that starts before. A member that begins in what was put
    /// back counts as beginning here.
    fn cleared(&self) -> u64 {
        let reached = self.inbox.reached();
        let Some(node) = &self.node else { return reached };
        let chain = node.chain.as_ref().map_or(Offset::ZERO, |chain| chain.clearance().span);
        let needed = node.walker.needs_from().unwrap_or(u64::MAX);
        reached.min(chain.as_u64()).min(needed)
    }

    /// The same on the wire, by both reaches.
    pub(crate) fn clearance(&self) -> Clearance {
        let span = Offset::new(self.anchors.map(self.cleared()));
        let used = Offset::new(self.anchors.map(self.used()));
        let Some(node) = &self.node else { return Clearance { span, part: used } };
        let whole = match &node.chain {
            Some(chain) if chain.clearance().part > Offset::ZERO => used,
            Some(_) | None => Offset::new(node.start),
        };
        let container = node.walk_start.map_or(Offset::MAX, Offset::new);
        Clearance { span, part: whole.min(container) }
    }

    /// Bytes that it may hold of its own, inspectors and what is known of members aside.
    pub(crate) const fn memory_max() -> usize {
        // Window, decoder tables, output twice (one piece may be under way while the next is
        // made), head of a record (name, extra field, comment), first bytes, anchors.
        WINDOW + (16 << 10) + 4 * WINDOW + (3 << 16) + 2 * SETTLE_BYTES + (4 << 10)
    }
}

/// Whether parts of this kind are text, or in no known form.
pub(crate) const fn is_text(kind: PartKind) -> bool {
    matches!(
        kind,
        PartKind::Html
            | PartKind::Json
            | PartKind::Mail
            | PartKind::Rtf
            | PartKind::Script
            | PartKind::Text
            | PartKind::Unknown
            | PartKind::Xml
    )
}

impl Node {
    pub(crate) fn new(part: Part) -> Self {
        Self {
            part,
            chain: None,
            walker: Walker::Closed,
            declared: Declared::default(),
            inner: None,
            is_file: true,
            first: BytesMut::new(),
            begun: None,
            trailer: Trailer::default(),
            start: 0,
            walk_start: None,
            failed: None,
            members: 0,
        }
    }

    /// Notes why it was not looked at in full; the least reason stays.
    pub(crate) fn fail(&mut self, reason: Unscannable) {
        self.failed = Some(self.failed.map_or(reason, |old| old.min(reason)));
    }
    /// Looks for no more members.
    pub(crate) fn close_walk(&mut self) {
        if let Some(reason) = self.walker.failed() {
            self.fail(reason);
        }
        self.walker = Walker::Closed;
        self.walk_start = None;
    }

    /// The part is over, cut or not: so is the walk through it.
    pub(crate) fn settle_walk(&mut self, over: Result<(), Unscannable>) {
        match over {
            Err(reason) => self.fail(reason),
            Ok(()) if self.walker.is_unfinished() => self.fail(Unscannable::Malformed),
            Ok(()) => {}
        }
        self.close_walk();
    }
}
