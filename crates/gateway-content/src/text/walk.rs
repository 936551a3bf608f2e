//! The walk through a text: to its plainer form, to the runs in it, to an archive behind it.

mod open;

use encoding_rs::Encoding;
use gateway_inspect::{PartKind, Unscannable};
use memchr::{memchr, memchr2};

use super::archives::{Archives, Looked};
use super::cells::Cells;
use super::plainer;
use super::prescan::{self, Prescan, Told};
use super::runs::Runs;
use super::tail::Tail;
use crate::Limits;
use crate::archive::seek::{SIGNATURE_BYTES as ZIP_SIGNATURE_BYTES, Seeker};
use crate::archive::zip::{self, FIRST_SIGNATURES, ZipWalk};
use crate::archive::{MemberEnd, Walked};
use crate::declared::{Declared, Media};
use crate::inbox::Inbox;
use crate::sniff::unmarked;

/// Bytes that are searched at once. After a run is found the search begins anew behind it: of as few as may be at
/// first, as a text may be full of runs, and of more as long as none is found.
const WINDOW: usize = 4 << 10;
const WINDOW_MIN: usize = 128;

/// The plainer form of a text.
#[derive(Clone, Copy, Debug)]
enum View {
    /// Near numbers and addresses that are written in an unusual way.
    Plainer,
    /// From its first byte: the text of markup; `html` or `xml`.
    Markup(&'static str),
    /// From its first byte: the text of RTF.
    Rtf,
    /// From its first byte: the text of a binary workbook.
    Cells,
    /// From its first byte, as bytes of ASCII mean something else in it.
    Charset(&'static Encoding),
    /// From its first byte: UTF-7.
    Utf7,
    /// From the first byte that is not ASCII.
    Legacy(&'static Encoding),
    /// From the first escape.
    Escaped(u8),
    /// From the first encoded character.
    Form,
}

/// How far a view has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// None is open.
    None,
    /// It is open.
    Open,
    /// It ended where an archive seems to begin.
    Ended,
}

/// The walk.
pub(crate) struct TextWalk {
    view: View,
    declared: Declared,
    /// Where the part may say its charset itself.
    prescan: Option<Prescan>,
    /// Whether all from the first byte on is needed.
    is_needed: bool,
    zip: Option<Box<ZipWalk>>,
    /// Behind the signature of a ZIP archive that was met last.
    passed: u64,
    seen: Seen,
    /// Stretches that were shown plainer.
    stretches: u32,
    archives: Archives,
    seeker: Seeker,
    runs: Runs,
    tail: Tail,
    window: usize,
    failed: Option<Unscannable>,
    limits: Limits,
}

impl TextWalk {
    /// A walk through a part of `kind` that begins with `first`.
    pub(crate) fn new(kind: PartKind, first: &[u8], declared: &Declared, limits: &Limits) -> Self {
        let wide = match first {
            [0xff, 0xfe, ..] => Some(encoding_rs::UTF_16LE),
            [0xfe, 0xff, ..] => Some(encoding_rs::UTF_16BE),
            _ if let Some(charset) = unmarked(kind, first) => Some(charset),
            _ => declared.charset.filter(|charset| !charset.is_ascii_compatible()),
        };
        let view = match (wide, kind, declared.media) {
            (Some(encoding), PartKind::Text | PartKind::Unknown, _) => View::Charset(encoding),
            _ if declared.is_utf_7 => View::Utf7,
            (_, PartKind::Html, _) => View::Markup("html"),
            (_, PartKind::Xml, _) => View::Markup("xml"),
            (_, PartKind::Rtf, _) => View::Rtf,
            (_, PartKind::Unknown, _) if Cells::are_told_by(first) => View::Cells,
            (_, PartKind::Json, _) => View::Escaped(2),
            (_, _, Media::Escaped(times @ 1..)) => View::Escaped(times),
            (_, _, Media::Form) => View::Form,
            (_, PartKind::Script, _) => View::Escaped(1),
            _ => declared.charset.map_or(View::Plainer, View::Legacy),
        };
        let read: Option<fn(&[u8]) -> Told> = match view {
            _ if declared.has_charset => None,
            View::Markup("xml") => Some(prescan::xml),
            View::Markup(_) => Some(prescan::html),
            _ => None,
        };
        Self {
            view,
            declared: declared.clone(),
            prescan: read.map(Prescan::new),
            is_needed: read.is_some(),
            zip: None,
            passed: 0,
            seen: Seen::None,
            stretches: 0,
            archives: Archives::default(),
            seeker: Seeker::new(),
            runs: match kind {
                _ if declared.shows_strings => Runs::beside_strings(),
                PartKind::Text if !first.is_empty() => Runs::new().with_fields(),
                _ => Runs::new(),
            },
            tail: Tail::default(),
            window: WINDOW,
            failed: None,
            limits: limits.clone(),
        }
    }

    /// A walk through text of no special form, of which an end of a line was just seen.
    pub(crate) fn plain(limits: &Limits) -> Self {
        Self::new(PartKind::Text, b"", &Declared::default(), limits)
    }

    /// The same, in which no part of a multipart is looked for that has its header before `at` of the text.
    pub(crate) fn without_parts_before(self, at: u64) -> Self {
        Self { runs: self.runs.without_parts_before(at), ..self }
    }

    pub(crate) fn zip(&self) -> Option<&ZipWalk> {
        self.zip.as_deref()
    }

    /// How many of the bytes that were used may yet begin an archive.
    pub(crate) fn carried(&self) -> usize {
        let begun = self.archives.carried(&self.tail).max(self.seeker.taken().len());
        let begun = self.prescan.as_ref().map_or(begun, Prescan::carried);
        self.zip.as_ref().map_or(begun, |zip| zip.carried())
    }

    /// From where on bytes are needed, if not from where it stands.
    pub(crate) fn needs_from(&self) -> Option<u64> {
        self.is_needed.then_some(0)
    }

    /// The member that was met last is open.
    pub(crate) fn member_opened(&mut self) {
        self.is_needed = false;
    }

    /// Notes why a walk that came before failed.
    pub(crate) fn fail(&mut self, reason: Unscannable) {
        self.failed = Some(self.failed.map_or(reason, |old| old.min(reason)));
    }

    pub(crate) fn failed(&self) -> Option<Unscannable> {
        let of_zip = self.zip.as_ref().and_then(|zip| zip.failed());
        [self.failed, of_zip].into_iter().flatten().min()
    }

    /// The member that was opened last is over.
    pub(crate) fn member_ended(&mut self, end: &MemberEnd) {
        if let Some(zip) = &mut self.zip {
            zip.member_ended(end);
        } else if self.seen == Seen::Open {
            // It ends early only where an archive seems to begin.
            self.seen = Seen::Ended;
        }
    }

    /// Walks on through the front of `inbox`, up to the next member.
    pub(crate) fn walk(&mut self, inbox: &mut Inbox, index_room: usize) -> Walked {
        if let Some(prescan) = &mut self.prescan {
            match prescan.read_on(inbox) {
                Told::Need => return Walked::On,
                Told::Nothing => {}
                Told::Charset(encoding) => self.declared.charset = prescan::declared(encoding),
            }
            self.prescan = None;
        }
        if let Some(zip) = &mut self.zip {
            let member = zip.walk(inbox, index_room);
            if zip.is_searching() {
                // No archive, or it is over: this is text again.
                self.failed = self.failed();
                self.zip = None;
                self.go_on(inbox);
            }
            return Walked::from(member);
        }
        if self.archives.is_begun() {
            return self.look(inbox);
        }
        if self.seen == Seen::Ended {
            self.seen = Seen::None;
            if let Some(begun) = self.archives.open_front(inbox, &self.limits) {
                return begun;
            }
            if self.is_seen_whole() {
                self.zip = Some(Box::new(ZipWalk::searching(&self.limits)));
                return Walked::On;
            }
        }
        if let Some(member) = self.whole_view(inbox.at()) {
            self.seen = Seen::Open;
            return Walked::from(Some(member));
        }
        self.search(inbox)
    }

    fn search(&mut self, inbox: &mut Inbox) -> Walked {
        if inbox.front().len() < WINDOW / 16 {
            // What was put back is too short to tell what is behind a signature.
            inbox.join(WINDOW);
        }
        let all = inbox.front();
        let front = all.get(..self.window).unwrap_or(all);
        self.window = WINDOW.min(2 * self.window);
        let at = inbox.at();
        let (used, zip, passed) = self.seek_zip(front, all, at);
        let archive = self.archives.find(&self.tail, all, used, at);
        let used = archive.as_ref().map_or(used, |archive| archive.end);
        let text = front.get(..used).unwrap_or_default();
        let trigger = self.trigger(text);
        let searched = trigger.and_then(|at| text.get(..at)).unwrap_or(text);
        if let Some(hit) = self.runs.find(&self.tail, searched, at) {
            self.window = WINDOW_MIN;
            self.pass(&passed, at + hit.to as u64);
            return self.open_run(inbox, hit);
        }
        if let Some(changed) = trigger {
            self.seen = Seen::Open;
            self.window = WINDOW_MIN;
            self.pass(&passed, at + changed as u64);
            return Walked::from(Some(self.open_view(inbox, changed)));
        }
        self.tail.push(text);
        let used = text.len();
        self.pass(&passed, at + used as u64);
        inbox.advance(used);
        if archive.is_some() || zip.is_some() {
            self.window = WINDOW_MIN;
        }
        match (archive, zip) {
            (Some(signature), _) => {
                self.seeker = Seeker::new();
                self.archives.begin(signature);
            }
            (None, Some(signature)) => {
                self.passed = inbox.at();
                self.zip = Some(Box::new(ZipWalk::found(&signature, &self.limits)));
            }
            (None, None) => {}
        }
        Walked::On
    }

    /// Searches `front`, the beginning of `all`, which is at `at`, for the signature of a ZIP archive: how much was
    /// used, the signature that it ends with, and behind which others it is certain that no archive begins.
    fn seek_zip(
        &mut self,
        front: &[u8],
        all: &[u8],
        at: u64,
    ) -> (usize, Option<[u8; ZIP_SIGNATURE_BYTES]>, Vec<u64>) {
        let (mut used, mut passed) = (0, Vec::new());
        loop {
            let rest = front.get(used..).unwrap_or_default();
            let (more, signature) = self.seeker.seek(rest, FIRST_SIGNATURES);
            used += more;
            let (end, behind) = (at + used as u64, all.get(used..).unwrap_or_default());
            match signature {
                Some(signature) if zip::begins(&signature, behind, end) == Some(false) => {
                    passed.push(end);
                }
                signature => return (used, signature, passed),
            }
        }
    }

    /// Notes which of the signatures that were `passed` is the last up to `end`.
    fn pass(&mut self, passed: &[u64], end: u64) {
        let last = passed.iter().rev().find(|at| **at <= end);
        self.passed = last.copied().unwrap_or(self.passed);
    }

    /// Looks at what may begin a file, if enough of it has come.
    fn look(&mut self, inbox: &mut Inbox) -> Walked {
        match self.archives.look(inbox, &self.tail, &self.limits) {
            Looked::Waits => Walked::On,
            Looked::Nothing => {
                self.put_back(inbox);
                Walked::On
            }
            Looked::Begun(walked) => {
                self.restart();
                walked
            }
        }
    }

    /// Puts back what was taken for the beginning of an archive, behind its signature: whether there was any.
    pub(crate) fn put_back(&mut self, inbox: &mut Inbox) -> bool {
        if let Some(mut prescan) = self.prescan.take() {
            return prescan.put_back(inbox);
        }
        let of_zip = self.zip.as_mut().and_then(|zip| zip.take_candidate());
        if let Some(head) = of_zip {
            self.zip = None;
            inbox.unread(head.get(ZIP_SIGNATURE_BYTES..).unwrap_or_default());
            self.go_on(inbox);
            return head.len() > ZIP_SIGNATURE_BYTES;
        }
        let rest = self.archives.take_rest();
        inbox.unread(&rest);
        !rest.is_empty()
    }

    /// Goes on with the text where no archive begins, or one has ended.
    fn go_on(&mut self, inbox: &Inbox) {
        if inbox.at() == self.passed {
            self.seeker = Seeker::new();
        } else {
            self.restart();
        }
    }

    /// Whether the view begins with the first byte.
    fn is_seen_whole(&self) -> bool {
        matches!(
            self.view,
            View::Markup(_) | View::Rtf | View::Cells | View::Charset(_) | View::Utf7
        )
    }

    /// Forgets what was seen.
    fn restart(&mut self) {
        self.seeker = Seeker::new();
        self.runs.restart();
        self.tail.clear();
    }

    /// Where in `text` the first byte is that the view changes.
    fn trigger(&self, text: &[u8]) -> Option<usize> {
        match self.view {
            View::Legacy(_) => text.iter().position(|b| !b.is_ascii()),
            View::Escaped(_) => memchr(b'\\', text),
            View::Form => memchr2(b'%', b'+', text),
            View::Plainer => plainer::find(&self.tail, text),
            View::Markup(_) | View::Rtf | View::Cells | View::Charset(_) | View::Utf7 => None,
        }
    }
}
