//! Offsets from places of programs, and conditions about these: ELF and Mach-O programs of both widths
//! and both byte orders, put together of sections of few bytes, and signatures for what stands in them.
//!
//! Left out are defects of ClamAV (1.4.6): it takes no entry of a Mach-O program but from the registers
//! of a PowerPC thread, and the beginning of the file for that of all others; and it knows no place of
//! an ELF program at all, not even its entry, where the table of sections lies outside of the file.

use std::fmt::Write as _;
use std::path::Path;

use gateway_inspect::PartKind;

use super::{Dice, agree, rounds};

/// A program, and where it is what.
struct Program {
    kind: PartKind,
    bytes: Vec<u8>,
    entry: usize,
    /// Where each section begins, and how many bytes it has.
    sections: Vec<(usize, usize)>,
}

/// Bytes under way, and how numbers are put into them.
struct Writer {
    bytes: Vec<u8>,
    wide: bool,
    big: bool,
}

impl Writer {
    fn put(&mut self, len: usize, value: usize) {
        let mut all = (value as u64).to_be_bytes()[8 - len..].to_vec();
        if !self.big {
            all.reverse();
        }
        self.bytes.extend(all);
    }

    fn word(&mut self, value: usize) {
        self.put(if self.wide { 8 } else { 4 }, value);
    }
}

/// Lays out one to six sections behind `from`: where each begins, and how many bytes it has.
fn sections(dice: &mut Dice, from: usize) -> Vec<(usize, usize)> {
    let mut at = from;
    let count = 1 + dice.below(6);
    let section = |_| {
        at += dice.below(9);
        let len = 8 + dice.below(60);
        at += len;
        (at - len, len)
    };
    (0..count).map(section).collect()
}

/// Fills what comes behind `writer.bytes` up to the end of the last section.
fn fill(dice: &mut Dice, writer: &mut Writer, sections: &[(usize, usize)]) {
    let end = sections.iter().map(|(at, len)| at + len).max().unwrap();
    let more = dice.bytes(end - writer.bytes.len());
    writer.bytes.extend(more);
}

