//! Ends a view where an archive or a program begins, or a ZIP archive seems to: a file may be text in front and
//! something else behind.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use bytes::BytesMut;
use gateway_inspect::Unscannable;

use crate::archive::embedded::{self, Found, Place};
use crate::archive::zip::{self, FIRST_SIGNATURES};
use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;

/// Bytes of the signature of a ZIP archive.
const ZIP_BYTES: usize = 4;
/// Bytes that are looked at together with a few that were held.
const JOINED_BYTES: usize = 4 << 10;
/// Bytes that are searched first, then twice as many.
const WINDOW_MIN: usize = 256;

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let zip = FIRST_SIGNATURES.iter().map(|[a, b]| [b'P', b'K', *a, *b]);
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(zip).ok()
});

/// Where in `bytes`, of which the first is at `place`, something begins or may begin of which the rest has not
/// come.
fn find(bytes: &[u8], place: Place) -> Option<usize> {
    let (mut from, mut window) = (0, WINDOW_MIN);
    let mut first = None;
    while first.is_none() && from < bytes.len() {
        first = find_between(bytes, from, from.saturating_add(window).min(bytes.len()), place);
        (from, window) = (from + window, 2 * window);
    }
    first.or_else(|| {
        let last = bytes.len().saturating_sub(ZIP_BYTES - 1);
        let is_begun = |at: &usize| {
            let head = bytes.get(*at..).unwrap_or_default();
            matches!(zip_begins(head, place.at + *at as u64), Found::Need(_))
        };
        let of_zip = (last..bytes.len()).find(is_begun);
        let begun = embedded::begun(bytes, place.at);
        let of_file = (begun > 0).then_some(bytes.len() - begun);
        [of_zip, of_file].into_iter().flatten().min()
    })
}

/// Where in `bytes` something begins from `from` on and before `until`. What is behind that counts for what tells, but
/// is not searched: of many that begin near each other each is searched for anew.
fn find_between(bytes: &[u8], from: usize, until: usize, place: Place) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let file = embedded::candidate_before(rest, until - from, place.on(bytes, from));
    let near = file.unwrap_or(until - from).saturating_add(ZIP_BYTES - 1);
    let near = rest.get(..near).unwrap_or(rest);
    let may_begin = |at: &usize| {
        let head = rest.get(*at..).unwrap_or_default();
        !matches!(zip_begins(head, place.at + (from + at) as u64), Found::Nothing)
    };
    let mut found = FINDER.as_ref().into_iter().flat_map(|finder| finder.find_iter(near));
    let zip = found.by_ref().map(|found| found.start()).find(may_begin);
    [file, zip].into_iter().flatten().min().map(|at| from + at)
}

/// Tells what `head` begins with, which stands at `place`.
fn look(head: &[u8], place: Place) -> Found {
    if head.first() == Some(&b'P') {
        zip_begins(head, place.at)
    } else {
        embedded::look(head, place)
    }
}

/// The same of a ZIP archive.
fn zip_begins(head: &[u8], at: u64) -> Found {
    let Some((signature, rest)) = head.split_first_chunk::<ZIP_BYTES>() else {
        let may_be = |[a, b]: &[u8; 2]| [b'P', b'K', *a, *b].starts_with(head);
        let is_begun = FIRST_SIGNATURES.iter().any(may_be);
        return if is_begun { Found::Need(ZIP_BYTES) } else { Found::Nothing };
    };
    let is_known = signature
        .strip_prefix(b"PK")
        .is_some_and(|kind| FIRST_SIGNATURES.iter().any(|known| kind == known));
    match zip::begins(signature, rest, at + ZIP_BYTES as u64) {
        _ if !is_known => Found::Nothing,
        Some(true) => Found::File(u64::MAX),
        Some(false) => Found::Nothing,
        None => Found::Need(head.len() + 1),
    }
}

