//! Containers that are a row of headers, each with the data of a member behind it.

use gateway_inspect::{PartKind, Unscannable};

use super::binary::BinaryWalk;
use super::volume::FileSystem;
use super::{Member, MemberEnd, Walked, Walker};
use crate::Limits;
use crate::coding::remains::Remains;
use crate::document::gathered::Gathered;
use crate::inbox::Inbox;

/// What stands at a place where a header is expected.
pub(crate) enum Head {
    /// So many bytes, counted from here, have to be seen first.
    Need(usize),
    /// Something of `bytes` bytes, with `skip` more behind it, that is no member.
    Skip { bytes: usize, skip: u64 },
    /// The header of a member.
    Member(Box<Entry>),
    /// The container ends behind so many bytes.
    End(usize),
    /// It is a file system, of which the bytes from `base` on were used already.
    Volume { system: FileSystem, base: u64, first: Vec<u8> },
    /// No header, for that reason.
    Broken(Unscannable),
}

/// A member and its place.
pub(crate) struct Entry {
    /// Length of the header.
    pub(crate) bytes: usize,
    /// Length of the data; without one the decoder tells.
    pub(crate) packed: Option<u64>,
    /// Bytes behind the data that belong to them.
    pub(crate) behind: u64,
    /// What the CRC-32 of the member is, where the header says that.
    pub(crate) crc: Option<u32>,
    pub(crate) member: Member,
}

/// The format of such a container.
pub(crate) trait Headed: Send {
    /// What the bytes at the place of the next header are, of which more may come.
    fn read(&mut self, head: &[u8], limits: &Limits) -> Head;

    /// Whether the container may end without a mark, where a header could follow.
    fn may_end(&self) -> bool;

    /// What the member that was read last leaves to the next.
    fn keep(&mut self, _remains: Remains) {}

    /// Bytes that it holds of that at the most.
    fn kept(&self) -> usize {
        0
    }

    /// The longest header that is read.
    fn head_bytes_max(&self) -> usize {
        HEAD_BYTES_MAX
    }

    /// Whether a file that is no more than was gathered of its first header is no such container.
    fn is_nothing(&self, _whole: &[u8]) -> bool {
        false
    }

    /// Bytes that were gathered of the container and are held.
    fn gathered(&self) -> usize {
        0
    }

    /// From where on bytes are needed for members to come, if not from where the walk stands.
    fn needs_from(&self) -> Option<u64> {
        None
    }

    /// Whether it looks for where the next header is: what it has gathered for that is none.
    fn is_searching(&self) -> bool {
        false
    }

    /// Why not all of it is looked at, if so.
    fn failed(&self) -> Option<Unscannable> {
        None
    }
}

/// The longest header that most formats have.
const HEAD_BYTES_MAX: usize = 16 << 10;

/// The walk.
pub(crate) struct HeadedWalk {
    format: Box<dyn Headed>,
    begun_at: u64,
    /// Where the signature stands by which it was found.
    told_at: u64,
    state: State,
    head: Vec<u8>,
    failed: Option<Unscannable>,
    limits: Limits,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Header,
    Member { packed: Option<u64>, behind: u64, crc: Option<u32> },
    Skip { left: u64 },
}

impl HeadedWalk {
    /// At the first byte of a container, which stands at `begun_at` of the part.
    pub(crate) fn new(format: Box<dyn Headed>, begun_at: u64, limits: &Limits) -> Self {
        Self::told(format, (begun_at, begun_at), limits)
    }

    /// The same, by a signature that stands farther on.
    pub(super) fn told(
        format: Box<dyn Headed>,
        (begun_at, told_at): (u64, u64),
        limits: &Limits,
    ) -> Self {
        let (state, head) = (State::Header, Vec::new());
        Self { format, begun_at, told_at, state, head, failed: None, limits: limits.clone() }
    }

    pub(crate) fn failed(&self) -> Option<Unscannable> {
        [self.failed, self.format.failed()].into_iter().flatten().min()
    }

    pub(crate) const fn begun_at(&self) -> u64 {
        self.begun_at
    }

    /// Notes why it, or a walk that came before, failed.
    pub(crate) fn fail(&mut self, reason: Unscannable) {
        self.failed = Some(self.failed.map_or(reason, |old| old.min(reason)));
    }

    /// The part is over.
    pub(crate) fn end(&mut self) {
        let is_whole = self.state == State::Header && self.head.is_empty() && self.format.may_end();
        if !is_whole {
            self.fail(Unscannable::Malformed);
        }
    }

    /// The member that was opened last is over.
    pub(crate) fn member_ended(&mut self, end: &MemberEnd) {
        let State::Member { packed, behind, crc } = self.state else { return };
        if end.whole.is_ok() && crc.is_some_and(|crc| crc != end.crc) {
            self.fail(Unscannable::Malformed);
        }
        let left = match packed {
            Some(packed) => packed.saturating_sub(end.packed),
            None if end.whole.is_ok() => 0,
            // How far it was read that breaks depends on the pieces.
            None => u64::MAX,
        };
        self.skip(left.saturating_add(behind));
    }

