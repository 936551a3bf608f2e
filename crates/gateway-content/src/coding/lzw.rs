//! LZW as PDF has it (ISO 32000-1, section 7.4.4): codes of 9 to 12 bits, of which one clears the
//! table and one ends the data.

use bytes::BytesMut;

use super::bytewise::{ByteDecoder, Bytewise};
pub(crate) use super::code_table::Change;
use super::code_table::CodeTable;
use super::decoder::Decoded;
use crate::Limits;

const CLEAR: usize = 256;
const END: usize = 257;
const WIDTH_MAX: u32 = 12;

/// A stream on its way.
pub(crate) struct Lzw {
    table: CodeTable,
    /// The bits that have come, of which the lowest `have` belong to no code yet.
    bits: u32,
    have: u32,
}

impl Lzw {
    pub(crate) fn new(change: Change, limits: &Limits) -> Bytewise<Self> {
        let table = CodeTable::new(END + 1, WIDTH_MAX, change);
        Bytewise::new(Self { table, bits: 0, have: 0 }, limits)
    }
}

impl ByteDecoder for Lzw {
    const MEMORY_MAX: usize = CodeTable::memory_max(WIDTH_MAX);

    #[inline]
    fn push(&mut self, byte: u8, out: &mut BytesMut) -> Decoded {
        self.bits = self.bits << 8 | u32::from(byte);
        self.have += 8;
        let width = self.table.width();
        if self.have < width {
            return Decoded::More;
        }
        self.have -= width;
        match (self.bits >> self.have & ((1 << width) - 1)) as usize {
            CLEAR => self.table.clear(),
            END => return Decoded::End,
            code => {
                if let Err(reason) = self.table.put(code, out) {
                    return Decoded::Failed(reason);
                }
            }
        }
        Decoded::More
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::transform::Transform;

    /// The example of the standard.
    #[test]
    fn the_example_is_decoded() {
        let packed = [0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01];
        for cut in 1..=packed.len() {
            let (mut lzw, mut out) = (Lzw::new(Change::Early, &Limits::default()), BytesMut::new());
            let mut last = Decoded::More;
            for piece in packed.chunks(cut) {
                last = lzw.run(piece, &mut out).1;
            }
            assert_eq!((&*out, last), (&b"-----A---B"[..], Decoded::End), "by {cut}");
        }
    }
}
