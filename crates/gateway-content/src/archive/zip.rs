//! A ZIP archive (APPNOTE.TXT 6.3.10), walked forward by its local headers as it streams, and
//! compared with its directory when that comes.
//!
//! The walk also looks through files of other kinds for an archive in or behind them, as
//! self-extracting programs and polyglots have it. Where the length of a member is not known, or
//! something foreign lies between two, it goes on at the next signature.

use gateway_inspect::Unscannable;

use super::index::Index;
use super::record::{self, DEFLATED, End, Header, Length, Record, STORED};
use super::seek::{SIGNATURE_BYTES, Seeker};
use super::{Member, MemberEnd};
use crate::Limits;
use crate::coding::bounded::Bounded;
use crate::coding::bzip2::Bzip2;
use crate::coding::decoder::Decoder;
use crate::coding::deflate64::Deflate64;
use crate::coding::delimited::Delimited;
use crate::coding::implode::Implode;
use crate::coding::inflate::{Inflate, Wrapper};
use crate::coding::lzma_alone::{Layout, LzmaAlone};
use crate::coding::ppmd::Ppmd;
use crate::coding::reduce::Reduce;
use crate::coding::shrink::Shrink;
use crate::coding::stepped::{Sizes, Stepped};
use crate::coding::xz::Xz;
use crate::coding::zstd::Zstd;
use crate::inbox::Inbox;

/// The signatures by which an archive is found in a file of another kind.
pub(crate) const FIRST_SIGNATURES: &[[u8; 2]] = record::FIRST;

/// Bytes of the longest data descriptor: signature, CRC-32, two 64-bit sizes.
const DESCRIPTOR_BYTES_MAX: usize = 24;

/// The walk.
pub(crate) struct ZipWalk {
    state: State,
    seeker: Seeker,
    /// The record at hand, as far as it has come.
    head: Vec<u8>,
    index: Index,
    /// Where the archive began that the walk is in.
    begun_at: Option<u64>,
    failed: Option<Unscannable>,
    limits: Limits,
}

/// What comes next.
///
/// ```text
///  Search ──> Candidate ──┐            ┌──> Gap ──> Record
///    ^            │       v            │
///    │            └──> Record ──> Member ──> Descriptor ──> Record
///    └── end record ──────┘  └──> Skip ──> Record
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Outside of archives: looks for one.
    Search,
    /// Has a signature, found by search, and reads what may be its record.
    Candidate,
    /// In an archive: the next bytes are a record.
    Record,
    /// In an archive, but lost: looks for the next signature.
    Gap,
    /// A member is being unpacked.
    Member(Body),
    /// Packed bytes that are not unpacked.
    Skip { left: u64 },
    /// The descriptor behind the data of a member.
    Descriptor(MemberEnd, Descriptor),
    /// There were too many members to go on.
    Over,
}

/// How the data of a member end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Body {
    /// Their length, where the local header gives it.
    packed: Option<u64>,
    method: u16,
    descriptor: Descriptor,
}

/// Whether a descriptor follows the data of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Descriptor {
    No,
    /// It does, and is to be read.
    Follows,
    /// It does, or not: folders, and members whose sizes are known, are announced to have one and may not.
    MayFollow,
    /// It did, and told the decoder where the data end.
    Behind,
}

/// Whether an archive may begin with `signature`, behind which `rest` stands at `at`; nothing while more has to come.
pub(crate) fn begins(signature: &[u8; SIGNATURE_BYTES], rest: &[u8], at: u64) -> Option<bool> {
    let mut fixed = [0; record::LOCAL_BYTES];
    let known = (SIGNATURE_BYTES + rest.len()).min(fixed.len());
    let bytes = signature.iter().chain(rest);
    fixed.iter_mut().zip(bytes).for_each(|(slot, byte)| *slot = *byte);
    let from = at.saturating_sub(SIGNATURE_BYTES as u64);
    record::may_begin(fixed.get(..known).unwrap_or_default(), from)
}