/// A view of text up to an archive or a program.
pub(super) struct Until<T> {
    view: T,
    /// Bytes that were taken and may begin an archive; at the end, with which one begins.
    held: Vec<u8>,
    /// Where these stand, or the next byte.
    place: Place,
}

impl<T: Transform> Until<T> {
    /// A view of what begins at `place`.
    pub(super) fn new(view: T, place: Place) -> Self {
        Self { view, held: Vec::new(), place }
    }

    /// Shows `input` to the view: how much of it that takes, and whether it ends there.
    fn show(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let (mut used, mut decoded) = (0, Decoded::More);
        while used < input.len() && decoded == Decoded::More {
            let n;
            (n, decoded) = self.view.run(input.get(used..).unwrap_or_default(), out);
            used += n;
        }
        self.place = self.place.on(input, used);
        (used, decoded)
    }

    /// Something begins with what is held.
    fn stop(&mut self, found: &Found) {
        if let (Found::Archive(_), Some(before)) = (found, self.place.before()) {
            self.held.splice(..0, before);
        }
    }

    /// The view is over: what it gives back comes before what is held.
    fn end(&mut self) {
        self.held.splice(..0, self.view.unread().iter().copied());
    }

    /// Shows what is held and goes on with `more` up to where the next archive may begin, which is not with the
    /// first byte: whether the view ends.
    fn pass(&mut self, more: &[u8], out: &mut BytesMut) -> Decoded {
        let held = [&*std::mem::take(&mut self.held), more].concat();
        let rest = held.get(1..).unwrap_or_default();
        let at = 1 + find(rest, self.place.on(&held, 1)).unwrap_or(rest.len());
        let (used, decoded) = self.show(held.get(..at).unwrap_or_default(), out);
        self.held = held.get(used..).unwrap_or_default().to_vec();
        if decoded != Decoded::More {
            self.end();
        }
        decoded
    }
}

impl<T: Transform> Transform for Until<T> {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let mut used = 0;
        loop {
            let rest = input.get(used..).unwrap_or_default();
            if self.held.is_empty() {
                let at = find(rest, self.place).unwrap_or(rest.len());
                let (shown, decoded) = self.show(rest.get(..at).unwrap_or_default(), out);
                if decoded != Decoded::More {
                    self.end();
                    return (used + shown, decoded);
                }
                let Some(first) = rest.get(at) else { return (input.len(), Decoded::More) };
                self.held.push(*first);
                used += at + 1;
                continue;
            }
            match look(&self.held, self.place) {
                Found::Need(bytes) => {
                    let missing = bytes.saturating_sub(self.held.len()).max(1);
                    let more = rest.get(..missing).unwrap_or(rest);
                    if more.is_empty() {
                        return (used, Decoded::More);
                    }
                    self.held.extend_from_slice(more);
                    used += more.len();
                }
                Found::Nothing | Found::Package => {
                    // As much as makes the next signatures tell at once what is behind them.
                    let more = rest.get(..JOINED_BYTES).unwrap_or(rest);
                    let decoded = self.pass(more, out);
                    used += more.len();
                    if decoded != Decoded::More {
                        return (used, decoded);
                    }
                }
                found => {
                    self.stop(&found);
                    let _ = self.view.finish(out);
                    return (used, Decoded::End);
                }
            }
        }
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        // What waits for more is nothing, but something may begin behind it.
        while !self.held.is_empty() {
            let found = look(&self.held, self.place);
            if !matches!(found, Found::Need(_) | Found::Nothing | Found::Package) {
                self.stop(&found);
                break;
            }
            if self.pass(&[], out) != Decoded::More {
                return Ok(());
            }
        }
        self.view.finish(out)
    }

    fn rest(&self) -> &[u8] {
        &self.held
    }

    fn is_settled(&self) -> bool {
        self.held.is_empty() && self.view.is_settled()
    }

    fn lag(&self) -> usize {
        self.view.lag()
    }

    fn keeps_text(&self) -> bool {
        self.view.keeps_text()
    }

    fn unread(&self) -> &[u8] {
        &self.held
    }
}
