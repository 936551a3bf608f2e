//! FAT12, FAT16 and FAT32 (Microsoft's specification of 2000): the files of a volume by their long names, those of
//! folders among them.

use std::collections::{BTreeSet, VecDeque};

use gateway_inspect::Unscannable;

use super::headed::{u16_at, u32_at};
use super::volume::{Image, Listing, Stretch};

/// Bytes of an entry of a folder.
const ENTRY_BYTES: usize = 32;
/// Attributes: of a label, of a folder, and of a part of a long name.
const LABEL: u8 = 0x08;
const FOLDER: u8 = 0x10;
const LONG: u8 = 0x0f;
/// Flags of a short name, of its parts that are in small letters.
const SMALL_BASE: u8 = 0x08;
const SMALL_EXTENSION: u8 = 0x10;
/// What an entry begins with that is deleted, and the last one.
const DELETED: u8 = 0xe5;
const LAST: u8 = 0;
/// Clusters below which a volume is FAT12, and FAT16.
const CLUSTERS_12: u64 = 4_085;
const CLUSTERS_16: u64 = 65_525;
/// Parts of a long name, and where in each its characters are.
const NAME_PARTS_MAX: usize = 20;
const UNITS_AT: [usize; 13] = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

/// How wide the entries of the table are, in bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Width {
    Twelve,
    Sixteen,
    ThirtyTwo,
}

/// What the first sector tells.
struct Volume<'a> {
    width: Width,
    /// The table.
    table: &'a [u8],
    cluster_bytes: u64,
    /// Where the clusters begin, of which the first is the second by number, and how many there are.
    data_at: u64,
    clusters: u64,
    /// The root, which in FAT32 is a folder like others.
    root_at: u64,
    root_bytes: u64,
    root: u32,
}

/// Whether a file that begins with this sector is a volume.
pub(crate) fn is_volume(sector: &[u8]) -> bool {
    matches!(sector.first(), Some(0xeb | 0xe9))
        && sector.get(510..512) == Some(b"\x55\xaa")
        && Geometry::read(sector).is_some()
}

/// The numbers of the first sector.
struct Geometry {
    sector: u64,
    cluster: u64,
    reserved: u64,
    tables: u64,
    root_entries: u64,
    sectors: u64,
    table_sectors: u64,
}

impl Geometry {
    fn read(sector: &[u8]) -> Option<Self> {
        let [cluster, tables] = [13, 16].map(|at| u64::from(*sector.get(at).unwrap_or(&0)));
        let either = |narrow: usize, wide: usize| match u16_at(sector, narrow) {
            0 => u64::from(u32_at(sector, wide)),
            some => some.into(),
        };
        let geometry = Self {
            sector: u16_at(sector, 11).into(),
            cluster,
            reserved: u16_at(sector, 14).into(),
            tables,
            root_entries: u16_at(sector, 17).into(),
            sectors: either(19, 32),
            table_sectors: either(22, 36),
        };
        let is_sound = matches!(geometry.sector, 512 | 1_024 | 2_048 | 4_096)
            && geometry.cluster.is_power_of_two()
            && (1..=4).contains(&geometry.tables)
            && geometry.reserved > 0
            && geometry.sectors > 0
            && geometry.table_sectors > 0;
        is_sound.then_some(geometry)
    }
}

