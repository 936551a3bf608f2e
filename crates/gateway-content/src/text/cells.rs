//! The text of binary workbooks (`.xlsb`, [MS-XLSB]): strings and numbers of cells, one per line.
//!
//! Their parts are members of a ZIP archive without a signature: told by their first record.

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;

use super::put_char;
use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;

/// The first record of the shared strings and of a sheet: its type, two bytes, and its length.
const FIRST: [&[u8]; 2] = [&[0x9f, 0x01, 8], &[0x81, 0x01, 0]];
/// Bytes of a record that are looked at: a string of a cell has 32,767 characters at the most.
const RECORD_BYTES_MAX: usize = 80 << 10;

/// The text.
pub(crate) struct Cells {
    /// The head of a record, as far as it has come.
    head: Vec<u8>,
    kind: u16,
    /// Bytes of the record, and how many are still to come.
    body: Vec<u8>,
    left: usize,
}

impl Cells {
    pub(crate) fn new() -> Self {
        Self { head: Vec::new(), kind: 0, body: Vec::new(), left: 0 }
    }

    /// Whether a part that begins with `first` is of such a workbook.
    pub(crate) fn are_told_by(first: &[u8]) -> bool {
        FIRST.iter().any(|record| first.starts_with(record))
    }

    /// One more byte of a head: whether it is over.
    fn read_head(&mut self, byte: u8) -> bool {
        self.head.push(byte);
        let kind_bytes = if self.head.first().is_some_and(|b| b & 0x80 != 0) { 2 } else { 1 };
        let Some((kind, len)) = self.head.split_at_checked(kind_bytes) else { return false };
        let goes_on = len.last().is_none_or(|b| b & 0x80 != 0);
        if goes_on && len.len() < 4 {
            return false;
        }
        let number = |bytes: &[u8]| {
            bytes.iter().rev().fold(0usize, |sum, b| sum << 7 | usize::from(b & 0x7f))
        };
        (self.kind, self.left) = (number(kind) as u16, number(len));
        true
    }

    /// What a record says.
    fn tell(&self, out: &mut BytesMut) {
        const RK: u16 = 2;
        const REAL: u16 = 5;
        const STRING: u16 = 6;
        const FORMULA_STRING: u16 = 8;
        const FORMULA_NUMBER: u16 = 9;
        const SHARED: u16 = 19;
        const RICH: u16 = 62;
        let behind = |at: usize| self.body.get(at..).unwrap_or_default();
        let double = |bytes: &[u8]| bytes.first_chunk().map(|b| f64::from_le_bytes(*b));
        let number = match self.kind {
            SHARED => return put_string(behind(1), out),
            STRING | FORMULA_STRING => return put_string(behind(8), out),
            RICH => return put_string(behind(9), out),
            RK => behind(8).first_chunk().map(|b| crate::document::rk(u32::from_le_bytes(*b))),
            REAL | FORMULA_NUMBER => double(behind(8)),
            _ => return,
        };
        if let Some(number) = number {
            let mut text = String::new();
            crate::document::number(number, &mut text);
            out.extend_from_slice(text.as_bytes());
        }
    }
}

/// A string behind its length in characters, and a line break.
fn put_string(bytes: &[u8], out: &mut BytesMut) {
    let Some((len, chars)) = bytes.split_first_chunk::<4>() else { return };
    let len = (u32::from_le_bytes(*len) as usize).saturating_mul(2);
    let (units, _) = chars.get(..len).unwrap_or(chars).as_chunks::<2>();
    char::decode_utf16(units.iter().map(|b| u16::from_le_bytes(*b)))
        .for_each(|c| put_char(c.ok(), out));
    out.put_u8(b'\n');
}

impl Transform for Cells {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let mut rest = input;
        while let Some((byte, after)) = rest.split_first() {
            if self.left > 0 {
                let n = self.left.min(rest.len());
                let kept = n.min(RECORD_BYTES_MAX.saturating_sub(self.body.len()));
                self.body.extend_from_slice(rest.get(..kept).unwrap_or_default());
                rest = rest.get(n..).unwrap_or_default();
                self.left -= n;
            } else {
                rest = after;
                if !self.read_head(*byte) {
                    continue;
                }
                self.head.clear();
                self.body.clear();
            }
            if self.left == 0 {
                self.tell(out);
            }
        }
        (input.len(), Decoded::More)
    }

    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Unscannable> {
        Ok(())
    }

    fn is_settled(&self) -> bool {
        self.head.is_empty() && self.left == 0
    }

    fn memory_max(&self) -> usize {
        RECORD_BYTES_MAX
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The shared strings of a workbook with one string, and cells of a sheet.
    pub(crate) fn strings(text: &str) -> Vec<u8> {
        let record = |kind: &[u8], body: &[u8]| [kind, &[body.len() as u8], body].concat();
        let string = |text: &str| {
            let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            [&(text.encode_utf16().count() as u32).to_le_bytes()[..], &units].concat()
        };
        let cell = |value: &[u8]| [&[0; 8], value].concat();
        [
            record(&[0x9f, 0x01], &[0; 8]),
            record(&[19], &[&[0][..], &string(text)].concat()),
            record(&[2], &cell(&(7u32 << 2 | 2).to_le_bytes())),
            record(&[5], &cell(&4_111.5f64.to_le_bytes())),
            record(&[9], &cell(&0.25f64.to_le_bytes())),
            record(&[8], &cell(&string("given"))),
            // A record of another kind, with a length of two bytes.
            [&[0x25, 0x85, 0x01][..], &[6; 133]].concat(),
            record(&[6], &cell(&string("last"))),
        ]
        .concat()
    }

    #[test]
    fn strings_and_numbers_of_cells_are_text() {
        let workbook = strings("4111 \u{41f}");
        assert!(Cells::are_told_by(&workbook));
        for cut in [1, 2, 7, workbook.len()] {
            let (mut cells, mut out) = (Cells::new(), BytesMut::new());
            for piece in workbook.chunks(cut) {
                cells.run(piece, &mut out);
            }
            cells.finish(&mut out).unwrap();
            let text = String::from_utf8_lossy(&out);
            assert_eq!(text, "4111 \u{41f}\n7\n4111.5\n0.25\ngiven\nlast\n", "pieces of {cut}");
        }
    }
}
