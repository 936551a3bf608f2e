//! How the last segments of signatures begin: which of them may be under way at a place?

/// Segments by their first two bytes.
#[derive(Debug, Default)]
pub(crate) struct Heads {
    /// By the two bytes, and by the first of them as the high byte: whether a segment begins so.
    pairs: Box<[u64]>,
    keyed: Box<[(u16, u32)]>,
    /// Segments that do not begin with two literal bytes.
    loose: Box<[u32]>,
}

impl Heads {
    /// The segments with the literal bytes that they begin with.
    pub(crate) fn new<'a>(segments: impl Iterator<Item = (u32, &'a [u8])>) -> Self {
        let (mut keyed, mut loose) = (Vec::new(), Vec::new());
        for (segment, literal) in segments {
            match literal.first_chunk::<2>() {
                Some(pair) => keyed.push((u16::from_be_bytes(*pair), segment)),
                None => loose.push(segment),
            }
        }
        keyed.sort_unstable();
        let mut pairs = if keyed.is_empty() { Vec::new() } else { vec![0u64; 1024] };
        for (key, _) in &keyed {
            if let Some(word) = pairs.get_mut(usize::from(key >> 6)) {
                *word |= 1 << (key & 63);
            }
        }
        Self { pairs: pairs.into(), keyed: keyed.into(), loose: loose.into() }
    }

    /// The segments that may begin with `bytes`, as far as two bytes tell.
    pub(crate) fn candidates(&self, bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
        let keyed = match bytes {
            [] => self.keyed.as_ref(),
            [first] => {
                let first = u16::from(*first) << 8;
                self.range(first, first | 0xFF)
            }
            [first, second, ..] => {
                let key = u16::from_be_bytes([*first, *second]);
                let word = self.pairs.get(usize::from(key >> 6)).copied().unwrap_or(0);
                if word >> (key & 63) & 1 == 0 { &[] } else { self.range(key, key) }
            }
        };
        keyed.iter().map(|(_, segment)| *segment).chain(self.loose.iter().copied())
    }

    fn range(&self, from: u16, to: u16) -> &[(u16, u32)] {
        let from = self.keyed.partition_point(|(key, _)| *key < from);
        let to = self.keyed.partition_point(|(key, _)| *key <= to);
        self.keyed.get(from..to).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_are_those_that_two_bytes_allow() {
        let segments: [(u32, &[u8]); 5] =
            [(0, b"abc"), (1, b"ab"), (2, b"ba"), (3, b"a"), (4, b"")];
        let heads = Heads::new(segments.into_iter());
        for (bytes, expected) in [
            (&b"abx"[..], &[0, 1, 3, 4][..]),
            (b"a", &[0, 1, 3, 4]),
            (b"b", &[2, 3, 4]),
            (b"ac", &[3, 4]),
            (b"\xff\xff", &[3, 4]),
            (b"", &[0, 1, 2, 3, 4]),
        ] {
            assert_eq!(heads.candidates(bytes).collect::<Vec<_>>(), expected, "{bytes:?}");
        }
        assert_eq!(Heads::default().candidates(b"ab").count(), 0);
    }
}
