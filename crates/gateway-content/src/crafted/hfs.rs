//! Volumes of HFS+, with blocks and nodes of 512 bytes.

/// Bytes of a block.
pub(crate) const BLOCK: usize = 512;
/// Where the trees of further extents and of the catalog begin.
const OVERFLOW: u32 = 4;
const CATALOG: u32 = 10;

/// A key or a record of a tree.
type Bytes = Vec<u8>;

/// What tells of a fork: its length, and its extents in blocks.
pub(crate) fn fork(size: usize, blocks: u32, extents: &[(u32, u32)]) -> Bytes {
    let mut fork = (size as u64).to_be_bytes().to_vec();
    fork.extend([0, blocks].map(u32::to_be_bytes).concat());
    fork.extend(extents.iter().flat_map(|(at, len)| [*at, *len].map(u32::to_be_bytes).concat()));
    fork.resize(80, 0);
    fork
}

fn key(parent: u32, name: &str) -> Bytes {
    let units: Vec<u16> = name.encode_utf16().collect();
    let name: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let len = (6 + name.len()) as u16;
    [&len.to_be_bytes()[..], &parent.to_be_bytes(), &(units.len() as u16).to_be_bytes(), &name]
        .concat()
}

/// A folder, by its number.
pub(crate) fn folder(parent: u32, name: &str, number: u32) -> (Bytes, Bytes) {
    let mut record = [&[0, 1, 0, 0, 0, 0, 0, 0][..], &number.to_be_bytes()].concat();
    record.resize(88, 0);
    (key(parent, name), record)
}

/// A file with its forks.
pub(crate) fn file(
    parent: u32,
    name: &str,
    number: u32,
    data: &[u8],
    resources: &[u8],
) -> (Bytes, Bytes) {
    let mut record = [&[0, 2, 0, 0, 0, 0, 0, 0][..], &number.to_be_bytes()].concat();
    record.resize(88, 0);
    record.extend_from_slice(data);
    record.extend_from_slice(resources);
    (key(parent, name), record)
}

/// Further extents of a file, from a block of it on.
pub(crate) fn further(number: u32, from: u32, extents: &[(u32, u32)]) -> (Bytes, Bytes) {
    let key = [&[0, 10, 0, 0][..], &number.to_be_bytes(), &from.to_be_bytes()].concat();
    let mut record: Vec<u8> =
        extents.iter().flat_map(|(at, len)| [*at, *len].map(u32::to_be_bytes).concat()).collect();
    record.resize(64, 0);
    (key, record)
}

/// A tree with one record in each of its leaves.
fn tree(records: &[(Bytes, Bytes)]) -> Bytes {
    let mut header = vec![0; BLOCK];
    header[8] = 1;
    header[14 + 10..14 + 14].copy_from_slice(&u32::from(!records.is_empty()).to_be_bytes());
    header[14 + 18..14 + 20].copy_from_slice(&(BLOCK as u16).to_be_bytes());
    let mut tree = header;
    for (i, (key, record)) in records.iter().enumerate() {
        let next = if i + 1 < records.len() { i as u32 + 2 } else { 0 };
        let mut node =
            [&next.to_be_bytes()[..], &[0; 4], &[0xff, 1, 0, 1, 0, 0], key, record].concat();
        let end = node.len() as u16;
        node.resize(BLOCK, 0);
        node[BLOCK - 2..].copy_from_slice(&14u16.to_be_bytes());
        node[BLOCK - 4..BLOCK - 2].copy_from_slice(&end.to_be_bytes());
        tree.extend(node);
    }
    tree
}

/// A volume of these records, further extents, and blocks.
pub(crate) fn hfs_of(
    catalog: &[(Bytes, Bytes)],
    overflow: &[(Bytes, Bytes)],
    blocks: &[(u32, Bytes)],
) -> Bytes {
    let (catalog, overflow) = (tree(catalog), tree(overflow));
    let count = |bytes: &[u8]| bytes.len().div_ceil(BLOCK) as u32;
    let told = |at: u32, bytes: &[u8]| fork(bytes.len(), count(bytes), &[(at, count(bytes))]);
    let mut header = b"H+\0\x04\0\0\x01\0".to_vec();
    header.resize(40, 0);
    header.extend((BLOCK as u32).to_be_bytes());
    header.resize(192, 0);
    header.extend(told(OVERFLOW, &overflow));
    header.extend(told(CATALOG, &catalog));
    let parts = [(2, header), (OVERFLOW, overflow), (CATALOG, catalog)];
    let mut volume = Vec::new();
    for (block, bytes) in parts.iter().chain(blocks) {
        let at = *block as usize * BLOCK;
        let end = (at + bytes.len()).next_multiple_of(BLOCK);
        volume.resize(volume.len().max(end), 0);
        volume[at..at + bytes.len()].copy_from_slice(bytes);
    }
    volume
}

/// A volume with one file in a folder.
pub(crate) fn hfs(content: &[u8]) -> Bytes {
    let blocks = content.len().div_ceil(BLOCK) as u32;
    let data = fork(content.len(), blocks, &[(30, blocks)]);
    let records = [folder(2, "f", 16), file(16, "a\u{416}.txt", 17, &data, &fork(0, 0, &[]))];
    hfs_of(&records, &[], &[(30, content.to_vec())])
}
