//! UDF (ECMA-167 with OSTA's UDF up to 2.60): the files of an image, named streams among them, and those that only
//! the ISO 9660 beside it has. Volumes whose blocks moved (virtual and sparable partitions) are `Unsupported`.

use std::collections::{BTreeSet, VecDeque};

use gateway_inspect::Unscannable;

use super::headed::{u16_at, u32_at};
use super::udf_bridge::list_iso;
use super::udf_entry::{Cs0, Entry, FileIds, is_tagged};
use super::volume::{Image, Listing, Stretch};

/// Bytes by which descriptors of volume recognition are told, behind their type.
pub(crate) const ID_BYTES: usize = 5;
const IDS: [&[u8; ID_BYTES]; 6] = [b"BEA01", b"BOOT2", b"CDW02", b"NSR02", b"NSR03", b"TEA01"];
/// Sizes of sectors, the likeliest first, and where the anchor stands in them.
const SECTORS: [u64; 7] = [2_048, 512, 4_096, 1_024, 8_192, 16_384, 32_768];
const ANCHOR_AT: u64 = 256;
/// Descriptors of a volume that are read, those of a logical volume among them, and sets of files.
const DESCRIPTORS_MAX: u64 = 256;
const LOGICAL_MAX: usize = 8;
const FILE_SETS_MAX: usize = 8;
/// Tags.
const ANCHOR: u16 = 2;
const POINTER: u16 = 3;
const PARTITION: u16 = 5;
const LOGICAL: u16 = 6;
const LAST: u16 = 8;
const FILE_SET: u16 = 256;
/// Bytes of descriptors of volumes and of files.
const DESCRIPTOR_BYTES: usize = 512;
/// Where a logical volume says how it maps partitions, and the longest list of that in one sector.
const MAPS_AT: usize = 440;
const MAPS_BYTES_MAX: usize = 4_096 - MAPS_AT;
/// Stretches of the file in which all but the bytes of files is: each look-up goes through them.
const METADATA_MAX: usize = 256;
/// What stands for no block.
const NO_BLOCK: u32 = u32::MAX;

/// Whether that tells a descriptor of volume recognition.
pub(crate) fn is_descriptor(id: &[u8]) -> bool {
    IDS.iter().any(|known| known.as_slice() == id)
}

/// The same, as far as it goes.
pub(crate) fn may_be_descriptor(id: &[u8]) -> bool {
    IDS.iter().any(|known| known.starts_with(id))
}

/// Where something is: in which partition, by its number in the logical volume, and in which block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Address {
    pub(super) block: u32,
    pub(super) partition: u16,
}

impl Address {
    /// The place that the descriptor of an extent (`long_ad`) at `at` tells, if it has a length.
    pub(super) fn read(bytes: &[u8], at: usize) -> Option<Self> {
        let len = u32_at(bytes, at) & 0x3fff_ffff;
        let (block, partition) = (u32_at(bytes, at + 4), u16_at(bytes, at + 8));
        (len > 0).then_some(Self { block, partition })
    }
}

/// What a partition of a logical volume is.
enum Map {
    /// Blocks from a place of the image on.
    Plain(u64),
    /// Blocks of a file, in which all but the bytes of files is.
    Metadata(Vec<Stretch>),
    Unknown,
}

/// A partition of the volume.
struct Partition {
    number: u16,
    sequence: u32,
    /// Where it begins in the image.
    at: u64,
}

/// A logical volume.
pub(super) struct Logical<'a> {
    pub(super) image: &'a Image<'a>,
    pub(super) block_bytes: usize,
    maps: Vec<Map>,
}

/// Lists the files of an image.
pub(super) fn list(image: &Image<'_>, listing: &mut Listing) {
    let mut is_found = false;
    for sector in SECTORS {
        let ends = [image.end().saturating_sub(sector), image.end().saturating_sub(257 * sector)];
        let places = [ANCHOR_AT * sector].into_iter().chain(ends);
        let anchor = places.into_iter().find_map(|at| {
            let bytes = image.get(at, DESCRIPTOR_BYTES).ok()?;
            let is_here = u64::from(u32_at(bytes, 12)).checked_mul(sector) == Some(at);
            (is_tagged(bytes, ANCHOR) && is_here).then_some(bytes)
        });
        if let Some(anchor) = anchor {
            is_found = true;
            list_volume(image, anchor, sector, listing);
        }
    }
    if !is_found {
        listing.fail(image.lack());
    }
    list_iso(image, listing);
}

/// Lists those of the volume that an anchor tells of.
fn list_volume(image: &Image<'_>, anchor: &[u8], sector: u64, listing: &mut Listing) {
    let mut volume = Volume::default();
    // The sequence, or else the one that is kept in case that it cannot be read.
    for at in [16, 24] {
        if volume.is_whole() {
            break;
        }
        volume.read(image, u32_at(anchor, at), u32_at(anchor, at + 4), sector, listing);
    }
    if !volume.is_whole() {
        listing.fail(image.lack());
    }
    let mut seen = BTreeSet::new();
    for descriptor in volume.logical {
        match Logical::open(image, descriptor, &volume.partitions, listing) {
            Ok(logical) => logical.list(descriptor, &mut seen, listing),
            Err(reason) => listing.fail(reason),
        }
    }
}

