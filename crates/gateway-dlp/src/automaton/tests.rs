//! What automata tell is what the machine tells, and they are small.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::machine::Machine;
use crate::pattern;

fn program(regex: &str) -> Option<Program> {
    let hir = pattern::regex("r", regex).ok()?;
    Program::new(&crate::anchor::without_captures(&hir), 1 << 20).ok()
}

fn automaton(regex: &str, preference: Preference) -> Option<Automaton> {
    Automaton::new(&program(regex)?, preference, &mut Room::new())
}

/// What runs a program from an index, or from where it was.
type Run<'a> =
    &'a mut dyn FnMut(Reel<'_>, usize, &[Thread], &mut Vec<Thread>, &mut dyn FnMut(usize) -> Flow);

/// The end of the match that is told of what begins at the index 1 of `text`, which comes in
/// pieces, and whether it is still open where each piece ends.
fn told(
    run: Run<'_>,
    text: &[u8],
    cuts: &BTreeSet<usize>,
    limit: usize,
    preference: Preference,
) -> (Option<usize>, Vec<bool>) {
    let (mut best, mut open) = (None, Vec::new());
    let (mut threads, mut at) = (Vec::new(), 1);
    let ends = cuts.iter().filter(|cut| (2..text.len()).contains(cut));
    let ends = ends.map(|cut| (*cut, After::Open)).chain([(text.len(), After::End)]);
    for (edge, after) in ends {
        let mut left = Vec::new();
        let reel = Reel { bytes: text, edge, limit, after };
        run(reel, at, &threads, &mut left, &mut |end| match preference {
            Preference::First => {
                best = Some(end);
                Flow::Stop
            }
            Preference::Longest => {
                best = best.max(Some(end));
                Flow::GoOn
            }
        });
        open.push(!left.is_empty());
        if left.is_empty() {
            break;
        }
        (threads, at) = (left, edge);
    }
    (best, open)
}

#[test]
fn what_matches_nothing_is_rejected() {
    let cases: [(&str, &str, &[&str], &[&str]); 5] = [
        (r"\b[0-9]{3}\b", " ", &["", "123", "123 ", "123.4"], &["12a", "1234", "x"]),
        (r"\b[0-9]{3}\b", "a", &[""], &["123 ", "1"]),
        (r"x[a-z]{30}y", "", &["xabc", "x"], &["xabC", "y"]),
        (r"(?i)key\s{0,3}=", "", &["KEY  =", "key"], &["key    =", "keys"]),
        (r"a\z", "", &["a"], &["ab"]),
    ];
    for (regex, before, open, dead) in cases {
        let automaton = automaton(regex, Preference::Longest).unwrap();
        let before = before.as_bytes().last().copied();
        for text in open {
            assert_eq!(automaton.rejects(before, text.as_bytes()), None, "{regex} {text}");
        }
        for text in dead {
            assert!(automaton.rejects(before, text.as_bytes()).is_some(), "{regex} {text}");
        }
    }
}

#[test]
fn there_is_none_where_it_would_be_large() {
    for regex in ["[a-z]{9000}b", "[ab]*a[ab]{16}c", "(?:[ab]{0,3})*c"] {
        assert!(automaton(regex, Preference::Longest).is_none(), "{regex}");
    }
    let program = program("[a-z]{500}b").unwrap();
    let mut room = Room::new();
    let fits = || Automaton::new(&program, Preference::First, &mut room);
    let built = std::iter::from_fn(fits).take(10_000);
    let bytes: usize = built.map(|automaton| automaton.memory_usage()).sum();
    assert!((1 << 21..=4 << 20).contains(&bytes), "{bytes}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// It tells what the machine tells, in any pieces.
    #[test]
    fn it_tells_what_the_machine_tells(
        regex in r"(\\b|)[abc](\{0,2\}|\{1,20\}|\*|\?|\+\?|\{2,4\}\?)?([ab]\||)([abc.]\+?|a\*)(\\b)?[ab ](\|c|\\z|\\b|b\*\?)?",
        text in "[abc \n]{2,24}",
        cuts in prop::collection::btree_set(0_usize..24, 0..6),
        limit in 1_usize..30,
        is_longest in any::<bool>(),
    ) {
        let preference = if is_longest { Preference::Longest } else { Preference::First };
        let Some(program) = program(&regex) else { return Ok(()) };
        let automaton = Automaton::new(&program, preference, &mut Room::new());
        let Some(automaton) = automaton else { return Ok(()) };
        let mut machine = Machine::default();
        let text = text.as_bytes();
        let by_machine = told(
            &mut |reel, at, threads, open, matched| {
                machine.run((0, &program), (reel, at), threads, open, matched);
            },
            text, &cuts, limit, preference,
        );
        let by_automaton = told(
            &mut |reel, at, threads, open, matched| {
                automaton.run(reel, at, threads, open, matched);
            },
            text, &cuts, limit, preference,
        );
        prop_assert_eq!(&by_automaton, &by_machine, "{} {:?}", regex, text);
        if by_machine.0.is_some() {
            let rejects = automaton.rejects(text.first().copied(), text.get(1..).unwrap_or_default());
            prop_assert_eq!(rejects, None);
        }
    }
}