impl ZipWalk {
    /// A walk through an archive that begins with the first byte.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { state: State::Record, begun_at: Some(0), ..Self::searching(limits) }
    }

    /// A walk through a file of another kind.
    pub(crate) fn searching(limits: &Limits) -> Self {
        Self {
            state: State::Search,
            seeker: Seeker::new(),
            head: Vec::new(),
            index: Index::new(),
            begun_at: None,
            failed: None,
            limits: limits.clone(),
        }
    }

    /// A walk through a file of another kind, in which `signature` has just been met.
    pub(crate) fn found(signature: &[u8], limits: &Limits) -> Self {
        Self { state: State::Candidate, head: signature.to_vec(), ..Self::searching(limits) }
    }

    /// Whether it is in no archive and has met no signature of one.
    pub(crate) fn is_searching(&self) -> bool {
        self.state == State::Search
    }

    /// What has come of the record that may begin an archive.
    pub(crate) fn candidate(&self) -> Option<&[u8]> {
        (self.state == State::Candidate).then_some(&*self.head)
    }

    /// What was taken for the record that may begin an archive; it is searched for another.
    pub(crate) fn take_candidate(&mut self) -> Option<Vec<u8>> {
        if self.state != State::Candidate {
            return None;
        }
        self.state = State::Search;
        Some(std::mem::take(&mut self.head))
    }

    pub(crate) fn begun_at(&self) -> Option<u64> {
        self.begun_at
    }

    pub(crate) fn carried(&self) -> usize {
        self.head.len() + self.seeker.begun()
    }

    pub(crate) fn index_bytes(&self) -> usize {
        self.index.bytes()
    }

    /// Walks on through the front of `inbox`, up to the next member.
    pub(crate) fn walk(&mut self, inbox: &mut Inbox, index_room: usize) -> Option<Member> {
        match self.state {
            State::Search => self.seek(inbox, record::FIRST, State::Candidate),
            State::Gap => self.seek(inbox, record::ANY, State::Record),
            State::Candidate => self.read_candidate(inbox),
            State::Record => return self.read_record(inbox, index_room),
            State::Skip { left } => {
                let n = usize::try_from(left).unwrap_or(usize::MAX).min(inbox.front().len());
                inbox.advance(n);
                let left = left - n as u64;
                self.state = if left == 0 { State::Record } else { State::Skip { left } };
            }
            State::Descriptor(data, awaited) => self.read_descriptor(inbox, &data, awaited),
            // Its data are taken by its decoder; none is left here.
            State::Member(_) => self.state = State::Gap,
            State::Over => inbox.advance(inbox.front().len()),
        }
        None
    }

    /// The member that was opened last is over.
    pub(crate) fn member_ended(&mut self, end: &MemberEnd) {
        let State::Member(body) = self.state else { return };
        let left = body.packed.map(|packed| packed.saturating_sub(end.packed));
        if end.whole.is_ok() && body.descriptor != Descriptor::MayFollow {
            self.index.close(*end);
        }
        self.state = match (end.whole, left, body.descriptor) {
            (Ok(()), Some(left @ 1..), _) => {
                self.index.contradict();
                State::Skip { left }
            }
            (Ok(()), _, Descriptor::Follows | Descriptor::MayFollow) => {
                State::Descriptor(*end, body.descriptor)
            }
            (Ok(()), _, Descriptor::No | Descriptor::Behind) => State::Record,
            (Err(_), Some(left @ 1..), _) => State::Skip { left },
            (Err(_), Some(0), _) => State::Record,
            (Err(_), None, _) if matches!(body.method, STORED | DEFLATED) => State::Gap,
            // How far it was read that breaks depends on the pieces.
            (Err(reason), None, _) => {
                self.give_up(reason);
                State::Over
            }
        };
    }

    /// Looks for no more members.
    fn give_up(&mut self, reason: Unscannable) {
        self.fail(reason);
        self.index = Index::new();
        self.begun_at = None;
    }

    pub(crate) fn failed(&self) -> Option<Unscannable> {
        self.failed
    }

    pub(crate) fn fail(&mut self, reason: Unscannable) {
        self.failed = Some(self.failed.map_or(reason, |old| old.min(reason)));
    }

    fn seek(&mut self, inbox: &mut Inbox, kinds: &[[u8; 2]], then: State) {
        let mut signature;
        loop {
            let used;
            (used, signature) = self.seeker.seek(inbox.front(), kinds);
            inbox.advance(used);
            let Some(found) = signature else { return };
            if then != State::Candidate || begins(&found, inbox.front(), inbox.at()) != Some(false)
            {
                break;
            }
        }
        self.head.extend_from_slice(&signature.unwrap_or_default());
        self.state = then;
    }

    /// Gathers a record; `None` until it is complete or turns out to be none.
    fn gather(&mut self, inbox: &mut Inbox) -> Option<Length> {
        loop {
            let length = record::length(&self.head);
            let want = match length {
                Length::AtLeast(want) | Length::Exactly(want) => want,
                Length::NoRecord => return Some(length),
            };
            if self.head.len() >= want {
                return Some(length);
            }
            if inbox.front().is_empty() {
                return None;
            }
            self.fill(inbox, want);
        }
    }

    /// Brings `head` up to `want` bytes, as far as they have come.
    fn fill(&mut self, inbox: &mut Inbox, want: usize) {
        let front = inbox.front();
        let n = want.saturating_sub(self.head.len()).min(front.len());
        self.head.extend_from_slice(front.get(..n).unwrap_or_default());
        inbox.advance(n);
    }

    /// A record found by search: the archive begins here, or it was none.
    fn read_candidate(&mut self, inbox: &mut Inbox) {
        let fixed = match self.head.get(2) {
            Some(3) => record::LOCAL_BYTES,
            _ => record::END_BYTES,
        };
        self.fill(inbox, fixed);
        let at = inbox.at().saturating_sub(self.head.len() as u64);
        let Some(plausible) = record::may_begin(&self.head, at) else { return };
        // What was gathered is read again: as the first record, or in search of another.
        let keep = if plausible { 0 } else { SIGNATURE_BYTES };
        inbox.unread(self.head.get(keep..).unwrap_or_default());
        self.head.clear();
        self.state = if plausible { State::Record } else { State::Search };
        if plausible {
            self.begun_at = Some(at);
            self.index = Index::new();
        }
    }

    fn read_record(&mut self, inbox: &mut Inbox, index_room: usize) -> Option<Member> {
        let length = self.gather(inbox)?;
        let to = inbox.at();
        let from = to.saturating_sub(self.head.len() as u64);
        if length == Length::NoRecord {
            self.lose_way(inbox);
            return None;
        }
        let record = record::read(&self.head);
        self.head.clear();
        match record? {
            Record::Local(header) => return self.open(from, header, index_room),
            Record::Central { header, offset } => self.index.list(from, to, &header, offset),
            Record::DigitalSignature => self.index.sign(from, to),
            Record::End64(end) => self.index.end_64(from, end),
            Record::Locator64 => {}
            Record::End(end) => self.end_archive(from, end),
        }
        None
    }

    /// What comes is no record: goes on at the next signature.
    fn lose_way(&mut self, inbox: &mut Inbox) {
        if self.index.in_directory() {
            self.index.contradict();
        }
        inbox.unread(self.head.get(1..).unwrap_or_default());
        self.head.clear();
        self.state = State::Gap;
    }

    fn end_archive(&mut self, at: u64, end: End) {
        let index = std::mem::replace(&mut self.index, Index::new());
        if !index.finish(at, end) {
            self.fail(Unscannable::Contradiction);
        }
        self.begun_at = None;
        // The comment, and whatever is behind the archive, may hold another one.
        self.state = State::Search;
    }

    fn open(&mut self, at: u64, header: Header, index_room: usize) -> Option<Member> {
        if Index::bytes_of(&header) > index_room {
            self.give_up(Unscannable::TooMany);
            self.state = State::Over;
            return None;
        }
        let is_folder =
            header.method == STORED && header.packed == 0 && header.name.ends_with(b"/");
        // Only a stored member may tell its length and have a descriptor still.
        let is_known = match (header.has_descriptor(), header.method) {
            (true, STORED) => header.packed > 0,
            (announced, _) => !announced,
        };
        let packed = is_known.then_some(header.packed);
        let decoder = match (header.method, packed) {
            _ if header.is_encrypted() => Err(Unscannable::Encrypted),
            (STORED, Some(left)) => Ok(Decoder::Stored { left }),
            (STORED, None) => Ok(Decoder::Delimited(Box::new(Delimited::new()))),
            (DEFLATED, left) => {
                Ok(Decoder::Member { inflate: Inflate::new(Wrapper::Raw, &self.limits), left })
            }
            (method, left) => self.other(method, left, &header),
        };
        let descriptor = match &decoder {
            _ if !header.has_descriptor() => Descriptor::No,
            _ if is_folder || header.packed > 0 => Descriptor::MayFollow,
            Ok(Decoder::Delimited(_)) => Descriptor::Behind,
            _ => Descriptor::Follows,
        };
        let method = header.method;
        self.state = State::Member(Body { packed, method, descriptor });
        let member = Member {
            name: header.name.clone(),
            size: is_known.then_some(header.unpacked),
            packed_size: packed,
            encrypted: header.is_encrypted(),
            decoder,
            ..Member::stream("zip", Vec::new(), Decoder::Stored { left: 0 })
        };
        self.index.open(at, header);
        if is_folder && member.decoder.is_ok() {
            // A folder is no part.
            self.member_ended(&MemberEnd { packed: 0, unpacked: 0, crc: 0, whole: Ok(()) });
            return None;
        }
        Some(member)
    }

    /// A member packed in one of the rarer ways, of `left` packed bytes where that is known.
    fn other(
        &self,
        method: u16,
        left: Option<u64>,
        header: &Header,
    ) -> Result<Decoder, Unscannable> {
        let limits = &self.limits;
        let has_end = match method {
            record::DEFLATE64 | record::BZIP2 | record::ZSTD | record::XZ => true,
            record::LZMA => header.flags & record::FLAG_LZMA_END != 0,
            _ => false,
        };
        if left.is_none() && !has_end {
            // Only its length tells where it ends.
            return Err(Unscannable::Unsupported);
        }
        let size = Some(header.unpacked);
        let sizes = Sizes { packed: left, unpacked: header.unpacked };
        Ok(Decoder::Other(match method {
            record::SHRINK => Box::new(Stepped::new(Shrink::new(), sizes, limits)),
            record::REDUCE..=record::REDUCE_MOST => {
                let factor = u32::from(method - record::REDUCE) + 1;
                Box::new(Stepped::new(Reduce::new(factor), sizes, limits))
            }
            record::IMPLODE => Box::new(Stepped::new(Implode::new(header.flags), sizes, limits)),
            record::DEFLATE64 => Box::new(Bounded::new(Deflate64::new(limits), left)),
            record::BZIP2 => Box::new(Bounded::new(Bzip2::new(limits), left)),
            record::LZMA => {
                // With the mark of an end the size is not needed.
                let size = size.filter(|_| header.flags & record::FLAG_LZMA_END == 0);
                Box::new(Bounded::new(LzmaAlone::new(Layout::Zip, size, limits), left))
            }
            record::ZSTD => Box::new(Bounded::new(Zstd::new(limits), left)),
            record::XZ => Box::new(Bounded::new(Xz::new(limits), left)),
            record::PPMD => Box::new(Bounded::new(Ppmd::zip(header.unpacked, limits), left)),
            _ => return Err(Unscannable::Unsupported),
        }))
    }

    /// Finds out which of its forms the descriptor has: with a signature or without, with sizes of
    /// 32 or 64 bits. It must say what came out of the data.
    fn read_descriptor(&mut self, inbox: &mut Inbox, data: &MemberEnd, awaited: Descriptor) {
        self.fill(inbox, DESCRIPTOR_BYTES_MAX);
        if self.head.len() < DESCRIPTOR_BYTES_MAX {
            return;
        }
        let used = descriptor_bytes(&self.head, data);
        let may_lack = awaited == Descriptor::MayFollow && self.index.is_told(data);
        let is_missing = used.is_none() && !(may_lack && is_record(&self.head));
        if is_missing {
            self.index.contradict();
        } else {
            self.index.close(*data);
        }
        inbox.unread(self.head.get(used.unwrap_or(0)..).unwrap_or_default());
        self.head.clear();
        self.state = if is_missing { State::Gap } else { State::Record };
    }
}

/// Whether a record other than a descriptor begins here.
fn is_record(head: &[u8]) -> bool {
    record::ANY.iter().any(|[a, b]| head.starts_with(&[b'P', b'K', *a, *b]))
}

/// The length of the descriptor that fits `data`, if one does.
fn descriptor_bytes(head: &[u8], data: &MemberEnd) -> Option<usize> {
    let [a, b] = record::DESCRIPTOR;
    let signed = head.starts_with(&[b'P', b'K', a, b]);
    let starts = [signed.then_some(SIGNATURE_BYTES), Some(0)];
    starts.into_iter().flatten().find_map(|start| {
        let body = head.get(start..).unwrap_or_default();
        if record::u32_at(body, 0) != data.crc {
            return None;
        }
        let fits = |packed: u64, unpacked: u64| packed == data.packed && unpacked == data.unpacked;
        if fits(record::u64_at(body, 4), record::u64_at(body, 12)) {
            Some(start + 20)
        } else if fits(record::u32_at(body, 4).into(), record::u32_at(body, 8).into()) {
            Some(start + 12)
        } else {
            None
        }
    })
}
