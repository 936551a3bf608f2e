//! What LHarc and LArc packed, by encoders that search where the decoders calculate.

use super::{Writer, repeated};

/// A code that changes, as a tree of nodes in the order of their weights.
struct Tree {
    weight: Vec<u32>,
    parent: Vec<usize>,
    /// The bit that leads to it.
    bit: Vec<usize>,
    /// The nodes, the least first, and those of the symbols.
    order: Vec<usize>,
    leaves: Vec<usize>,
    total: u32,
}

impl Tree {
    fn new(symbols: usize) -> Self {
        let mut tree = Self {
            weight: Vec::new(),
            parent: Vec::new(),
            bit: Vec::new(),
            order: Vec::new(),
            leaves: (0..symbols).collect(),
            total: 0,
        };
        tree.build(&(0..symbols).map(|symbol| (symbol, 1)).collect::<Vec<_>>());
        tree
    }

    fn build(&mut self, symbols: &[(usize, u32)]) {
        self.weight = symbols.iter().map(|(_, weight)| *weight).collect();
        self.order = (0..symbols.len()).collect();
        symbols.iter().enumerate().for_each(|(node, (symbol, _))| self.leaves[*symbol] = node);
        self.parent = vec![0; symbols.len()];
        self.bit = vec![0; symbols.len()];
        for i in (0..2 * symbols.len() - 2).step_by(2) {
            let (one, two, new) = (self.order[i], self.order[i + 1], self.weight.len());
            (self.parent[one], self.parent[two], self.bit[two]) = (new, new, 1);
            self.weight.push(self.weight[one] + self.weight[two]);
            self.parent.push(new);
            self.bit.push(0);
            let at = self.order.iter().rposition(|node| self.weight[*node] <= self.weight[new]);
            self.order.insert(at.unwrap() + 1, new);
        }
        self.total = self.weight[*self.order.last().unwrap()];
    }

    fn emit(&self, out: &mut Writer, symbol: usize) {
        let mut at = self.leaves[symbol];
        let mut bits = Vec::new();
        while self.parent[at] != at {
            bits.push(self.bit[at]);
            at = self.parent[at];
        }
        bits.iter().rev().for_each(|bit| out.high(*bit, 1));
    }

    fn count(&mut self, symbol: usize) {
        if self.total == 0x8000 {
            let symbol_of = |node: &usize| self.leaves.iter().position(|leaf| leaf == node);
            let halves: Vec<(usize, u32)> = self
                .order
                .iter()
                .filter_map(|node| Some((symbol_of(node)?, self.weight[*node].div_ceil(2))))
                .collect();
            self.build(&halves);
        }
        let mut at = self.leaves[symbol];
        while self.parent[at] != at {
            let is_root = |node: usize| self.parent[node] == node;
            let same = |node: &usize| self.weight[*node] == self.weight[at] && !is_root(*node);
            let to = self.order.iter().rposition(same).unwrap();
            let from = self.order.iter().position(|node| *node == at).unwrap();
            let other = self.order[to];
            self.order.swap(from, to);
            self.parent.swap(at, other);
            self.bit.swap(at, other);
            self.weight[at] += 1;
            at = self.parent[at];
        }
        self.total += 1;
    }

    /// One symbol more, beside the least.
    fn add(&mut self) {
        let (old, new, symbol) = (self.order[0], self.weight.len(), self.weight.len() + 1);
        let parent = if self.parent[old] == old { new } else { self.parent[old] };
        self.weight.extend([self.weight[old], 0]);
        self.parent.extend([parent, new]);
        self.bit.extend([self.bit[old], 0]);
        (self.parent[old], self.bit[old]) = (new, 1);
        self.order.splice(0..1, [symbol, old, new]);
        self.leaves.push(symbol);
        self.count(self.leaves.len() - 1);
    }
}

/// A byte, or a match by its length, and how many bytes there are with it.
fn tokens(content: &[u8], distance: usize, len_max: usize) -> Vec<(Result<u8, usize>, usize)> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < content.len() {
        let found = repeated(content, at, distance, len_max);
        let token = found.map_or(Ok(content[at]), Err);
        at += found.unwrap_or(1);
        tokens.push((token, at));
    }
    tokens
}

/// A distance by the code that stands, of which so many symbols have each length from the first on.
fn distance_fixed(out: &mut Writer, first: u32, counts: &[usize], distance: usize) {
    let (mut code, mut symbol) = (0, (distance - 1) >> 6);
    for (length, count) in (first..).zip(counts) {
        code <<= 1;
        if symbol < *count {
            out.high(code + symbol, length);
            break;
        }
        code += count;
        symbol -= count;
    }
    out.high((distance - 1) & 63, 6);
}

