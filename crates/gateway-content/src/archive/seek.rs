//! Finds the signature of a ZIP record in a stream, in whatever pieces it comes.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// Bytes of a signature: `PK` and two that tell the record.
pub(crate) const SIGNATURE_BYTES: usize = 4;

/// Made once: a text is searched anew behind each of its runs.
static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"PK"));

/// The search, across pieces.
pub(crate) struct Seeker {
    /// The last bytes seen, as far as they may begin a signature.
    begun: Vec<u8>,
}

impl Seeker {
    pub(crate) fn new() -> Self {
        Self { begun: Vec::with_capacity(SIGNATURE_BYTES) }
    }

    /// How many of the bytes seen last may begin a signature.
    pub(crate) fn begun(&self) -> usize {
        self.begun.len()
    }

    /// The bytes seen last that may begin a signature.
    pub(crate) fn taken(&self) -> &[u8] {
        &self.begun
    }

    /// Searches on through `input` for one of `kinds`, the latter two bytes of signatures: how
    /// many bytes were used, and the signature that they end with, if any.
    pub(crate) fn seek(
        &mut self,
        input: &[u8],
        kinds: &[[u8; 2]],
    ) -> (usize, Option<[u8; SIGNATURE_BYTES]>) {
        let mut used = 0;
        while let Some(byte) = input.get(used) {
            if self.begun.is_empty() {
                let rest = input.get(used..).unwrap_or_default();
                used += FINDER
                    .find(rest)
                    .unwrap_or_else(|| rest.len() - usize::from(rest.ends_with(b"P")));
                if input.len() - used >= 2 {
                    self.begun.extend_from_slice(b"PK");
                    used += 2;
                } else if used < input.len() {
                    self.begun.push(b'P');
                    used += 1;
                }
                continue;
            }
            used += 1;
            if let Some(kind) = self.step(*byte, kinds) {
                return (used, Some([b'P', b'K', kind[0], kind[1]]));
            }
        }
        (used, None)
    }

    /// One byte behind a beginning.
    fn step(&mut self, byte: u8, kinds: &[[u8; 2]]) -> Option<[u8; 2]> {
        let fits = match *self.begun {
            [_] => byte == b'K',
            [_, _] => kinds.iter().any(|kind| kind[0] == byte),
            [_, _, third] => {
                if kinds.contains(&[third, byte]) {
                    self.begun.clear();
                    return Some([third, byte]);
                }
                false
            }
            _ => false,
        };
        if fits {
            self.begun.push(byte);
        } else {
            // Only its first byte can begin a signature again.
            self.begun.clear();
            if byte == b'P' {
                self.begun.push(byte);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KINDS: &[[u8; 2]] = &[[3, 4], [5, 6]];

    proptest! {
        #[test]
        fn any_pieces_find_the_same(
            bytes in prop::collection::vec(prop::sample::select(b"PK\x03\x04\x05\x06x".to_vec()), 0..60),
            cut in 1usize..9,
        ) {
            let want: Vec<usize> = (SIGNATURE_BYTES..=bytes.len())
                .filter(|end| {
                    let last = &bytes[end - SIGNATURE_BYTES..*end];
                    last == b"PK\x03\x04" || last == b"PK\x05\x06"
                })
                .collect();
            let (mut seeker, mut found, mut at) = (Seeker::new(), Vec::new(), 0);
            for piece in bytes.chunks(cut) {
                let mut piece = piece;
                while !piece.is_empty() {
                    let (used, signature) = seeker.seek(piece, KINDS);
                    prop_assert!(used > 0 && seeker.begun() < SIGNATURE_BYTES);
                    at += used;
                    piece = &piece[used..];
                    if signature.is_some() {
                        found.push(at);
                    }
                }
            }
            prop_assert_eq!(found, want);
        }
    }
}
