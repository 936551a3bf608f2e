//! What is searched for of a segment: the stretch of known bytes that stands in for it.

use bytes::Bytes;

use crate::image::{Input, Stored, load_bulk, store_bulk};
use crate::segment::Segment;
use crate::target::Target;

/// Bytes at the beginning of a segment in which its literal lies if it can: until a literal is
/// complete, each place at which its segment may have begun is compared with all of them.
const NEAR: usize = 64;

/// Stretches of a segment that are weighed against one another.
const WEIGHED_MAX: usize = 32;

/// A width of literals: how long the gram is that is looked for, at how many places of it, and how
/// many different bytes each gram must have to be worth looking for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Width {
    pub(crate) len: usize,
    pub(crate) gram: usize,
    different_min: usize,
}

impl Width {
    /// How far apart samples are.
    pub(crate) const fn stride(self) -> usize {
        self.len + 1 - self.gram
    }
}

/// The widest first.
pub(crate) const WIDTHS: [Width; 4] = [
    Width { len: 8, gram: 4, different_min: 3 },
    Width { len: 4, gram: 3, different_min: 2 },
    Width { len: 3, gram: 3, different_min: 2 },
    Width { len: 2, gram: 2, different_min: 2 },
];

/// A stretch of known bytes that stands in for its segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Literal {
    /// The piece that it lies in, and where in that.
    piece: u16,
    at: u32,
    /// One of the [widths](WIDTHS).
    pub(crate) len: u8,
    /// How many bytes from `at` on are known, up to 8.
    known: u8,
    /// Whether the case of letters does not count.
    pub(crate) folded: bool,
}

impl Literal {
    /// The best literal of `segment`: the widest that is selective; of those that are as wide one
    /// near the beginning, and of these the one with the rarest bytes. If none is selective, the
    /// widest.
    pub(crate) fn of(segment: &Segment) -> Option<Self> {
        let stretches = Stretch::all(segment);
        let all = |width: Width| stretches.iter().flat_map(move |one| one.literals(width));
        let selective = |width: Width| {
            all(width).filter(move |(_, bytes)| {
                bytes.windows(width.gram).all(|gram| different(gram) >= width.different_min)
            })
        };
        let near = |one: &(Self, &[u8])| one.0.end_max(segment) <= NEAR;
        let best = |width: &Width| {
            let all = selective(*width).take_while(near).take(WEIGHED_MAX);
            // Of equal ones the first.
            let rarest = all.map(|(literal, bytes)| (rarity(bytes), literal));
            let rarest = rarest.reduce(|best, one| if one.0 > best.0 { one } else { best });
            rarest
                .map(|(_, literal)| literal)
                .or_else(|| selective(*width).find(near).map(|(literal, _)| literal))
                .or_else(|| selective(*width).next().map(|(literal, _)| literal))
        };
        let widest = |width: &Width| all(*width).next().map(|(literal, _)| literal);
        WIDTHS.iter().find_map(best).or_else(|| WIDTHS.iter().find_map(widest))
    }

    pub(crate) fn bytes<'a>(&self, segment: &'a Segment) -> &'a [u8] {
        self.first(segment, self.len)
    }

    /// The first `count` bytes from where it begins.
    fn first<'a>(&self, segment: &'a Segment, count: u8) -> &'a [u8] {
        let piece = segment.pieces().nth(usize::from(self.piece));
        let at = self.at as usize;
        piece.map_or(&[], |piece| piece.values(at..at + usize::from(count)))
    }

    /// Its first two bytes, for those that are looked for at every place.
    pub(crate) const fn pair(self) -> Self {
        Self { len: 2, ..self }
    }

    /// What is compared first of it in parts of `target`; every byte is combined with `fold` before.
    pub(crate) fn key(&self, segment: &Segment, target: Target, fold: u64) -> Key {
        let bytes = self.first(segment, self.known);
        let len = bytes.len().min(8) as u8;
        let mask = u64::MAX.checked_shr(64 - 8 * u32::from(len)).unwrap_or(0);
        let bytes = (little_endian(bytes) | fold) & mask;
        Key { bytes, at: self.at, piece: self.piece, len, target: target as u8 }
    }

    /// How many bytes of the segment there are at most up to the end of the literal.
    pub(crate) fn end_max(&self, segment: &Segment) -> usize {
        segment.len_max_before(self.piece.into()) + self.at as usize + usize::from(self.len)
    }
}

/// A run of bytes of a segment that are known, to the bit or but for the case of letters.
struct Stretch<'a> {
    piece: u16,
    /// Where it begins in its piece.
    at: usize,
    bytes: &'a [u8],
    folded: bool,
}

impl<'a> Stretch<'a> {
    /// All of `segment`: first those that are known to the bit.
    fn all(segment: &'a Segment) -> Vec<Self> {
        let mut all = Vec::new();
        for folded in [false, true] {
            for (bytes, piece) in segment.pieces().zip(0..=u16::MAX) {
                // Where every bit counts there are no others.
                if folded && bytes.is_literal() {
                    continue;
                }
                let runs = if folded { bytes.folded_runs() } else { bytes.literal_runs() };
                let stretch = |run: std::ops::Range<usize>| {
                    let (at, bytes) = (run.start, bytes.values(run));
                    Self { piece, at, bytes, folded }
                };
                all.extend(runs.into_iter().map(stretch));
            }
        }
        all
    }

