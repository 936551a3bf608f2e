//! The program of an entry: its pattern as a list of instructions for the machine of `machine.rs`.
//!
//! A repeat of one byte class is one instruction, whatever its bounds, so that `[a-z]{20,400}`
//! takes no more room than `[a-z]`; only repeats of longer things are written out. This is what
//! keeps hundreds of entries with such repeats small, where automata of them would not be.

use std::collections::{BTreeMap, BTreeSet};

use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind, Look, Repetition};
use regex_syntax::utf8::{Utf8Range, Utf8Sequences};

use crate::bytes::ByteSet;
use crate::look::holds;
use crate::takers::EXAMPLES;
use crate::trie::factored;

/// One instruction. Unless it says otherwise, the next one follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instr {
    /// Takes this byte.
    Byte(u8),
    /// Takes one byte of this set.
    Set(u16),
    /// Takes bytes of a set, as many as it can or as few.
    Repeat(Repeat),
    /// Goes to the first, and if that fails to the second.
    Split(u32, u32),
    Jump(u32),
    /// Goes on if this holds here.
    Look(Look),
    /// What was taken is a match.
    Match,
}

/// A repeat of one set of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repeat {
    pub(crate) set: u16,
    pub(crate) is_greedy: bool,
    pub(crate) min: u32,
    /// `u32::MAX` for any number.
    pub(crate) max: u32,
}

/// The instructions of one pattern.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) code: Box<[Instr]>,
    sets: Box<[ByteSet]>,
    /// For each instruction, the set of the bytes one of which must come next from there on; all
    /// of them where a match may end before.
    first: Box<[u16]>,
    /// For each instruction, the byte that it takes, if it takes one alone.
    text: Box<[u8]>,
    /// How many such instructions stand there in a row.
    row: Box<[u8]>,
    /// Whether it has a loop whose turns may be empty.
    pub(crate) may_spin: bool,
}

/// A program would have more instructions than it may.
#[derive(Debug)]
pub(crate) struct TooLong;

impl Program {
    /// The bytes one of which `instr` takes, if it takes any.
    pub(crate) fn taken(&self, instr: &Instr) -> Option<ByteSet> {
        match instr {
            Instr::Byte(byte) => Some(ByteSet::one(*byte)),
            Instr::Set(set) => Some(*self.set(*set)),
            Instr::Repeat(repeat) => Some(*self.set(repeat.set)),
            Instr::Split(..) | Instr::Jump(_) | Instr::Look(_) | Instr::Match => None,
        }
    }

    /// Those of all instructions, each once.
    pub(crate) fn taken_sets(&self) -> BTreeSet<ByteSet> {
        self.code.iter().filter_map(|instr| self.taken(instr)).collect()
    }

    /// The program of `hir`, with tables of at most `bytes_max` bytes.
    pub(crate) fn new(hir: &Hir, bytes_max: usize) -> Result<Self, TooLong> {
        let len_max = bytes_max / (size_of::<Instr>() + size_of::<u16>() + 2);
        let mut writer = Writer { len_max, ..Writer::default() };
        writer.write(hir)?;
        writer.push(Instr::Match)?;
        let first = writer.first()?;
        let byte = |instr: &Instr| if let Instr::Byte(byte) = instr { Some(*byte) } else { None };
        let mut row = vec![0_u8; writer.code.len()];
        let mut next: u8 = 0;
        for (slot, instr) in row.iter_mut().zip(&writer.code).rev() {
            *slot = byte(instr).map_or(0, |_| next.saturating_add(1));
            next = *slot;
        }
        Ok(Self {
            text: writer.code.iter().map(|instr| byte(instr).unwrap_or(0)).collect(),
            row: row.into(),
            code: writer.code.into(),
            sets: writer.sets.into(),
            first,
            may_spin: writer.may_spin,
        })
    }

    /// The bytes that the instructions from `pc` on take one after the other, 255 at the most.
    pub(crate) fn literal(&self, pc: u32) -> &[u8] {
        let from = pc as usize;
        let len = self.row.get(from).copied().unwrap_or(0);
        self.text.get(from..from + usize::from(len)).unwrap_or_default()
    }

    pub(crate) fn instr(&self, pc: u32) -> Instr {
        self.code.get(pc as usize).copied().unwrap_or(Instr::Match)
    }

    /// The set with this number.
    pub(crate) fn set(&self, number: u16) -> &ByteSet {
        self.sets.get(usize::from(number)).unwrap_or(&ByteSet::EMPTY)
    }

