//! Solid archives of RAR: members whose symbols refer to those before them, by codes of one length for all symbols
//! of a kind.

use super::Writer;

/// What a member is packed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Symbol {
    Byte(u8),
    /// As many bytes, up to 9, as came so far before.
    Match(usize, usize),
    /// As many bytes from the distance before.
    Again(usize),
    /// The last match again.
    Last,
}

/// Codes of the form, in bits: for bytes and lengths, distances, low bits of these, lengths of old distances.
const TWO: [(usize, u32); 4] = [(298, 9), (48, 6), (0, 4), (28, 6)];
const THREE: [(usize, u32); 4] = [(299, 9), (60, 6), (17, 5), (28, 5)];
const FIVE: [(usize, u32); 4] = [(306, 9), (64, 6), (16, 4), (44, 6)];

/// What `symbols` stand for behind `window`, which grows by it.
pub(crate) fn meant(symbols: &[Symbol], window: &mut Vec<u8>) -> Vec<u8> {
    let (start, mut last) = (window.len(), (0, 0));
    for symbol in symbols {
        last = match symbol {
            Symbol::Byte(byte) => {
                window.push(*byte);
                continue;
            }
            Symbol::Match(len, distance) => (*len, *distance),
            Symbol::Again(len) => (*len, last.1),
            Symbol::Last => last,
        };
        (0..last.0).for_each(|_| window.push(window[window.len() - last.1]));
    }
    window[start..].to_vec()
}

pub(crate) fn bytes(text: &[u8]) -> Vec<Symbol> {
    text.iter().map(|byte| Symbol::Byte(*byte)).collect()
}

impl Writer {
    /// The codes: their own code is of two bits for each of the four lengths that there are, or of as few as there
    /// are.
    fn codes(&mut self, of: usize, codes: [(usize, u32); 4]) {
        let mut lengths: Vec<u32> = codes.iter().map(|(_, length)| *length).collect();
        lengths.sort_unstable();
        lengths.dedup();
        (0..of).for_each(|i| self.high(if lengths.contains(&(i as u32)) { 2 } else { 0 }, 4));
        for (count, length) in codes {
            let code = lengths.iter().position(|other| *other == length).unwrap();
            (0..count).for_each(|_| self.high(code, 2));
        }
    }

    /// The slot of a distance, then its bits, the lowest four by their own code where there is one.
    fn distance(&mut self, distance: usize, low: Option<u32>) {
        let value = distance - 1;
        if value < 4 {
            return self.high(value, 6);
        }
        let count = value.ilog2() - 1;
        self.high(2 * (count as usize + 1) + (value >> count & 1), 6);
        match low.filter(|_| count >= 4) {
            Some(bits) => {
                self.high(value >> 4 & ((1 << (count - 4)) - 1), count - 4);
                self.high(value & 15, bits);
            }
            None => self.high(value & ((1 << count) - 1), count),
        }
    }

    /// `symbols`, where the last match, old distances and new lengths begin at those numbers.
    fn symbols(&mut self, symbols: &[Symbol], at: [usize; 3], low: Option<u32>, old: u32) {
        let [last, again, new] = at;
        // New matches are of two bytes at the least in RAR 5, and of three before.
        let least = if new == 262 { 2 } else { 3 };
        for symbol in symbols {
            match symbol {
                Symbol::Byte(byte) => self.high((*byte).into(), 9),
                Symbol::Match(len, distance) => {
                    self.high(new + len - least, 9);
                    self.distance(*distance, low);
                }
                Symbol::Again(len) => {
                    self.high(again, 9);
                    self.high(len - 2, old);
                }
                Symbol::Last => self.high(last, 9),
            }
        }
    }

    fn done(&self) -> Vec<u8> {
        self.bytes(|i| 7 - i as u8)
    }
}

/// Packed by RAR 2.0, with codes before or, for the next member, behind the symbols.
pub(crate) fn two(symbols: &[Symbol], before: bool, behind: bool) -> Vec<u8> {
    let mut out = Writer::default();
    let codes = |out: &mut Writer| {
        out.high(0, 2);
        out.codes(19, TWO);
    };
    if before {
        codes(&mut out);
    }
    out.symbols(symbols, [256, 257, 270], None, 6);
    if behind {
        out.high(269, 9);
        codes(&mut out);
    }
    out.done()
}

/// Packed by RAR 2.9, with codes if they are to be there, and whether the mark at the end says that others follow.
pub(crate) fn three(symbols: &[Symbol], codes: bool, follow: bool) -> Vec<u8> {
    let mut out = Writer::default();
    if codes {
        out.high(0, 2);
        out.codes(20, THREE);
    }
    out.symbols(symbols, [258, 259, 271], Some(5), 5);
    out.high(256, 9);
    out.high(usize::from(follow), 2);
    out.done()
}