impl<'a> Volume<'a> {
    fn open(image: &Image<'a>) -> Result<Self, Unscannable> {
        let head = image.get(0, 512)?;
        let geometry = Geometry::read(head).ok_or(Unscannable::Malformed)?;
        let Geometry { sector, cluster, reserved, tables, root_entries, sectors, table_sectors } =
            geometry;
        let root_sectors = (root_entries * ENTRY_BYTES as u64).div_ceil(sector);
        let front = reserved + tables * table_sectors;
        let data = front + root_sectors;
        let clusters = sectors.checked_sub(data).ok_or(Unscannable::Malformed)? / cluster;
        let width = match clusters {
            // Without entries for the root it is a cluster, and that FAT32 alone has.
            _ if root_entries == 0 => Width::ThirtyTwo,
            ..CLUSTERS_12 => Width::Twelve,
            CLUSTERS_12..CLUSTERS_16 => Width::Sixteen,
            CLUSTERS_16.. => Width::ThirtyTwo,
        };
        let bits = match width {
            Width::Twelve => 12,
            Width::Sixteen => 16,
            Width::ThirtyTwo => 32,
        };
        // Of a table no more is read than there are clusters.
        let needed = ((clusters + 2) * bits).div_ceil(8);
        let table_bytes = needed.min(table_sectors * sector);
        let table_bytes = usize::try_from(table_bytes).map_err(|_| Unscannable::TooLarge)?;
        Ok(Self {
            width,
            table: image.get(reserved * sector, table_bytes)?,
            cluster_bytes: cluster * sector,
            data_at: data * sector,
            clusters,
            root_at: front * sector,
            root_bytes: root_entries * ENTRY_BYTES as u64,
            root: if width == Width::ThirtyTwo { u32_at(head, 44) } else { 0 },
        })
    }

    /// What the table says of a cluster: the next one, if there is.
    fn after(&self, cluster: u32) -> Option<u32> {
        let at = cluster as usize;
        let next = match self.width {
            Width::Twelve => {
                let pair = self.table.get(at + at / 2..at + at / 2 + 2)?;
                u32::from(u16_at(pair, 0) >> (4 * (at % 2)) & 0xfff)
            }
            Width::Sixteen => u16_at(self.table.get(2 * at..2 * at + 2)?, 0).into(),
            Width::ThirtyTwo => {
                u32_at(self.table.get(4 * at..at.checked_mul(4)? + 4)?, 0) & 0x0fff_ffff
            }
        };
        Some(next)
    }

    fn is_cluster(&self, cluster: u32) -> bool {
        (2..self.clusters + 2).contains(&u64::from(cluster))
    }

    /// The clusters from `first` on, as far as `size` bytes are in them.
    fn chain(
        &self,
        first: u32,
        size: u64,
        listing: &mut Listing,
    ) -> Result<Vec<Stretch>, Unscannable> {
        let mut stretches: Vec<Stretch> = Vec::new();
        let (mut at, mut bytes, mut count) = (first, 0, 0);
        while bytes < size && self.is_cluster(at) {
            if count > self.clusters {
                // It leads back to itself.
                return Err(Unscannable::Contradiction);
            }
            if !listing.may_read(4) {
                return Err(Unscannable::WorkExceeded);
            }
            let place = self.data_at + u64::from(at - 2) * self.cluster_bytes;
            match stretches.last_mut() {
                Some(last) if last.at.map(|at| at + last.len) == Some(place) => {
                    last.len += self.cluster_bytes;
                }
                _ => stretches.push(Stretch { at: Some(place), len: self.cluster_bytes }),
            }
            (bytes, count) = (bytes + self.cluster_bytes, count + 1);
            at = self.after(at).ok_or(Unscannable::Malformed)?;
        }
        Ok(stretches)
    }
}

/// A folder that is to be read: its path, and its first cluster, unless it is the root.
type Folder = (Vec<u8>, Option<u32>);

/// Lists the files of a volume.
pub(super) fn list(image: &Image<'_>, listing: &mut Listing) {
    let volume = match Volume::open(image) {
        Ok(volume) => volume,
        Err(reason) => return listing.fail(reason),
    };
    let root = (volume.root_bytes == 0).then_some(volume.root);
    let mut folders: VecDeque<Folder> = VecDeque::from([(Vec::new(), root)]);
    let mut seen = BTreeSet::new();
    while let Some((path, first)) = folders.pop_front() {
        if !seen.insert(first) {
            // A folder that is in two others, or in itself.
            listing.fail(Unscannable::Contradiction);
            continue;
        }
        let bytes = match first {
            None => {
                let root = [Stretch { at: Some(volume.root_at), len: volume.root_bytes }];
                listing.gather(image, volume.root_bytes, &root)
            }
            Some(first) => volume.chain(first, u64::MAX, listing).and_then(|chain| {
                let size = chain.iter().map(|stretch| stretch.len).sum();
                listing.gather(image, size, &chain)
            }),
        };
        match bytes {
            Ok(bytes) => read(&volume, &path, &bytes, &mut folders, listing),
            Err(reason) => listing.fail(reason),
        }
        if listing.is_over() {
            return;
        }
    }
}