/// What the descriptors of a volume tell.
#[derive(Default)]
struct Volume<'a> {
    partitions: Vec<Partition>,
    logical: Vec<&'a [u8]>,
}

impl<'a> Volume<'a> {
    const fn is_whole(&self) -> bool {
        !self.logical.is_empty() && !self.partitions.is_empty()
    }

    /// Reads a sequence of descriptors, and those that it goes on in.
    fn read(
        &mut self,
        image: &Image<'a>,
        len: u32,
        place: u32,
        sector: u64,
        listing: &mut Listing,
    ) {
        let (mut at, mut left) = (u64::from(place) * sector, u64::from(len) / sector);
        for _ in 0..DESCRIPTORS_MAX {
            if left == 0 {
                return;
            }
            let bytes = match image.get(at, DESCRIPTOR_BYTES) {
                Ok(bytes) => bytes,
                Err(reason) => return listing.fail(reason),
            };
            (at, left) = (at + sector, left - 1);
            match u16_at(bytes, 0) {
                id if !is_tagged(bytes, id) => {}
                POINTER => {
                    let (len, place) = (u32_at(bytes, 20), u32_at(bytes, 24));
                    (at, left) = (u64::from(place) * sector, u64::from(len) / sector);
                }
                PARTITION => self.partition(bytes, sector, listing),
                LOGICAL => {
                    let maps = (u32_at(bytes, 264) as usize).min(MAPS_BYTES_MAX);
                    let whole = image.get(at - sector, MAPS_AT + maps).unwrap_or(bytes);
                    let is_known = |known: &&[u8]| known.get(84..) == whole.get(84..);
                    if !self.logical.iter().any(is_known) && self.logical.len() < LOGICAL_MAX {
                        self.logical.push(whole);
                    }
                }
                LAST => return,
                _ => {}
            }
        }
        listing.fail(Unscannable::TooMany);
    }

    /// Of several with one number the one that was recorded last counts.
    fn partition(&mut self, bytes: &[u8], sector: u64, listing: &mut Listing) {
        let at = u64::from(u32_at(bytes, 188)) * sector;
        let new = Partition { number: u16_at(bytes, 22), sequence: u32_at(bytes, 16), at };
        match self.partitions.iter_mut().find(|known| known.number == new.number) {
            None => self.partitions.push(new),
            Some(known) => {
                if known.at != new.at {
                    listing.fail(Unscannable::Contradiction);
                }
                if known.sequence < new.sequence {
                    *known = new;
                }
            }
        }
    }
}

impl<'a> Logical<'a> {
    fn open(
        image: &'a Image<'a>,
        descriptor: &[u8],
        partitions: &[Partition],
        listing: &mut Listing,
    ) -> Result<Self, Unscannable> {
        let block_bytes = u32_at(descriptor, 212) as usize;
        if !(512..=32_768).contains(&block_bytes) || !block_bytes.is_power_of_two() {
            return Err(Unscannable::Malformed);
        }
        let mut logical = Self { image, block_bytes, maps: Vec::new() };
        let mut maps = descriptor.get(MAPS_AT..).unwrap_or_default();
        maps = maps.get(..u32_at(descriptor, 264) as usize).unwrap_or(maps);
        for _ in 0..u32_at(descriptor, 268) {
            let Some((map, rest)) =
                maps.get(1).and_then(|len| maps.split_at_checked(usize::from(*len).max(2)))
            else {
                return Err(Unscannable::Malformed);
            };
            maps = rest;
            let map = logical.map(map, partitions, listing);
            logical.maps.push(map);
        }
        Ok(logical)
    }

    /// What a map of a partition tells.
    fn map(&self, map: &[u8], partitions: &[Partition], listing: &mut Listing) -> Map {
        let plain = |number: u16| {
            let partition = partitions.iter().find(|partition| partition.number == number);
            partition.map_or(Map::Unknown, |partition| Map::Plain(partition.at))
        };
        let kind = map.get(5..28).unwrap_or_default();
        match map.first() {
            Some(1) => plain(u16_at(map, 4)),
            Some(2) if kind.starts_with(b"*UDF Metadata Partition") => {
                let under = plain(u16_at(map, 38));
                let Map::Plain(at) = under else { return Map::Unknown };
                // The file, or else its mirror.
                let files = [40, 44].map(|at| u32_at(map, at));
                let under =
                    Self { image: self.image, block_bytes: self.block_bytes, maps: vec![under] };
                let found = files.iter().filter(|block| **block != NO_BLOCK).find_map(|block| {
                    let place = at.checked_add(u64::from(*block) * self.block_bytes as u64)?;
                    let entry = Entry::read(self.image, place, self.block_bytes).ok()?;
                    let stretches = under.stretches(&entry, 0, listing).ok()?;
                    (stretches.len() <= METADATA_MAX).then_some(stretches)
                });
                found.map_or(Map::Unknown, Map::Metadata)
            }
            Some(2) if kind.starts_with(b"*UDF Sparable Partition") => {
                listing.fail(Unscannable::Unsupported);
                plain(u16_at(map, 38))
            }
            _ => Map::Unknown,
        }
    }

