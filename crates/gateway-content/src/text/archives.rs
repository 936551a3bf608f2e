//! Finds what begins behind a text, in whatever pieces it comes: programs, archives, and what installers
//! carry. ZIP archives are not looked for here: [`ZipWalk`](crate::archive::zip::ZipWalk) has its own search.

use std::ops::Range;

use super::tail::Tail;
use crate::Limits;
use crate::archive::embedded::{
    self, BEFORE_BYTES, Found, Front, Place, SIGNATURE_BYTES, signature_bytes,
};
use crate::archive::{Walked, Walker, sis};
use crate::document::gathered::{Format, Gathered};
use crate::inbox::Inbox;

/// Of the longest signature all but one byte, and those before it.
const EDGE_BYTES: usize = SIGNATURE_BYTES - 1 + BEFORE_BYTES;
/// Bytes by which signatures in a text are told to stand for nothing, if as many have come.
const AHEAD_BYTES: usize = 4 << 10;
/// The same where bytes from before are put in front of them.
const AHEAD_OF_EDGE_BYTES: usize = 64;

/// The search.
#[derive(Default)]
pub(super) struct Archives {
    /// What may begin a file, as far as it has come, from its signature on, and where it stands.
    head: Vec<u8>,
    at: Option<Place>,
    /// Where the program begins that was met last, or the part.
    program: u64,
}

/// A signature that was found.
#[derive(Debug)]
pub(super) struct Signature {
    /// Where it ends in the text that was searched.
    pub(super) end: usize,
    bytes: Vec<u8>,
    place: Place,
}

/// What stands where a signature was found.
pub(super) enum Looked {
    /// More has to be seen.
    Waits,
    Nothing,
    Begun(Walked),
}

impl Archives {
    /// The place of the byte at `at` of a text, of which nothing before it is known.
    pub(super) const fn place(&self, at: u64) -> Place {
        Place { at, program: self.program, last: [None; BEFORE_BYTES], front: Front::Text }
    }

    /// How many of the bytes that were used last, of which `tail` is the end, may begin a file.
    pub(super) fn carried(&self, tail: &Tail) -> usize {
        let begun = if self.head.is_empty() {
            embedded::begun_anywhere(tail.bytes())
        } else {
            self.head.len()
        };
        if begun > 0 { begun + BEFORE_BYTES } else { 0 }
    }

    /// The first signature that ends before `until` in `text`, which follows `tail` and begins at `at` of the
    /// part, and behind which there may be something.
    pub(super) fn find(
        &self,
        tail: &Tail,
        text: &[u8],
        until: usize,
        at: u64,
    ) -> Option<Signature> {
        let text = text.get(..until + AHEAD_BYTES).unwrap_or(text);
        let tail = tail.bytes();
        let edge = tail.get(tail.len().saturating_sub(EDGE_BYTES)..).unwrap_or_default();
        let over = self.over(edge, text, at);
        over.or_else(|| {
            // Of those before this the edge has told.
            let from = if edge.is_empty() { 0 } else { BEFORE_BYTES };
            let place = self.place(at).on(text, from);
            signature(text, from..until, place).map(|(here, bytes)| Signature {
                end: here + bytes.len(),
                place: place.on(text.get(from..).unwrap_or_default(), here - from),
                bytes,
            })
        })
        .filter(|found| found.end <= until)
    }

    /// The same of those that begin in `edge` or so near behind it that bytes before them are in it.
    fn over(&self, edge: &[u8], text: &[u8], at: u64) -> Option<Signature> {
        if edge.is_empty() {
            return None;
        }
        let joined = [edge, text.get(..AHEAD_OF_EDGE_BYTES).unwrap_or(text)].concat();
        let first = self.place(at.saturating_sub(edge.len() as u64));
        let mut from = 0;
        loop {
            let (here, bytes) = signature(&joined, from..joined.len(), first.on(&joined, from))?;
            if here >= edge.len() + BEFORE_BYTES {
                return None;
            }
            match (here + bytes.len()).checked_sub(edge.len()) {
                None | Some(0) => from = here + 1,
                Some(end) => return Some(Signature { end, bytes, place: first.on(&joined, here) }),
            }
        }
    }

