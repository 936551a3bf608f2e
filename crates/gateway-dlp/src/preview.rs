//! The preview of an entry: a small automaton that says when nothing that its program matches can
//! begin like this. It costs one look for each byte where the machine costs many, and most places
//! that come up are dismissed by it. What it lets through, the machine decides.
//!
//! It lets through more than matches, never less: look-around is believed to hold, but for the end of
//! the part where a byte follows, and long repeats may be shorter or longer than they are written.

use std::collections::{BTreeMap, BTreeSet};

use regex_syntax::hir::Look;

use crate::bytes::{ByteSet, classes};
use crate::program::{Instr, Program};

/// Cells of the table of one entry at most; what would be beyond is let through.
const CELLS_MAX: usize = 4 << 10;
/// How far repeats are counted, tried one after the other until the table is small enough.
const COUNTED: [u32; 5] = [40, 16, 6, 2, 1];
/// Bytes that are looked at. Who is not rejected by then costs little more than this.
const BYTES_MAX: usize = 64;

/// Before the first byte. Other states are where their rows begin.
const START: u16 = 0;
/// Nothing that the program matches begins like this. There is no row for it.
const DEAD: u16 = u16::MAX;
/// A match may be there already, or nobody knows. There is no row for it.
const OPEN: u16 = u16::MAX - 1;

/// A small automaton over the first bytes of the matches of one program.
pub(crate) struct Preview {
    classes: Box<[u8; 256]>,
    /// Rows of next states by class, the first being that of [`START`].
    next: Box<[u16]>,
}

impl Preview {
    pub(crate) fn new(program: &Program) -> Self {
        let (classes, examples) = classes(&program.taken_sets());
        let builder = |counted| Builder { program, examples: &examples, counted };
        let exact = COUNTED.iter().find_map(|counted| builder(*counted).build(End::Fail));
        let next = exact.or_else(|| builder(1).build(End::Open)).unwrap_or_default();
        Self { classes, next: next.into() }
    }

    /// How many of `bytes` it takes until nothing that is matched begins like this; `None` if
    /// something may.
    pub(crate) fn rejects(&self, bytes: &[u8]) -> Option<usize> {
        let (mut state, mut taken) = (START, 0);
        for byte in bytes.get(..BYTES_MAX).unwrap_or(bytes) {
            let class = self.classes[usize::from(*byte)];
            let Some(next) = self.next.get(usize::from(state) + usize::from(class)) else { break };
            state = *next;
            taken += 1;
        }
        (state == DEAD).then_some(taken)
    }

    pub(crate) fn memory_usage(&self) -> usize {
        size_of_val(&*self.classes) + size_of_val(&*self.next)
    }
}

/// What becomes of a table that is too large.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Fail,
    /// States for which there is no room are [`OPEN`].
    Open,
}

/// Where a program may be: instructions, and for repeats how many bytes they have.
type Places = Vec<(u32, u32)>;

struct Builder<'a> {
    program: &'a Program,
    examples: &'a [u8],
    /// How far repeats are counted.
    counted: u32,
}

