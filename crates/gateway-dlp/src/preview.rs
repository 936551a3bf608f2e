//! The preview of an entry: a small automaton that says when nothing that its program matches can
//! begin like this. It costs one look for each byte where the machine costs many, and most places
//! that come up are dismissed by it. What it lets through, the machine decides.
//!
//! It lets through more than matches, never less: look-around behind the first byte is believed to hold, but
//! for the end of the part where a byte follows, and long repeats may be shorter or longer than they are
//! written.

mod build;

use std::ops::Range;

use self::build::{Builder, End, kinds_of_start, last_taken};
use crate::bytes::classes;
use crate::jumps::JUMP;
use crate::program::Program;
use crate::streaks::{Key, Streaks};
use crate::takers::{SIDES, side_of, sides};

/// Cells of the table of one entry; what would be beyond is let through.
const CELLS: usize = 4 << 10;
/// Those of one whose repeats could not be told from much longer ones otherwise.
const CELLS_MAX: usize = 32 << 10;
/// How far repeats are counted, and in how many cells, tried one after the other until there are no more.
const COUNTED: [(u32, usize); 8] = [
    (40, CELLS),
    (16, CELLS),
    (40, CELLS_MAX),
    (16, CELLS_MAX),
    (6, CELLS),
    (6, CELLS_MAX),
    (2, CELLS),
    (1, CELLS),
];
/// The same where all that is asked for is how long matches may be.
const BOUNDS: [(u32, usize); 1] = [(1, 512)];
/// How long these are at least: others are read to their end at once.
const BOUNDS_MIN: usize = BYTES + 1;
/// Bytes that are looked at. Who is not rejected by then costs little more than this.
const BYTES: usize = 64;
/// The same where nothing may be matched behind so many at the latest.
pub(crate) const BYTES_MAX: usize = 320;
/// Bytes by which most places are rejected: to look for what lasts is not worth it before.
const FEW: usize = 16;
/// Bytes that lead from a state to itself from which on it is likely that more do.
const STAYS: usize = 8;

/// Nothing that the program matches begins like this. There is no row for it.
const DEAD: u16 = u16::MAX;
/// A match may be there already, or nobody knows. There is no row for it.
const OPEN: u16 = u16::MAX - 1;

/// A small automaton over the first bytes of the matches of one program.
pub(crate) struct Preview {
    classes: Box<[u8; 256]>,
    /// Rows of next states by class; states are where their rows begin. Behind them, how many bytes the program
    /// may have taken there at the most: what is taken to be longer than it is written is found out
    /// by that. [`u16::MAX`] if any number.
    rows: Box<[u16]>,
    /// The number of classes.
    width: usize,
    /// The state before the first byte, by what stands before that.
    starts: [u16; SIDES],
}

impl Preview {
    pub(crate) fn new(program: &Program) -> Self {
        Self::counted(program, &COUNTED, End::Open)
    }

    /// One that tells of long runs that nothing matches them. `None` where it would not be small, or what is
    /// matched not long.
    pub(crate) fn of_bounds(program: &Program) -> Option<Self> {
        let last = last_taken(program).into_iter().max().unwrap_or(0);
        let is_long = (BOUNDS_MIN..=BYTES_MAX).contains(&usize::from(last));
        let this = is_long.then(|| Self::counted(program, &BOUNDS, End::Fail));
        this.filter(|this| !this.rows.is_empty())
    }

    fn counted(program: &Program, counted: &[(u32, usize)], end: End) -> Self {
        let mut sets = program.taken_sets();
        let starts = kinds_of_start(program);
        if starts > 1 {
            sets.extend(sides().map(|side| side.bytes));
        }
        let (classes, examples) = classes(&sets);
        let last = last_taken(program);
        let builder = |(counted, cells)| {
            let (examples, last) = (&*examples, &*last);
            Builder { program, starts, examples, counted, cells, last }
        };
        let whole = counted.iter().find_map(|counted| builder(*counted).build(End::Fail));
        let rows = whole.or_else(|| builder((1, CELLS)).build(end).filter(|_| end == End::Open));
        let (rows, width) = (rows.unwrap_or_default().into(), examples.len());
        // These rows are the first ones.
        let start = |side: usize| u16::try_from(side.min(starts - 1) * (width + 1)).unwrap_or(OPEN);
        Self { classes, rows, width, starts: std::array::from_fn(start) }
    }

