//! Literals that a text must hold for a pattern to match it, whatever the case of either.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Literals shorter than this tell too little.
const BYTES_MIN: usize = 2;
/// The most alternatives of one pattern.
const ALTERNATIVES_MAX: usize = 32;

/// Literals in lower case of which every match of the regular expression holds one; `None` if
/// there are none that are long enough.
pub(super) fn required(pattern: &str) -> Option<Vec<Vec<u8>>> {
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
    let hir = parser.parse(pattern).ok()?;
    of(&hir)
}

fn of(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Literal(_) | HirKind::Class(_) => sequence(std::slice::from_ref(hir)),
        HirKind::Capture(capture) => of(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => of(&repetition.sub),
        HirKind::Concat(parts) => sequence(parts),
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                all.extend(of(branch)?);
            }
            (all.len() <= ALTERNATIVES_MAX).then_some(all)
        }
        HirKind::Empty | HirKind::Look(_) | HirKind::Repetition(_) => None,
    }
}

/// The best that a sequence has: its longest run of literal bytes, or what one of its parts has.
fn sequence(parts: &[Hir]) -> Option<Vec<Vec<u8>>> {
    let mut best: Option<Vec<Vec<u8>>> = None;
    let mut run = Vec::new();
    let mut offer = |found: Option<Vec<Vec<u8>>>| {
        let found = found.filter(|found| shortest(found) >= BYTES_MIN);
        if found.as_deref().map_or(0, shortest) > best.as_deref().map_or(0, shortest) {
            best = found;
        }
    };
    for part in parts {
        match part.kind() {
            HirKind::Literal(literal) => run.extend(literal.0.to_ascii_lowercase()),
            HirKind::Class(class) if letter(class).is_some() => run.extend(letter(class)),
            // An assertion takes no room.
            HirKind::Look(_) | HirKind::Empty => {}
            HirKind::Class(_)
            | HirKind::Capture(_)
            | HirKind::Repetition(_)
            | HirKind::Concat(_)
            | HirKind::Alternation(_) => {
                offer(Some(vec![std::mem::take(&mut run)]));
                if !matches!(part.kind(), HirKind::Class(_)) {
                    offer(of(part));
                }
            }
        }
    }
    offer(Some(vec![run]));
    best
}

fn shortest(literals: &[Vec<u8>]) -> usize {
    literals.iter().map(Vec::len).min().unwrap_or(0)
}

/// The letter, in lower case, that a class of its two cases stands for.
fn letter(class: &Class) -> Option<u8> {
    let ranges: Vec<(u8, u8)> = match class {
        Class::Bytes(class) => class.iter().map(|range| (range.start(), range.end())).collect(),
        Class::Unicode(class) => {
            let narrow = |at: char| u8::try_from(at).ok().filter(u8::is_ascii);
            let range = |r: &regex_syntax::hir::ClassUnicodeRange| {
                Some((narrow(r.start())?, narrow(r.end())?))
            };
            class.iter().map(range).collect::<Option<_>>()?
        }
    };
    let folded = |(start, end): &(u8, u8)| (start == end).then(|| start.to_ascii_lowercase());
    let first = folded(ranges.first()?)?;
    ranges.iter().all(|range| folded(range) == Some(first)).then_some(first)
}

/// A wildcard pattern without its escapes.
pub(super) fn unescaped(pattern: &[u8]) -> Vec<u8> {
    pieces(pattern).concat()
}

/// The longest literal piece between the `*` of a wildcard pattern.
pub(crate) fn longest_piece(pattern: &[u8]) -> Vec<u8> {
    pieces(pattern).into_iter().max_by_key(Vec::len).unwrap_or_default()
}

fn pieces(pattern: &[u8]) -> Vec<Vec<u8>> {
    let mut pieces = vec![Vec::new()];
    let mut bytes = pattern.iter();
    while let Some(&byte) = bytes.next() {
        let literal = match byte {
            b'*' => {
                pieces.push(Vec::new());
                continue;
            }
            b'\\' => bytes.next().copied().unwrap_or(byte),
            _ => byte,
        };
        if let Some(piece) = pieces.last_mut() {
            piece.push(literal);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex_automata::meta::Regex;
    use regex_automata::util::syntax;

    use super::*;

    #[test]
    fn what_a_match_must_hold() {
        for (pattern, expected) in [
            ("tracker", Some(&["tracker"][..])),
            ("(?i)TrackER", Some(&["tracker"])),
            ("^/v1/[a-z]+/items$", Some(&["/items"])),
            ("^/v1/[a-z]+", Some(&["/v1/"])),
            ("(ads|banner)[0-9]", Some(&["ads", "banner"])),
            ("(?:ab|[0-9])x", None),
            ("(ab)+", Some(&["ab"])),
            ("(ab)*", None),
            ("a.b", None),
            (r"\bfoo\b", Some(&["foo"])),
            ("", None),
            ("[", None),
        ] {
            let found = required(pattern);
            let expected: Option<Vec<Vec<u8>>> =
                expected.map(|all| all.iter().map(|one| one.as_bytes().to_vec()).collect());
            assert_eq!(found, expected, "{pattern}");
        }
        assert_eq!(longest_piece(br"*.exa\*mple.*x"), b".exa*mple.");
        assert_eq!(unescaped(br"a\*b\\c"), br"a*b\c");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn every_match_holds_one(
            pattern in "(\\(\\?i\\))?([abAB]{1,3}|[ab][+*?]|\\([ab]{2}\\|[abA]{1,3}\\)[+?]?|\\[ab\\]|\\.|\\^|\\$|\\\\b){1,4}",
            text in "[abABc]{0,10}",
        ) {
            let built = Regex::builder()
                .syntax(syntax::Config::new().unicode(false).utf8(false))
                .build(&pattern);
            let Ok(regex) = built else { return Ok(()) };
            if let Some(literals) = required(&pattern) && regex.is_match(text.as_bytes()) {
                let text = text.to_ascii_lowercase();
                let holds = |literal: &Vec<u8>| {
                    text.as_bytes().windows(literal.len()).any(|window| window == literal)
                };
                prop_assert!(literals.iter().any(holds), "{pattern} on {text}: {literals:?}");
            }
        }
    }
}
