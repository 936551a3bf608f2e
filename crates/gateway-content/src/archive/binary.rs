//! The walk through a file of no kind that is opened, a ZIP archive, and what follows other containers:
//! whatever begins somewhere in it, an archive, a program, what an installer carries. A program that was packed is shown unpacked as well.

use bytes::BytesMut;
use gateway_inspect::{PartKind, Unscannable};

use super::embedded::{self, BEFORE_BYTES, Before, Found, Front, Place};
use super::seek::SIGNATURE_BYTES;
use super::sis;
use super::zip::ZipWalk;
use super::{MemberEnd, Walked, Walker};
use crate::Limits;
use crate::document::gathered::{Format, Gathered};
use crate::inbox::Inbox;
use crate::program::layout::{self, Layout};
use crate::program::{unpacking, upx};

/// The most bytes of a program before its sections are known.
const HEAD_BYTES: usize = 8 << 10;
/// Bytes that are looked at together with a few that were put back.
const JOINED_BYTES: usize = 4 << 10;
/// Bytes that are kept to have those before a signature where one began in what came before.
const KEPT_BYTES: usize = BEFORE_BYTES + embedded::SIGNATURE_BYTES - 1;
/// Bytes at the start of a part that are kept.
const START_BYTES: usize = 8;

/// The walk.
pub(crate) struct BinaryWalk {
    zip: ZipWalk,
    state: State,
    /// Bytes that were used last and may begin a signature.
    tail: Vec<u8>,
    /// Bytes from a signature on.
    head: Vec<u8>,
    /// The last bytes that were searched, and where they end.
    before: Vec<u8>,
    before_at: u64,
    /// Up to where no signature begins behind which there may be something.
    clear_to: u64,
    /// See [`begin_at`](Self::begin_at).
    begin_at: u64,
    /// Where the program begins that was met last, or the part.
    program_at: u64,
    program: Program,
    /// The first bytes of the part.
    start: Vec<u8>,
    /// Where it stands, as long as that is in what was gathered.
    behind: Option<u64>,
    failed: Option<Unscannable>,
    limits: Limits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Search,
    /// A signature was found, and what is behind it is looked at.
    Candidate,
    /// There is nothing where a signature was found.
    Pass,
    Member,
}

/// What is kept of a program, in case that it was packed.
enum Program {
    No,
    /// Its first bytes, until they tell.
    Head(BytesMut),
    /// Its headers: it is likely packed. What stands in them is searched first.
    Likely {
        headers: BytesMut,
        layout: Layout,
    },
    /// All up to the end of its sections, of which what is behind the headers is not searched yet.
    Packed {
        bytes: BytesMut,
        layout: Layout,
        end: u64,
    },
}

impl BinaryWalk {
    /// A walk through a part of `kind`, at its first byte.
    pub(crate) fn new(kind: PartKind, limits: &Limits) -> Self {
        let program = match kind {
            PartKind::Pe => Program::Head(BytesMut::new()),
            _ => Program::No,
        };
        Self {
            zip: ZipWalk::searching(limits),
            // What the part itself begins with is not embedded in it.
            state: State::Pass,
            tail: Vec::new(),
            head: Vec::new(),
            before: Vec::new(),
            before_at: 0,
            clear_to: 0,
            begin_at: 0,
            program_at: 0,
            program,
            start: Vec::new(),
            behind: None,
            failed: None,
            limits: limits.clone(),
        }
    }

    /// A walk through what follows something else in a part.
    pub(crate) fn following(limits: &Limits) -> Self {
        Self { state: State::Search, ..Self::new(PartKind::Unknown, limits) }
    }

    /// A walk through an archive of ZIP and what follows it.
    pub(crate) fn of_zip(limits: &Limits) -> Self {
        Self { zip: ZipWalk::new(limits), ..Self::following(limits) }
    }

    /// Nothing of which the signature stands before `at` is looked for: it was.
    pub(crate) fn begin_at(&mut self, at: u64) {
        self.begin_at = at;
    }

    /// Notes why a walk that came before failed.
    pub(crate) fn fail(&mut self, reason: Unscannable) {
        self.failed = Some(self.failed.map_or(reason, |old| old.min(reason)));
    }

    pub(crate) fn zip(&self) -> &ZipWalk {
        &self.zip
    }

    pub(crate) fn failed(&self) -> Option<Unscannable> {
        [self.failed, self.zip.failed()].into_iter().flatten().min()
    }