    /// What that leaves to the next.
    pub(crate) fn keep(&mut self, remains: Remains) {
        self.format.keep(remains);
    }

    pub(crate) fn kept(&self) -> usize {
        self.format.kept()
    }

    pub(crate) fn gathered(&self) -> usize {
        self.format.gathered()
    }

    pub(crate) fn needs_from(&self) -> Option<u64> {
        self.format.needs_from()
    }

    fn skip(&mut self, left: u64) {
        self.state = if left == 0 { State::Header } else { State::Skip { left } };
    }

    /// Walks on through the front of `inbox`, up to the next member.
    pub(crate) fn walk(&mut self, inbox: &mut Inbox) -> Walked {
        match self.state {
            State::Skip { left } => {
                let n = usize::try_from(left).unwrap_or(usize::MAX).min(inbox.front().len());
                inbox.advance(n);
                if left < u64::MAX {
                    self.skip(left - n as u64);
                }
                Walked::On
            }
            // Its data are taken by its decoder; none is left here.
            State::Member { .. } => {
                self.state = State::Header;
                Walked::On
            }
            State::Header => self.read(inbox),
        }
    }

    /// Gathers the header at hand as far as it has come: what it is, or that more is needed.
    fn gather(&mut self, inbox: &mut Inbox) -> Head {
        loop {
            let head = self.format.read(&self.head, &self.limits);
            let Head::Need(bytes) = head else { return head };
            let front = inbox.front();
            if bytes > self.format.head_bytes_max() || front.is_empty() {
                return head;
            }
            let n = bytes.saturating_sub(self.head.len()).max(1).min(front.len());
            self.head.extend_from_slice(front.get(..n).unwrap_or_default());
            inbox.advance(n);
        }
    }

    fn read(&mut self, inbox: &mut Inbox) -> Walked {
        match self.gather(inbox) {
            // It has not all come.
            Head::Need(bytes) if bytes > self.format.head_bytes_max() => {
                self.give_up(inbox, Unscannable::TooLarge)
            }
            Head::Need(_) => Walked::On,
            Head::Skip { bytes, skip } => {
                self.use_head(inbox, bytes);
                self.skip(skip);
                Walked::On
            }
            Head::Member(entry) => {
                let Entry { bytes, packed, behind, crc, member } = *entry;
                self.use_head(inbox, bytes);
                self.state = State::Member { packed, behind, crc };
                Walked::Member(Box::new(member))
            }
            Head::End(bytes) => {
                self.use_head(inbox, bytes);
                self.leave(inbox)
            }
            Head::Volume { system, base, first } => {
                self.use_head(inbox, 0);
                let walk = Gathered::behind(system, base, &first, inbox.reached(), &self.limits);
                Walked::Become(Box::new(Walker::Gathered(Box::new(walk))))
            }
            Head::Broken(reason) => self.give_up(inbox, reason),
        }
    }

    /// Uses `bytes` of what was gathered; the rest is read again.
    fn use_head(&mut self, inbox: &mut Inbox, bytes: usize) {
        inbox.unread(self.head.get(bytes..).unwrap_or_default());
        self.head.clear();
    }

    /// All bytes of the part have come: puts back what was gathered of a header, if it is cut. It says why, and what
    /// stands in it is looked through like any file.
    pub(super) fn put_back(&mut self, inbox: &mut Inbox) -> Option<Box<BinaryWalk>> {
        // How much is gathered in a search depends on the pieces.
        if self.head.is_empty() || self.format.is_searching() {
            return None;
        }
        if !self.format.is_nothing(&self.head) {
            self.fail(Unscannable::Malformed);
        }
        self.use_head(inbox, 0);
        Some(Box::new(self.what_follows(inbox)))
    }

    fn give_up(&mut self, inbox: &mut Inbox, reason: Unscannable) -> Walked {
        self.fail(reason);
        self.use_head(inbox, 0);
        self.leave(inbox)
    }

    /// What follows may hold anything like any file.
    fn leave(&self, inbox: &Inbox) -> Walked {
        Walked::Become(Box::new(Walker::Binary(Box::new(self.what_follows(inbox)))))
    }

    fn what_follows(&self, inbox: &Inbox) -> BinaryWalk {
        let mut walk = if inbox.at() == self.begun_at {
            // It is not what it seemed to be, and is not looked at as that again.
            BinaryWalk::new(PartKind::Unknown, &self.limits)
        } else {
            BinaryWalk::following(&self.limits)
        };
        // However little of it there was: it is not found once more.
        walk.begin_at(self.told_at + 1);
        if let Some(reason) = self.failed() {
            walk.fail(reason);
        }
        walk
    }
}

/// The bytes at `at` as a number, the lowest first.
pub(crate) fn u16_at(head: &[u8], at: usize) -> u16 {
    head.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u16::from_le_bytes(*b))
}

/// The same of four bytes.
pub(crate) fn u32_at(head: &[u8], at: usize) -> u32 {
    head.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u32::from_le_bytes(*b))
}

/// Up to the first zero.
pub(crate) fn c_string(bytes: &[u8]) -> &[u8] {
    let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
    bytes.get(..end).unwrap_or_default()
}
