//! Finds the signatures of archives in a text, in whatever pieces it comes. Whether one begins there its
//! header tells.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memchr3;

use super::tail::Tail;
use crate::archive::behind::{self, HEADER_BYTES_MAX, SIGNATURES};

/// Of the longest signature all but one byte.
const EDGE_BYTES: usize = 5;

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(SIGNATURES).ok()
});

/// Where the first signature ends in the first `len` bytes of `front`, which follow `tail`, and the signature. Those
/// behind which there is nothing for certain are passed over at once: a text may be full of them.
pub(super) fn find(tail: &Tail, front: &[u8], len: usize) -> Option<(usize, &'static [u8])> {
    let tail = tail.bytes();
    let edge = tail.get(tail.len().saturating_sub(EDGE_BYTES)..).unwrap_or_default();
    let over = memchr3(b'R', b'7', b'M', edge).and_then(|_| {
        let joined = [edge, front.get(..HEADER_BYTES_MAX).unwrap_or(front)].concat();
        let end = edge.len() + len.min(EDGE_BYTES);
        first(&joined, edge.len(), end).map(|(end, signature)| (end - edge.len(), signature))
    });
    over.or_else(|| first(front, 0, len))
}

/// The first signature that ends behind `after`, and no further than `end`.
fn first(bytes: &[u8], after: usize, end: usize) -> Option<(usize, &'static [u8])> {
    let here = bytes.get(..end).unwrap_or(bytes);
    let may_be = |start: usize| {
        let head = bytes.get(start..).unwrap_or_default();
        behind::told(head.get(..HEADER_BYTES_MAX).unwrap_or(head)) != Some(false)
    };
    let mut found = FINDER.as_ref()?.find_iter(here);
    let found = found.find(|found| found.end() > after && may_be(found.start()))?;
    Some((found.end(), SIGNATURES.get(found.pattern().as_usize())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_pieces_find_the_same() {
        let text =
            b"MMSCF RRar!\x1a\x07\0\0\0\x73MSCFMSCF 77z\xbc\xaf\x27\x1c MSC Rar!\x1a\x07\x01\0";
        // Of the others it is certain that they are none.
        let may_be = |end: &usize| {
            let signature = SIGNATURES.iter().find(|signature| text[..*end].ends_with(signature));
            let start = signature.map(|signature| end - signature.len());
            start.is_some_and(|start| behind::told(&text[start..]) != Some(false))
        };
        let want: Vec<usize> = (0..=text.len()).filter(may_be).collect();
        assert_eq!(want, [13, 21, 25, 33, 44]);
        for cut in 1..=text.len() {
            let (mut tail, mut found, mut at) = (Tail::default(), Vec::new(), 0);
            for piece in text.chunks(cut) {
                let mut piece = piece;
                while let Some((end, signature)) = find(&tail, piece, piece.len()) {
                    assert!(text[..at + end].ends_with(signature));
                    if behind::told(&text[at + end - signature.len()..]) != Some(false) {
                        found.push(at + end);
                    }
                    tail.push(&piece[..end]);
                    (at, piece) = (at + end, &piece[end..]);
                }
                tail.push(piece);
                at += piece.len();
            }
            assert_eq!(found, want, "by {cut}");
        }
    }
}