    /// Where `len` bytes are that begin with a block.
    fn places(
        &self,
        Address { block, partition }: Address,
        len: u64,
        places: &mut Vec<Stretch>,
    ) -> Result<(), Unscannable> {
        let offset = u64::from(block) * self.block_bytes as u64;
        match self.maps.get(usize::from(partition)) {
            Some(Map::Plain(at)) => {
                places.push(Stretch { at: Some(at.saturating_add(offset)), len });
                Ok(())
            }
            Some(Map::Metadata(stretches)) => {
                let (mut skip, mut left) = (offset, len);
                for stretch in stretches {
                    let there = stretch.len.saturating_sub(skip).min(left);
                    if there > 0 {
                        let at = stretch.at.map(|at| at.saturating_add(skip));
                        places.push(Stretch { at, len: there });
                        left -= there;
                    }
                    skip = skip.saturating_sub(stretch.len);
                    if left == 0 {
                        return Ok(());
                    }
                }
                Err(Unscannable::Malformed)
            }
            Some(Map::Unknown) => Err(Unscannable::Unsupported),
            None => Err(Unscannable::Malformed),
        }
    }

    /// Where a block begins in the image.
    pub(super) fn place(&self, address: Address) -> Result<u64, Unscannable> {
        let mut places = Vec::new();
        self.places(address, self.block_bytes as u64, &mut places)?;
        match places.as_slice() {
            [Stretch { at: Some(at), .. }] => Ok(*at),
            _ => Err(Unscannable::Unsupported),
        }
    }

    /// The stretches of a file, which is in that partition.
    fn stretches(
        &self,
        entry: &Entry<'_>,
        partition: u16,
        listing: &mut Listing,
    ) -> Result<Vec<Stretch>, Unscannable> {
        let mut stretches = Vec::new();
        let mut extents = entry.extents(partition);
        while let Some(extent) = extents.next(self, listing)? {
            match extent.at {
                _ if extent.is_inline => {
                    stretches.push(Stretch { at: Some(entry.data_at), len: extent.len });
                }
                Some(address) => self.places(address, extent.len, &mut stretches)?,
                None => stretches.push(Stretch { at: None, len: extent.len }),
            }
        }
        Ok(stretches)
    }

    /// Lists the files of all sets of them.
    fn list(&self, descriptor: &[u8], seen: &mut BTreeSet<u64>, listing: &mut Listing) {
        let mut folders = VecDeque::new();
        let mut next = Address::read(descriptor, 248);
        for _ in 0..FILE_SETS_MAX {
            let Some(address) = next else { break };
            let bytes = self.place(address).and_then(|at| self.image.get(at, DESCRIPTOR_BYTES));
            match bytes {
                Ok(bytes) if is_tagged(bytes, FILE_SET) => {
                    let roots = [400, 464].map(|at| Address::read(bytes, at));
                    folders.extend(roots.into_iter().flatten().map(|root| (Vec::new(), root)));
                    next = Address::read(bytes, 448);
                }
                // Behind the last there may be anything.
                Ok(_) if !folders.is_empty() => break,
                Ok(_) => return listing.fail(Unscannable::Malformed),
                Err(reason) => return listing.fail(reason),
            }
        }
        while let Some((path, address)) = folders.pop_front() {
            if let Err(reason) = self.read(path, address, seen, &mut folders, listing) {
                listing.fail(reason);
            }
            if listing.is_over() {
                return;
            }
        }
    }

    /// Reads the entry of a file or a folder, and what is in that.
    fn read(
        &self,
        path: Vec<u8>,
        address: Address,
        seen: &mut BTreeSet<u64>,
        folders: &mut VecDeque<(Vec<u8>, Address)>,
        listing: &mut Listing,
    ) -> Result<(), Unscannable> {
        let at = self.place(address)?;
        if !seen.insert(at) || !listing.may_read(DESCRIPTOR_BYTES) {
            return Ok(());
        }
        let entry = Entry::read(self.image, at, self.block_bytes)?;
        if !entry.is_whole {
            listing.fail(Unscannable::Unsupported);
        }
        if let Some(streams) = entry.streams {
            folders.push_back((path.clone(), streams));
        }
        let stretches = self.stretches(&entry, address.partition, listing)?;
        if !entry.is_folder() {
            listing.file(path, entry.size, &stretches);
            return Ok(());
        }
        let bytes = listing.gather(self.image, entry.size, &stretches)?;
        let mut ids = FileIds::new(&bytes);
        for id in &mut ids {
            let Some(path) = listing.path(&path, &Cs0(id.name).read()) else { return Ok(()) };
            folders.push_back((path, id.address));
        }
        if ids.is_whole() { Ok(()) } else { Err(Unscannable::Malformed) }
    }
}
