//! Documents of Hangul, of versions 3 and 5.

use crate::fixture::deflate;

/// A Compound File with these streams, in folders of one level; none of them is a short one.
pub(crate) fn compound(streams: &[(&str, Vec<u8>)]) -> Vec<u8> {
    const SECTOR: usize = 512;
    const END: u32 = 0xffff_fffe;
    // Name, type, next beside it, first in it, sector, size.
    let mut entries = vec![("Root Entry", 5u8, u32::MAX, u32::MAX, END, 0)];
    let mut folders: Vec<(&str, usize)> = vec![("", 0)];
    let directory = (1 + 2 * streams.len()).div_ceil(SECTOR / 128);
    let mut table = vec![0xffff_fffd_u32];
    table.extend((2..=directory as u32).chain([END]));
    let mut data = Vec::new();
    for (path, bytes) in streams {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = folders.iter().find(|(known, _)| *known == folder).map(|(_, at)| *at);
        let parent = parent.unwrap_or_else(|| {
            folders.push((folder, entries.len()));
            let first = entries[0].3;
            entries.push((folder, 1, first, u32::MAX, 0, 0));
            entries[0].3 = entries.len() as u32 - 1;
            entries.len() - 1
        });
        let (first, sectors) = (entries[parent].3, bytes.len().div_ceil(SECTOR) as u32);
        let start = if sectors == 0 { END } else { table.len() as u32 };
        entries.push((name, 2, first, u32::MAX, start, bytes.len() as u32));
        entries[parent].3 = entries.len() as u32 - 1;
        table.extend((1..sectors).map(|i| start + i));
        table.extend((sectors > 0).then_some(END));
        data.extend_from_slice(bytes);
        data.resize(data.len().next_multiple_of(SECTOR), 0);
    }
    assert!(table.len() <= SECTOR / 4);
    table.resize(SECTOR / 4, u32::MAX);
    let mut out = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    out.resize(24, 0);
    out.extend_from_slice(&[0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let numbers = [1, 1, 0, 0, END, 0, END, 0, 0];
    numbers.iter().for_each(|number: &u32| out.extend_from_slice(&number.to_le_bytes()));
    out.resize(SECTOR, 0xff);
    table.iter().for_each(|next| out.extend_from_slice(&next.to_le_bytes()));
    for (name, kind, beside, child, start, size) in entries {
        let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let length = entry.len() as u8 + 2;
        entry.resize(64, 0);
        entry.extend_from_slice(&[length, 0, kind, 1]);
        let links = [u32::MAX, beside, child];
        links.iter().for_each(|link| entry.extend_from_slice(&link.to_le_bytes()));
        entry.resize(116, 0);
        [start, size, 0].iter().for_each(|number| entry.extend_from_slice(&number.to_le_bytes()));
        out.extend_from_slice(&entry);
    }
    out.resize((2 + directory) * SECTOR, 0);
    [out, data].concat()
}

/// A document of version 5 with these flags and streams.
pub(crate) fn hwp5(flags: u32, streams: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut header = b"HWP Document File".to_vec();
    header.resize(32, 0);
    header.extend_from_slice(&[1, 0, 1, 5]);
    header.extend_from_slice(&flags.to_le_bytes());
    header.resize(256, 0);
    let header = [("FileHeader", header)];
    // It need not come first.
    let (one, others) = streams.split_at(streams.len() / 2);
    compound(&[one, &header, others].concat())
}

/// A document of version 3, deflated or not, with a password or not.
pub(crate) fn hwp3(is_packed: bool, password: u16, body: &[u8]) -> Vec<u8> {
    let mut out = b"HWP Document File V3.00 \x1a\x01\x02\x03\x04\x05".to_vec();
    out.resize(30 + 96, 0);
    out.extend_from_slice(&password.to_le_bytes());
    out.resize(30 + 124, 0);
    out.extend_from_slice(&[u8::from(is_packed), 0, 7, 0]);
    out.resize(30 + 128 + 1_008, 0);
    out.extend_from_slice(b"7 bytes");
    out.extend_from_slice(&if is_packed { deflate(body) } else { body.to_vec() });
    out
}

/// Bytes that do not become fewer.
pub(crate) fn noise(count: u32) -> Vec<u8> {
    (0..count).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}