    /// How many of the bytes that were used may yet be put back.
    pub(crate) fn carried(&self) -> usize {
        self.zip.carried().max(self.tail.len()).max(self.head.len())
    }

    /// From where on bytes are needed, if not from where it stands.
    pub(crate) fn needs_from(&self) -> Option<u64> {
        match self.program {
            Program::No => self.behind,
            Program::Head(_) | Program::Likely { .. } | Program::Packed { .. } => Some(0),
        }
    }

    pub(crate) fn gathered(&self) -> usize {
        match &self.program {
            Program::Head(bytes) | Program::Likely { headers: bytes, .. } => bytes.len(),
            Program::Packed { bytes, .. } => bytes.len(),
            Program::No => 0,
        }
    }

    /// The member that was opened last is over.
    pub(crate) fn member_ended(&mut self, end: &MemberEnd) {
        if self.state == State::Member {
            self.state = State::Search;
        } else {
            self.zip.member_ended(end);
        }
    }

    /// Walks on through the front of `inbox`, up to the next member.
    pub(crate) fn walk(&mut self, inbox: &mut Inbox, index_room: usize, room: usize) -> Walked {
        let walked = self.walk_on(inbox, index_room, room);
        // A member that begins in the headers: it is no program that runs. What comes of it is not kept.
        let has_headers = matches!(self.program, Program::Head(_) | Program::Likely { .. });
        if has_headers && matches!(walked, Walked::Member(_)) {
            self.program = Program::No;
        }
        walked
    }

    fn walk_on(&mut self, inbox: &mut Inbox, index_room: usize, room: usize) -> Walked {
        if let Program::Packed { .. } = self.program {
            return self.gather(inbox, room);
        }
        if inbox.at() == self.start.len() as u64 {
            let left = START_BYTES - self.start.len();
            self.start.extend(inbox.front().iter().take(left));
        }
        self.keep(inbox, room);
        // What is put back now was used, and what was told of it stands.
        let behind = self.behind.map(|behind| behind.max(inbox.at()));
        self.behind = behind.filter(|at| *at < inbox.reached());
        match self.state {
            State::Candidate => self.look(inbox),
            State::Search | State::Pass if self.zip.is_searching() => {
                self.search_headers(inbox, index_room)
            }
            State::Search | State::Pass | State::Member => {
                self.state = State::Search;
                Walked::from(self.zip.walk(inbox, index_room))
            }
        }
    }

    /// Searches on; of a program that is likely packed only what stands in its headers, before the
    /// rest is gathered.
    fn search_headers(&mut self, inbox: &mut Inbox, index_room: usize) -> Walked {
        let Program::Likely { headers, layout } = &mut self.program else {
            return self.search_on(inbox, index_room);
        };
        let stop = headers.len() as u64;
        if inbox.at() < stop {
            let limit = inbox.limit();
            inbox.set_limit(Some(limit.map_or(stop, |limit| limit.min(stop))));
            let walked = self.search_on(inbox, index_room);
            inbox.set_limit(limit);
            return walked;
        }
        let (bytes, layout) = (std::mem::take(headers), layout.clone());
        let end = layout.end();
        self.program =
            if inbox.at() == stop { Program::Packed { bytes, layout, end } } else { Program::No };
        Walked::On
    }

    fn search_on(&mut self, inbox: &mut Inbox, index_room: usize) -> Walked {
        if self.state == State::Pass {
            self.state = State::Search;
            return self.pass(inbox, 1, index_room);
        }
        self.search(inbox, index_room)
    }

    /// Lets the search for archives see no more than `n` bytes.
    fn pass(&mut self, inbox: &mut Inbox, n: usize, index_room: usize) -> Walked {
        let limit = inbox.limit();
        let here = inbox.at() + n as u64;
        inbox.set_limit(Some(limit.map_or(here, |limit| limit.min(here))));
        let walked = self.search_archive(inbox, index_room);
        inbox.set_limit(limit);
        walked
    }

    /// Searches the front for an archive of ZIP, and keeps its end.
    fn search_archive(&mut self, inbox: &mut Inbox, index_room: usize) -> Walked {
        let (at, front) = (inbox.at(), inbox.front());
        // Some of what was searched may have been put back.
        let kept = self.before.len().checked_sub(self.before_at.abs_diff(at) as usize);
        self.before.truncate(if at <= self.before_at { kept.unwrap_or(0) } else { 0 });
        let last = front.get(front.len().saturating_sub(KEPT_BYTES)..).unwrap_or(front);
        self.before.extend_from_slice(last);
        self.before.drain(..self.before.len().saturating_sub(KEPT_BYTES));
        self.before_at = at + front.len() as u64;
        let walked = Walked::from(self.zip.walk(inbox, index_room));
        if let Some(begun) = self.zip.candidate() {
            // It stopped there, before the end or not.
            self.before = begun.to_vec();
            self.before_at = inbox.at();
        }
        walked
    }