fn elf(dice: &mut Dice) -> Program {
    let (wide, big) = (dice.one_in(2), dice.one_in(2));
    let mut writer = Writer { bytes: b"\x7fELF".to_vec(), wide, big };
    let (head, row, section_row) = if wide { (64, 56, 64) } else { (52, 32, 40) };
    let mut sections = sections(dice, head + row);
    let end = sections.iter().map(|(at, len)| at + len).max().unwrap();
    let entry = sections[dice.below(sections.len())].0 + dice.below(8);
    writer.bytes.extend([1 + u8::from(wide), 1 + u8::from(big), 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    writer.put(2, 2);
    writer.put(2, if wide { 62 } else { 3 });
    writer.put(4, 1);
    writer.word(0x40_0000 + entry);
    writer.word(head);
    writer.word(end);
    writer.put(4, 0);
    // The first section is none, as a rule.
    if !dice.one_in(4) {
        sections.insert(0, (0, 0));
    }
    for value in [head, row, 1, section_row, sections.len(), 0] {
        writer.put(2, value);
    }
    writer.put(4, 1);
    if wide {
        writer.put(4, 5);
    }
    writer.word(0);
    writer.word(0x40_0000);
    writer.word(0x40_0000);
    writer.word(end);
    writer.word(end);
    if !wide {
        writer.put(4, 5);
    }
    writer.word(0x1000);
    fill(dice, &mut writer, &sections);
    for (at, len) in &sections {
        writer.put(4, 0);
        writer.put(4, usize::from(*len > 0));
        writer.word(2);
        writer.word(0x40_0000 + at);
        writer.word(*at);
        writer.word(*len);
        writer.put(8, 0);
        writer.word(1);
        writer.word(0);
    }
    Program { kind: PartKind::Elf, bytes: writer.bytes, entry, sections }
}

fn mach(dice: &mut Dice) -> Program {
    let (wide, big) = (dice.one_in(2), dice.one_in(2));
    let magic: u32 = if wide { 0xFEED_FACF } else { 0xFEED_FACE };
    let mut writer = Writer { bytes: Vec::new(), wide, big };
    let count = 1 + dice.below(5);
    let (head, segment, row) = if wide { (32, 72, 80) } else { (28, 56, 68) };
    let registers = if wide { 16 + 312 } else { 16 + 160 };
    let commands = segment + row * count + registers;
    let mut sections = sections(dice, head + commands);
    sections.resize(count, (head + commands, 9));
    let end = sections.iter().map(|(at, len)| at + len).max().unwrap();
    let entry = sections[dice.below(count)].0 + dice.below(8);
    writer.put(4, magic as usize);
    writer.put(4, if wide { 0x0100_0012 } else { 18 });
    for value in [0, 2, 2, commands, 0] {
        writer.put(4, value);
    }
    if wide {
        writer.put(4, 0);
    }
    writer.put(4, if wide { 0x19 } else { 1 });
    writer.put(4, segment + row * count);
    writer.bytes.extend(b"__TEXT\0\0\0\0\0\0\0\0\0\0");
    for value in [0x1000, end, 0, end] {
        writer.word(value);
    }
    for value in [7, 5, count, 0] {
        writer.put(4, value);
    }
    for (at, len) in &sections {
        writer.bytes.extend(b"__text\0\0\0\0\0\0\0\0\0\0__TEXT\0\0\0\0\0\0\0\0\0\0");
        writer.word(0x1000 + at);
        writer.word(*len);
        let rest = if wide { 8 } else { 7 };
        for value in [*at, dice.below(4), 0, 0, 0, 0, 0, 0].into_iter().take(rest) {
            writer.put(4, value);
        }
    }
    writer.put(4, 5);
    writer.put(4, registers);
    writer.put(4, 1);
    writer.put(4, (registers - 16) / 4);
    writer.word(0x1000 + entry);
    let end_of_head = head + commands;
    writer.bytes.resize(end_of_head, 0);
    fill(dice, &mut writer, &sections);
    Program { kind: PartKind::MachO, bytes: writer.bytes, entry, sections }
}

/// An offset at which, or near which, something is that stands at `at` of `program`.
fn offset(dice: &mut Dice, program: &Program, at: usize) -> Option<String> {
    let section = dice.below(program.sections.len());
    let (begins, len) = program.sections[section];
    let last = program.sections[program.sections.len() - 1].0;
    let slip = dice.below(5);
    let shift = 1 + dice.below(9);
    Some(match dice.below(9) {
        0 => format!("S{section}+{}", at.checked_sub(begins)?),
        1 => format!("S{section}+{},{shift}", at.checked_sub(begins + slip)?),
        2 => format!("SL+{}", at.checked_sub(last)?),
        3 => format!("SL+{},{shift}", at.checked_sub(last + slip)?),
        4 => format!("SE{section}"),
        5 if (begins..begins + len).contains(&at) => format!("SE{}", section + slip / 4),
        6 => format!("EP+{}", at.checked_sub(program.entry)?),
        7 => format!("EP-{}", program.entry.checked_sub(at)?),
        8 => format!("EP+{},{shift}", at.checked_sub(program.entry + slip)?),
        _ => return None,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// What stands somewhere in `program`, as a body, and where.
fn body(dice: &mut Dice, program: &Program) -> (usize, String) {
    let from = program.sections.iter().map(|(at, _)| *at).filter(|at| *at > 0).min().unwrap();
    let end = program.sections.iter().map(|(at, len)| at + len).max().unwrap();
    let at = from + dice.below((end - from).saturating_sub(8).max(1));
    let len = 3 + dice.below(5);
    let mut text = hex(&program.bytes[at..at + len]);
    if dice.one_in(4) && at + len + 8 < end {
        let later = at + len + dice.below(end - at - len - 4);
        text += &format!("*{}", hex(&program.bytes[later..later + 4]));
    }
    (at, text)
}

fn compare(seed: u64, signatures: usize, files: usize) -> usize {
    let mut dice = Dice::new(0x2545_F491_4F6C_DD1D ^ (seed + 1));
    let program = |_| if dice.one_in(3) { mach(&mut dice) } else { elf(&mut dice) };
    let programs: Vec<_> = (0..files).map(program).collect();
    let (mut plain, mut logical) = (String::new(), String::new());
    for number in 0..signatures {
        let program = &programs[dice.below(files)];
        let target = if program.kind == PartKind::Elf { 6 } else { 9 };
        let mut placed = || loop {
            let (at, body) = body(&mut dice, program);
            if let Some(offset) = offset(&mut dice, program, at) {
                return format!("{offset}:{body}");
            }
        };
        let (first, second) = (placed(), placed());
        if !dice.one_in(3) {
            writeln!(plain, "S{number}:{target}:{first}").unwrap();
            continue;
        }
        let condition = match dice.below(4) {
            0 => format!(",NumberOfSections:{}-{}", dice.below(4), 3 + dice.below(4)),
            1 => {
                let from = (program.entry + 3).saturating_sub(dice.below(9));
                format!(",EntryPoint:{from}-{}", from + dice.below(99))
            }
            _ => String::new(),
        };
        let forms = ["0&1", "0|1", "0=1&1", "(0|1)>1", "0=0&1", "0>1|1"];
        let form = forms[dice.below(forms.len())];
        let line =
            format!("S{number};Engine:51-255,Target:{target}{condition};{form};{first};{second}");
        writeln!(logical, "{line}").unwrap();
    }
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("clamscan-places-{seed}"));
    let files: Vec<_> = programs.into_iter().map(|one| (one.kind, one.bytes)).collect();
    agree(&root, &[("t.ndb", plain), ("t.ldb", logical)], &files, &mut dice)
}

#[test]
fn places_of_programs_are_those_of_clamscan() {
    let agreed = compare(1, 300, 60);
    assert!(agreed > 150, "{agreed} findings are too few to say much");
    for seed in 0..rounds() {
        compare(100 + seed, 300, 60);
    }
}
