//! Generated ClamAV signatures, the same for whichever scanner loads them: realistic in shape, not in
//! content.

use std::fmt::Write;

use crate::Dice;

/// How many signatures of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignatureCounts {
    /// Body signatures, `.ndb`.
    pub bodies: usize,
    /// Digests of files, `.hsb`.
    pub digests: usize,
    /// Logical signatures, `.ldb`.
    pub logicals: usize,
}

/// What a digest is for, at most: the size of a file.
const SIZE_MAX: usize = 8 << 20;

/// The names and contents of a signature file of each kind: bodies of 8 to 27 bytes, a third of them
/// with gaps; digests of the three kinds for files of one size each, and one SHA-256 for files of any
/// size, so that it is computed of all; logical signatures of two to four bodies of 4 to 11 bytes. Half
/// of the bodies are for Windows programs, a third for files of any kind.
#[must_use]
pub fn signatures(counts: SignatureCounts) -> [(&'static str, String); 3] {
    let mut dice = Dice::new(23);
    [
        ("bench.ndb", bodies(&mut dice, counts.bodies)),
        ("bench.hsb", digests(&mut dice, counts.digests)),
        ("bench.ldb", logicals(&mut dice, counts.logicals)),
    ]
}

fn bodies(dice: &mut Dice, count: usize) -> String {
    let mut lines = String::new();
    for number in 0..count {
        let target = target(dice);
        let _ = write!(lines, "Bench.Body-{number}:{target}:*:");
        let len = 8 + dice.below(20);
        hex(dice, len, &mut lines);
        if dice.below(10) < 3 {
            for _ in 0..1 + dice.below(2) {
                let gap = *dice.pick(&["??", "{2-6}", "*"]);
                lines.push_str(gap);
                let len = 2 + dice.below(6);
                hex(dice, len, &mut lines);
            }
        }
        lines.push('\n');
    }
    lines
}

fn digests(dice: &mut Dice, count: usize) -> String {
    let mut lines = String::new();
    for number in 0..count {
        let len = *dice.pick(&[16, 16, 20, 32, 32]);
        hex(dice, len, &mut lines);
        let _ = writeln!(lines, ":{}:Bench.Digest-{number}", 1 + dice.below(SIZE_MAX));
    }
    if count > 0 {
        hex(dice, 32, &mut lines);
        lines.push_str(":*:Bench.Any:73\n");
    }
    lines
}

fn logicals(dice: &mut Dice, count: usize) -> String {
    let mut lines = String::new();
    for number in 0..count {
        let (expression, members) = *dice.pick(&[("0&1", 2), ("(0|1)&2", 3), ("0&1&(2|3)>1", 4)]);
        let target = target(dice);
        let _ = write!(lines, "Bench.Logical-{number};Engine:51-255,Target:{target};{expression}");
        for _ in 0..members {
            lines.push(';');
            let len = 4 + dice.below(8);
            hex(dice, len, &mut lines);
        }
        lines.push('\n');
    }
    lines
}

/// Any file, Windows programs, HTML, ELF programs, text.
fn target(dice: &mut Dice) -> u8 {
    match dice.below(100) {
        0..30 => 0,
        30..80 => 1,
        80..88 => 3,
        88..94 => 6,
        _ => 7,
    }
}

fn hex(dice: &mut Dice, count: usize, out: &mut String) {
    for byte in dice.bytes(count) {
        let _ = write!(out, "{byte:02x}");
    }
}

#[cfg(test)]
mod tests {
    use super::{SignatureCounts, signatures};

    #[test]
    fn there_are_as_many_as_were_asked_for() {
        let counts = SignatureCounts { bodies: 30, digests: 20, logicals: 10 };
        let files = signatures(counts);
        assert_eq!(files.each_ref().map(|(_, lines)| lines.lines().count()), [30, 21, 10]);
        assert_eq!(files, signatures(counts));
    }
}