    /// How many of `bytes` from the index `at` on it takes until nothing that is matched begins like
    /// this; `None` if something may. `streaks` are those of these bytes, by states of `entry`.
    pub(crate) fn rejects(
        &self,
        bytes: &[u8],
        at: usize,
        (entry, streaks): (u32, &mut Streaks),
    ) -> Option<usize> {
        let (mut state, mut taken) = (self.start(bytes, at), 0);
        for byte in bytes.get(at..)?.iter().take(FEW) {
            let Some(next) = self.next(state, *byte) else { break };
            state = next;
            taken += 1;
        }
        match state {
            DEAD => Some(taken),
            _ if taken < FEW => None,
            _ => self.rejects_from((state, FEW), bytes, at, (entry, streaks)),
        }
    }

    /// The same, where it is likely that the place is in a long run.
    pub(crate) fn rejects_within(
        &self,
        bytes: &[u8],
        at: usize,
        (entry, streaks): (u32, &mut Streaks),
    ) -> Option<usize> {
        self.rejects_from((self.start(bytes, at), 0), bytes, at, (entry, streaks))
    }

    /// The same, where so many bytes have led to `state`.
    #[inline(never)]
    fn rejects_from(
        &self,
        (mut state, mut taken): (u16, usize),
        bytes: &[u8],
        at: usize,
        (entry, streaks): (u32, &mut Streaks),
    ) -> Option<usize> {
        let mut until = BYTES;
        loop {
            let places = at + taken..bytes.len().min(at + until);
            let (next, end, stays) = self.follow((entry, state), bytes, places, streaks);
            (state, taken) = (next, end - at);
            if state == DEAD {
                return Some(taken);
            }
            // Asked where it does not depend on how many bytes have come.
            if taken < until && !stays {
                return None;
            }
            until = match usize::from(*self.rows.get(usize::from(state) + self.width)?) {
                last if last < taken => return Some(taken),
                last if last <= BYTES_MAX => last + 1,
                _ if taken < BYTES => BYTES,
                _ => return None,
            };
            // Once it has counted all that it counts, most bytes lead from a state to itself.
            let stays = |byte| self.next(state, byte) == Some(state);
            taken = streaks.end(Key { entry, state }, bytes, at + taken..at + until, stays) - at;
        }
    }

    /// The state that the bytes at these `places` lead to, up to which index they do, and whether that is as
    /// many led from the state to itself, or one in a run that is known.
    fn follow(
        &self,
        (entry, mut state): (u32, u16),
        bytes: &[u8],
        places: Range<usize>,
        streaks: &mut Streaks,
    ) -> (u16, usize, bool) {
        let (mut at, mut stays) = (places.start, 0);
        while at < places.end {
            let (begin, of) = (at, Key { entry, state });
            let end = places.end.min((at / JUMP + 1) * JUMP);
            let is_whole = end - at == JUMP;
            if let Some(to) =
                Some(&mut streaks.jumps).filter(|_| is_whole).and_then(|all| all.to(of, at))
            {
                (state, at) = (to, end);
                continue;
            }
            for byte in bytes.get(at..end).unwrap_or_default() {
                match self.next(state, *byte) {
                    None => return (state, at, false),
                    Some(next) => {
                        stays = if next == state { stays + 1 } else { 0 };
                        (state, at) = (next, at + 1);
                    }
                }
                if stays == STAYS || stays == 1 && streaks.reaches(Key { entry, state }, at) {
                    return (state, at, true);
                }
            }
            if is_whole && state < OPEN {
                streaks.jumps.keep(of, begin, state);
            }
        }
        (state, at, false)
    }

