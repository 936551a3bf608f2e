//! Anchors: by which part of its matches an entry is noticed in a body.
//!
//! Most patterns hold a literal that every match has at a known distance from its start, or one of
//! a few; the rarest is taken. A pattern without is noticed by the classes of its first bytes (see
//! `heads.rs`).

use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{Class, ClassBytesRange, ClassUnicodeRange, Hir, HirKind, Look};

use crate::bytes::ByteSet;
use crate::frequency::{places, share_of_literals};

/// Bytes by which the distance between a literal and the start of its match may vary.
const SPREAD_MAX: usize = 72;
/// The largest distance.
const FAR_MAX: usize = 256;
/// Bytes of a literal that are used.
const LITERAL_MAX: usize = 10;
/// Literals from which on they are many: those of a list of words.
pub(crate) const MANY: usize = 64;
/// Bytes of one of many literals that are used: enough to come up for little else, where all of them
/// would make the table of the lane large.
const LITERAL_OF_MANY: usize = 6;
/// The most bytes of a class run that stands before a literal.
const LEAD_MAX: u32 = 256;
/// Literals that stand at this share of all places are rare.
const RARE: f64 = 5e-5;
/// How telling a literal must be, by [`weight`].
const SCORE_MIN: i32 = 4 * 8;

/// A literal that a match holds, in small letters: matches may have it in any case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Literal {
    pub(crate) bytes: Vec<u8>,
    /// The least and the largest distance from the start of the match to its end.
    pub(crate) near: usize,
    pub(crate) far: usize,
    /// The bytes that may stand before it, if the distance varies, but for those right before it.
    pub(crate) between: ByteSet,
    /// How many of those right before it may be any.
    pub(crate) any: usize,
}

impl Literal {
    /// Leaves its first bytes.
    fn shorten(&mut self) {
        let cut = self.bytes.len().saturating_sub(LITERAL_OF_MANY);
        self.bytes.truncate(LITERAL_OF_MANY);
        (self.near, self.far) = (self.near.saturating_sub(cut), self.far.saturating_sub(cut));
    }
}

/// What stands before a part of a pattern: how many bytes, and which.
#[derive(Clone, Copy)]
struct Before {
    near: usize,
    far: usize,
    /// Which, but for the last ones.
    between: ByteSet,
    /// How many of the last ones may be any.
    any: usize,
}

impl Before {
    const NOTHING: Self = Self { near: 0, far: 0, between: ByteSet::EMPTY, any: 0 };

    /// With `item` behind it; `None` if that may have any length.
    fn then(self, item: &Hir) -> Option<Self> {
        let (least, most) = (item.properties().minimum_len()?, item.properties().maximum_len()?);
        let set = bytes_in(item);
        let (near, far) = (self.near + least, self.far.saturating_add(most));
        // A dot that stands for itself tells nothing, and should not hide what stands before it.
        if (least, most) == (1, 1) && set.iter().count() > MOST {
            return Some(Self { near, far, any: self.any + 1, ..self });
        }
        let wild = if self.any > 0 && most > 0 { ByteSet::ALL } else { ByteSet::EMPTY };
        let any = if most > 0 { 0 } else { self.any };
        Some(Self { near, far, between: self.between.union(wild).union(set), any })
    }
}

/// Bytes of a set that is taken for all.
const MOST: usize = 192;

/// What stands at the front of a match before what is looked for: some bytes of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lead {
    pub(crate) look: Option<Look>,
    pub(crate) set: ByteSet,
    pub(crate) min: u32,
    pub(crate) max: u32,
}

/// A pattern without groups that capture: only what it matches is of interest.
pub(crate) fn without_captures(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Capture(capture) => without_captures(&capture.sub),
        HirKind::Concat(all) => Hir::concat(all.iter().map(without_captures).collect()),
        HirKind::Alternation(any) => Hir::alternation(any.iter().map(without_captures).collect()),
        HirKind::Repetition(repetition) => {
            Hir::repetition(repetition.with(without_captures(&repetition.sub)))
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => hir.clone(),
    }
}

