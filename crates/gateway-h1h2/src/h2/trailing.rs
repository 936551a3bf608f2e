//! Pseudo-fields where trailers are (RFC 9113 §8.1), which the engine throws away without a word. They
//! can only stand in front: behind other fields the engine refuses them. So it is the first field
//! of a block that is looked at, as far as it says by itself what it is (RFC 7541 §6): one that
//! names an entry of the dynamic table is not known here.

use super::Fault;

/// The begin of a header block, byte by byte.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Front {
    /// Bytes of the frame that come before the block, and then none to be looked at any more.
    skip: u32,
    bytes: [u8; 3],
    known: usize,
    /// Whether there is anything to look at.
    looks: bool,
}

impl Front {
    /// A block of trailers, behind so many other bytes of its frame.
    pub(super) fn behind(skip: u32) -> Self {
        Self { skip, looks: true, ..Self::default() }
    }

    /// Looks at the next bytes.
    pub(super) fn look(&mut self, payload: &[u8]) -> Result<(), Fault> {
        for byte in payload {
            if !self.looks {
                break;
            }
            if self.skip > 0 {
                self.skip -= 1;
                continue;
            }
            if let Some(place) = self.bytes.get_mut(self.known) {
                *place = *byte;
            }
            self.known += 1;
            if is_pseudo(self.bytes.get(..self.known).unwrap_or_default()) {
                return Err(Fault::Message);
            }
            self.looks = self.known < self.bytes.len();
        }
        Ok(())
    }
}

/// Whether a field that begins so is a pseudo-field; false while that is not known.
fn is_pseudo(front: &[u8]) -> bool {
    /// The last pseudo-field of the static table (RFC 7541 §A).
    const STATIC_MAX: u8 = 14;
    let index = match front.first() {
        Some(first @ 0x80..) => first & 0x7f,
        Some(first @ 0x40..) => first & 0x3f,
        // The size of the table.
        Some(0x20..) | None => return false,
        Some(first) => first & 0x0f,
    };
    match (index, front) {
        (1..=STATIC_MAX, _) => true,
        // A name that is spelled out, in the code of Huffman or not.
        (0, [_, length, name]) if length & 0x80 != 0 => name & 0xfe == 0xb8,
        (0, [_, _, name]) => *name == b':',
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudo_fields_are_known_by_their_begin() {
        for (block, is_pseudo) in [
            (&b"\x82"[..], true),
            (b"\x8e", true),
            (b"\x8f", false),
            (b"\xbe", false),
            (b"\x42\x03200", true),
            (b"\x02\x03200", true),
            (b"\x12\x03200", true),
            (b"\x50\x01x", false),
            (b"\x0f\x10\x01x", false),
            (b"\x40\x07:method\x01x", true),
            (b"\x00\x07:method\x01x", true),
            (b"\x10\x85\xb9\x49\x53\x39\xe4", true),
            (b"\x40\x03sum\x01x", false),
            (b"\x00\x82\x1d\x13\x01x", false),
            (b"", false),
        ] {
            for skip in [0, 6] {
                let payload = [&vec![0x82; skip], block].concat();
                for size in 1..=payload.len().max(1) {
                    let mut front = Front::behind(skip as u32);
                    let refused = payload.chunks(size).any(|piece| front.look(piece).is_err());
                    assert_eq!(refused, is_pseudo, "{block:x?} in pieces of {size}");
                }
            }
        }
    }
}