    /// The state before the byte at the index `at`.
    fn start(&self, bytes: &[u8], at: usize) -> u16 {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        self.starts[side_of(before.copied())]
    }

    /// The state that `byte` leads to, unless there is no row for this one.
    fn next(&self, state: u16, byte: u8) -> Option<u16> {
        let class = self.classes[usize::from(byte)];
        self.rows.get(usize::from(state) + usize::from(class)).copied()
    }

    pub(crate) fn memory_usage(&self) -> usize {
        size_of_val(&*self.classes) + size_of_val(&*self.rows)
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

    fn rejects(preview: &Preview, bytes: &[u8]) -> Option<usize> {
        preview.rejects(bytes, 0, (0, &mut Streaks::default()))
    }

    #[test]
    fn what_cannot_become_a_match_is_rejected() {
        let bs = |count: usize| format!("a{}", "b".repeat(count));
        let cases: [(&str, &[&str], &[&str]); 10] = [
            (r"a(?:[.]|\z)", &["", "a", "a.", "a.x"], &["ab", "b"]),
            (r"\b(?:\d{1,3}\.){3}\d{1,3}\b", &["12.345", "1.2.3.4", "12"], &["12.3456", "1.2.x"]),
            (r"a{2,3}b|ac", &["", "a", "aa", "aaab", "ac!"], &["aaaa", "ab", "c"]),
            (r"x(?:y|yy)?y{3,5}z", &["xyyyz", "xyyyyyyyz"], &["xyyz", "xyyyyyyyyz"]),
            (r"x[a-z]{30}y", &["xabc", "x"], &["xabC", "y"]),
            (r"(?i)key\s{0,3}=", &["KEY  =", "key"], &["key  :", "keys"]),
            (r"(?:ab)*c|d", &["ababab", "c", "abd".get(..2).unwrap()], &["abd", "e"]),
            (r"a[b-c]{9,150}d", &[&bs(150), &format!("{}d", bs(150))], &[&bs(151), &bs(400)]),
            (r"a[b-c]{9,}d", &[&bs(9_000)], &[]),
            (r"(?:a[b-c]{9,50}){1,3}d", &[&bs(40), &bs(50)], &[&bs(51), &bs(70)]),
        ];
        for (regex, open, dead) in cases {
            let preview = preview(regex);
            for text in open {
                assert_eq!(rejects(&preview, text.as_bytes()), None, "{regex} {text}");
            }
            for text in dead {
                assert!(rejects(&preview, text.as_bytes()).is_some(), "{regex} {text}");
            }
        }
    }

    #[test]
    fn what_stands_before_is_heeded() {
        let preview = preview(r"\bkey[a-z]{9}|[0-9]+;");
        let rejects = |bytes, at| preview.rejects(bytes, at, (0, &mut Streaks::default()));
        let all = [(&b"key"[..], 0), (b" key", 1), (b"xkey", 1), (b"x12;", 1)];
        assert_eq!(all.map(|(bytes, at)| rejects(bytes, at)), [None, None, Some(1), None]);
    }

    #[test]
    fn repeats_that_can_do_no_more_than_others_need_no_states() {
        let preview = preview(r"(?i)[\w.-]*?key[ \w.-]{0,20}=[a-z0-9]{32}");
        assert!(preview.memory_usage() < 2 * CELLS + 256);
        let text = |gap| format!("my-key{}=x", " ".repeat(gap));
        let all = [0, 10, 20, 21].map(|gap| rejects(&preview, text(gap).as_bytes()).is_some());
        assert_eq!(all, [false, false, false, true]);
    }

    #[test]
    fn bounds_alone_tell_of_long_runs() {
        let bounds = |regex: &str| {
            let hir = pattern::regex("r", regex).unwrap();
            Preview::of_bounds(&Program::new(&hir, 1 << 20).unwrap())
        };
        for regex in [r"\d{3}-\d{4}", r"SG\.[a-z]{66,};", r"SG\.[a-z]{900};"] {
            assert!(bounds(regex).is_none(), "{regex}");
        }
        let preview = bounds(r"SG\.[a-z]{66};").unwrap();
        let rejects = |rest: &str| {
            preview.rejects_within(format!("SG.{rest}").as_bytes(), 0, (0, &mut Streaks::default()))
        };
        let run = |count| "a".repeat(count);
        let all =
            [run(66), run(66) + ";", run(70), run(200), run(20) + "."].map(|run| rejects(&run));
        assert_eq!(all, [None, None, Some(70), Some(70), Some(24)]);
    }

    #[test]
    fn a_pattern_of_any_size_has_a_small_table() {
        for regex in ["(?:a|b[cd]{1,40}){1,90}e", r"(?:[ab]c?){9}(?:[bc]d?){9}(?:[cd]e?){99}x"] {
            let preview = preview(regex);
            assert!(preview.memory_usage() <= 4 * CELLS_MAX + 256, "{regex}");
            assert_eq!(
                (rejects(&preview, b"x"), rejects(&preview, b"a")),
                (Some(1), None),
                "{regex}"
            );
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
                prop_assert_eq!(rejects(&preview, text.as_bytes()), None, "{} {}", regex, text);
            }
        }

        #[test]
        fn where_places_come_to_the_same_changes_nothing(
            tokens in prop::collection::vec("[bc]{1,2}[ ;]", 30..120),
            least in 8_usize..14,
        ) {
            let all = [
                preview(&format!("(?:[bc]{{1,2}}[ ;]){{{least},40}}d")),
                preview(&format!("(?:b+[ ;]|c+[ ;]){{{least},90}}d")),
            ];
            let text = tokens.concat();
            let mut streaks = Streaks::default();
            for at in (0..text.len()).rev().step_by(3).chain(0..text.len()) {
                for (entry, preview) in (0..).zip(&all) {
                    let known = preview.rejects(text.as_bytes(), at, (entry, &mut streaks));
                    let alone = preview.rejects(text.as_bytes(), at, (0, &mut Streaks::default()));
                    prop_assert_eq!(known, alone, "{} {} {}", text, at, entry);
                }
            }
        }

        #[test]
        fn what_is_known_of_other_places_and_what_comes_later_change_nothing(
            regex in r"a[bc]\{0,(9|30)\}(=[abc=]\{5,(60|150)\}|b\{4,\})[cd]",
            text in "[abc=]{1,9}d?",
            turns in 1_usize..40,
            cut in 0_usize..200,
        ) {
            let Ok(hir) = pattern::regex("r", &regex) else { return Ok(()) };
            let oracle = regex_automata::meta::Regex::new(&regex).unwrap();
            let hir = crate::anchor::without_captures(&hir);
            let preview = Preview::new(&Program::new(&hir, 1 << 20).unwrap());
            let text = text.repeat(turns);
            let bytes = text.as_bytes();
            let mut streaks = Streaks::default();
            for at in (0..bytes.len()).rev().step_by(2).chain(0..bytes.len()) {
                let known = preview.rejects(bytes, at, (0, &mut streaks));
                prop_assert_eq!(known, rejects(&preview, &bytes[at..]), "{} {} {}", regex, text, at);
                let shorter = rejects(&preview, &bytes[at..bytes.len().min(at + cut)]);
                prop_assert_eq!(shorter, known.filter(|taken| *taken <= cut), "{} {} {}", regex, text, at);
                let input = regex_automata::Input::new(&bytes[at..]);
                if oracle.is_match(input.anchored(regex_automata::Anchored::Yes)) {
                    prop_assert_eq!(known, None, "{} {} {}", regex, text, at);
                }
            }
        }
    }
}
