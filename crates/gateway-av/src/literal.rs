//! What is searched for of a segment: the stretch of known bytes that stands in for it.

use crate::image::{Input, Stored};
use crate::segment::Segment;

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
        let near = |literal: &Self| literal.end_max(segment) <= NEAR;
        let selective = |width: &Width| {
            let width = *width;
            let all = Self::of_width(segment, width);
            all.filter(move |literal| literal.is_selective(segment, width))
        };
        let best = |width: &Width| {
            let all = selective(width).take_while(near).take(WEIGHED_MAX);
            // Of equal ones the first.
            let rarest = all.map(|literal| (literal.rarity(segment), literal));
            let rarest = rarest.reduce(|best, one| if one.0 > best.0 { one } else { best });
            let rarest = rarest.map(|(_, literal)| literal);
            rarest.or_else(|| selective(width).find(near)).or_else(|| selective(width).next())
        };
        let widest = |width: &Width| Self::of_width(segment, *width).next();
        WIDTHS.iter().find_map(best).or_else(|| WIDTHS.iter().find_map(widest))
    }

    /// All stretches of a width: first those that are known to the bit.
    fn of_width(segment: &Segment, width: Width) -> impl Iterator<Item = Self> {
        [false, true].into_iter().flat_map(move |folded| {
            segment.pieces().zip(0..=u16::MAX).flat_map(move |(bytes, piece)| {
                let runs = if folded { bytes.folded_runs() } else { bytes.literal_runs() };
                runs.into_iter().flat_map(move |run| {
                    let last = (run.end + 1).saturating_sub(width.len);
                    (run.start..last).map_while(move |at| {
                        let (len, known) = (width.len as u8, (run.end - at).min(8) as u8);
                        Some(Self { piece, at: u32::try_from(at).ok()?, len, known, folded })
                    })
                })
            })
        })
    }

    fn is_selective(&self, segment: &Segment, width: Width) -> bool {
        let bytes = self.bytes(segment);
        bytes.windows(width.gram).all(|gram| different(gram) >= width.different_min)
    }

    /// How rare its bytes are in files; the greater, the rarer.
    fn rarity(&self, segment: &Segment) -> u32 {
        self.bytes(segment).iter().map(|byte| rarity(*byte)).sum()
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

    /// What is compared first of it; every byte is combined with `fold` before.
    pub(crate) fn key(&self, segment: &Segment, fold: u64) -> Key {
        let bytes = self.first(segment, self.known);
        let len = bytes.len().min(8) as u8;
        let mask = u64::MAX.checked_shr(64 - 8 * u32::from(len)).unwrap_or(0);
        let bytes = (little_endian(bytes) | fold) & mask;
        Key { bytes, at: self.at, piece: self.piece, len }
    }

    /// How many bytes of the segment there are at most up to the end of the literal.
    pub(crate) fn end_max(&self, segment: &Segment) -> usize {
        segment.len_max_before(self.piece.into()) + self.at as usize + usize::from(self.len)
    }
}

/// How many different values `bytes` hold.
fn different(bytes: &[u8]) -> usize {
    let is_new = |(index, byte): (usize, &u8)| !bytes.iter().take(index).any(|one| one == byte);
    bytes.iter().enumerate().filter(|one| is_new(*one)).count()
}

/// How rare a byte is in programs and texts.
const fn rarity(byte: u8) -> u32 {
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
}

impl Key {
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

impl Stored for Key {
    fn store(&self, out: &mut Vec<u8>) {
        (self.bytes, self.at).store(out);
        (self.piece, self.len).store(out);
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        let (bytes, at) = Stored::load(input)?;
        let (piece, len) = Stored::load(input)?;
        (len <= 8).then_some(Self { bytes, at, piece, len })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::piece::{CASE_MASK, Piece};
    use crate::segment::{Gap, Joint};
    use crate::tier::Tier;

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
                .map(|(segment, number)| (Literal::of(segment).unwrap(), segment, number))
                .collect();
            let mut keys = vec![Key::default(); segments.len()];
            let mut found = Vec::new();
            for tier in Tier::build(&literals, &mut keys) {
                // In two steps: what is sampled in the first is not in the second.
                let (cut, bytes) = (cut.min(text.len()), text.as_bytes());
                let mut hit = |number, _: &Key, at| found.push((at, number));
                let next = tier.scan(&keys, &bytes[..cut], 0, &mut hit);
                tier.scan(&keys, bytes, next, &mut hit);
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
