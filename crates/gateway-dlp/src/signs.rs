//! The signs of an entry: by what the lanes notice that it may begin somewhere.

use regex_syntax::hir::Hir;

use crate::anchor::{Literal, MANY, rare_beginnings};
use crate::bytes::ByteSet;
use crate::frequency::{share, share_of_literals};
use crate::heads::{Head, heads};
use crate::program::Program;
use crate::takers::first_sets;
use crate::tokens::{Key, TOKEN};
use crate::words::WordSet;

/// Bytes of the beginnings of words that are looked for.
const BEGINNING: usize = 6;
/// Literals at a greater share of all places come up too often.
const SHARE_MAX: f64 = 1.0 / 5_000.0;

/// Words from which on a list is noticed by its tokens, if they stand by themselves.
const TOKENS_FROM: usize = 512;

/// By what an entry is noticed.
pub(crate) enum Signs {
    Literals {
        literals: Vec<Literal>,
        /// If these may lie far behind: rare ones that it begins with. Where one stands, it may have begun.
        marks: Vec<Literal>,
    },
    /// Heads of the same length, one or more.
    Heads(Vec<Head>),
    /// The tokens that words begin with, and literals for those that begin with none.
    Tokens(Vec<Key>, Vec<Literal>),
}

impl Signs {
    pub(crate) fn heads(&self) -> &[Head] {
        match self {
            Self::Heads(heads) => heads,
            Self::Literals { .. } | Self::Tokens(..) => &[],
        }
    }

    pub(crate) fn literals(&self) -> &[Literal] {
        match self {
            Self::Literals { literals, .. } | Self::Tokens(_, literals) => literals,
            Self::Heads(_) => &[],
        }
    }

    pub(crate) fn marks(&self) -> &[Literal] {
        match self {
            Self::Literals { marks, .. } => marks,
            Self::Heads(_) | Self::Tokens(..) => &[],
        }
    }

    /// Bytes of a match until all of them are there.
    pub(crate) fn delay(&self) -> usize {
        match self {
            Self::Literals { literals, .. } => literals.iter().map(|one| one.far).max(),
            Self::Heads(heads) => heads.iter().map(|head| head.graph.len).max(),
            Self::Tokens(..) => Some(TOKEN),
        }
        .unwrap_or(0)
    }

    /// The same, with marks if what matches is `hir` and they are needed.
    pub(crate) fn marked(self, hir: &Hir) -> Self {
        let is_far = |one: &Literal| one.far > one.bytes.len();
        match self {
            Self::Literals { literals, .. } if literals.iter().any(is_far) => {
                let marks = rare_beginnings(hir).unwrap_or_default();
                Self::Literals { literals, marks }
            }
            other => other,
        }
    }

    /// `literals`, as they are.
    pub(crate) const fn of_literals(literals: Vec<Literal>) -> Self {
        Self::Literals { literals, marks: Vec::new() }
    }

    /// `literals`, or the heads of `program` if these come up far more rarely. Of a list of words they
    /// do not.
    pub(crate) fn rarer(literals: Vec<Literal>, program: &Program, len: usize) -> Self {
        let of_literals = share_of_literals(&literals);
        if of_literals > SHARE_MAX && literals.len() < MANY {
            let heads = heads(program, len);
            let first: f64 = first_sets(program, len).iter().map(share).product();
            let before: f64 = heads.iter().map(|head| share(&head.before)).sum();
            if first * before < of_literals / 2.0 {
                return Self::Heads(heads);
            }
        }
        Self::of_literals(literals)
    }

    /// Those of the words of a list.
    pub(crate) fn of_words(words: &WordSet) -> Self {
        if words.len() < TOKENS_FROM || words.may_follow(Some(b'a')) {
            return Self::of_literals(beginnings(words, words.words()));
        }
        let mut keys: Vec<Key> = words.words().filter_map(Key::of).collect();
        keys.sort_unstable();
        keys.dedup();
        let others = words.words().filter(|word| Key::of(word).is_none());
        let mut literals = beginnings(words, others);
        // What they say is ripe where what tokens say is.
        for literal in &mut literals {
            literal.bytes.truncate(TOKEN);
            (literal.near, literal.far) = (literal.bytes.len(), literal.bytes.len());
        }
        literals.sort();
        literals.dedup();
        Self::Tokens(keys, literals)
    }
}

/// What these words of a list begin with.
fn beginnings<'a>(list: &WordSet, words: impl Iterator<Item = &'a [u8]>) -> Vec<Literal> {
    let ways = words.flat_map(|word| list.beginnings(word, BEGINNING));
    let literal = |bytes: Vec<u8>| {
        let len = bytes.len();
        Literal { bytes, near: len, far: len, between: ByteSet::EMPTY, any: 0 }
    };
    let mut literals: Vec<Literal> = ways.map(literal).collect();
    literals.sort();
    literals.dedup();
    literals
}