    /// The bytes before `at`, if they were searched.
    fn before(&self, at: u64) -> Option<Before> {
        let behind = usize::try_from(self.before_at.checked_sub(at)?).ok()?;
        let end = self.before.len().checked_sub(behind)?;
        self.before.get(end.checked_sub(BEFORE_BYTES)?..end)?.first_chunk().copied()
    }

    fn place(&self, at: u64) -> Place {
        // Behind an archive there may be fewer than a header has before its signature.
        let last = std::array::from_fn(|index| {
            let behind = self.before_at.checked_sub(at)? + (BEFORE_BYTES - index) as u64;
            let from = self.before.len().checked_sub(usize::try_from(behind).ok()?)?;
            self.before.get(from).copied()
        });
        Place { at, program: self.program_at, last, front: Front::Binary }
    }

    fn search(&mut self, inbox: &mut Inbox, index_room: usize) -> Walked {
        if inbox.front().len() < JOINED_BYTES / 16 {
            // What was put back is too short to tell of the next signature what is behind it.
            inbox.join(JOINED_BYTES);
        }
        let front = inbox.front();
        if !self.tail.is_empty() {
            let carried = self.tail.len();
            let mut joint = std::mem::take(&mut self.tail);
            joint.extend(front.iter().take(embedded::SIGNATURE_BYTES - 1));
            let begun_at = inbox.at() - carried as u64;
            let skip = usize::try_from(self.begin_at.saturating_sub(begun_at)).unwrap_or(carried);
            let rest = joint.get(skip..).unwrap_or_default();
            let found = embedded::find(rest, begun_at + skip as u64).map(|at| skip + at);
            if let Some(at) = found.filter(|at| *at < carried) {
                inbox.unread(joint.get(at..carried).unwrap_or_default());
                self.state = State::Candidate;
                return Walked::On;
            }
            if front.len() < embedded::SIGNATURE_BYTES - 1 {
                // It may go on still.
                let begun = embedded::begun(&joint, begun_at);
                self.tail = joint.split_off(joint.len() - begun);
            }
        }
        match self.candidate(inbox) {
            Some(0) => {
                self.tail.clear();
                self.state = State::Candidate;
                Walked::On
            }
            Some(at) => {
                self.tail.clear();
                self.pass(inbox, at, index_room)
            }
            None => {
                let front = inbox.front();
                let end = inbox.at() + front.len() as u64;
                let last = front.get(front.len().saturating_sub(embedded::SIGNATURE_BYTES - 1)..);
                let last = last.unwrap_or(front).to_vec();
                let walked = self.search_archive(inbox, index_room);
                if inbox.at() != end || !self.zip.is_searching() {
                    self.tail.clear();
                } else if self.tail.is_empty() {
                    self.tail = last;
                    let begun = embedded::begun(&self.tail, end - self.tail.len() as u64);
                    self.tail.drain(..self.tail.len() - begun);
                }
                walked
            }
        }
    }

    /// Where in the front the first signature is behind which there may be something. What was searched for one
    /// is not searched again where the search for archives of ZIP has stopped.
    fn candidate(&mut self, inbox: &Inbox) -> Option<usize> {
        let (at, front) = (inbox.at(), inbox.front());
        let told = self.clear_to.max(self.begin_at);
        let skip = usize::try_from(told.saturating_sub(at)).unwrap_or(usize::MAX);
        let skip = skip.min(front.len());
        let rest = front.get(skip..).unwrap_or_default();
        let found = embedded::candidate(rest, self.place(at).on(front, skip));
        let last = rest.len().saturating_sub(embedded::SIGNATURE_BYTES - 1);
        let told = found.unwrap_or(last);
        self.clear_to = self.clear_to.max(at + (skip + told) as u64);
        found.map(|found| skip + found)
    }

