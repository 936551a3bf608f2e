//! Subsignatures that are regular expressions: `[offset:]trigger/expression/letters`.
//!
//! The trigger is an expression over the members before it: only where that holds in the end is the part
//! searched. The engine is a lazy DFA, whose work grows with the bytes that are searched and with
//! nothing else; where it gives up, the part was not looked at.

use std::sync::{Arc, OnceLock};

use regex_automata::hybrid::dfa;
use regex_automata::hybrid::regex::Regex;
use regex_automata::nfa::thompson;
use regex_automata::util::prefilter::Prefilter;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind};

use crate::anchor::Anchor;
use crate::body_line::{anchor, placed};
use crate::expression::{Expression, expression};
use crate::image::{self, Stored, stored_struct};
use crate::layout::Layout;
use crate::line::{Fault, Field, Parsed, expect, whole};
use crate::perl::{Letters, Refusal, translate};
use crate::target::Target;
use crate::{LineError, Unsupported};

/// Bytes that a compiled expression may take, each way.
const REGEX_BYTES_MAX: usize = 1 << 20;

/// Bytes of the tables of a search, each way.
const CACHE_BYTES: usize = 1 << 20;

/// Times that those tables may be built anew in a search that does not get ahead.
const CACHE_CLEARS: usize = 8;

/// Bytes that a search needs at most besides what it searches.
pub(crate) const SEARCH_BYTES_MAX: usize = 4 * CACHE_BYTES;

/// Such a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RegexMember {
    pub(crate) member: u8,
    /// What must hold of the members before it.
    pub(crate) trigger: Expression,
    anchor: Anchor,
    /// Every match counts, not only the first one.
    global: bool,
    /// The offset is where the search begins, not where the match must.
    rolling: bool,
    /// The search ends with the shift of the offset.
    encompass: bool,
    /// A match begins where the search does.
    anchored: bool,
    regex: LazyRegex,
}

/// An expression in the words of the engine, which is made when it is first asked.
#[derive(Clone, Debug)]
struct LazyRegex {
    text: String,
    no_case: bool,
    dot_all: bool,
    few: bool,
    /// `None` for what is no expression, as may be in an image.
    compiled: OnceLock<Option<Arc<Regex>>>,
}

impl PartialEq for LazyRegex {
    fn eq(&self, other: &Self) -> bool {
        let key = |one: &Self| (one.no_case, one.dot_all, one.few);
        self.text == other.text && key(self) == key(other)
    }
}

impl Eq for LazyRegex {}

impl LazyRegex {
    fn compile(&self) -> Option<Arc<Regex>> {
        let syntax = syntax::Config::new()
            .unicode(false)
            .utf8(false)
            .case_insensitive(self.no_case)
            .dot_matches_new_line(self.dot_all)
            .swap_greed(self.few);
        let hir = syntax::parse_with(&self.text, &syntax).ok()?;
        let nfa = thompson::Config::new().utf8(false).nfa_size_limit(Some(REGEX_BYTES_MAX));
        let dfa = dfa::Config::new()
            .cache_capacity(CACHE_BYTES)
            .minimum_cache_clear_count(Some(CACHE_CLEARS))
            .minimum_bytes_per_state(Some(10))
            .prefilter(Prefilter::from_hir_prefix(MatchKind::LeftmostFirst, &hir));
        let built = Regex::builder().syntax(syntax).thompson(nfa).dfa(dfa).build(&self.text);
        built.ok().map(Arc::new)
    }
}

/// Why not all of a part could be searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gave {
    /// The expression is none.
    No,
    /// It took too much work.
    Up,
}

impl RegexMember {
    /// Hands each match in `bytes`, all of a part that is laid out like `layout`, to `report`, from and
    /// to, until that has enough. `work` is how many bytes may be searched, and shrinks.
    pub(crate) fn search(
        &self,
        bytes: &[u8],
        layout: Option<&Layout>,
        work: &mut usize,
        mut report: impl FnMut(u64, u64) -> Enough,
    ) -> Result<(), Gave> {
        let Some((first, shift)) = self.places(bytes.len() as u64, layout) else { return Ok(()) };
        let Some(from) = usize::try_from(first).ok().filter(|from| *from < bytes.len()) else {
            return Ok(());
        };
        let mut all = bytes.get(from..).unwrap_or_default();
        let shift = shift.map(|shift| usize::try_from(shift).unwrap_or(usize::MAX));
        if let (true, Some(shift @ 1..)) = (self.encompass, shift) {
            all = all.get(..shift).unwrap_or(all);
        }
        let is_bound = self.anchored || (!self.rolling && shift == Some(0));
        let anchored = if is_bound { Anchored::Yes } else { Anchored::No };
        let regex = self.regex.compiled.get_or_init(|| self.regex.compile());
        let regex = regex.as_ref().ok_or(Gave::No)?;
        let mut cache = regex.create_cache();
        let mut at = 0;
        while at < all.len() {
            if *work == 0 {
                return Err(Gave::Up);
            }
            let input = Input::new(all).range(at..).anchored(anchored);
            let found = regex.try_search(&mut cache, &input).map_err(|_| Gave::Up)?;
            let end = found.map_or(all.len(), |found| found.end());
            *work = work.saturating_sub(end.saturating_sub(at) + 1);
            let Some(found) = found else { break };
            if let (false, Some(shift @ 1..)) = (self.encompass, shift)
                && found.start() > shift
            {
                break;
            }
            let position = |at: usize| first.saturating_add(at as u64);
            let enough = report(position(found.start()), position(found.end()));
            if enough == Enough::Yes || !self.global {
                break;
            }
            // Behind a match of nothing the next one begins at least one byte later.
            at = found.end().max(at + usize::from(found.is_empty()));
        }
        Ok(())
    }

