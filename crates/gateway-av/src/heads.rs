//! How the last segments of signatures begin: which of them may be under way at a place?

/// A segment that begins with two literal bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    /// The two bytes, the first of them as the high byte.
    pair: u16,
    /// Up to two more, where `mask` has ones.
    more: u16,
    mask: u16,
    segment: u32,
}

/// Segments by how they begin.
#[derive(Debug, Default)]
pub(crate) struct Heads {
    /// By pair: whether a segment begins so.
    pairs: Box<[u64]>,
    heads: Box<[Head]>,
    /// Segments that do not begin with two literal bytes.
    loose: Box<[u32]>,
}

impl Heads {
    /// The segments with the literal bytes that they begin with.
    pub(crate) fn new<'a>(segments: impl Iterator<Item = (u32, &'a [u8])>) -> Self {
        let (mut heads, mut loose) = (Vec::new(), Vec::new());
        for (segment, literal) in segments {
            match literal.split_first_chunk::<2>() {
                Some((pair, rest)) => {
                    let pair = u16::from_be_bytes(*pair);
                    let (more, mask) = two_more(rest);
                    heads.push(Head { pair, more, mask, segment });
                }
                None => loose.push(segment),
            }
        }
        heads.sort_unstable();
        let mut pairs = if heads.is_empty() { Vec::new() } else { vec![0u64; 1024] };
        for Head { pair, .. } in &heads {
            if let Some(word) = pairs.get_mut(usize::from(pair >> 6)) {
                *word |= 1 << (pair & 63);
            }
        }
        Self { pairs: pairs.into(), heads: heads.into(), loose: loose.into() }
    }

    /// The segments that may begin with `bytes`, as far as four bytes tell.
    pub(crate) fn candidates(&self, bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
        let heads = match bytes {
            [] => self.heads.as_ref(),
            [first] => {
                let first = u16::from(*first) << 8;
                self.range(first, first | 0xFF)
            }
            [first, second, ..] => {
                let pair = u16::from_be_bytes([*first, *second]);
                let word = self.pairs.get(usize::from(pair >> 6)).copied().unwrap_or(0);
                if word >> (pair & 63) & 1 == 0 { &[] } else { self.range(pair, pair) }
            }
        };
        let (more, known) = two_more(bytes.get(2..).unwrap_or_default());
        let agree = move |head: &&Head| (head.more ^ more) & head.mask & known == 0;
        let heads = heads.iter().filter(agree).map(|head| head.segment);
        heads.chain(self.loose.iter().copied())
    }

    fn range(&self, from: u16, to: u16) -> &[Head] {
        let from = self.heads.partition_point(|head| head.pair < from);
        let to = self.heads.partition_point(|head| head.pair <= to);
        self.heads.get(from..to).unwrap_or_default()
    }
}

/// The first two of `bytes` as a number, and a mask with ones for those that there are.
fn two_more(bytes: &[u8]) -> (u16, u16) {
    match bytes {
        [] => (0, 0),
        [first] => (u16::from(*first) << 8, 0xFF00),
        [first, second, ..] => (u16::from_be_bytes([*first, *second]), 0xFFFF),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_are_those_that_four_bytes_allow() {
        let segments: [(u32, &[u8]); 5] =
            [(0, b"abcd"), (1, b"ab"), (2, b"ba"), (3, b"a"), (4, b"")];
        let heads = Heads::new(segments.into_iter());
        for (bytes, expected) in [
            (&b"abx"[..], &[1, 3, 4][..]),
            (b"abcd", &[1, 0, 3, 4]),
            (b"abcx", &[1, 3, 4]),
            (b"abc", &[1, 0, 3, 4]),
            (b"ab", &[1, 0, 3, 4]),
            (b"a", &[1, 0, 3, 4]),
            (b"b", &[2, 3, 4]),
            (b"ac", &[3, 4]),
            (b"\xff\xff", &[3, 4]),
            (b"", &[1, 0, 2, 3, 4]),
        ] {
            assert_eq!(heads.candidates(bytes).collect::<Vec<_>>(), expected, "{bytes:?}");
        }
        assert_eq!(Heads::default().candidates(b"ab").count(), 0);
    }
}
