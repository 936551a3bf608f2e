//! The walk through a message: headers, then the body or the parts between boundaries.

use gateway_inspect::Unscannable;

use super::entity::Entity;
use super::header::{Header, is_field_line};
use crate::Limits;
use crate::archive::{Member, Walked, Walker};
use crate::coding::decoder::Decoder;
use crate::declared::{Declared, Media};
use crate::inbox::Inbox;
use crate::text::walk::TextWalk;

/// Longest header that is read.
const HEADER_BYTES_MAX: usize = 64 << 10;

/// The walk.
pub(crate) struct MimeWalk {
    state: State,
    /// `--` and the boundary of the multipart that it is in.
    mark: Option<Vec<u8>>,
    /// The lines of a header, or a single line, as far as they have come.
    head: Vec<u8>,
    /// Whether the boundary has come, if there is one.
    has_boundary: bool,
    failed: Option<Unscannable>,
    limits: Limits,
}

/// What comes next.
enum State {
    /// The header of the message itself, or the `From ` line of an mbox.
    Message,
    /// The `From ` line between two messages of an mbox.
    Between,
    /// What stands before the first boundary: a line of it that may be empty or the boundary.
    Preamble,
    /// A line that begins with the boundary.
    Boundary,
    /// The header of a part.
    Part,
    /// A part, or the body of a message without any, is being unpacked.
    Body,
}

impl MimeWalk {
    /// A walk through a message or an mbox, at its first byte.
    pub(crate) fn message(limits: &Limits) -> Self {
        Self {
            state: State::Message,
            mark: None,
            head: Vec::new(),
            has_boundary: true,
            failed: None,
            limits: limits.clone(),
        }
    }

    /// A walk through a multipart with that boundary, at its first byte.
    pub(crate) fn multipart(boundary: &[u8], limits: &Limits) -> Self {
        let mut walk = Self::message(limits);
        walk.enter(boundary);
        walk
    }

    /// A walk through a multipart found in a text, whose part has a header that begins with `head`.
    pub(crate) fn resumed(boundary: &[u8], head: &[u8], limits: &Limits) -> Self {
        let mark = Some([b"--", boundary].concat());
        Self { state: State::Part, mark, head: head.to_vec(), ..Self::message(limits) }
    }

    /// A walk through a message found in a text, in whose header `head` is the last that has come.
    pub(crate) fn in_header(head: &[u8], limits: &Limits) -> Self {
        Self { state: State::Part, head: head.to_vec(), ..Self::message(limits) }
    }

    pub(crate) fn failed(&self) -> Option<Unscannable> {
        self.failed
    }

    /// Notes why a walk that came before failed.
    pub(crate) fn fail(&mut self, reason: Unscannable) {
        self.failed = Some(self.failed.map_or(reason, |old| old.min(reason)));
    }

    /// The part is over: why not all of it was walked through.
    pub(crate) fn end(&mut self) {
        if !self.has_boundary && !matches!(self.state, State::Preamble) {
            // Parts were announced, and none came: others may take another boundary for theirs.
            self.fail(Unscannable::Malformed);
        }
    }

    /// The member that was opened last is over.
    pub(crate) fn member_ended(&mut self) {
        self.state = match &self.mark {
            Some(mark) if mark == MBOX => State::Between,
            Some(_) => State::Boundary,
            None => State::Body,
        };
    }

    /// Walks on through the front of `inbox`, up to the next member.
    pub(crate) fn walk(&mut self, inbox: &mut Inbox) -> Walked {
        match self.state {
            State::Preamble => self.read_preamble(inbox),
            State::Body => self.leave(inbox),
            State::Boundary | State::Between => self.read_line(inbox),
            State::Message | State::Part => self.read_header(inbox),
        }
    }

    fn enter(&mut self, boundary: &[u8]) {
        let mark = [b"--", boundary].concat();
        self.state = State::Preamble;
        self.mark = Some(mark);
        self.has_boundary = false;
    }

    /// What is before the first boundary is a part as well: other readers may take another line for
    /// the boundary, and show it.
    fn read_preamble(&mut self, inbox: &mut Inbox) -> Walked {
        self.fill_line(inbox);
        let mark = self.mark.as_deref().unwrap_or_default();
        if self.head.starts_with(mark) {
            inbox.unread(&self.head);
            self.head.clear();
            self.state = State::Boundary;
        } else if matches!(&*self.head, b"\n" | b"\r\n") {
            self.head.clear();
        } else if self.head != b"\r" && !mark.starts_with(&self.head) {
            inbox.unread(&self.head);
            self.head.clear();
            self.state = State::Body;
            let entity = Entity::new(self.mark.clone(), super::header::Transfer::Identity);
            let decoder = Decoder::Other(Box::new(entity));
            let member = Member::stream("mime", b"preamble".to_vec(), decoder);
            return Walked::from(Some(member));
        }
        Walked::On
    }