/// Parts a pattern into a class run at its front and the rest, if the place of the rest tells
/// where the leftmost match starts: with the earliest byte of the run. It does if the run takes as
/// few bytes as it can, or if the rest cannot begin with one of its bytes.
pub(crate) fn split_lead(hir: &Hir) -> Option<(Lead, Hir)> {
    let HirKind::Concat(items) = hir.kind() else { return None };
    let (look, mut items) = match items.split_first()? {
        (first, rest) if matches!(first.kind(), HirKind::Look(_)) => match first.kind() {
            HirKind::Look(look) => (Some(*look), rest),
            _ => return None,
        },
        _ => (None, items.as_slice()),
    };
    let mut lead: Option<(Lead, bool)> = None;
    while let Some((HirKind::Repetition(repetition), rest)) =
        items.split_first().map(|(first, rest)| (first.kind(), rest))
    {
        let (Some(set), Some(max)) = (ByteSet::of_hir(&repetition.sub), repetition.max) else {
            break;
        };
        match &mut lead {
            None => {
                let run = Lead { look, set, min: repetition.min, max };
                lead = Some((run, repetition.greedy));
            }
            Some((run, greedy)) if run.set == set && *greedy == repetition.greedy => {
                run.min = run.min.saturating_add(repetition.min);
                run.max = run.max.saturating_add(max);
            }
            Some(_) => break,
        }
        items = rest;
    }
    let (lead, greedy) = lead.filter(|(lead, _)| lead.max <= LEAD_MAX)?;
    let rest = Hir::concat(items.to_vec());
    let apart = || first_bytes(&rest).is_some_and(|first| !first.meets(&lead.set));
    (!greedy || apart()).then_some((lead, rest))
}

/// The bytes that a match of `hir` may begin with; `None` if it may be empty.
fn first_bytes(hir: &Hir) -> Option<ByteSet> {
    if hir.properties().minimum_len() == Some(0) {
        return None;
    }
    match hir.kind() {
        HirKind::Literal(literal) => literal.0.first().map(|byte| ByteSet::one(*byte)),
        HirKind::Class(_) => ByteSet::of_hir(hir),
        HirKind::Repetition(repetition) => first_bytes(&repetition.sub),
        HirKind::Capture(capture) => first_bytes(&capture.sub),
        HirKind::Concat(all) => {
            let mut set = ByteSet::EMPTY;
            for one in all.iter().filter(|one| !matches!(one.kind(), HirKind::Look(_))) {
                if one.properties().minimum_len() != Some(0) {
                    return first_bytes(one).map(|first| set.union(first));
                }
                let HirKind::Repetition(repetition) = one.kind() else { return None };
                set = set.union(first_bytes(&repetition.sub)?);
            }
            None
        }
        HirKind::Alternation(any) => {
            any.iter().map(first_bytes).try_fold(ByteSet::EMPTY, |all, one| Some(all.union(one?)))
        }
        HirKind::Empty | HirKind::Look(_) => None,
    }
}

/// Literals one of which every match of `hir` holds, or `None` if there are none that tell much.
pub(crate) fn literals(hir: &Hir) -> Option<Vec<Literal>> {
    let anchors = best(&folded(hir), Before::NOTHING)?;
    let mut literals = anchors.literals;
    if literals.len() >= MANY {
        literals.iter_mut().for_each(Literal::shorten);
    }
    literals.sort();
    literals.dedup();
    (anchors.score >= SCORE_MIN).then_some(literals)
}

/// The rare literals that what `hir` matches begins with, or `None` if there are none.
pub(crate) fn rare_beginnings(hir: &Hir) -> Option<Vec<Literal>> {
    let Anchors { literals, score } = prefixes(&[folded(hir)], Before::NOTHING)?;
    // Addresses are everywhere.
    let is_address = literals.iter().any(|one| one.bytes.starts_with(b"http"));
    let is_rare = share_of_literals(&literals) < RARE && !is_address;
    (score >= SCORE_MIN && is_rare).then_some(literals)
}

/// Literals, and how much they tell.
struct Anchors {
    literals: Vec<Literal>,
    score: i32,
}

/// The best literals of `hir`, a part of a match.
fn best(hir: &Hir, before: Before) -> Option<Anchors> {
    let whole = std::slice::from_ref(hir);
    let items = match hir.kind() {
        HirKind::Concat(items) => items.as_slice(),
        HirKind::Alternation(any) => {
            let branches: Option<Vec<_>> = any.iter().map(|one| best(one, before)).collect();
            let apart = branches.map(|branches| Anchors {
                score: branches.iter().map(|one| one.score).min().unwrap_or(0),
                literals: branches.into_iter().flat_map(|one| one.literals).collect(),
            });
            return better(apart, prefixes(whole, before));
        }
        HirKind::Repetition(repetition) if repetition.min > 0 => {
            return better(best(&repetition.sub, before), prefixes(whole, before));
        }
        _ => whole,
    };
    let mut before = before;
    let mut found = None;
    for (index, item) in items.iter().enumerate() {
        if before.far > FAR_MAX || before.far - before.near > SPREAD_MAX {
            break;
        }
        found = better(found, prefixes(items.get(index..).unwrap_or_default(), before));
        let is_compound = matches!(item.kind(), HirKind::Alternation(_) | HirKind::Repetition(_));
        if is_compound && items.len() > 1 {
            found = better(found, best(item, before));
        }
        let Some(then) = before.then(item) else { break };
        before = then;
    }
    found
}

