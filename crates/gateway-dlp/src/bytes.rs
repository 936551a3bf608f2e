//! Sets of bytes.

use std::collections::{BTreeMap, BTreeSet};

use regex_syntax::hir::{Class, ClassBytes, Hir, HirKind};

/// A set of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ByteSet([u64; 4]);

impl ByteSet {
    pub(crate) const EMPTY: Self = Self([0; 4]);
    pub(crate) const ALL: Self = Self([u64::MAX; 4]);

    /// Those for which `is_in` says so.
    pub(crate) fn of(is_in: impl Fn(u8) -> bool) -> Self {
        let mut set = Self::EMPTY;
        (0..=u8::MAX).filter(|byte| is_in(*byte)).for_each(|byte| set.insert(byte));
        set
    }

    pub(crate) fn one(byte: u8) -> Self {
        let mut set = Self::EMPTY;
        set.insert(byte);
        set
    }

    pub(crate) const fn has(&self, byte: u8) -> bool {
        self.0[(byte >> 6) as usize] >> (byte & 63) & 1 != 0
    }

    pub(crate) const fn insert(&mut self, byte: u8) {
        self.0[(byte >> 6) as usize] |= 1 << (byte & 63);
    }

    pub(crate) fn union(self, other: Self) -> Self {
        let mut all = self;
        all.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine |= theirs);
        all
    }

    /// Whether the two have a byte in common.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0).any(|(mine, theirs)| mine & theirs != 0)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = u8> {
        (0..=u8::MAX).filter(move |byte| self.has(*byte))
    }

    /// The bytes that `hir` matches, if what it matches is always one byte.
    pub(crate) fn of_hir(hir: &Hir) -> Option<Self> {
        match hir.kind() {
            HirKind::Literal(literal) => match *literal.0 {
                [byte] => Some(Self::one(byte)),
                _ => None,
            },
            HirKind::Class(Class::Bytes(class)) => Some(Self::of_class(class)),
            HirKind::Class(Class::Unicode(class)) => {
                class.to_byte_class().map(|class| Self::of_class(&class))
            }
            HirKind::Capture(capture) => Self::of_hir(&capture.sub),
            _ => None,
        }
    }

    fn of_class(class: &ClassBytes) -> Self {
        let mut set = Self::EMPTY;
        for range in class.ranges() {
            (range.start()..=range.end()).for_each(|byte| set.insert(byte));
        }
        set
    }
}

/// Whether `byte` is an ASCII letter, a digit or `_`.
pub(crate) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Bytes that none of `sets` tells apart are one class: the class of each, and one byte of each.
pub(crate) fn classes(sets: &BTreeSet<ByteSet>) -> (Box<[u8; 256]>, Vec<u8>) {
    let mut numbers: BTreeMap<Vec<bool>, u8> = BTreeMap::new();
    let mut classes = Box::new([0; 256]);
    let mut examples = Vec::new();
    for byte in 0..=u8::MAX {
        let kind = sets.iter().map(|set| set.has(byte)).collect();
        let new = u8::try_from(numbers.len()).unwrap_or(u8::MAX);
        let class = *numbers.entry(kind).or_insert(new);
        if usize::from(class) == examples.len() {
            examples.push(byte);
        }
        classes[usize::from(byte)] = class;
    }
    (classes, examples)
}
