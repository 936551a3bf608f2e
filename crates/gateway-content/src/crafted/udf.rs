//! Images of UDF, with sectors of 512 bytes.

/// Bytes of a sector and of a block.
pub(crate) const BLOCK: usize = 512;
/// Where the anchor stands, the sequence behind it, and the partition.
const ANCHOR: usize = 256;
const PARTITION: usize = 262;

/// Where the bytes of a file are, in blocks of the partition.
pub(crate) enum Place<'a> {
    /// In its entry.
    Inline(&'a [u8]),
    /// Extents by block and length, told in the short form or the long one; block 0 is a hole.
    Short(&'a [(u32, u32)]),
    Long(&'a [(u32, u32)]),
    /// The same, told in another block.
    Behind(u32),
}

/// A descriptor or an entry: its tag and what is behind that.
pub(crate) fn tagged(id: u16, location: usize, body: &[u8]) -> Vec<u8> {
    let crc = body.iter().fold(0u16, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| {
            crc << 1 ^ if crc & 0x8000 != 0 { 0x1021 } else { 0 }
        })
    });
    let mut tag = [id.to_le_bytes(), [2, 0], [0, 0], [0, 0], crc.to_le_bytes()].concat();
    tag.extend_from_slice(&(body.len() as u16).to_le_bytes());
    tag.extend_from_slice(&(location as u32).to_le_bytes());
    tag[4] = tag.iter().fold(0, |sum, byte| sum.wrapping_add(*byte));
    [&tag, body].concat()
}

fn put(bytes: &mut [u8], at: usize, field: &[u8]) {
    // Offsets count from the tag.
    bytes[at - 16..at - 16 + field.len()].copy_from_slice(field);
}

/// `long_ad` of an extent.
fn long(block: u32, len: u32) -> Vec<u8> {
    [&len.to_le_bytes()[..], &block.to_le_bytes(), &[0; 8]].concat()
}

/// The entry of a file of `size` bytes at `block`: an extended one if it has streams.
pub(crate) fn entry(
    block: usize,
    kind: u8,
    size: usize,
    place: &Place<'_>,
    streams: Option<u32>,
) -> Vec<u8> {
    let hole = |block: u32| if block == 0 { 2 << 30 } else { 0 };
    let (form, data) = match place {
        Place::Inline(bytes) => (3, bytes.to_vec()),
        Place::Short(extents) => {
            let extent = |(block, len): &(u32, u32)| {
                [(len | hole(*block)).to_le_bytes(), block.to_le_bytes()].concat()
            };
            (0, extents.iter().flat_map(extent).collect())
        }
        Place::Long(extents) => {
            let extent = |(block, len): &(u32, u32)| long(*block, len | hole(*block));
            (1, extents.iter().flat_map(extent).collect())
        }
        Place::Behind(block) => (1, long(*block, 3 << 30 | BLOCK as u32)),
    };
    let fixed = if streams.is_some() { 216 } else { 176 };
    let mut body = vec![0; fixed - 16];
    put(&mut body, 20, &[4, 0, 0, 0, 1, 0, 0, kind]);
    put(&mut body, 34, &[form, 0]);
    put(&mut body, 48, &[1, 0]);
    put(&mut body, 56, &(size as u64).to_le_bytes());
    if let Some(streams) = streams {
        put(&mut body, 64, &(size as u64).to_le_bytes());
        put(&mut body, 152, &long(streams, BLOCK as u32));
    }
    put(&mut body, fixed - 4, &(data.len() as u32).to_le_bytes());
    body.extend_from_slice(&data);
    tagged(if streams.is_some() { 266 } else { 261 }, block, &body)
}

/// What a folder says of a file whose entry is at `block`.
pub(crate) fn file_id(name: &str, flags: u8, block: u32) -> Vec<u8> {
    let name = match name.is_ascii() {
        _ if flags & 8 != 0 => Vec::new(),
        true => [&[8], name.as_bytes()].concat(),
        false => {
            let units = name.encode_utf16().flat_map(u16::to_be_bytes);
            [16].into_iter().chain(units).collect()
        }
    };
    let mut body = vec![0; 22];
    put(&mut body, 16, &[1, 0, flags, name.len() as u8]);
    put(&mut body, 20, &long(block, BLOCK as u32));
    body.extend_from_slice(&name);
    body.resize((body.len() + 16).next_multiple_of(4) - 16, 0);
    tagged(257, 1, &body)
}

