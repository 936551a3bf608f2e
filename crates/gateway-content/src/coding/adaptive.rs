//! A prefix code that changes with each symbol, as LHarc has it: the more often a symbol came, the nearer
//! it stands to the root.

use super::bits::{Bits, Fault, MALFORMED};

/// Symbols that are counted before all counts are halved.
const COUNT_MAX: u32 = 0x8000;
/// Bits that are looked at together.
const PEEK: u32 = 16;

/// What stands at a place of the tree: a symbol, with a bit that no place has, or the place of the child behind a
/// bit that is not set. The other child is the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Node(u16);

/// The same in words.
enum Kind {
    Symbol(usize),
    Children(usize),
}

impl Node {
    const SYMBOL: u16 = 0x8000;

    /// Codes have some hundred symbols.
    const fn symbol(symbol: usize) -> Self {
        Self(symbol as u16 | Self::SYMBOL)
    }

    const fn children(place: usize) -> Self {
        Self(place as u16)
    }

    const fn kind(self) -> Kind {
        if self.0 & Self::SYMBOL != 0 {
            Kind::Symbol((self.0 ^ Self::SYMBOL) as usize)
        } else {
            Kind::Children(self.0 as usize)
        }
    }
}

/// The code. Places are sorted: none has a higher count than the one before it, and the root is first.
#[derive(Clone, Debug)]
pub(crate) struct AdaptiveCode {
    nodes: Vec<Node>,
    counts: Vec<u16>,
    parents: Vec<u16>,
    /// Where each symbol stands.
    places: Vec<u16>,
    /// Symbols that were counted.
    total: u32,
}

impl AdaptiveCode {
    /// A code of `symbols` symbols that are all as likely.
    pub(crate) fn new(symbols: usize) -> Self {
        let mut code = Self::empty();
        code.build((0..symbols).map(|symbol| (1, Node::symbol(symbol))).collect());
        code
    }

    /// A code of one symbol, which takes no bits; [`add`](Self::add) makes it one of more.
    pub(crate) fn only() -> Self {
        let mut code = Self::empty();
        code.build(vec![(1, Node::symbol(0))]);
        code.total = 0;
        code
    }

    fn empty() -> Self {
        let (nodes, counts) = (Vec::new(), Vec::new());
        Self { nodes, counts, parents: Vec::new(), places: Vec::new(), total: 0 }
    }

    /// Builds the tree of leaves with their counts, the least first.
    fn build(&mut self, leaves: Vec<(u16, Node)>) {
        let mut places = leaves;
        let last = (2 * places.len()).saturating_sub(2);
        let mut pair = 0;
        while let Some([(one, _), (two, _)]) = places.get(pair..pair + 2) {
            let count = one + two;
            // Behind all that are not higher.
            let at = places.partition_point(|(of, _)| *of <= count);
            places.insert(at, (count, Node::children(last - pair)));
            pair += 2;
        }
        places.reverse();
        self.total = places.first().map_or(0, |(count, _)| (*count).into());
        // None stands before the root.
        places.first_mut().into_iter().for_each(|(count, _)| *count = u16::MAX);
        (self.counts, self.nodes) = places.into_iter().unzip();
        self.parents = vec![0; self.nodes.len()];
        for place in 0..self.nodes.len() {
            self.settle(place);
        }
    }

    /// Tells what stands at `place` that it does.
    fn settle(&mut self, place: usize) {
        match self.nodes.get(place).map(|node| node.kind()) {
            Some(Kind::Symbol(symbol)) => {
                if self.places.len() <= symbol {
                    self.places.resize(symbol + 1, 0);
                }
                if let Some(of) = self.places.get_mut(symbol) {
                    *of = place as u16;
                }
            }
            Some(Kind::Children(child)) => {
                for child in [child, child.saturating_sub(1)] {
                    if let Some(of) = self.parents.get_mut(child) {
                        *of = place as u16;
                    }
                }
            }
            None => {}
        }
    }

    /// Adds a symbol, the next in number, beside the one that is farthest from the root.
    pub(crate) fn add(&mut self) {
        let Some((last, node)) = self.nodes.len().checked_sub(1).zip(self.nodes.last().copied())
        else {
            return;
        };
        let (symbol, count) = (self.places.len(), if last == 0 { 1 } else { self.count(last) });
        self.nodes.extend([node, Node::symbol(symbol)]);
        self.counts.extend([count, 0]);
        self.parents.extend([last as u16; 2]);
        if let Some(parent) = self.nodes.get_mut(last) {
            *parent = Node::children(last + 2);
        }
        self.settle(last + 1);
        self.settle(last + 2);
        self.count_one(symbol);
    }

    fn count(&self, place: usize) -> u16 {
        self.counts.get(place).copied().unwrap_or(0)
    }

    /// The first of the places that have the same count as `at`, which is near that mostly.
    fn first_of(&self, at: usize, count: u16) -> usize {
        let (mut last, mut step) = (at, 1);
        while last >= step && self.count(last - step) == count {
            last -= step;
            step *= 2;
        }
        let from = last.saturating_sub(step);
        let near = self.counts.get(from..last).unwrap_or_default();
        from + near.partition_point(|of| *of > count)
    }

    /// Counts a symbol that came: it and those above it move up.
    pub(crate) fn count_one(&mut self, symbol: usize) {
        if self.total == COUNT_MAX {
            self.halve();
        }
        let mut at = self.places.get(symbol).map_or(0, |at| usize::from(*at));
        while at > 0 {
            let count = self.count(at);
            let first = self.first_of(at, count);
            if first != at {
                self.nodes.swap(first, at);
                self.settle(first);
                self.settle(at);
            }
            if let Some(of) = self.counts.get_mut(first) {
                *of += 1;
            }
            at = self.parents.get(first).map_or(0, |at| usize::from(*at));
        }
        self.total += 1;
    }

    /// Halves all counts, of which none becomes zero, and builds the tree anew.
    fn halve(&mut self) {
        let places = self.nodes.iter().zip(&self.counts).rev();
        let leaves = places.filter(|(node, _)| matches!(node.kind(), Kind::Symbol(_)));
        self.build(leaves.map(|(node, count)| (count.div_ceil(2), *node)).collect());
    }

    /// The next symbol of `bits`. It is not counted.
    pub(crate) fn read(&self, bits: &mut Bits<'_>) -> Result<usize, Fault> {
        let (mut node, mut next, mut left) = (self.nodes.first().copied(), 0, 0);
        loop {
            match node.map(Node::kind) {
                Some(Kind::Symbol(symbol)) => return Ok(symbol),
                Some(Kind::Children(child)) => {
                    if left == 0 {
                        (next, left) = (bits.peek(PEEK), PEEK);
                    }
                    left -= 1;
                    bits.skip(1)?;
                    let bit = next >> left & 1;
                    node = self.nodes.get(child.saturating_sub(bit as usize)).copied();
                }
                None => return Err(MALFORMED),
            }
        }
    }
}
