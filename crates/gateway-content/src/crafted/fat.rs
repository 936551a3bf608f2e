//! Volumes of FAT, with clusters of one sector.

/// Bytes of a sector and of a cluster.
pub(crate) const SECTOR: usize = 512;

/// How wide the entries of the table are, in bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    Twelve,
    Sixteen,
    ThirtyTwo,
}

/// An entry of a folder, by a name of eleven characters.
pub(crate) fn entry(name: &str, attributes: u8, cluster: u32, size: usize) -> Vec<u8> {
    assert_eq!(name.len(), 11);
    let mut entry = [name.as_bytes(), &[attributes], &[0; 8]].concat();
    entry.extend(((cluster >> 16) as u16).to_le_bytes());
    entry.extend([0; 4]);
    entry.extend((cluster as u16).to_le_bytes());
    entry.extend((size as u32).to_le_bytes());
    entry
}

/// The same under a long name.
pub(crate) fn named(long: &str, attributes: u8, cluster: u32, size: usize) -> Vec<u8> {
    let short = entry("A~1        ", attributes, cluster, size);
    let sum = short[..11].iter().fold(0u8, |sum, byte| sum.rotate_right(1).wrapping_add(*byte));
    let mut units: Vec<u16> = long.encode_utf16().collect();
    if !units.len().is_multiple_of(13) {
        units.push(0);
    }
    let parts = units.chunks(13).enumerate().map(|(i, units)| {
        let units = units.iter().copied().chain([0xffff; 13]).take(13);
        let units: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
        [&[i as u8 + 1][..], &units[..10], &[0x0f, 0, sum], &units[10..22], &[0, 0], &units[22..]]
            .concat()
    });
    let mut parts: Vec<_> = parts.collect();
    parts.last_mut().unwrap()[0] |= 0x40;
    parts.reverse();
    [parts.concat(), short].concat()
}

/// A volume of these entries in its root, of what the table says of clusters, and of clusters; in FAT32 the root is
/// the second.
pub(crate) fn fat_of(
    width: Width,
    root: &[u8],
    table: &[(u32, u32)],
    clusters: &[(u32, Vec<u8>)],
) -> Vec<u8> {
    let (count, bits): (usize, usize) = match width {
        Width::Twelve => (80, 12),
        Width::Sixteen => (4_200, 16),
        Width::ThirtyTwo => (80, 32),
    };
    let table_sectors = ((count + 2) * bits).div_ceil(8 * SECTOR);
    let root_entries = if width == Width::ThirtyTwo { 0 } else { 32 };
    let data = 1 + table_sectors + root_entries / 16;
    let mut volume = vec![0; (data + count) * SECTOR];
    let mut put = |at: usize, bytes: &[u8]| volume[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"\xeb\x3c\x90mkfs.fat\0\x02\x01\x01\0\x01");
    put(17, &(root_entries as u16).to_le_bytes());
    put(19, &((data + count) as u16).to_le_bytes());
    put(21, b"\xf8");
    let is_wide = width == Width::ThirtyTwo;
    put(if is_wide { 36 } else { 22 }, &(table_sectors as u16).to_le_bytes());
    put(44, &[2 * u8::from(is_wide)]);
    put(510, b"\x55\xaa");
    let mut entries = vec![0u64; count + 2];
    entries[..2].copy_from_slice(&[0x0fff_fff8, 0x0fff_ffff]);
    for (cluster, next) in table {
        entries[*cluster as usize] = (*next).into();
    }
    let mut packed = Vec::new();
    match width {
        Width::Twelve => entries.chunks(2).for_each(|pair| {
            let both = pair[0] & 0xfff | (pair.get(1).unwrap_or(&0) & 0xfff) << 12;
            packed.extend_from_slice(&both.to_le_bytes()[..3]);
        }),
        Width::Sixteen => packed.extend(entries.iter().flat_map(|e| (*e as u16).to_le_bytes())),
        Width::ThirtyTwo => packed.extend(entries.iter().flat_map(|e| (*e as u32).to_le_bytes())),
    }
    put(SECTOR, &packed);
    put((data - root_entries / 16) * SECTOR, root);
    for (cluster, bytes) in clusters {
        put((data + *cluster as usize - 2) * SECTOR, bytes);
    }
    volume
}

/// The end of a chain, whatever the width.
pub(crate) const END: u32 = 0x0fff_ffff;

/// A volume with one file in a folder, in clusters that do not follow each other.
pub(crate) fn fat(width: Width, content: &[u8]) -> Vec<u8> {
    let folder = named("a folder", 0x10, 3, 0);
    let file = named("a file of a long name \u{416}", 0x20, 5, content.len());
    let chunks = content.chunks(SECTOR).enumerate();
    let clusters = chunks.map(|(i, bytes)| (5 + 2 * i as u32, bytes.to_vec()));
    let clusters: Vec<_> = clusters.chain([(3, file)]).collect();
    let last = 5 + 2 * (content.len().div_ceil(SECTOR) as u32 - 1);
    let chain = (5..last).step_by(2).map(|at| (at, at + 2));
    let table: Vec<_> = chain.chain([(last, END), (3, END), (2, END)]).collect();
    fat_of(width, &folder, &table, &clusters)
}