/// An image of these blocks, each where it stands in the partition; the root is at block 1.
pub(crate) fn udf_of(blocks: &[(usize, Vec<u8>)]) -> Vec<u8> {
    let mut image = vec![0; PARTITION * BLOCK];
    let set = |image: &mut Vec<u8>, at: usize, bytes: &[u8]| {
        let end = (at + bytes.len()).next_multiple_of(BLOCK);
        image.resize(image.len().max(end), 0);
        image[at..at + bytes.len()].copy_from_slice(bytes);
    };
    for (i, id) in [b"\0BEA01\x01", b"\0NSR02\x01", b"\0TEA01\x01"].iter().enumerate() {
        set(&mut image, 32_768 + i * 2_048, *id);
    }
    for (block, bytes) in blocks {
        set(&mut image, (PARTITION + block) * BLOCK, bytes);
    }
    let sector = |n: usize| (n as u32).to_le_bytes();
    let blocks = image.len() / BLOCK - PARTITION;
    let mut anchor = vec![0; 496];
    put(&mut anchor, 16, &[sector(16 * BLOCK), sector(ANCHOR + 1)].concat());
    put(&mut anchor, 24, &[sector(16 * BLOCK), sector(ANCHOR + 1)].concat());
    set(&mut image, ANCHOR * BLOCK, &tagged(2, ANCHOR, &anchor));
    let mut partition = vec![0; 496];
    put(&mut partition, 20, &[1, 0, 0, 0, 0]);
    put(&mut partition, 25, b"+NSR02");
    put(&mut partition, 184, &[sector(1), sector(PARTITION), sector(blocks)].concat());
    set(&mut image, (ANCHOR + 1) * BLOCK, &tagged(5, ANCHOR + 1, &partition));
    let mut logical = vec![0; 440 - 16];
    put(&mut logical, 212, &sector(BLOCK));
    put(&mut logical, 217, b"*OSTA UDF Compliant\0\0\0\0\x02\x01");
    put(&mut logical, 248, &long(0, BLOCK as u32));
    put(&mut logical, 264, &[sector(6), sector(1)].concat());
    logical.extend_from_slice(&[1, 6, 1, 0, 0, 0]);
    set(&mut image, (ANCHOR + 2) * BLOCK, &tagged(6, ANCHOR + 2, &logical));
    set(&mut image, (ANCHOR + 3) * BLOCK, &tagged(8, ANCHOR + 3, &[0; 496]));
    let mut files = vec![0; 496];
    put(&mut files, 400, &long(1, BLOCK as u32));
    set(&mut image, PARTITION * BLOCK, &tagged(256, 0, &files));
    image
}

/// A folder at `block`, of names with their blocks.
pub(crate) fn folder(block: usize, files: &[(&str, u32)]) -> (usize, Vec<u8>) {
    let ids = files.iter().flat_map(|(name, at)| file_id(name, 0, *at));
    let ids: Vec<u8> = file_id("", 10, 1).into_iter().chain(ids).collect();
    (block, entry(block, 4, ids.len(), &Place::Inline(&ids), None))
}

/// A file with its entry at `block`.
pub(crate) fn file(block: usize, size: usize, place: &Place<'_>) -> (usize, Vec<u8>) {
    (block, entry(block, 5, size, place, None))
}

/// An image with one file in a folder, in two extents with another block between them.
pub(crate) fn udf(content: &[u8]) -> Vec<u8> {
    let cut = BLOCK.min(content.len());
    let (first, rest) = content.split_at(cut);
    let behind = 6 + rest.len().div_ceil(BLOCK).max(1) as u32;
    let extents = [(behind, first.len() as u32), (5, rest.len() as u32)];
    let extents = if rest.is_empty() { &extents[..1] } else { &extents };
    udf_of(&[
        folder(1, &[("f", 2)]),
        folder(2, &[("a\u{416}.txt", 3)]),
        file(3, content.len(), &Place::Short(extents)),
        (5, rest.to_vec()),
        (behind as usize, first.to_vec()),
    ])
}
