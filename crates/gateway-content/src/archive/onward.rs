//! Images of which as much was gathered as there was room for: the files that this tells of, as the rest comes.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use gateway_inspect::Unscannable;

use super::Member;
use super::headed::{Entry, Head, Headed};
use super::volume::{File, FileSystem, Volume};
use crate::Limits;
use crate::coding::decoder::Decoder;
use crate::coding::pieces::{Piece, Pieces};

/// An image of which the first bytes are there and the others come.
pub(crate) struct Onward {
    volume: Volume,
    begun_at: u64,
    /// Where the next byte stands in the image.
    at: u64,
    /// Files that have bytes to come, by where the first of those is.
    ahead: BTreeMap<u64, File>,
}

impl Onward {
    /// An image of which the first bytes from `base` on are these; in its part they are needed from `begun_at` on.
    pub(crate) fn open(
        (system, base): (FileSystem, u64),
        bytes: Bytes,
        begun_at: u64,
        limits: &Limits,
    ) -> Self {
        let mut volume = Volume::read(system, base, bytes, Unscannable::TooLarge, limits);
        let at = volume.end();
        let mut ahead = BTreeMap::new();
        let (mut here, mut is_crossed) = (VecDeque::new(), false);
        for file in std::mem::take(&mut volume.files) {
            let behind = file.stretches.iter().find_map(|stretch| {
                let from = stretch.at?;
                (from.saturating_add(stretch.len) > at).then_some(from.max(at))
            });
            match behind {
                None => here.push_back(file),
                Some(from) => is_crossed |= ahead.insert(from, file).is_some(),
            }
        }
        volume.files = here;
        if is_crossed {
            volume.fail(Unscannable::Contradiction);
        }
        Self { volume, begun_at, at, ahead }
    }

    /// A file that has bytes to come, the first of them here.
    fn come(&mut self, file: File) -> Member {
        let (pieces, at) = match self.volume.pieces(&file, self.at) {
            Err(reason) => return self.volume.member(file, Err(reason)),
            Ok(pieces) => pieces,
        };
        self.at = at;
        let only = match (pieces.front(), pieces.len()) {
            (Some(Piece::Take(left)), 1) => Some(*left),
            _ => None,
        };
        match only {
            Some(left) => {
                let member = self.volume.member(file, Ok(Decoder::Stored { left }));
                Member { from: None, ..member }
            }
            None => {
                let decoder = Decoder::Other(Box::new(Pieces::new(pieces)));
                self.volume.member(file, Ok(decoder))
            }
        }
    }
}

impl Headed for Onward {
    fn read(&mut self, _: &[u8], _: &Limits) -> Head {
        let entry = |packed, member| {
            Head::Member(Box::new(Entry { bytes: 0, packed, behind: 0, crc: None, member }))
        };
        if let Some(member) = self.volume.next_member() {
            return entry(Some(0), member);
        }
        // They are all shown.
        let Some((place, file)) = self.ahead.pop_first() else { return Head::End(0) };
        if place > self.at {
            let skip = place - self.at;
            self.at = place;
            self.ahead.insert(place, file);
            return Head::Skip { bytes: 0, skip };
        }
        if place < self.at {
            // Files that share bytes, or that lie within each other.
            self.volume.fail(Unscannable::Unsupported);
            return Head::Skip { bytes: 0, skip: 0 };
        }
        let member = self.come(file);
        // Its decoder takes what it needs, if it has one.
        entry(member.decoder.is_err().then_some(0), member)
    }

    fn may_end(&self) -> bool {
        self.volume.files.is_empty() && self.ahead.is_empty()
    }

    fn failed(&self) -> Option<Unscannable> {
        self.volume.failed()
    }

    fn gathered(&self) -> usize {
        self.volume.len()
    }

    fn needs_from(&self) -> Option<u64> {
        (!self.volume.files.is_empty()).then_some(self.begun_at)
    }
}
