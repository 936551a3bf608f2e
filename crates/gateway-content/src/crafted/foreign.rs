//! The beginnings of archives and file systems that are known and not opened: name, bytes, and by how many of them each is told.

/// One of each.
pub(crate) fn all() -> Vec<(&'static str, Vec<u8>, usize)> {
    let arc = |method: u8| {
        let sizes = [[9, 0, 0, 0], [20, 0, 0, 0]];
        let head = [&[0x1a, method][..], b"A.TXT\0\0\0\0\0\0\0\0", &sizes[0], &[0xb0, 0x58]];
        [&head.concat()[..], &[0x0d, 0xb9, 1, 2], &sizes[1], b"some data\x1a\0"].concat()
    };
    let squeezed = b"v\xff\x93\xeba.txt\0\x53\0\x02\0\x01\0".to_vec();
    let mut dms = b"DMS!".to_vec();
    dms.resize(54, 7);
    dms.extend([0x52, 0x43]);
    let mut lzx =
        [b"LZX\0\x0c\0\x0a\x04\0\0", &[3; 14][..], &[0], &[3; 15], &[5], b"a.txt"].concat();
    lzx[36..40].fill(0);
    let crc = crc32fast::hash(&lzx[10..]).to_le_bytes();
    lzx[36..40].copy_from_slice(&crc);
    let zoo = [
        &b"ZOO 2.10 Archive.\x1a\0\0\xdc\xa7\xc4\xfd"[..],
        &42i32.to_le_bytes(),
        &(-42i32).to_le_bytes(),
        &[2, 0, 1],
    ]
    .concat();
    let apfs = [&[0; 32][..], b"NXSB\0\x10\0\0"].concat();
    let first = |name: &[u8]| {
        let mut sector = [b"\xeb\x52\x90", name].concat();
        sector.resize(510, 0);
        [&sector, &b"\x55\xaa"[..]].concat()
    };
    vec![
        ("apfs", apfs, 40),
        ("exfat", first(b"EXFAT   "), 512),
        ("ntfs", first(b"NTFS    "), 512),
        ("arc", arc(8), 29),
        ("pak", arc(11), 29),
        ("sq", squeezed, 12),
        ("dms", dms, 56),
        ("lzx", lzx, 46),
        ("zoo", zoo, 32),
    ]
}
