//! Programs for the tests of unpacking, made of code, and what comes out of them.

use bytes::{Bytes, BytesMut};

use super::{layout, unpacking};
use crate::Limits;
use crate::coding::decoder::{Decoded, Decoder};

/// What comes out of a program that is likely packed, how it ends, and after how many instructions.
pub(crate) fn unpack(file: &[u8], limits: &Limits) -> Option<(Vec<u8>, Decoded, u64)> {
    let file = Bytes::copy_from_slice(file);
    let layout = layout::read(&file).ok()??;
    if !unpacking::is_likely(&layout) {
        return None;
    }
    let Ok(Decoder::Other(mut decoder)) = unpacking::member(&file, &layout, limits)?.decoder else {
        return None;
    };
    let mut out = BytesMut::new();
    loop {
        let (_, decoded) = decoder.run(&[], &mut out);
        if decoded != Decoded::More {
            return Some((out.to_vec(), decoded, decoder.steps()));
        }
    }
}

/// A program whose code may write to itself, and to an empty section before it: `code` stands at
/// `0x403000`, where it starts, and what is unpacked belongs to `0x401000`.
pub(crate) fn packed(code: &[u8]) -> Vec<u8> {
    program(code, [(0x2000, 0, 0xe000_0080), (0x1000, code.len() as u32, 0xe000_0020)])
}

/// The same with nothing in the empty section that could be run.
pub(crate) fn plain(code: &[u8]) -> Vec<u8> {
    program(code, [(0x2000, 0, 0xc000_0080), (0x1000, code.len() as u32, 0xe000_0020)])
}

/// A program of two sections: bytes in memory, bytes in the file, flags.
fn program(code: &[u8], sections: [(u32, u32, u32); 2]) -> Vec<u8> {
    let mut file = b"MZ".to_vec();
    file.resize(0x200, 0);
    let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    put(60, &64u32.to_le_bytes());
    put(64, b"PE\0\0\x4c\x01\x02\0");
    for (at, value) in [(84, 0xe0), (88, 0x010b), (104, 0x3000), (116, 0x40_0000)] {
        put(at, &u32::to_le_bytes(value));
    }
    for (at, value) in [(120, 0x1000), (124, 0x200), (144, 0x4000), (148, 0x200)] {
        put(at, &u32::to_le_bytes(value));
    }
    let mut address = 0x1000;
    for (i, (memory, bytes, flags)) in sections.into_iter().enumerate() {
        let at = 88 + 0xe0 + 40 * i;
        put(at, &[b'.', b'a' + i as u8]);
        let offset = if bytes == 0 { 0 } else { 0x200 };
        for (n, value) in (2..).zip([memory, address, bytes, offset]) {
            put(at + 4 * n, &u32::to_le_bytes(value));
        }
        put(at + 36, &flags.to_le_bytes());
        address += memory;
    }
    file.extend_from_slice(code);
    file.resize(file.len().next_multiple_of(0x200), 0);
    file
}