fn better(one: Option<Anchors>, other: Option<Anchors>) -> Option<Anchors> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if other.score > one.score { other } else { one }),
        (one, other) => one.or(other),
    }
}

/// The literals that what `items` match begins with, if they are few.
fn prefixes(items: &[Hir], before: Before) -> Option<Anchors> {
    let mut extractor = Extractor::new();
    extractor.kind(ExtractKind::Prefix).limit_class(12).limit_repeat(LITERAL_MAX);
    extractor.limit_literal_len(LITERAL_MAX).limit_total(160);
    let sequence = extractor.extract(&Hir::concat(items.to_vec()));
    let found = sequence.literals().filter(|all| !all.is_empty())?;
    let score = found.iter().map(|literal| literal.as_bytes().iter().map(weight).sum()).min();
    let many = i32::try_from(4 * found.len().ilog2()).unwrap_or(i32::MAX);
    let Before { near, far, between, any } = before;
    let between = if near < far { between } else { ByteSet::EMPTY };
    let away = (places(&between, far - near) / 4.0) as i32 + (near / 16) as i32;
    let literals = found
        .iter()
        .map(|literal| literal.as_bytes().to_ascii_lowercase())
        .filter(|bytes| !bytes.is_empty())
        .map(|bytes| {
            let (near, far) = (near + bytes.len(), far + bytes.len());
            Literal { bytes, near, far, between, any }
        })
        .collect();
    Some(Anchors { literals, score: score.unwrap_or(0i32).min(12 * 8) - many - away })
}

/// The bytes that may stand in what a part of a folded pattern matches, in any case.
fn bytes_in(hir: &Hir) -> ByteSet {
    let all = |parts: &[Hir]| parts.iter().map(bytes_in).fold(ByteSet::EMPTY, ByteSet::union);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => ByteSet::EMPTY,
        HirKind::Literal(literal) => in_any_case(ByteSet::of(|byte| literal.0.contains(&byte))),
        HirKind::Class(_) => ByteSet::of_hir(hir).map_or(ByteSet::ALL, in_any_case),
        HirKind::Repetition(repetition) => bytes_in(&repetition.sub),
        HirKind::Capture(capture) => bytes_in(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => all(parts),
    }
}

/// `set`, and the letters of it in the other case.
pub(crate) fn in_any_case(set: ByteSet) -> ByteSet {
    ByteSet::of(|byte| {
        [byte, byte.to_ascii_lowercase(), byte.to_ascii_uppercase()].iter().any(|one| set.has(*one))
    })
}

/// How rare a byte is in what people and programs write, in eighths.
fn weight(byte: &u8) -> i32 {
    let eighths = match byte {
        b'\0'..=b' ' => 0,
        b'0'..=b'9' => 1,
        b'"' | b'\'' | b'(' | b')' | b',' | b'/' | b':' | b';' | b'=' => 2,
        b'.' | b'a' | b'c' | b'd' | b'e' | b'i' | b'l' | b'n' | b'o' | b'r' | b's' | b't' => 2,
        b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | 0x80..=0xFF => 3,
        _ => 4,
    };
    8 * eighths
}

/// `hir` over small letters: what it matches, with its capital letters made small, and more.
fn folded(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Literal(literal) => Hir::literal(literal.0.to_ascii_lowercase()),
        HirKind::Class(Class::Bytes(class)) => {
            let mut folded = class.clone();
            for byte in b'A'..=b'Z' {
                if class.ranges().iter().any(|r| (r.start()..=r.end()).contains(&byte)) {
                    let small = byte.to_ascii_lowercase();
                    folded.push(ClassBytesRange::new(small, small));
                }
            }
            let capitals = regex_syntax::hir::ClassBytes::new([ClassBytesRange::new(b'A', b'Z')]);
            folded.difference(&capitals);
            Hir::class(Class::Bytes(folded))
        }
        HirKind::Class(Class::Unicode(class)) => {
            let mut folded = class.clone();
            for letter in 'A'..='Z' {
                if class.ranges().iter().any(|r| (r.start()..=r.end()).contains(&letter)) {
                    let small = letter.to_ascii_lowercase();
                    folded.push(ClassUnicodeRange::new(small, small));
                }
            }
            let capitals = regex_syntax::hir::ClassUnicode::new([ClassUnicodeRange::new('A', 'Z')]);
            folded.difference(&capitals);
            Hir::class(Class::Unicode(folded))
        }
        HirKind::Repetition(repetition) => {
            Hir::repetition(repetition.with(folded(&repetition.sub)))
        }
        HirKind::Concat(all) => Hir::concat(all.iter().map(folded).collect()),
        HirKind::Alternation(any) => Hir::alternation(any.iter().map(folded).collect()),
        HirKind::Capture(capture) => folded(&capture.sub),
        HirKind::Empty | HirKind::Look(_) => hir.clone(),
    }
}