/// `-lh1-`, with matches of one distance.
pub(crate) fn lh1(content: &[u8], distance: usize) -> Vec<u8> {
    let (mut out, mut literals) = (Writer::default(), Tree::new(314));
    for (token, _) in tokens(content, distance, 60) {
        let symbol = token.map_or_else(|len| len + 253, usize::from);
        literals.emit(&mut out, symbol);
        literals.count(symbol);
        if token.is_err() {
            distance_fixed(&mut out, 3, &[1, 3, 8, 12, 24, 16], distance);
        }
    }
    out.bytes(|i| 7 - i as u8)
}

/// The symbol of a match, and what is to be added to it.
fn long(len: usize) -> (usize, Option<usize>) {
    let symbol = len + 253;
    if symbol < 285 { (symbol, None) } else { (285, Some(symbol - 285)) }
}

/// `-lh2-`, with matches of one distance.
pub(crate) fn lh2(content: &[u8], distance: usize) -> Vec<u8> {
    let (mut out, mut literals) = (Writer::default(), Tree::new(286));
    let mut distances = Tree::new(1);
    (distances.total, distances.weight[0]) = (0, 1);
    let (mut done, mut next) = (0, 64);
    for (token, after) in tokens(content, distance, 256) {
        let (symbol, more) = token.map_or_else(long, |byte| (byte.into(), None));
        literals.emit(&mut out, symbol);
        literals.count(symbol);
        if token.is_err() {
            out.high(more.unwrap_or(0), if more.is_some() { 8 } else { 0 });
            while done > next && next < 8_192 {
                distances.add();
                next += 64;
            }
            distances.emit(&mut out, (distance - 1) >> 6);
            distances.count((distance - 1) >> 6);
            out.high((distance - 1) & 63, 6);
        }
        done = after;
    }
    out.bytes(|i| 7 - i as u8)
}

/// `-lh3-`, with matches of one distance: blocks by each of the ways to tell a code.
pub(crate) fn lh3(content: &[u8], distance: usize) -> Vec<u8> {
    let mut out = Writer::default();
    for (i, block) in tokens(content, distance, 256).chunks(500).enumerate() {
        out.high(block.len(), 16);
        // 226 codes of 8 bits and 60 of 9: there are no others.
        (0..286).for_each(|i| out.high(if i < 226 { 0b1_0111 } else { 0b1_1000 }, 5));
        match i % 3 {
            0 => out.high(0, 1),
            1 => {
                out.high(1, 1);
                (0..128).for_each(|_| out.high(7, 4));
            }
            _ => {
                out.high(1, 1);
                out.high(0x111, 12);
                out.high((distance - 1) >> 6, 7);
            }
        }
        for (token, _) in block {
            let (symbol, more) = token.map_or_else(long, |byte| (byte.into(), None));
            match symbol {
                0..226 => out.high(symbol, 8),
                _ => out.high(symbol + 226, 9),
            }
            out.high(more.unwrap_or(0), if more.is_some() { 8 } else { 0 });
            match (token, i % 3) {
                (Ok(_), _) => {}
                (Err(_), 0) => {
                    distance_fixed(&mut out, 2, &[1, 0, 2, 3, 7, 18, 47, 50], distance);
                }
                (Err(_), 1) => out.high(distance - 1, 13),
                (Err(_), _) => out.high((distance - 1) & 63, 6),
            }
        }
    }
    out.bytes(|i| 7 - i as u8)
}

/// `-lzs-`, with matches of one distance.
pub(crate) fn lzs(content: &[u8], distance: usize) -> Vec<u8> {
    let mut out = Writer::default();
    for (token, after) in tokens(content, distance, 17) {
        match token {
            Ok(byte) => out.high(0x100 | usize::from(byte), 9),
            Err(len) => {
                out.high(0, 1);
                out.high((after - len + 2_048 - 17 + 2_048 - distance) % 2_048, 11);
                out.high(len - 2, 4);
            }
        }
    }
    out.bytes(|i| 7 - i as u8)
}

/// `-lz5-`: first matches in what stands in the window at first, then bytes as they are. What comes
/// out begins with 13 letters `A`, the bytes 65 to 80 and back, three zeros and three blanks.
pub(crate) fn lz5(content: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let places = [(65 * 13, 13), (3_328 + 65, 16), (3_584 + 175, 16)];
    let places = places.into_iter().chain([(3_840, 3), (4_000, 3)]);
    let mut out = vec![0];
    for (place, len) in places {
        out.extend([place as u8, (place >> 4 & 0xf0) as u8 | (len - 3) as u8]);
    }
    let up = 65..=80u8;
    let mut unpacked = [&[65; 13][..], &up.clone().collect::<Vec<_>>()].concat();
    unpacked.extend(up.rev());
    unpacked.extend(b"\0\0\0   ");
    // The flags of the first eight: five matches and three bytes.
    let (first, rest) = content.split_at(3);
    out[0] = 0b1110_0000;
    out.extend(first);
    for eight in rest.chunks(8) {
        out.push(0xff);
        out.extend(eight);
    }
    unpacked.extend(content);
    (out, unpacked)
}
