//! Finds the signatures of archives in a text, in whatever pieces it comes. Whether one begins there its
//! header tells.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memchr3;

use super::tail::Tail;
use crate::archive::behind::SIGNATURES;

/// Of the longest signature all but one byte.
const EDGE_BYTES: usize = 5;

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(SIGNATURES).ok()
});

/// Where the first signature ends in `text`, which follows `tail`, and the signature.
pub(super) fn find(tail: &Tail, text: &[u8]) -> Option<(usize, &'static [u8])> {
    let tail = tail.bytes();
    let edge = tail.get(tail.len().saturating_sub(EDGE_BYTES)..).unwrap_or_default();
    let over = memchr3(b'R', b'7', b'M', edge).and_then(|_| {
        let joined = [edge, text.get(..EDGE_BYTES).unwrap_or(text)].concat();
        first(&joined, edge.len()).map(|(end, signature)| (end - edge.len(), signature))
    });
    over.or_else(|| first(text, 0))
}

/// The first signature that ends behind `after`.
fn first(bytes: &[u8], after: usize) -> Option<(usize, &'static [u8])> {
    let mut found = FINDER.as_ref()?.find_iter(bytes).filter(|found| found.end() > after);
    let found = found.next()?;
    Some((found.end(), SIGNATURES.get(found.pattern().as_usize())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_pieces_find_the_same() {
        let text = b"MMSCF RRar!\x1a\x07MSCFMSCF 77z\xbc\xaf\x27\x1c MSC Rar!\x1a";
        let mut want: Vec<usize> = SIGNATURES
            .iter()
            .flat_map(|signature| {
                let ends = |end: &usize| text[..*end].ends_with(signature);
                (0..=text.len()).filter(ends).collect::<Vec<_>>()
            })
            .collect();
        want.sort_unstable();
        assert_eq!(want.len(), 5);
        for cut in 1..=text.len() {
            let (mut tail, mut found, mut at) = (Tail::default(), Vec::new(), 0);
            for piece in text.chunks(cut) {
                let mut piece = piece;
                while let Some((end, signature)) = find(&tail, piece) {
                    found.push(at + end);
                    assert!(text[..at + end].ends_with(signature));
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