    /// Where the search begins in a part of `size` bytes, and how much later a match may begin; `None`
    /// for anywhere.
    fn places(&self, size: u64, layout: Option<&Layout>) -> Option<(u64, Option<u64>)> {
        match self.anchor {
            Anchor::Within { first: 0, last: u64::MAX } | Anchor::Grouped { .. } => Some((0, None)),
            Anchor::FromEnd { back, shift } => Some((size.checked_sub(back)?, Some(shift))),
            anchor => {
                let (first, last) = anchor.range(layout)?;
                Some((first, Some(last.saturating_sub(first))))
            }
        }
    }
}

/// Whether more matches make no difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Enough {
    No,
    Yes,
}

/// Whether a subsignature is one of these.
pub(crate) fn is_regex(subsignature: &[u8]) -> bool {
    !subsignature.starts_with(b"$") && subsignature.contains(&b'/')
}

/// Parses such a subsignature, which is member `member` of a signature for `target`.
pub(crate) fn regex_member(
    all: Field<'_>,
    member: u8,
    target: Option<Target>,
) -> Result<Parsed<RegexMember>, Fault> {
    let wrong = |at: usize, reason| Fault { rest: all.bytes.len() - at + all.after, reason };
    let is_slash = |byte: &u8| *byte == b'/';
    let first = all.bytes.iter().position(is_slash).unwrap_or(0);
    let last = all.bytes.iter().rposition(is_slash).unwrap_or(0);
    let (before, pattern, letters) = (
        all.bytes.get(..first).unwrap_or_default(),
        all.bytes.get(first + 1..last).filter(|pattern| !pattern.is_empty()),
        all.bytes.get(last + 1..).unwrap_or_default(),
    );
    let pattern = pattern.ok_or_else(|| wrong(first, LineError::Regex))?;
    let after = |end: usize| all.bytes.len() - end + all.after;
    let colon = before.iter().position(|byte| *byte == b':');
    let trigger_at = colon.map_or(0, |colon| colon + 1);
    let trigger = before.get(trigger_at..).unwrap_or_default();
    let field = Field { bytes: trigger, after: after(first) };
    let trigger = whole(field, LineError::Expression, expression)?;
    if trigger.member_max() >= usize::from(member) {
        return Err(wrong(trigger_at, LineError::Trigger));
    }
    let (letters, [global, rolling, encompass]) =
        read_letters(letters).map_err(|at| wrong(last + 1 + at, LineError::RegexLetter))?;
    let anchor = match colon {
        None => Parsed::Signature(Anchor::ANYWHERE),
        Some(colon) => {
            let bytes = before.get(..colon).unwrap_or_default();
            offset(Field { bytes, after: after(colon) }, target)?
        }
    };
    let anchor = match anchor {
        Parsed::Signature(anchor) => anchor,
        Parsed::Unsupported(reason) => return Ok(Parsed::Unsupported(reason)),
    };
    let text = match translate(pattern, letters) {
        Ok(text) => text,
        Err(Refusal::Unsupported(reason)) => return Ok(Parsed::Unsupported(reason)),
        Err(Refusal::Malformed(reason)) => return Err(wrong(first + 1, reason)),
    };
    let Letters { no_case, dot_all, few, anchored, .. } = letters;
    let regex = LazyRegex { text, no_case, dot_all, few, compiled: OnceLock::new() };
    if regex.compile().is_none() {
        return Ok(Parsed::Unsupported(Unsupported::RegexTooLarge));
    }
    let one = RegexMember { member, trigger, anchor, global, rolling, encompass, anchored, regex };
    Ok(Parsed::Signature(one))
}

