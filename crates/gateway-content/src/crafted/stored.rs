//! Archives of one member that is not packed: cabinets, 7z.

/// A cabinet ([MS-CAB]) of the file `a.txt`, in which `reserved` stands where nothing has to.
pub(crate) fn cab(reserved: [u8; 4], content: &[u8]) -> Vec<u8> {
    let size = content.len() as u32;
    let block = [(size as u16).to_le_bytes(); 2].concat();
    let data = [&[0; 4][..], &block, content].concat();
    let file =
        [&size.to_le_bytes()[..], &[0; 4], &[0, 0], &[0; 4], &[0x20, 0], b"a.txt\0"].concat();
    let at = 36 + 8 + file.len() as u32;
    let all = (at + data.len() as u32).to_le_bytes();
    let head = [b"MSCF", &reserved[..], &all, &reserved, &44u32.to_le_bytes(), &reserved].concat();
    let head = [&head[..], &[3, 1, 1, 0, 1, 0], &[0; 6]].concat();
    [&head[..], &at.to_le_bytes(), &[1, 0, 0, 0], &file, &data].concat()
}

/// A 7z archive (7zFormat.txt) of the file `a`.
pub(crate) fn seven_zip(content: &[u8]) -> Vec<u8> {
    // A number below 2^14 that has not the first of its forms.
    let size = [0x80 | (content.len() >> 8) as u8, content.len() as u8];
    let index = [
        &[1, 4, 6, 0, 1, 9][..],
        &size,
        // One folder of one coder, which copies.
        &[0, 7, 11, 1, 0, 1, 1, 0, 12],
        &size,
        &[0, 0, 5, 1, 17, 5, 0, b'a', 0, 0, 0, 0, 0],
    ]
    .concat();
    let start = [
        &(content.len() as u64).to_le_bytes()[..],
        &(index.len() as u64).to_le_bytes(),
        &crc32fast::hash(&index).to_le_bytes(),
    ]
    .concat();
    let crc = crc32fast::hash(&start).to_le_bytes();
    [b"7z\xbc\xaf\x27\x1c\0\x04", &crc[..], &start, content, &index].concat()
}
