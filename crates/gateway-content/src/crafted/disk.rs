//! Images of disks with partitions: of each the sector where it begins, its type, and what is in it.

/// Bytes of a sector.
const SECTOR: usize = 512;

pub(crate) type Partition<'a> = (u32, u8, &'a [u8]);
/// What makes an image of partitions.
pub(crate) type Maker = fn(&[Partition<'_>]) -> Vec<u8>;

fn sectors(content: &[u8]) -> u32 {
    content.len().div_ceil(SECTOR) as u32
}

fn put(image: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = (at + bytes.len()).next_multiple_of(SECTOR);
    image.resize(image.len().max(end), 0);
    image[at..at + bytes.len()].copy_from_slice(bytes);
}

/// Writes the table of a PC at a sector: type, start and length of each.
pub(crate) fn pc_table(image: &mut Vec<u8>, at: u32, entries: &[(u8, u32, u32)]) {
    let at = at as usize * SECTOR;
    for (i, (kind, start, len)) in entries.iter().enumerate() {
        let entry = [&[0, 0, 0, 0, *kind, 0, 0, 0][..], &start.to_le_bytes(), &len.to_le_bytes()];
        put(image, at + 446 + 16 * i, &entry.concat());
    }
    put(image, at + 510, b"\x55\xaa");
}

/// A disk of a PC.
pub(crate) fn pc(partitions: &[Partition<'_>]) -> Vec<u8> {
    let mut image = vec![0; 128 * SECTOR];
    let entries = partitions.iter().map(|(at, kind, content)| (*kind, *at, sectors(content)));
    pc_table(&mut image, 0, &entries.collect::<Vec<_>>());
    for (at, _, content) in partitions {
        put(&mut image, *at as usize * SECTOR, content);
    }
    image
}

/// The same with GPT.
pub(crate) fn gpt(partitions: &[Partition<'_>]) -> Vec<u8> {
    let mut image = vec![0; 128 * SECTOR];
    for (at, _, content) in partitions {
        put(&mut image, *at as usize * SECTOR, content);
    }
    let end = (image.len() / SECTOR) as u32;
    pc_table(&mut image, 0, &[(0xee, 1, end - 1)]);
    let mut table = Vec::new();
    for (at, kind, content) in partitions {
        let last = at + sectors(content) - 1;
        let mut entry = vec![*kind; 32];
        entry.extend([u64::from(*at).to_le_bytes(), u64::from(last).to_le_bytes()].concat());
        entry.resize(128, 0);
        table.extend(entry);
    }
    table.resize(128 * 128, 0);
    let mut header = [&b"EFI PART\0\0\x01\0\x5c\0\0\0"[..], &[0; 8]].concat();
    header.extend([1, u64::from(end - 1), 34, u64::from(end - 34)].map(u64::to_le_bytes).concat());
    header.extend([7; 16]);
    header.extend(2u64.to_le_bytes());
    header.extend([128, 128, crc32fast::hash(&table)].map(u32::to_le_bytes).concat());
    let sum = crc32fast::hash(&header).to_le_bytes();
    header[16..20].copy_from_slice(&sum);
    put(&mut image, SECTOR, &header);
    put(&mut image, 2 * SECTOR, &table);
    image
}

/// A disk of an older Macintosh; the map itself is its last partition.
pub(crate) fn apple(partitions: &[Partition<'_>]) -> Vec<u8> {
    let mut image = vec![0; 128 * SECTOR];
    put(&mut image, 0, b"ER\x02\0\0\0\0\x80");
    let count = partitions.len() as u32 + 1;
    let entry = |at: u32, len: u32, kind: &[u8]| {
        let mut out = [&b"PM\0\0"[..], &[count, at, len].map(u32::to_be_bytes).concat()].concat();
        out.extend(b"name");
        out.resize(48, 0);
        out.extend(kind);
        out
    };
    let map_at = count as usize * SECTOR;
    put(&mut image, map_at, &entry(1, 63, b"Apple_partition_map"));
    for (i, (at, _, content)) in partitions.iter().enumerate() {
        put(&mut image, (1 + i) * SECTOR, &entry(*at, sectors(content), b"Apple_HFS"));
        put(&mut image, *at as usize * SECTOR, content);
    }
    image
}