/// The offset of an expression.
fn offset(field: Field<'_>, target: Option<Target>) -> Result<Parsed<Anchor>, Fault> {
    let at = whole(field, LineError::Offset, expect(LineError::Offset, anchor))?;
    match at {
        Parsed::Signature(Anchor::Grouped { .. }) => {
            Err(Fault { rest: field.bytes.len() + field.after, reason: LineError::Offset })
        }
        Parsed::Signature(at) => {
            let at = target.map_or(Ok(at), |target| placed(at, target, field))?;
            Ok(Parsed::Signature(at))
        }
        unsupported @ Parsed::Unsupported(_) => Ok(unsupported),
    }
}

/// What the letters behind an expression say: those that say how it is read, and `g`, `r` and `e`; or
/// the index of one that is none.
fn read_letters(all: &[u8]) -> Result<(Letters, [bool; 3]), usize> {
    let (mut letters, mut others) = (Letters::default(), [false; 3]);
    let [global, rolling, encompass] = &mut others;
    for (index, letter) in all.iter().enumerate() {
        let flag = match letter {
            b'g' => &mut *global,
            b'r' => &mut *rolling,
            b'e' => &mut *encompass,
            b'i' => &mut letters.no_case,
            b's' => &mut letters.dot_all,
            b'm' => &mut letters.lines,
            b'x' => &mut letters.extended,
            b'A' => &mut letters.anchored,
            b'E' => &mut letters.end_only,
            b'U' => &mut letters.few,
            _ => return Err(index),
        };
        *flag = true;
    }
    Ok((letters, others))
}

stored_struct!(RegexMember {
    member,
    trigger,
    anchor,
    global,
    rolling,
    encompass,
    anchored,
    regex
});

/// As its text, which is compiled when it is first asked.
impl Stored for LazyRegex {
    fn store(&self, out: &mut Vec<u8>) {
        self.text.store(out);
        (self.no_case, self.dot_all, self.few).store(out);
    }

    fn load(input: &mut image::Input<'_>) -> Option<Self> {
        let text = Stored::load(input)?;
        let (no_case, dot_all, few) = Stored::load(input)?;
        Some(Self { text, no_case, dot_all, few, compiled: OnceLock::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where a subsignature that follows on others matches in `text`.
    fn matches(subsignature: &str, text: &[u8]) -> Vec<(u64, u64)> {
        let field = Field { bytes: subsignature.as_bytes(), after: 0 };
        let Parsed::Signature(one) = regex_member(field, 2, Some(Target::Any)).expect(subsignature)
        else {
            panic!("{subsignature}")
        };
        let mut all = Vec::new();
        let mut take = |from, to| {
            all.push((from, to));
            Enough::No
        };
        one.search(text, None, &mut 1000, &mut take).unwrap();
        all
    }

    #[test]
    fn letters_and_offsets_say_where_is_searched() {
        let text = b"..ab..ab.AB.";
        for (subsignature, expected) in [
            ("0/ab/", &[(2, 4)][..]),
            ("0/ab/g", &[(2, 4), (6, 8)]),
            ("0&1/ab/gi", &[(2, 4), (6, 8), (9, 11)]),
            ("2:0/ab/", &[(2, 4)]),
            ("2:0/ab/g", &[(2, 4)]),
            ("1:0/ab/", &[]),
            ("1:0/ab/r", &[(2, 4)]),
            ("3:0/ab/rg", &[(6, 8)]),
            ("1,1:0/ab/", &[(2, 4)]),
            ("1,1:0/ab/g", &[(2, 4)]),
            ("0,1:0/ab/", &[]),
            ("0,9:0/ab/g", &[(2, 4), (6, 8)]),
            ("0,7:0/ab/eg", &[(2, 4)]),
            ("0,8:0/ab/eg", &[(2, 4), (6, 8)]),
            ("0/ab/A", &[]),
            ("0/../A", &[(0, 2)]),
            ("0/../Ag", &[(0, 2), (2, 4), (4, 6), (6, 8), (8, 10), (10, 12)]),
            ("EOF-3:0/AB/", &[(9, 11)]),
            ("EOF-99:0/AB/", &[]),
            ("99:0/AB/r", &[]),
            ("2:0/^ab/", &[(2, 4)]),
            ("0/x*/", &[(0, 0)]),
        ] {
            assert_eq!(matches(subsignature, text), expected, "{subsignature}");
        }
        assert_eq!(matches("0/x*/g", b"ax").len(), 2);
    }

    #[test]
    fn work_has_a_bound() {
        let field = Field { bytes: b"0/ab/g", after: 0 };
        let Ok(Parsed::Signature(one)) = regex_member(field, 1, None) else { panic!() };
        let text = b"ab".repeat(100);
        for (mut work, expected) in [(100, Err(Gave::Up)), (1000, Ok(()))] {
            assert_eq!(one.search(&text, None, &mut work, |_, _| Enough::No), expected);
        }
        assert_eq!(one.search(&text, None, &mut 1, |_, _| Enough::Yes), Ok(()));
    }
}
