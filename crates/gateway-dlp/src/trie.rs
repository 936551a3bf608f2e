//! Alternatives with their common beginnings taken together: a long list of words, written one after
//! the other, would be tried word by word where many begin with the same letter.

use regex_syntax::hir::{Hir, HirKind};

/// Alternatives from which on it is worth it.
const FROM: usize = 64;
/// How often beginnings are taken together within each other.
const DEPTH: usize = 16;

/// `any` in the same order of preference, with common beginnings of neighbours taken together, if they
/// are many.
pub(crate) fn factored(any: &[Hir]) -> Vec<Hir> {
    if any.len() < FROM { any.to_vec() } else { factor(any.to_vec(), DEPTH) }
}

fn factor(any: Vec<Hir>, depth: usize) -> Vec<Hir> {
    if depth == 0 {
        return any;
    }
    let items: Vec<Vec<Hir>> = any.into_iter().map(|one| items(&one)).collect();
    let begins_alike = |one: &Vec<Hir>, other: &Vec<Hir>| {
        one.first().is_some_and(is_byte) && one.first() == other.first()
    };
    let group = |alike: &[Vec<Hir>]| {
        let (Some((first, others)), true) = (alike.split_first(), alike.len() > 1) else {
            return Hir::concat(alike.concat());
        };
        let common = (0..first.len()).take_while(|at| {
            let item = first.get(*at);
            item.is_some_and(is_byte) && others.iter().all(|other| other.get(*at) == item)
        });
        let len = common.count();
        let rest = |one: &Vec<Hir>| Hir::concat(one.get(len..).unwrap_or_default().to_vec());
        let rests = factor(alike.iter().map(rest).collect(), depth - 1);
        let common = first.get(..len).unwrap_or_default();
        Hir::concat(common.iter().cloned().chain([Hir::alternation(rests)]).collect())
    };
    items.chunk_by(begins_alike).map(group).collect()
}

/// What follows each other in `hir`, literals byte by byte.
fn items(hir: &Hir) -> Vec<Hir> {
    match hir.kind() {
        HirKind::Literal(literal) => literal.0.iter().map(|byte| Hir::literal([*byte])).collect(),
        HirKind::Concat(all) => all.iter().flat_map(items).collect(),
        HirKind::Empty => Vec::new(),
        HirKind::Class(_)
        | HirKind::Look(_)
        | HirKind::Repetition(_)
        | HirKind::Capture(_)
        | HirKind::Alternation(_) => vec![hir.clone()],
    }
}

/// Whether it takes one byte, or one character.
fn is_byte(hir: &Hir) -> bool {
    matches!(hir.kind(), HirKind::Literal(_) | HirKind::Class(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::regex;

    #[test]
    fn common_beginnings_are_taken_together() {
        let check = |pattern: &str, expected: &str| {
            let hir = regex("x", pattern).unwrap();
            let HirKind::Alternation(any) = hir.kind() else { panic!("{pattern}") };
            let expected = regex("x", expected).unwrap();
            assert_eq!(Hir::alternation(factor(any.clone(), DEPTH)), expected, "{pattern}");
        };
        check("ab|cd", "ab|cd");
        check("ba|bc|de", "b(?:a|c)|de");
        check("abc|abd|ab|b", "ab(?:c|d|)|b");
        check("ab|b|ac", "ab|b|ac");
        check("(?i:ann|anna)|b", "(?i:ann)(?:|(?i:a))|b");
        check("a{2}b|a{2}c|d", "a{2}b|a{2}c|d");
    }

    #[test]
    fn few_alternatives_stay_as_they_are() {
        let hir = regex("x", "ba|bc|de").unwrap();
        let HirKind::Alternation(any) = hir.kind() else { panic!("an alternation") };
        assert_eq!(&factored(any), any);
    }
}