    fn look(&mut self, inbox: &mut Inbox) -> Walked {
        let at = inbox.at() - self.head.len() as u64;
        let found = loop {
            let found = embedded::look(&self.head, self.place(at));
            let Found::Need(bytes) = found else { break found };
            let front = inbox.front();
            if front.is_empty() {
                return Walked::On;
            }
            let n = bytes.saturating_sub(self.head.len()).max(1).min(front.len());
            self.head.extend_from_slice(front.get(..n).unwrap_or_default());
            inbox.advance(n);
        };
        inbox.unread(&self.head);
        if self.head.starts_with(embedded::PROGRAM) && matches!(found, Found::File(_)) {
            self.program_at = at;
        }
        self.head.clear();
        if let Found::Package = found
            && self.start.len() == START_BYTES
            && sis::is_package(&self.start)
        {
            let walk = Gathered::resumed(Format::Sis, &self.start, inbox.reached(), &self.limits);
            return Walked::Become(Box::new(Walker::Gathered(Box::new(walk))));
        }
        let opened = found.open(inbox, self.before(at), &self.limits);
        self.state = match opened {
            Some(Walked::Member(_)) => State::Member,
            Some(_) => self.state,
            None => State::Pass,
        };
        opened.unwrap_or(Walked::On)
    }

    /// Keeps the first bytes of a program until they tell whether it is likely packed.
    fn keep(&mut self, inbox: &Inbox, room: usize) {
        let (at, front) = (inbox.at(), inbox.front());
        let Program::Head(bytes) = &mut self.program else { return };
        // What was put back is kept already.
        let skip = (bytes.len() as u64).checked_sub(at).and_then(|n| usize::try_from(n).ok());
        let Some(fresh) = skip.map(|skip| front.get(skip..).unwrap_or_default()) else {
            self.program = Program::No;
            return;
        };
        let fresh = fresh.get(..HEAD_BYTES.min(room)).unwrap_or(fresh);
        bytes.extend_from_slice(fresh);
        self.program = match layout::read(bytes) {
            Err(need) if need <= HEAD_BYTES && bytes.len() < HEAD_BYTES => return,
            Ok(Some(layout)) if upx::is_likely(&layout) || unpacking::is_likely(&layout) => {
                let mut headers = std::mem::take(bytes);
                headers.truncate(layout.headers);
                Program::Likely { headers, layout }
            }
            Ok(_) | Err(_) => Program::No,
        };
    }

    /// Gathers a program; once all of it is there it is shown unpacked, and then searched.
    fn gather(&mut self, inbox: &mut Inbox, room: usize) -> Walked {
        let Program::Packed { bytes, layout, end } = &mut self.program else { return Walked::On };
        let left = usize::try_from(end.saturating_sub(bytes.len() as u64)).unwrap_or(usize::MAX);
        let piece = inbox.front();
        let piece = piece.get(..left).unwrap_or(piece);
        let is_fit = piece.len() <= room;
        if is_fit {
            let n = piece.len();
            bytes.extend_from_slice(piece);
            inbox.advance(n);
            if n < left {
                return Walked::On;
            }
        } else if layout.has_room_to_run() || layout.starts_writable() {
            self.failed = Some(Unscannable::TooLarge);
        }
        let (file, layout) = (std::mem::take(bytes).freeze(), layout.clone());
        self.program = Program::No;
        inbox.unread(file.get(layout.headers..).unwrap_or_default());
        self.behind = Some(inbox.at());
        let limits = &self.limits;
        let member = match is_fit {
            true if unpacking::is_likely(&layout) => upx::member(&file, &layout, limits)
                .or_else(|| unpacking::member(&file, &layout, limits)),
            true => upx::member(&file, &layout, limits),
            false => None,
        };
        if member.is_some() {
            self.state = State::Member;
        }
        Walked::from(member)
    }

    /// All bytes of the part have come: puts back what waited for more, to be searched for what else begins in it.
    /// Whether there was any.
    pub(crate) fn put_back(&mut self, inbox: &mut Inbox) -> bool {
        if let Program::Packed { bytes, layout, .. } = &mut self.program {
            // It ends before its sections do.
            self.failed = Some(Unscannable::Malformed);
            let bytes = std::mem::take(bytes);
            let rest = bytes.get(layout.headers..).unwrap_or_default();
            inbox.unread(rest);
            self.program = Program::No;
            self.behind = Some(inbox.at());
            return !rest.is_empty();
        }
        let head = std::mem::take(&mut self.head);
        if self.state == State::Candidate {
            inbox.unread(&head);
            self.state = State::Pass;
            return !head.is_empty();
        }
        let of_zip = self.zip.take_candidate().unwrap_or_default();
        let rest = of_zip.get(SIGNATURE_BYTES..).unwrap_or_default();
        inbox.unread(rest);
        !rest.is_empty()
    }
}
