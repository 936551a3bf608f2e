//! How every match of an expression begins, where that is a literal whose case counts nothing: it is
//! searched for by its rarest byte, in both cases.
//!
//! What is found is a place where a match may begin; the expression decides.

use memchr::arch::all::packedpair::Pair;
use memchr::{memchr, memchr2};
use regex_syntax::hir::{Class, ClassBytes, Hir, HirKind};

use crate::fold::is_folded;

/// Shorter heads tell too little.
const MIN: usize = 4;
/// Longer ones tell no more.
const MAX: usize = 32;
/// So many times the rarest byte may stand there in vain; then the expression looks on alone.
const VAIN_MAX: usize = 8;

/// The beginning of every match.
#[derive(Debug)]
pub(super) struct Head {
    lower: Box<[u8]>,
    /// Where its rarest byte stands.
    rare: usize,
    /// That byte in both cases.
    cases: [u8; 2],
}

impl Head {
    /// The head of an expression; `None` where it has none, or one of a single case, for which the
    /// expression's own search is better.
    pub(super) fn new(hir: &Hir) -> Option<Self> {
        let HirKind::Concat(parts) = hir.kind() else { return None };
        let mut lower = Vec::new();
        let mut is_folded = false;
        let mut parts = parts.iter().peekable();
        // What stands before the first byte and is of no width moves nothing.
        while parts.next_if(|part| matches!(part.kind(), HirKind::Look(_))).is_some() {}
        for part in parts {
            match part.kind() {
                HirKind::Literal(literal) => lower.extend(literal.0.to_ascii_lowercase()),
                HirKind::Class(Class::Bytes(class)) => match letter(class) {
                    Some(letter) => {
                        is_folded = true;
                        lower.push(letter);
                    }
                    None => break,
                },
                _ => break,
            }
        }
        lower.truncate(MAX);
        if !is_folded || lower.len() < MIN {
            return None;
        }
        let rare = Pair::new(&lower).map_or(0, |pair| usize::from(pair.index1()));
        let byte = *lower.get(rare)?;
        Some(Self { lower: lower.into(), rare, cases: [byte, byte.to_ascii_uppercase()] })
    }

    /// Where the first match can begin, at the earliest; `None` where there is none.
    #[inline]
    pub(super) fn find(&self, text: &[u8]) -> Option<usize> {
        // The rarest byte of a match has as many bytes before it.
        let mut at = self.rare;
        for _ in 0..VAIN_MAX {
            let rest = text.get(at..)?;
            let [lower, upper] = self.cases;
            let found =
                if lower == upper { memchr(lower, rest) } else { memchr2(lower, upper, rest) };
            at += found?;
            let start = at - self.rare;
            let here = text.get(start..start + self.lower.len())?;
            if is_folded(here, &self.lower) {
                return Some(start);
            }
            at += 1;
        }
        Some(at - self.rare)
    }
}

/// The letter, in lower case, of a class of its two cases.
fn letter(class: &ClassBytes) -> Option<u8> {
    let [upper, lower] = class.ranges() else { return None };
    let is_one = upper.start() == upper.end() && lower.start() == lower.end();
    let is_letter =
        lower.start().is_ascii_lowercase() && upper.start() == lower.start().to_ascii_uppercase();
    (is_one && is_letter).then(|| lower.start())
}
