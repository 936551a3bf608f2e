//! Ends a view where an archive begins, or a ZIP archive seems to: a file may be text in front and an archive
//! behind.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use bytes::BytesMut;
use gateway_inspect::Unscannable;

use crate::archive::behind::{self, Behind, HEADER_BYTES_MAX, SIGNATURES};
use crate::archive::zip::FIRST_SIGNATURES;
use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;

/// Bytes of the signature of a ZIP archive.
const ZIP_BYTES: usize = 4;
/// Of the longest signature.
const SIGNATURE_BYTES_MAX: usize = 6;

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(signatures()).ok()
});

fn signatures() -> impl Iterator<Item = Vec<u8>> {
    let zip = FIRST_SIGNATURES.iter().map(|[a, b]| vec![b'P', b'K', *a, *b]);
    zip.chain(SIGNATURES.iter().map(|signature| signature.to_vec()))
}

/// Where in `bytes` the first signature begins that may stand for an archive, or what may be a signature, of which
/// the rest has not come. Those behind which there is nothing for certain are passed over at once: a text may be full
/// of them.
fn find(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = signature(bytes, from) {
        if !is_nothing(bytes.get(at..).unwrap_or_default()) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// Where the first signature begins from `from` on, or may.
fn signature(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let whole = FINDER.as_ref().and_then(|finder| finder.find(rest)).map(|found| found.start());
    let at = whole.or_else(|| {
        let last = rest.len().saturating_sub(SIGNATURE_BYTES_MAX - 1);
        let begins =
            |at: &usize| matches!(look(rest.get(*at..).unwrap_or_default()), Behind::Need(_));
        (last..rest.len()).find(begins)
    });
    at.map(|at| from + at)
}

/// Whether it is certain by now that no archive begins here.
fn is_nothing(bytes: &[u8]) -> bool {
    let head = bytes.get(..HEADER_BYTES_MAX).unwrap_or(bytes);
    look(bytes.get(..ZIP_BYTES).unwrap_or(bytes)) == Behind::Nothing
        || (head.first() != Some(&b'P') && behind::told(head) == Some(false))
}

/// Tells what `head` begins with.
fn look(head: &[u8]) -> Behind {
    match head {
        [b'P'] | [b'P', b'K'] => Behind::Need(ZIP_BYTES),
        [b'P', b'K', kind @ ..] => {
            let seen = |known: &&[u8; 2]| known.starts_with(kind.get(..2).unwrap_or(kind));
            match FIRST_SIGNATURES.iter().find(seen) {
                Some(_) if kind.len() >= 2 => Behind::Archive(u64::MAX),
                Some(_) => Behind::Need(ZIP_BYTES),
                None => Behind::Nothing,
            }
        }
        _ => behind::look(head),
    }
}

/// A view of text up to an archive.
pub(super) struct Until<T> {
    view: T,
    /// Bytes that were taken and may begin an archive; at the end, with which one begins.
    held: Vec<u8>,
}

impl<T: Transform> Until<T> {
    pub(super) fn new(view: T) -> Self {
        Self { view, held: Vec::new() }
    }

    /// Shows all of `input` to the view.
    fn show(&mut self, input: &[u8], out: &mut BytesMut) {
        let mut rest = input;
        while !rest.is_empty() {
            let (used, decoded) = self.view.run(rest, out);
            rest = rest.get(used..).unwrap_or_default();
            if decoded != Decoded::More {
                return;
            }
        }
    }

    /// Shows what is held up to where the next archive may begin, which is not with the first byte.
    fn pass(&mut self, out: &mut BytesMut) {
        let held = std::mem::take(&mut self.held);
        let rest = held.get(1..).unwrap_or_default();
        let at = 1 + find(rest).unwrap_or(rest.len());
        self.show(held.get(..at).unwrap_or_default(), out);
        self.held = held.get(at..).unwrap_or_default().to_vec();
    }
}

impl<T: Transform> Transform for Until<T> {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let mut used = 0;
        loop {
            let rest = input.get(used..).unwrap_or_default();
            if self.held.is_empty() {
                let at = find(rest).unwrap_or(rest.len());
                self.show(rest.get(..at).unwrap_or_default(), out);
                let Some(first) = rest.get(at) else { return (input.len(), Decoded::More) };
                self.held.push(*first);
                used += at + 1;
                continue;
            }
            match look(&self.held) {
                Behind::Need(bytes) => {
                    let missing = bytes.saturating_sub(self.held.len()).max(1);
                    let more = rest.get(..missing).unwrap_or(rest);
                    if more.is_empty() {
                        return (used, Decoded::More);
                    }
                    self.held.extend_from_slice(more);
                    used += more.len();
                }
                Behind::Nothing => self.pass(out),
                Behind::Archive(_) => {
                    let _ = self.view.finish(out);
                    return (used, Decoded::End);
                }
            }
        }
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        let held = std::mem::take(&mut self.held);
        self.show(&held, out);
        self.view.finish(out)
    }

    fn is_settled(&self) -> bool {
        self.held.is_empty() && self.view.is_settled()
    }

    fn keeps_text(&self) -> bool {
        self.view.keeps_text()
    }

    fn unread(&self) -> &[u8] {
        &self.held
    }
}