/// Reads the entries of a folder.
fn read(
    volume: &Volume<'_>,
    path: &[u8],
    bytes: &[u8],
    folders: &mut VecDeque<Folder>,
    listing: &mut Listing,
) {
    let mut long: Vec<&[u8]> = Vec::new();
    for entry in bytes.chunks_exact(ENTRY_BYTES) {
        let (first, attributes) = (entry.first().copied(), entry.get(11).copied().unwrap_or(0));
        match first {
            Some(LAST) | None => return,
            Some(DELETED) => {
                long.clear();
                continue;
            }
            Some(_) if attributes & 0x3f == LONG => {
                long.push(entry);
                // No name is longer; those before it belong to nothing.
                if long.len() > NAME_PARTS_MAX {
                    long.clear();
                }
                continue;
            }
            Some(_) => {}
        }
        let parts = std::mem::take(&mut long);
        // The label of the volume, and what stands for a folder and the one that it is in.
        if attributes & LABEL != 0 || matches!(entry, [b'.', b' ' | b'.', b' ', ..]) {
            continue;
        }
        let name = read_long(&parts, entry).unwrap_or_else(|| read_short(entry));
        let Some(path) = listing.path(path, &name) else { return };
        let high = if volume.width == Width::ThirtyTwo { u32::from(u16_at(entry, 20)) } else { 0 };
        let cluster = high << 16 | u32::from(u16_at(entry, 26));
        if attributes & FOLDER != 0 {
            folders.push_back((path, Some(cluster)));
            continue;
        }
        let size = u64::from(u32_at(entry, 28));
        match volume.chain(cluster, size, listing) {
            Ok(chain) => listing.file(path, size, &chain),
            Err(reason) => listing.fail(reason),
        }
    }
}

/// A long name, if its parts are those of the entry behind them.
fn read_long(parts: &[&[u8]], entry: &[u8]) -> Option<Vec<u8>> {
    let short = entry.get(..11)?;
    let sum = short.iter().fold(0u8, |sum, byte| sum.rotate_right(1).wrapping_add(*byte));
    if parts.is_empty() || parts.iter().any(|part| part.get(13) != Some(&sum)) {
        return None;
    }
    let units = parts.iter().rev().flat_map(|part| UNITS_AT.map(|at| u16_at(part, at)));
    let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
    Some(String::from_utf16_lossy(&units).into_bytes())
}

/// A name of eight characters and three, each part of which may be meant in small letters.
fn read_short(entry: &[u8]) -> Vec<u8> {
    let small = entry.get(12).copied().unwrap_or(0);
    let part = |from: usize, to: usize, flag: u8| {
        let part = entry.get(from..to).unwrap_or_default().trim_ascii_end();
        if small & flag != 0 { part.to_ascii_lowercase() } else { part.to_vec() }
    };
    let (base, extension) = (part(0, 8, SMALL_BASE), part(8, 11, SMALL_EXTENSION));
    // The first of a deleted one's marks, where it is part of a name.
    let base = base.iter().enumerate().map(|(at, byte)| match (at, byte) {
        (0, 5) => DELETED,
        _ => *byte,
    });
    let mut name: Vec<u8> = base.collect();
    if !extension.is_empty() {
        name.push(b'.');
        name.extend_from_slice(&extension);
    }
    name
}
