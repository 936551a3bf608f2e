//! Archives of EGG.

use crate::fixture::{bzip2, deflate};
use crate::packed;

const END: u32 = 0x08e2_8222;

/// The example of section 3 of the specification: the file `hello.txt`.
pub(crate) const EXAMPLE: &str = "4547474100010100000000000000\
    2282e208e390850a000000000500000000000000ac91850a00090068656c6c6f2e747874\
    0b95862c00090023c9a34f63fbc701002282e208130cb50200000500000005000000\
    86a610362282e20868656c6c6f2282e208";

/// What a file is said to be.
#[derive(Clone, Copy, Default)]
pub(crate) struct Told<'a> {
    pub(crate) name: &'a str,
    /// Other fields before the name.
    pub(crate) fields: &'a [(u32, &'a [u8])],
    pub(crate) size: usize,
}

/// A field of that signature.
pub(crate) fn field(signature: u32, bytes: &[u8]) -> Vec<u8> {
    let length = (bytes.len() as u16).to_le_bytes();
    [&signature.to_le_bytes()[..], &[0], &length, bytes].concat()
}

/// The header of a file.
pub(crate) fn file(told: Told<'_>) -> Vec<u8> {
    let size = (told.size as u64).to_le_bytes();
    let fields = told.fields.iter().flat_map(|(signature, bytes)| field(*signature, bytes));
    let head = [&0x0a85_90e3_u32.to_le_bytes()[..], &[7, 0, 0, 0], &size].concat();
    let name = field(0x0a85_91ac, told.name.as_bytes());
    [head, fields.collect(), name, END.to_le_bytes().to_vec()].concat()
}

/// A block of `content`, which is packed as `packed`.
pub(crate) fn block_of(method: u8, packed: &[u8], content: &[u8]) -> Vec<u8> {
    let sizes = [content.len() as u32, packed.len() as u32, crc32fast::hash(content)];
    let mut out = [&0x02b5_0c13_u32.to_le_bytes()[..], &[method, 0]].concat();
    sizes.iter().for_each(|size| out.extend_from_slice(&size.to_le_bytes()));
    out.extend_from_slice(&END.to_le_bytes());
    out.extend_from_slice(packed);
    out
}

/// The same, packed by that method.
pub(crate) fn block(method: u8, content: &[u8]) -> Vec<u8> {
    match method {
        1 => block_of(method, &deflate(content), content),
        2 => block_of(method, &bzip2(content), content),
        _ => block_of(method, content, content),
    }
}

/// A block with the content of [`packed`], packed by LZMA.
pub(crate) fn lzma_block() -> Vec<u8> {
    let lzma = packed::bytes(packed::LZMA);
    let lzma = [&[9, 20, 5, 0], &lzma[..5], &lzma[13..]].concat();
    block_of(4, &lzma, &packed::content())
}

/// An archive of what follows those fields and the header.
pub(crate) fn egg(fields: &[Vec<u8>], files: &[Vec<u8>]) -> Vec<u8> {
    let end = END.to_le_bytes();
    let head = b"EGGA\0\x01\x01\0\0\0\0\0\0\0";
    [&head[..], &fields.concat(), &end, &files.concat(), &end].concat()
}