    /// What follows is text like any.
    fn leave(&mut self, inbox: &mut Inbox) -> Walked {
        inbox.unread(&self.head);
        self.head.clear();
        Walked::Become(Box::new(Walker::Text(Box::new(TextWalk::plain(&self.limits)))))
    }

    /// Adds bytes of the front to `head` up to the end of a line: whether it has come.
    fn fill_line(&mut self, inbox: &mut Inbox) -> bool {
        let front = inbox.front();
        let line = memchr::memchr(b'\n', front).map_or(front.len(), |at| at + 1);
        let line = line.min(HEADER_BYTES_MAX.saturating_sub(self.head.len()).max(1));
        self.head.extend_from_slice(front.get(..line).unwrap_or_default());
        inbox.advance(line);
        self.head.ends_with(b"\n")
    }

    /// The line with a boundary.
    fn read_line(&mut self, inbox: &mut Inbox) -> Walked {
        let ended = self.fill_line(inbox);
        if self.head.len() >= HEADER_BYTES_MAX {
            return self.give_up(inbox);
        }
        if !ended {
            return Walked::On;
        }
        let line = std::mem::take(&mut self.head);
        if let State::Between = self.state {
            return self.open_message();
        }
        self.has_boundary = true;
        let mark = self.mark.as_ref().map_or(0, Vec::len);
        if line.get(mark..).unwrap_or_default().starts_with(b"--") {
            return self.leave(inbox);
        }
        self.state = State::Part;
        Walked::On
    }

    fn read_header(&mut self, inbox: &mut Inbox) -> Walked {
        let start = self.head.len();
        let ended = self.fill_line(inbox);
        if self.head.len() >= HEADER_BYTES_MAX {
            return self.give_up(inbox);
        }
        if !ended {
            return Walked::On;
        }
        // What came before may have been the beginning of this line.
        let start = self.head.get(..start).and_then(|head| head.iter().rposition(|b| *b == b'\n'));
        let line = self.head.get(start.map_or(0, |at| at + 1)..).unwrap_or_default();
        let is_first = line.len() == self.head.len();
        if is_first && matches!(self.state, State::Message) {
            if line.starts_with(MBOX) {
                self.mark = Some(MBOX.to_vec());
                self.head.clear();
                return self.open_message();
            }
            if !is_field_line(line) {
                return self.leave(inbox);
            }
        }
        if matches!(line, b"\n" | b"\r\n") {
            return self.open_body();
        }
        Walked::On
    }

    /// What was read as a header is text like any, but it is not read as headers again, of which there may be
    /// one in each of its lines.
    fn give_up(&mut self, inbox: &mut Inbox) -> Walked {
        if self.mark.is_some() || !matches!(self.state, State::Part) {
            self.fail(Unscannable::TooLarge);
        }
        let read = inbox.at();
        inbox.unread(&self.head);
        self.head.clear();
        let walk = TextWalk::plain(&self.limits).without_parts_before(read);
        Walked::Become(Box::new(Walker::Text(Box::new(walk))))
    }

    /// A message of an mbox, behind its `From ` line.
    fn open_message(&mut self) -> Walked {
        self.state = State::Body;
        let entity = Entity::new(Some(MBOX.to_vec()), super::header::Transfer::Identity);
        let declared = Declared { media: Media::Mail, ..Declared::default() };
        let decoder = Decoder::Other(Box::new(entity));
        Walked::from(Some(Member { declared, ..Member::stream("mbox", Vec::new(), decoder) }))
    }

    /// What the header at hand describes.
    fn open_body(&mut self) -> Walked {
        let head = std::mem::take(&mut self.head);
        let header = Header::read(&head);
        if header.contradicts {
            self.fail(Unscannable::Contradiction);
        }
        if self.mark.is_none() && header.is_multipart() {
            self.enter(&header.declared.boundary);
            return Walked::On;
        }
        self.state = State::Body;
        let format = if header.is_field { "form" } else { "mime" };
        let decoder = Decoder::Other(Box::new(Entity::new(self.mark.clone(), header.transfer)));
        let declared = header.declared;
        Walked::from(Some(Member { declared, ..Member::stream(format, header.name, decoder) }))
    }
}

/// What the line between two messages of an mbox begins with.
const MBOX: &[u8] = b"From ";
