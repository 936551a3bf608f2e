//! HFS+ and HFSX (Apple's Technical Note 1150): the files of a volume by its catalog, both forks of each. Files that
//! are packed (decmpfs) are `Unsupported`.

use std::collections::{BTreeMap, BTreeSet};

use gateway_inspect::Unscannable;

use super::btree::{BTree, be_16, be_32, be_64};
use super::volume::{Image, Listing, Stretch};

/// Where the header of a volume stands, and what it begins with, by its two kinds.
pub(crate) const HEADER_AT: u64 = 1_024;
pub(crate) const SIGNATURES: [&[u8]; 2] = [b"H+\0\x04", b"HX\0\x05"];
const HEADER_BYTES: usize = 512;
/// Where it tells of the files that tell of others.
const OVERFLOW_AT: usize = 192;
const CATALOG_AT: usize = 272;
/// Their numbers, and that of the root.
const OVERFLOW: u32 = 3;
const CATALOG: u32 = 4;
const ROOT: u32 = 2;
/// Extents that are told together.
const EXTENTS: usize = 8;
/// Records of the catalog.
const FOLDER: u16 = 1;
const FILE: u16 = 2;
const FILE_BYTES: usize = 248;
/// Flag of a file that is packed (`UF_COMPRESSED`).
const PACKED: u8 = 0x20;
/// Folders within each other, beyond which names are left out.
const DEPTH_MAX: usize = 100;

/// A fork: its length and the extents that are told with it, in blocks.
struct Fork {
    size: u64,
    extents: Vec<(u32, u32)>,
    /// Blocks of all of its extents.
    blocks: u32,
}

impl Fork {
    fn read(bytes: &[u8], at: usize) -> Self {
        let extents = (0..EXTENTS).map(|i| extent(bytes, at + 16 + 8 * i));
        let (size, blocks) = (be_64(bytes, at), be_32(bytes, at + 12));
        Self { size, blocks, extents: extents.collect() }
    }
}

/// An extent: where it begins, and how long it is.
fn extent(bytes: &[u8], at: usize) -> (u32, u32) {
    (be_32(bytes, at), be_32(bytes, at + 4))
}

/// Further extents, by the number of a file, its fork, and the block of it with which they begin.
type Overflow = BTreeMap<(u32, u8, u32), Vec<(u32, u32)>>;

/// The stretches of a fork.
fn stretches(
    fork: &Fork,
    block_bytes: u64,
    (file, kind): (u32, u8),
    overflow: &Overflow,
) -> Vec<Stretch> {
    let (mut stretches, mut at) = (Vec::new(), 0u32);
    let mut extents = Some(&fork.extents);
    while let Some(some) = extents {
        let from = at;
        for (start, blocks) in some.iter().filter(|(_, blocks)| *blocks > 0) {
            let len = u64::from(*blocks) * block_bytes;
            stretches.push(Stretch { at: Some(u64::from(*start) * block_bytes), len });
            at = at.saturating_add(*blocks);
        }
        let is_over = at >= fork.blocks || at == from;
        extents = if is_over { None } else { overflow.get(&(file, kind, at)) };
    }
    stretches
}

/// Lists the files of a volume.
pub(super) fn list(image: &Image<'_>, listing: &mut Listing) {
    if let Err(reason) = read(image, listing) {
        listing.fail(reason);
    }
}

fn read(image: &Image<'_>, listing: &mut Listing) -> Result<(), Unscannable> {
    let header = image.get(HEADER_AT, HEADER_BYTES)?;
    let block_bytes = u64::from(be_32(header, 40));
    if !(512..=1 << 20).contains(&block_bytes) || !block_bytes.is_power_of_two() {
        return Err(Unscannable::Malformed);
    }
    let none = Overflow::new();
    let fork = Fork::read(header, OVERFLOW_AT);
    let places = stretches(&fork, block_bytes, (OVERFLOW, 0), &none);
    let overflow = read_overflow(image, &fork, &places, listing)?;
    let fork = Fork::read(header, CATALOG_AT);
    let places = stretches(&fork, block_bytes, (CATALOG, 0), &overflow);
    let bytes = listing.gather(image, fork.size, &places)?;
    let catalog = Catalog::read(&bytes)?;
    for file in &catalog.files {
        let Some(path) = catalog.path(file, listing) else { return Ok(()) };
        if file.record.get(41).is_some_and(|flags| flags & PACKED != 0) {
            listing.fail(Unscannable::Unsupported);
        }
        for (at, kind, name) in
            [(88, 0, path.clone()), (168, 0xff, [&path, &b"/rsrc"[..]].concat())]
        {
            let fork = Fork::read(file.record, at);
            let places = stretches(&fork, block_bytes, (file.number, kind), &overflow);
            if fork.size > 0 {
                listing.file(name, fork.size, &places);
            }
        }
        if listing.is_over() {
            break;
        }
    }
    Ok(())
}

fn read_overflow(
    image: &Image<'_>,
    fork: &Fork,
    places: &[Stretch],
    listing: &mut Listing,
) -> Result<Overflow, Unscannable> {
    let mut overflow = Overflow::new();
    if fork.size == 0 {
        return Ok(overflow);
    }
    let bytes = listing.gather(image, fork.size, places)?;
    for (key, record) in BTree::open(&bytes)?.leaves()? {
        let at = (be_32(key, 4), key.get(2).copied().unwrap_or(0), be_32(key, 8));
        let extents = (0..EXTENTS).map(|i| extent(record, 8 * i)).collect();
        overflow.insert(at, extents);
    }
    Ok(overflow)
}

/// A file of the catalog.
struct File<'a> {
    parent: u32,
    number: u32,
    name: &'a [u8],
    record: &'a [u8],
}

/// What the catalog tells.
struct Catalog<'a> {
    files: Vec<File<'a>>,
    /// Folders by their number: in which other one each is, and how it is called.
    folders: BTreeMap<u32, (u32, &'a [u8])>,
}

impl<'a> Catalog<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Unscannable> {
        let (mut files, mut folders) = (Vec::new(), BTreeMap::new());
        for (key, record) in BTree::open(bytes)?.leaves()? {
            let (parent, number) = (be_32(key, 2), be_32(record, 8));
            let name_bytes = 2 * usize::from(be_16(key, 6));
            let name = key.get(8..8 + name_bytes).ok_or(Unscannable::Malformed)?;
            match be_16(record, 0) {
                FOLDER => drop(folders.insert(number, (parent, name))),
                FILE if record.len() >= FILE_BYTES => {
                    files.push(File { parent, number, name, record });
                }
                FILE => return Err(Unscannable::Malformed),
                // What tells where a folder or file is.
                _ => {}
            }
        }
        Ok(Self { files, folders })
    }

    /// The path of a file, from the root on as far as folders are known.
    fn path(&self, file: &File<'a>, listing: &mut Listing) -> Option<Vec<u8>> {
        let mut names = vec![file.name];
        let (mut at, mut seen) = (file.parent, BTreeSet::new());
        while at != ROOT && names.len() < DEPTH_MAX && seen.insert(at) {
            let Some((parent, name)) = self.folders.get(&at) else { break };
            names.push(name);
            at = *parent;
        }
        if !listing.may_read(names.iter().map(|name| name.len()).sum()) {
            return None;
        }
        let names = names.iter().rev().map(|name| {
            let units = name.as_chunks::<2>().0.iter().map(|b| u16::from_be_bytes(*b));
            String::from_utf16_lossy(&units.collect::<Vec<_>>())
        });
        let path = names.collect::<Vec<_>>().join("/");
        listing.path(b"", path.as_bytes())
    }
}