/// The same, with codes that differ in nothing from those before.
pub(crate) fn three_alike(symbols: &[Symbol]) -> Vec<u8> {
    let mut out = Writer::default();
    out.high(0b01, 2);
    // No difference has a code of one bit, and there are no others.
    (0..20).for_each(|i| out.high(usize::from(i == 0), 4));
    THREE.iter().for_each(|(count, _)| (0..*count).for_each(|_| out.high(0, 1)));
    out.symbols(symbols, [258, 259, 271], Some(5), 5);
    out.high(256, 9);
    out.high(0, 2);
    out.done()
}

/// A block of RAR 5.0, the last of its member.
pub(crate) fn five(symbols: &[Symbol], codes: bool) -> Vec<u8> {
    let mut out = Writer::default();
    if codes {
        out.codes(20, FIVE);
    }
    out.symbols(symbols, [257, 258, 262], Some(4), 6);
    let bits = out.bits.len();
    let flags = 0x48 | u8::from(codes) << 7 | ((bits - 1) % 8) as u8;
    let [a, b] = (bits.div_ceil(8) as u16).to_le_bytes();
    [&[flags, 0x5a ^ flags ^ a ^ b, a, b][..], &out.done()].concat()
}

/// A member: how it is packed, what it is, and whether it goes on from the one before.
pub(crate) struct Packed<'a> {
    pub(crate) name: u8,
    pub(crate) bytes: Vec<u8>,
    pub(crate) content: &'a [u8],
    pub(crate) is_stored: bool,
    pub(crate) goes_on: bool,
    pub(crate) is_encrypted: bool,
}

/// An archive in the older form, for unpackers of that version, with these flags.
pub(crate) fn rar4_of(version: u8, flags: u16, members: &[Packed<'_>]) -> Vec<u8> {
    let [low, high] = flags.to_le_bytes();
    let mut out =
        [b"Rar!\x1a\x07\0", &[0, 0, 0x73, low, high, 13, 0, 0, 0, 0, 0, 0, 0][..]].concat();
    for member in members {
        let flags = 0x8000 | u16::from(member.goes_on) << 4 | u16::from(member.is_encrypted) << 2;
        let four = |len: usize| (len as u32).to_le_bytes();
        out.extend_from_slice(&[0, 0, 0x74]);
        out.extend_from_slice(&flags.to_le_bytes());
        out.extend_from_slice(&[33, 0]);
        out.extend_from_slice(&four(member.bytes.len()));
        out.extend_from_slice(&four(member.content.len()));
        out.push(2);
        out.extend_from_slice(&crc32fast::hash(member.content).to_le_bytes());
        let method = if member.is_stored { 0x30 } else { 0x33 };
        out.extend_from_slice(&[0, 0, 0, 0, version, method, 1, 0, 0, 0, 0, 0, member.name]);
        out.extend_from_slice(&member.bytes);
    }
    out
}

/// The same in the newer form.
pub(crate) fn rar5_of(flags: u8, members: &[Packed<'_>]) -> Vec<u8> {
    let block = |body: &[u8]| {
        let sized = [&[body.len() as u8], body].concat();
        [&crc32fast::hash(&sized).to_le_bytes()[..], &sized].concat()
    };
    let number = |value: usize| [value as u8 & 0x7f | 0x80, (value >> 7) as u8];
    let mut out = [b"Rar!\x1a\x07\x01\0", &block(&[1, 0, flags])[..]].concat();
    for member in members {
        let crc = crc32fast::hash(member.content).to_le_bytes();
        let method = if member.is_stored { 0 } else { 1 << 7 };
        let packing = method | usize::from(member.goes_on) << 6;
        let extra: &[u8] = if member.is_encrypted { &[1, 1] } else { &[] };
        let mut file = vec![2, 2 | u8::from(member.is_encrypted)];
        if member.is_encrypted {
            file.push(extra.len() as u8);
        }
        file.extend_from_slice(&number(member.bytes.len()));
        file.push(4);
        file.extend_from_slice(&number(member.content.len()));
        file.push(0);
        file.extend_from_slice(&crc);
        file.extend_from_slice(&number(packing));
        file.extend_from_slice(&[1, 1, member.name]);
        file.extend_from_slice(extra);
        out.extend_from_slice(&block(&file));
        out.extend_from_slice(&member.bytes);
    }
    [&out[..], &block(&[5, 0, 0])].concat()
}