    /// The bytes one of which must come next, from `pc` on.
    pub(crate) fn first(&self, pc: u32) -> &ByteSet {
        self.first.get(pc as usize).map_or(&ByteSet::ALL, |number| self.set(*number))
    }

    pub(crate) fn memory_usage(&self) -> usize {
        let tables = size_of_val(&*self.sets) + size_of_val(&*self.first);
        size_of_val(&*self.code) + tables + self.text.len() + self.row.len()
    }
}

/// Writes a program.
#[derive(Default)]
struct Writer {
    code: Vec<Instr>,
    sets: Vec<ByteSet>,
    numbers: BTreeMap<ByteSet, u16>,
    len_max: usize,
    may_spin: bool,
}

impl Writer {
    fn push(&mut self, instr: Instr) -> Result<usize, TooLong> {
        if self.code.len() >= self.len_max.min(u32::MAX as usize) {
            return Err(TooLong);
        }
        self.code.push(instr);
        Ok(self.code.len() - 1)
    }

    /// Where the next instruction will stand.
    fn here(&self) -> u32 {
        u32::try_from(self.code.len()).unwrap_or(u32::MAX)
    }

    fn set(&mut self, set: ByteSet) -> Result<u16, TooLong> {
        if let Some(number) = self.numbers.get(&set) {
            return Ok(*number);
        }
        let number = u16::try_from(self.sets.len()).map_err(|_| TooLong)?;
        self.sets.push(set);
        self.numbers.insert(set, number);
        Ok(number)
    }

    fn put(&mut self, at: usize, instr: Instr) {
        if let Some(place) = self.code.get_mut(at) {
            *place = instr;
        }
    }

    fn write(&mut self, hir: &Hir) -> Result<(), TooLong> {
        match hir.kind() {
            HirKind::Empty => {}
            HirKind::Literal(literal) => {
                for byte in &literal.0 {
                    self.push(Instr::Byte(*byte))?;
                }
            }
            HirKind::Class(class) => match (ByteSet::of_hir(hir), class) {
                (Some(set), _) => self.write_set(set)?,
                (None, Class::Unicode(class)) => self.write_unicode(class)?,
                (None, Class::Bytes(_)) => {}
            },
            HirKind::Look(look) => {
                self.push(Instr::Look(*look))?;
            }
            HirKind::Repetition(repetition) => self.write_repetition(repetition)?,
            HirKind::Capture(capture) => self.write(&capture.sub)?,
            HirKind::Concat(all) => all.iter().try_for_each(|one| self.write(one))?,
            HirKind::Alternation(any) => self.write_any(&factored(any), Self::write)?,
        }
        Ok(())
    }

    fn write_set(&mut self, set: ByteSet) -> Result<(), TooLong> {
        let set = self.set(set)?;
        self.push(Instr::Set(set)).map(drop)
    }

    /// One of `any`, each written by `write`, the first preferred. They are written by halves: where
    /// many begin differently, most are passed over together.
    fn write_any<T>(
        &mut self,
        any: &[T],
        write: impl Fn(&mut Self, &T) -> Result<(), TooLong> + Copy,
    ) -> Result<(), TooLong> {
        if let [one] = any {
            return write(self, one);
        }
        let Some((left, right)) = any.split_at_checked(any.len() / 2).filter(|_| any.len() > 1)
        else {
            return Ok(());
        };
        let split = self.push(Instr::Match)?;
        self.write_any(left, write)?;
        let end = self.push(Instr::Match)?;
        self.put(split, Instr::Split(u32::try_from(split).unwrap_or(0) + 1, self.here()));
        self.write_any(right, write)?;
        self.put(end, Instr::Jump(self.here()));
        Ok(())
    }

    fn write_repetition(&mut self, repetition: &Repetition) -> Result<(), TooLong> {
        let Repetition { min, max, greedy, sub } = repetition;
        if let Some(set) = ByteSet::of_hir(sub) {
            let (set, max) = (self.set(set)?, max.unwrap_or(u32::MAX));
            let repeat = Repeat { set, is_greedy: *greedy, min: *min, max };
            return match (min, max) {
                (_, 0) => Ok(()),
                (1, 1) => self.push(Instr::Set(set)).map(drop),
                _ => self.push(Instr::Repeat(repeat)).map(drop),
            };
        }
        let may_be_empty = sub.properties().minimum_len() == Some(0);
        match max {
            Some(max) => {
                for _ in 0..*min {
                    self.write(sub)?;
                }
                let mut splits = Vec::new();
                for _ in *min..*max {
                    splits.push(self.push(Instr::Match)?);
                    self.write(sub)?;
                }
                self.leave(&splits, *greedy);
            }
            None => {
                for _ in 1..*min {
                    self.write(sub)?;
                }
                // A turn that may be empty must be taken once before it can be left.
                let optional = (*min == 0).then(|| self.push(Instr::Match)).transpose()?;
                let turn = self.here();
                self.write(sub)?;
                let (again, out) = (turn, self.here() + 1);
                let (one, other) = if *greedy { (again, out) } else { (out, again) };
                self.push(Instr::Split(one, other))?;
                self.may_spin |= may_be_empty;
                self.leave(&Vec::from_iter(optional), *greedy);
            }
        }
        Ok(())
    }