    /// The literals of a width that it holds, and their bytes.
    fn literals(&self, width: Width) -> impl Iterator<Item = (Literal, &'a [u8])> {
        let (piece, folded, len) = (self.piece, self.folded, self.bytes.len());
        self.bytes.windows(width.len).zip(0..).map_while(move |(bytes, from)| {
            let at = u32::try_from(self.at + from).ok()?;
            let known = (len - from).min(8) as u8;
            Some((Literal { piece, at, len: width.len as u8, known, folded }, bytes))
        })
    }
}

/// How many different values up to four bytes hold.
fn different(bytes: &[u8]) -> usize {
    match *bytes {
        [a, b, c, d] => {
            let third = (c != a) & (c != b);
            1 + usize::from(b != a)
                + usize::from(third)
                + usize::from((d != a) & (d != b) & (d != c))
        }
        [a, b, c] => 1 + usize::from(b != a) + usize::from((c != a) & (c != b)),
        [a, b] => 1 + usize::from(b != a),
        _ => bytes.len().min(1),
    }
}

/// How rare bytes are in files; the greater, the rarer.
fn rarity(bytes: &[u8]) -> u32 {
    let of = |byte: &u8| RARITY.get(usize::from(*byte)).copied().unwrap_or(0);
    bytes.iter().map(|byte| u32::from(of(byte))).sum()
}

/// By byte, how rare it is.
const RARITY: [u8; 256] = {
    let mut all = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        all[byte] = rarity_of(byte as u8);
        byte += 1;
    }
    all
};

/// How rare a byte is in programs and texts.
const fn rarity_of(byte: u8) -> u8 {
    match byte {
        0 => 0,
        0xFF | b' ' | 0x8B | 0x48 | 0x0F | 0x24 | 0x89 | 0x83 | 0xE8 | 0xC0 | 0xCC | 0x90 => 1,
        b'a'..=b'z' | b'0'..=b'9' | b'\r' | b'\n' | b'\t' | 1..=8 => 2,
        _ => 3,
    }
}

/// What is compared first of the literal of a segment, which has the same number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Key {
    /// Its first bytes, up to 8, the first one lowest; folded if the case does not count.
    bytes: u64,
    /// Where it lies in its piece.
    at: u32,
    /// The piece that it lies in.
    pub(crate) piece: u16,
    /// How many bytes there are.
    len: u8,
    /// The number of the target that it is for.
    target: u8,
}

impl Key {
    /// That of a segment that is not searched for, but is for parts of `target`.
    pub(crate) fn of(target: Target) -> Self {
        Self { target: target as u8, ..Self::default() }
    }

    /// Whether its segment is looked for in parts of `target`.
    #[inline]
    pub(crate) const fn is_for(&self, target: Target) -> bool {
        self.target == Target::Any as u8 || self.target == target as u8
    }

    /// Where the piece begins if the literal may lie at index `begin`. At the end of the bytes
    /// only those that are there are compared.
    pub(crate) fn meets(&self, bytes: &[u8], begin: usize, fold: u64) -> Option<usize> {
        let rest = bytes.get(begin..).unwrap_or_default();
        let len = rest.len().min(usize::from(self.len)) as u32;
        let mask = u64::MAX.checked_shr(64 - 8 * len).unwrap_or(0);
        let differs = ((little_endian(rest) | fold) ^ self.bytes) & mask != 0;
        if differs { None } else { begin.checked_sub(self.at as usize) }
    }
}