impl Builder<'_> {
    /// The rows, unless there are too many.
    fn build(&self, end: End) -> Option<Vec<u16>> {
        let states_max = (CELLS_MAX / self.examples.len().max(1)).max(1);
        let start = vec![(0, 0)];
        let mut numbers = BTreeMap::from([(start.clone(), START)]);
        let mut states = vec![start];
        let mut next = Vec::new();
        let mut at = 0;
        while let Some(places) = states.get(at) {
            at += 1;
            let Some(takers) = self.takers(places) else {
                next.extend(self.examples.iter().map(|_| OPEN));
                continue;
            };
            for byte in self.examples {
                let with = takers.iter().filter(|(set, _)| set.has(*byte));
                let to: BTreeSet<(u32, u32)> = with.map(|(_, to)| *to).collect();
                let to: Places = to.into_iter().collect();
                let number = match numbers.get(&to) {
                    _ if to.is_empty() => DEAD,
                    Some(number) => *number,
                    None if states.len() < states_max => {
                        let row = states.len() * self.examples.len();
                        let number = u16::try_from(row).ok()?;
                        numbers.insert(to.clone(), number);
                        states.push(to);
                        number
                    }
                    None if end == End::Open => OPEN,
                    None => return None,
                };
                next.push(number);
            }
        }
        Some(next)
    }

    /// What can be taken from `places`, and where that leads; `None` if a match may end there.
    fn takers(&self, places: &Places) -> Option<Vec<(ByteSet, (u32, u32))>> {
        let mut takers = Vec::new();
        let mut seen: BTreeSet<(u32, u32)> = places.iter().copied().collect();
        let mut open = places.clone();
        while let Some((pc, count)) = open.pop() {
            let mut go = |to: u32| {
                if seen.insert((to, 0)) {
                    open.push((to, 0));
                }
            };
            let instr = self.program.instr(pc);
            match instr {
                Instr::Match => return None,
                Instr::Jump(to) => go(to),
                // Where a byte follows, the part does not end; where none does, nothing is rejected.
                Instr::Look(Look::End) => {}
                Instr::Look(_) => go(pc + 1),
                Instr::Split(one, other) => {
                    go(one);
                    go(other);
                }
                Instr::Byte(_) | Instr::Set(_) => {
                    takers.extend(self.program.taken(&instr).map(|set| (set, (pc + 1, 0))));
                }
                Instr::Repeat(repeat) => {
                    let least = repeat.min.min(self.counted);
                    let is_endless = repeat.max > self.counted;
                    if count >= least {
                        go(pc + 1);
                    }
                    if is_endless || count < repeat.max {
                        let more = if is_endless { least.min(count + 1) } else { count + 1 };
                        takers.push((*self.program.set(repeat.set), (pc, more)));
                    }
                }
            }
        }
        Some(takers)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pattern;

    fn preview(regex: &str) -> Preview {
        let hir = pattern::regex("r", regex).unwrap();
        let hir = crate::anchor::without_captures(&hir);
        Preview::new(&Program::new(&hir, 1 << 20).unwrap())
    }

    #[test]
    fn what_cannot_become_a_match_is_rejected() {
        let cases: [(&str, &[&str], &[&str]); 6] = [
            (r"a(?:[.]|\z)", &["", "a", "a.", "a.x"], &["ab", "b"]),
            (r"\b(?:\d{1,3}\.){3}\d{1,3}\b", &["12.345", "1.2.3.4", "12"], &["12.3456", "1.2.x"]),
            (r"a{2,3}b|ac", &["", "a", "aa", "aaab", "ac!"], &["aaaa", "ab", "c"]),
            (r"x[a-z]{30}y", &["xabc", "x"], &["xabC", "y"]),
            (r"(?i)key\s{0,3}=", &["KEY  =", "key"], &["key  :", "keys"]),
            (r"(?:ab)*c|d", &["ababab", "c", "abd".get(..2).unwrap()], &["abd", "e"]),
        ];
        for (regex, open, dead) in cases {
            let preview = preview(regex);
            for text in open {
                assert_eq!(preview.rejects(text.as_bytes()), None, "{regex} {text}");
            }
            for text in dead {
                assert!(preview.rejects(text.as_bytes()).is_some(), "{regex} {text}");
            }
        }
    }

    #[test]
    fn a_pattern_of_any_size_has_a_small_table() {
        for regex in ["(?:a|b[cd]{1,40}){1,90}e", r"(?:[ab]c?){9}(?:[bc]d?){9}(?:[cd]e?){99}x"] {
            let preview = preview(regex);
            assert!(preview.memory_usage() <= 2 * CELLS_MAX + 256, "{regex}");
            assert_eq!((preview.rejects(b"x"), preview.rejects(b"a")), (Some(1), None), "{regex}");
        }
    }

    proptest! {
        #[test]
        fn no_match_is_rejected(
            regex in r"[abc](\{0,2\}|\{1,20\}|\*|\?)?[abc.]\+?(\\b)?[ab](\|c|\\z)?",
            text in "[abc ]{0,24}",
        ) {
            let Ok(hir) = pattern::regex("r", &regex) else { return Ok(()) };
            let oracle = regex_automata::meta::Regex::new(&regex).unwrap();
            let input = regex_automata::Input::new(&text).anchored(regex_automata::Anchored::Yes);
            let hir = crate::anchor::without_captures(&hir);
            let preview = Preview::new(&Program::new(&hir, 1 << 20).unwrap());
            if oracle.is_match(input) {
                prop_assert_eq!(preview.rejects(text.as_bytes()), None, "{} {}", regex, text);
            }
        }
    }
}
