//! Finds what begins something wherever it stands in a text: the data of a URI, UTF-7, an encoded script. All of
//! them are looked for in one search, as most texts have none.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, Match, MatchKind, packed};

use super::runs::{Hit, Kind};
use super::script;
use super::tail::Tail;

/// What stands before the data of a `data:` URI.
const URI: &[u8] = b";base64,";
/// `<` as UTF-7 has it: what markup in it begins with.
const UTF_7: &[u8] = b"+ADw";
/// All of them; none overlaps another.
const MARKS: [&[u8]; 3] = [URI, UTF_7, script::MARK];

/// What looks for them.
struct Finders {
    /// Where the processor has vectors for it.
    by_vectors: Option<packed::Searcher>,
    /// Where it has none.
    by_bytes: Option<AhoCorasick>,
}

static FINDERS: LazyLock<Finders> = LazyLock::new(|| {
    let by_vectors = packed::Searcher::new(MARKS);
    let by_bytes = || AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(MARKS).ok();
    Finders { by_bytes: if by_vectors.is_none() { by_bytes() } else { None }, by_vectors }
});

/// The mark that ends first and not in `tail`, and where: one search is for all of them.
pub(super) fn find(tail: &Tail, text: &[u8]) -> Option<Hit> {
    const LAST: usize = script::START_BYTES - 1;
    let edge = tail.bytes().get(tail.bytes().len().saturating_sub(LAST)..).unwrap_or_default();
    let is_begun = |byte: &u8| MARKS.iter().any(|mark| mark.first() == Some(byte));
    if edge.iter().any(is_begun) {
        let joined = [edge, text.get(..LAST).unwrap_or(text)].concat();
        if let Some((mark, to)) = first_mark(&joined, edge.len()) {
            return Some(mark_hit(mark, to - edge.len()));
        }
    }
    first_mark(text, 0).map(|(mark, to)| mark_hit(mark, to))
}

/// The mark in `text` that ends first of those that end behind `after`.
fn first_mark(text: &[u8], after: usize) -> Option<(&'static [u8], usize)> {
    match (&FINDERS.by_vectors, &FINDERS.by_bytes) {
        (Some(finder), _) => first_of(finder.find_iter(text), text, after),
        (None, Some(finder)) => first_of(finder.find_iter(text), text, after),
        (None, None) => None,
    }
}

/// The same of those that may be marks.
fn first_of(
    all: impl Iterator<Item = Match>,
    text: &[u8],
    after: usize,
) -> Option<(&'static [u8], usize)> {
    let mut first: Option<(&'static [u8], usize)> = None;
    for found in all {
        if first.is_some_and(|(_, to)| to <= found.end()) {
            break;
        }
        let mark = MARKS.get(found.pattern().as_usize())?;
        let (is_mark, to) = match *mark {
            script::MARK => {
                let rest = text.get(found.start()..).unwrap_or_default();
                (script::begins(rest) == Some(true), found.start() + script::START_BYTES)
            }
            _ => (true, found.end()),
        };
        if is_mark && to > after {
            first = Some((mark, to));
        }
    }
    first
}

fn mark_hit(mark: &'static [u8], to: usize) -> Hit {
    match mark {
        URI => Hit::behind(Kind::Uri, to),
        UTF_7 => Hit::of(Kind::Utf7, UTF_7.len(), to),
        _ => Hit::of(Kind::Script, script::START_BYTES, to),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the marks of a text end, and whether both searches tell the same.
    #[test]
    fn the_mark_that_ends_first_is_found() {
        for (text, want) in [
            ("no mark", None),
            ("a;base64,b", Some((URI, 9))),
            ("a+ADw-b", Some((UTF_7, 5))),
            ("a#@~^DgAAAA==b", Some((script::MARK, 13))),
            ("a#@~^DgAAAA=b", None),
            ("a#@~^DgAAAA=;base64,", Some((URI, 20))),
            ("a#@~^+ADwAA==b", Some((UTF_7, 9))),
            ("#@~^#@~^AAAAAA==;base64,", Some((script::MARK, 16))),
        ] {
            assert_eq!(first_mark(text.as_bytes(), 0), want, "{text}");
            let by_bytes =
                AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(MARKS).unwrap();
            let by_bytes = by_bytes.find_iter(text).map(|found| (found.pattern(), found.start()));
            if let Some(vectors) = packed::Searcher::new(MARKS) {
                let vectors = vectors.find_iter(text).map(|found| (found.pattern(), found.start()));
                assert!(by_bytes.eq(vectors), "{text}");
            }
            // Cut anywhere it is found in what comes behind, where it ends there.
            for cut in 0..text.len() {
                let (before, behind) = text.as_bytes().split_at(cut);
                let mut tail = Tail::default();
                tail.push(before);
                let told = first_mark(before, 0).is_none().then(|| find(&tail, behind)).flatten();
                let want = want.filter(|(_, to)| *to > cut);
                assert_eq!(told.map(|hit| hit.to), want.map(|(_, to)| to - cut), "{text} at {cut}");
            }
        }
    }
}
