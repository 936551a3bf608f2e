//! How tar tells about the holes of a file: in the header and blocks behind it (GNU's old way), in
//! attributes of pax (its ways 0.0 and 0.1), or before the data (1.0).

use gateway_inspect::Unscannable;

use super::tar::{number, records};
use crate::coding::sparse::{Map, STRETCHES_MAX, Stretch};

/// What is known of a sparse file before its data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holes {
    stretches: Vec<Stretch>,
    /// Whether the list is before the data.
    is_ahead: bool,
    /// Length of the file, holes included.
    size: Option<u64>,
    failed: Option<Unscannable>,
}

impl Holes {
    /// Bytes of a place and a length in a block.
    const PAIR_BYTES: usize = 24;
    /// Where the pairs of a header stand, and where those of a block behind it.
    const OF_HEADER: std::ops::Range<usize> = 386..482;
    const OF_BLOCK: std::ops::Range<usize> = 0..504;

    /// What a header of the old way says, and whether a block follows.
    pub(crate) fn of_header(head: &[u8]) -> (Self, bool) {
        let mut holes = Self { size: head.get(483..495).and_then(number), ..Self::default() };
        let goes_on = holes.read_block(head, Self::OF_HEADER);
        (holes, goes_on)
    }

    /// Reads a block behind the header: whether another one follows.
    pub(crate) fn read(&mut self, block: &[u8]) -> bool {
        self.read_block(block, Self::OF_BLOCK)
    }

    fn read_block(&mut self, block: &[u8], place: std::ops::Range<usize>) -> bool {
        let goes_on = block.get(place.end).is_some_and(|flag| *flag != 0);
        for pair in block.get(place).unwrap_or_default().chunks_exact(Self::PAIR_BYTES) {
            let (at, len) = pair.split_at(Self::PAIR_BYTES / 2);
            // Pairs end with one that is empty.
            if let (Some(at), Some(len)) = (number(at), number(len)) {
                self.push(at, len);
            }
        }
        goes_on
    }

    fn push(&mut self, at: u64, len: u64) {
        if self.stretches.len() == STRETCHES_MAX {
            self.failed = Some(Unscannable::TooMany);
        } else {
            self.stretches.push(Stretch { at, len });
        }
    }

    /// What the attributes of a file say, and the name that they give it, if it is sparse.
    pub(crate) fn of_attributes(attributes: &[u8]) -> Option<(Self, Option<Vec<u8>>)> {
        let mut holes = Self::default();
        let (mut is_sparse, mut name, mut at) = (false, None, None);
        for (key, value) in records(attributes) {
            let Some(key) = key.strip_prefix(b"GNU.sparse.") else { continue };
            is_sparse = true;
            match key {
                b"name" => name = Some(value.to_vec()),
                b"major" => holes.is_ahead = decimal(value) == Some(1),
                b"size" | b"realsize" => holes.size = decimal(value),
                b"map" => holes.read_list(value),
                b"offset" => at = decimal(value),
                b"numbytes" => match (at.take(), decimal(value)) {
                    (Some(at), Some(len)) => holes.push(at, len),
                    _ => holes.failed = Some(Unscannable::Malformed),
                },
                _ => {}
            }
        }
        is_sparse.then_some((holes, name))
    }

    /// Places and lengths with commas between.
    fn read_list(&mut self, list: &[u8]) {
        let mut numbers = list.split(|byte| *byte == b',').map(decimal);
        while let Some(at) = numbers.next() {
            match (at, numbers.next().flatten()) {
                (Some(at), Some(len)) => self.push(at, len),
                _ => self.failed = Some(Unscannable::Malformed),
            }
        }
    }

    /// Length of the file, and where it has data.
    pub(crate) fn map(self) -> Result<(u64, Map), Unscannable> {
        let size = self.size.ok_or(Unscannable::Malformed)?;
        match self.failed {
            Some(reason) => Err(reason),
            None if self.is_ahead => Ok((size, Map::Ahead)),
            None => Ok((size, Map::Known(self.stretches))),
        }
    }
}

fn decimal(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}
