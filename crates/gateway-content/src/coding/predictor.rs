//! The predictors of PDF (ISO 32000-1, section 7.4.4.4): rows of which each byte, or each sample of a
//! picture, is told by how it differs from those before it.

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::transform::Transform;

/// Bytes of a row, at the most.
const ROW_BYTES_MAX: usize = 1 << 20;

/// A stream on its way.
pub(crate) struct Predictor {
    kind: Kind,
    /// Bytes from one sample to the same one of the next pixel.
    step: usize,
    /// The row before, as it was told.
    above: Vec<u8>,
    row: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Each row begins with a byte that tells how it is predicted.
    Png,
    Tiff,
}

impl Predictor {
    /// The predictor of that number, for rows of so many pixels of `colors` samples of `bits`; none if
    /// nothing is predicted, or in a form that is for pictures alone.
    pub(crate) fn new(kind: usize, colors: usize, bits: usize, columns: usize) -> Option<Self> {
        let kind = match kind {
            2 if bits == 8 => Kind::Tiff,
            10.. => Kind::Png,
            _ => return None,
        };
        let pixel = colors.checked_mul(bits)?;
        let bytes = pixel.checked_mul(columns)?.div_ceil(8);
        let fits = (1..=ROW_BYTES_MAX).contains(&bytes);
        fits.then(|| Self { kind, step: pixel.div_ceil(8), above: vec![0; bytes], row: Vec::new() })
    }

    /// Bytes of a row as it is stored.
    fn stored(&self) -> usize {
        self.above.len() + usize::from(self.kind == Kind::Png)
    }

    /// A row has come, or what there is of the last.
    fn tell(&mut self, out: &mut BytesMut) {
        let (how, row) = match (self.kind, self.row.split_first()) {
            (Kind::Png, Some((how, row))) => (*how, row.to_vec()),
            (Kind::Png, None) => return,
            (Kind::Tiff, _) => (1, self.row.clone()),
        };
        let mut told: Vec<u8> = Vec::with_capacity(row.len());
        for (i, byte) in row.iter().enumerate() {
            let at =
                |row: &[u8], i: Option<usize>| i.and_then(|i| row.get(i)).copied().unwrap_or(0);
            let left = at(&told, i.checked_sub(self.step));
            let up = at(&self.above, Some(i));
            let corner = at(&self.above, i.checked_sub(self.step));
            told.push(byte.wrapping_add(match how {
                1 => left,
                2 => up,
                3 => left.midpoint(up),
                4 => paeth(left, up, corner),
                _ => 0,
            }));
        }
        out.put_slice(&told);
        told.resize(self.above.len(), 0);
        self.above = told;
        self.row.clear();
    }
}

/// That of the three which is nearest to what they predict together (PNG, section 9.4).
fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let guess = i16::from(left) + i16::from(up) - i16::from(corner);
    let distance = |byte: u8| guess.abs_diff(i16::from(byte));
    if distance(left) <= distance(up) && distance(left) <= distance(corner) {
        left
    } else if distance(up) <= distance(corner) {
        up
    } else {
        corner
    }
}

impl Transform for Predictor {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let want = self.stored() - self.row.len();
        let taken = input.get(..want).unwrap_or(input);
        self.row.extend_from_slice(taken);
        if self.row.len() == self.stored() {
            self.tell(out);
        }
        (taken.len(), Decoded::More)
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        self.tell(out);
        Ok(())
    }

    fn is_settled(&self) -> bool {
        self.row.is_empty()
    }

    fn memory_max(&self) -> usize {
        3 * self.above.len()
    }
}
