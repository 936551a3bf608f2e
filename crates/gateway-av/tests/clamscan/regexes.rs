//! Subsignatures that are regular expressions, of all letters, offsets and triggers.
//!
//! ClamAV gives a search up, as if it had found nothing, after a number of steps; it is given many here.
//!
//! Left out are defects of ClamAV (1.4.6): with `g` it finds an expression that matches nothing at one
//! place for ever, and it takes `EOF-n` of a file of n - 1 bytes for anywhere; and so that the two engines count alike, what is said of the end of a last line is
//! not combined with `g`.

use std::fmt::Write as _;
use std::path::Path;

use gateway_inspect::PartKind;

use super::{Dice, MAGIC, agree, rounds};

/// The bytes of files.
const BYTES: &[u8] = b"ab-A \n\xf1";

fn bytes(dice: &mut Dice, count: usize) -> Vec<u8> {
    (0..count).map(|_| BYTES[dice.below(BYTES.len())]).collect()
}

/// One byte, or one of several.
fn atom(dice: &mut Dice) -> String {
    let one = |dice: &mut Dice| {
        ["a", "b", "-", "A", r"\x20", r"\n", r"\xf1", r"\x{61}", r"\-"][dice.below(9)].to_owned()
    };
    match dice.below(12) {
        0 => ".".into(),
        1 => [r"\w", r"\W", r"\s", r"\S", r"\d", r"\D", r"\h", r"\N"][dice.below(8)].into(),
        2 => format!("[{}{}]", one(dice), one(dice)),
        3 => format!("[^{}]", one(dice)),
        4 => ["[a-c]", "[]a]", "[^-]", "[[:alpha:]-]", "[[:upper:] ]", r"[\sA]"][dice.below(6)]
            .into(),
        _ => one(dice),
    }
}

fn repeat(dice: &mut Dice) -> &'static str {
    ["", "", "", "?", "*", "+", "{2}", "{1,3}", "{2,}", "*?", "+?", "{0,2}?"][dice.below(12)]
}

/// A few elements in a row.
fn row(dice: &mut Dice, depth: usize) -> String {
    let mut text = String::new();
    for _ in 0..1 + dice.below(4) {
        if depth > 0 && dice.one_in(4) {
            let begin = ["(", "(?:", "(?i:", "(?<n>"][dice.below(3)];
            let (one, other) = (row(dice, depth - 1), row(dice, depth - 1));
            // Repeated without bound, it takes more steps than ClamAV allows.
            let repeat = ["", "", "?", "{2}", "{1,2}", "??"][dice.below(6)];
            write!(text, "{begin}{one}|{other}){repeat}").unwrap();
        } else {
            write!(text, "{}{}", atom(dice), repeat(dice)).unwrap();
        }
        if dice.one_in(12) {
            text += [r"\b", r"\B"][dice.below(2)];
        }
    }
    text
}

/// An expression that matches no less than a byte, and its letters.
fn expression(dice: &mut Dice) -> (String, String) {
    let is_global = dice.one_in(2);
    let mut letters: String = if is_global { "g".into() } else { String::new() };
    for letter in ["r", "e", "i", "s", "m", "U"] {
        if dice.one_in(4) {
            letters += letter;
        }
    }
    let mut text = format!("{}{}", atom(dice), row(dice, 2));
    if dice.one_in(8) {
        text = format!("^{text}");
    }
    if !is_global && dice.one_in(6) {
        text += "$";
        letters += ["", "E"][dice.below(2)];
    }
    if dice.one_in(12) {
        letters += "A";
    }
    if dice.one_in(8) {
        letters += "x";
        text = format!(" {text} #a");
    }
    (text, letters)
}

/// A signature, as a line.
pub(super) fn line(dice: &mut Dice, name: &str) -> String {
    let mut hex = String::new();
    for byte in bytes(dice, 2) {
        write!(hex, "{byte:02x}").unwrap();
    }
    let forms =
        ["0&1", "1", "1>1", "1=2", "1<2&0", "0&1=0", "0|1", "(0|1)>3", "0>1&1", "1>0", "0&1&2"];
    let form = forms[dice.below(forms.len())];
    let count = if form.ends_with('2') && form.contains("&2") { 2 } else { 1 };
    let mut line = format!("{name};Engine:81-255,Target:0;{form};{hex}");
    for member in 0..count {
        let triggers = ["0", "0", "0>1", "0=1", "0=0"];
        let trigger = if member == 1 { "0&1" } else { triggers[dice.below(5)] };
        let offset = match dice.below(8) {
            0 => format!("{}:", MAGIC.len() + dice.below(6)),
            1 | 2 => format!("{},{}:", dice.below(40), 1 + dice.below(30)),
            3 => format!("EOF-{}:", 1 + dice.below(26)),
            4 => format!("EOF-{},{}:", 1 + dice.below(26), 1 + dice.below(30)),
            _ => String::new(),
        };
        let (text, letters) = expression(dice);
        write!(line, ";{offset}{trigger}/{text}/{letters}").unwrap();
    }
    line + "\n"
}

/// A file of bytes that expressions are about.
pub(super) fn file(dice: &mut Dice) -> Vec<u8> {
    let count = 20 + dice.below(150);
    [MAGIC, &bytes(dice, count)].concat()
}

fn compare(seed: u64, signatures: usize, files: usize) -> usize {
    let mut dice = Dice::new(0x9E6C_63D0_876A_3F6B ^ (seed + 1));
    let lines: String =
        (0..signatures).map(|number| line(&mut dice, &format!("S{number}"))).collect();
    let file = |_| (PartKind::Unknown, file(&mut dice));
    let files: Vec<_> = (0..files).map(file).collect();
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("clamscan-regexes-{seed}"));
    agree(&root, &[("t.ldb", lines)], &files, &mut dice)
}

#[test]
fn matches_of_regular_expressions_are_those_of_clamscan() {
    // Of one file no more than 32 signatures are reported.
    let agreed: usize = (0..10).map(|seed| compare(seed, 30, 60)).sum();
    assert!(agreed > 2_000, "{agreed} findings are too few to say much");
    for seed in 0..10 * rounds() {
        compare(100 + seed, 30, 60);
    }
}