    /// At each of `splits`, either what follows or what comes next is tried.
    fn leave(&mut self, splits: &[usize], greedy: bool) {
        let out = self.here();
        for split in splits {
            let on = u32::try_from(*split).unwrap_or(0) + 1;
            let (one, other) = if greedy { (on, out) } else { (out, on) };
            self.put(*split, Instr::Split(one, other));
        }
    }

    /// A character of a class that is not of ASCII alone, in UTF-8.
    fn write_unicode(&mut self, class: &ClassUnicode) -> Result<(), TooLong> {
        let mut sequences: Vec<Vec<Utf8Range>> = Vec::new();
        for range in class.ranges() {
            let all = Utf8Sequences::new(range.start(), range.end());
            sequences.extend(all.map(|sequence| sequence.as_slice().to_vec()));
        }
        let sequences: Vec<&[Utf8Range]> = sequences.iter().map(Vec::as_slice).collect();
        self.write_sequences(&sequences)
    }

    /// One of `sequences`; those that begin alike stand together.
    fn write_sequences(&mut self, sequences: &[&[Utf8Range]]) -> Result<(), TooLong> {
        let mut groups: BTreeMap<Option<Utf8Range>, Vec<&[Utf8Range]>> = BTreeMap::new();
        for sequence in sequences {
            let Some((first, rest)) = sequence.split_first() else { continue };
            // All last bytes are one group.
            groups.entry((!rest.is_empty()).then_some(*first)).or_default().push(sequence);
        }
        let groups: Vec<_> = groups.into_iter().collect();
        self.write_any(&groups, |writer, (first, members)| {
            let Some(first) = first else {
                let ends =
                    |byte| members.iter().any(|m| m.first().is_some_and(|r| r.matches(byte)));
                return writer.write_set(ByteSet::of(ends));
            };
            writer.write_set(ByteSet::of(|byte| first.matches(byte)))?;
            let rest: Vec<_> = members.iter().filter_map(|member| member.get(1..)).collect();
            writer.write_sequences(&rest)
        })
    }

    /// The sets of bytes that may come first from each instruction on, found going back and forth
    /// until nothing changes.
    fn first(&mut self) -> Result<Box<[u16]>, TooLong> {
        let mut first = vec![ByteSet::EMPTY; self.code.len()];
        let mut changed = true;
        while changed {
            changed = false;
            for pc in (0..self.code.len()).rev() {
                let of = |pc: usize| first.get(pc).copied().unwrap_or(ByteSet::ALL);
                let set_of = |number: u16| self.sets.get(usize::from(number)).copied();
                let set = match self.code.get(pc) {
                    Some(Instr::Byte(byte)) => ByteSet::one(*byte),
                    Some(Instr::Set(set)) => set_of(*set).unwrap_or_default(),
                    Some(Instr::Repeat(repeat)) => {
                        let next = if repeat.min == 0 { of(pc + 1) } else { ByteSet::EMPTY };
                        set_of(repeat.set).unwrap_or_default().union(next)
                    }
                    Some(Instr::Split(one, other)) => of(*one as usize).union(of(*other as usize)),
                    Some(Instr::Jump(to)) => of(*to as usize),
                    Some(Instr::Look(look)) => {
                        // That of an end of the part holds before no byte.
                        let holds =
                            |byte| EXAMPLES.iter().any(|side| holds(*look, *side, Some(byte)));
                        let next = of(pc + 1);
                        ByteSet::of(|byte| next.has(byte) && holds(byte))
                    }
                    Some(Instr::Match) | None => ByteSet::ALL,
                };
                if let Some(old) = first.get_mut(pc).filter(|old| **old != set) {
                    *old = set;
                    changed = true;
                }
            }
        }
        first.into_iter().map(|set| self.set(set)).collect()
    }
}