/// The first bytes, up to 8, as a number: the first one lowest.
pub(crate) fn little_endian(bytes: &[u8]) -> u64 {
    match bytes.first_chunk::<8>() {
        Some(word) => u64::from_le_bytes(*word),
        None => bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

/// Bytes of a key as it stands among others.
const KEY_BYTES: usize = 16;

/// The keys of all segments, by number.
#[derive(Debug, Default)]
pub(crate) struct Keys(Bytes);

impl Keys {
    pub(crate) fn at(&self, number: u32) -> Option<Key> {
        let rows = self.0.as_chunks::<KEY_BYTES>().0;
        let [bytes @ .., a, b, c, d, e, f, g, h] = rows.get(number as usize)?;
        Some(Key {
            bytes: u64::from_le_bytes(*bytes),
            at: u32::from_le_bytes([*a, *b, *c, *d]),
            piece: u16::from_le_bytes([*e, *f]),
            // What is more, in an image that is none, are bytes that are not compared.
            len: (*g).min(8),
            target: *h,
        })
    }

    pub(crate) fn store(&self, out: &mut Vec<u8>, bulk: &mut Vec<u8>) {
        store_bulk(&self.0, out, bulk);
    }

    pub(crate) fn load(input: &mut Input<'_>, bulk: &Bytes) -> Option<Self> {
        Some(Self(load_bulk(input, bulk)?))
    }
}

impl FromIterator<Key> for Keys {
    fn from_iter<I: IntoIterator<Item = Key>>(keys: I) -> Self {
        let mut rows = Vec::new();
        for Key { bytes, at, piece, len, target } in keys {
            (bytes, at, piece).store(&mut rows);
            (len, target).store(&mut rows);
        }
        Self(rows.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::piece::{CASE_MASK, Piece};
    use crate::segment::{Gap, Joint};
    use crate::tier::{Sought, Tier, When};

    /// A piece in which `?` is any byte and letters after `~` have no case.
    fn piece(pattern: &str) -> Piece {
        let mut folded = false;
        let mut bytes = Vec::new();
        for byte in pattern.bytes() {
            match byte {
                b'~' => folded = true,
                b'?' => bytes.push((0, 0)),
                byte if folded => bytes.push((byte.to_ascii_uppercase(), CASE_MASK)),
                byte => bytes.push((byte, 0xFF)),
            }
        }
        Piece::new(&bytes, Vec::new())
    }

    #[test]
    fn the_widest_selective_literal_near_the_beginning_is_taken() {
        let far = "?".repeat(70);
        for (pattern, literal, end) in [
            ("abcdefghijklmnopqrstuv", "abcdefgh", 8),
            ("??abcdefghijklmnop??", "abcdefgh", 10),
            ("abcd\0efgh@xyz", "efgh@xyz", 13),
            ("abcdefgh?abcdef", "abcdefgh", 8),
            ("aaaaaaaaaaaaaaaaaaaaaaaaabcdefgh", "aabcdefg", 31),
            ("aaaaaaaaaaaaaaaaaa", "aaaaaaaa", 8),
            ("aaaaaaaaaaab", "aab", 12),
            ("ab?cde", "cde", 6),
            (&format!("abcd{far}abcdefgh"), "abcdefgh", 82),
            (&format!("abcd{far}abcd"), "abcd", 4),
            (&format!("a{far}abcdefgh"), "abcdefgh", 79),
            ("~abcdefgh", "ABCDEFGH", 8),
        ] {
            let segment = Segment::new(Vec::new(), piece(pattern));
            let found = Literal::of(&segment).unwrap();
            let bytes = found.bytes(&segment);
            assert_eq!((bytes, found.end_max(&segment)), (literal.as_bytes(), end), "{pattern}");
        }
        assert_eq!(Literal::of(&Segment::new(Vec::new(), piece("a?b"))), None);
        let gap = Joint::Gap(Gap { min: 1, max: 3 });
        let segment = Segment::new(vec![(piece("ab"), gap)], piece("?cdefghij"));
        let literal = Literal::of(&segment).unwrap();
        assert_eq!((literal.piece, literal.at, literal.end_max(&segment)), (1, 1, 14));
    }

    proptest::proptest! {
        #[test]
        fn no_literal_is_passed_over(
            words in proptest::collection::vec("~?([ab]{2}|[a-c]{3}|[a-d]{4}|[a-g]{8}|[a-g]{16})", 1..20),
            plan in proptest::collection::vec((proptest::prelude::any::<u8>(), "[a-cA-C]{0,9}"), 0..20),
            cut in 0..300usize,
            late in proptest::prelude::any::<bool>(),
        ) {
            let mut text = String::new();
            for (which, filler) in plan {
                text += words[usize::from(which) % words.len()].trim_start_matches('~');
                text += &filler;
            }
            let segments: Vec<_> =
                words.iter().map(|word| Segment::new(Vec::new(), piece(word))).collect();
            let literals: Vec<_> = segments
                .iter()
                .zip(0u32..)
                .map(|(segment, number)| Sought {
                    literal: Literal::of(segment).unwrap(),
                    segment,
                    number,
                    target: Target::Any,
                    when: if late { When::InTurn } else { When::Always },
                })
                .collect();
            let mut keys = vec![Key::default(); segments.len()];
            let mut found = Vec::new();
            let tiers = Tier::build(&literals, &[Target::Pe], &mut keys);
            let keys: Keys = keys.into_iter().collect();
            for (tier, flags) in tiers {
                let flags = flags[0].as_ref().unwrap();
                // In two steps: what is sampled in the first is not in the second.
                let (cut, bytes) = (cut.min(text.len()), text.as_bytes());
                let mut hit = |number, _: &Key, at| found.push((at, number));
                let mut scan = |bytes, from| {
                    tier.scan(flags, &keys, Target::Pe, bytes, from, &mut hit)
                };
                let next = scan(&bytes[..cut], 0);
                scan(bytes, next);
            }
            let is_at = |at: usize, number: u32| {
                segments[number as usize].first().is_at(text.as_bytes(), at)
            };
            found.retain(|(at, number)| is_at(*at, *number));
            found.sort_unstable();
            let all = (0..text.len()).flat_map(|at| (0..words.len() as u32).map(move |n| (at, n)));
            let expected: Vec<_> = all.filter(|(at, number)| is_at(*at, *number)).collect();
            proptest::prop_assert_eq!(found, expected);
        }
    }
}