    /// From now on looks at what stands there; the text up to its end is used.
    pub(super) fn begin(&mut self, signature: Signature) {
        self.head = signature.bytes;
        self.at = Some(signature.place);
    }

    /// Whether something is looked at.
    pub(super) const fn is_begun(&self) -> bool {
        !self.head.is_empty()
    }

    /// Takes what is looked at, behind its signature.
    pub(super) fn take_rest(&mut self) -> Vec<u8> {
        let signature = signature_bytes(&self.head);
        let rest = self.head.split_off(signature.min(self.head.len()));
        self.head.clear();
        rest
    }

    /// Looks on, behind `tail`, which ends with the signature.
    pub(super) fn look(&mut self, inbox: &mut Inbox, tail: &Tail, limits: &Limits) -> Looked {
        let Some(place) = self.at else { return Looked::Nothing };
        let found = loop {
            let found = embedded::look(&self.head, place);
            let Found::Need(bytes) = found else { break found };
            let front = inbox.front();
            if front.is_empty() {
                return Looked::Waits;
            }
            let n = bytes.saturating_sub(self.head.len()).max(1).min(front.len());
            self.head.extend_from_slice(front.get(..n).unwrap_or_default());
            inbox.advance(n);
        };
        match found {
            Found::Need(_) | Found::Nothing => Looked::Nothing,
            Found::Package => self.package(inbox, tail, limits),
            found => {
                inbox.unread(&self.head);
                self.head.clear();
                self.open(found, place, inbox, limits).map_or(Looked::Nothing, Looked::Begun)
            }
        }
    }

    /// What begins with the front of `inbox`, of which a view has given back as much as tells.
    pub(super) fn open_front(&mut self, inbox: &mut Inbox, limits: &Limits) -> Option<Walked> {
        let front = inbox.front();
        let skip = if front.get(BEFORE_BYTES) == Some(&b'-') { BEFORE_BYTES } else { 0 };
        let place = self.place(inbox.at()).on(front, skip);
        let found = embedded::look(front.get(skip..)?, place);
        if let Found::Need(_) | Found::Nothing | Found::Package = found {
            return None;
        }
        inbox.advance(skip);
        self.open(found, place, inbox, limits)
    }

    fn open(
        &mut self,
        found: Found,
        place: Place,
        inbox: &mut Inbox,
        limits: &Limits,
    ) -> Option<Walked> {
        if inbox.front().starts_with(embedded::PROGRAM) {
            self.program = place.at;
        }
        found.open(inbox, place.before(), limits)
    }

    /// A package of Symbian, whose first numbers are characters.
    fn package(&mut self, inbox: &mut Inbox, tail: &Tail, limits: &Limits) -> Looked {
        let start =
            [tail.bytes(), self.head.get(sis::SIGNATURE.len()..).unwrap_or_default()].concat();
        let is_whole = start.len() as u64 == inbox.at();
        if !is_whole
            || !sis::is_package(start.get(..sis::SIGNATURE_AT as usize).unwrap_or_default())
        {
            return Looked::Nothing;
        }
        self.head.clear();
        let walk = Gathered::resumed(Format::Sis, &start, inbox.reached(), limits);
        Looked::Begun(Walked::Become(Box::new(Walker::Gathered(Box::new(walk)))))
    }
}

/// Where in `bytes` the first signature begins, within these `places`, of which the first is `place`, behind which
/// there may be something, and its bytes.
fn signature(bytes: &[u8], places: Range<usize>, place: Place) -> Option<(usize, Vec<u8>)> {
    let rest = bytes.get(places.start..)?;
    let here = embedded::candidate_before(rest, places.len(), place)?;
    let rest = rest.get(here..)?;
    let signature = rest.get(..signature_bytes(rest)).unwrap_or(rest);
    Some((places.start + here, signature.to_vec()))
}
