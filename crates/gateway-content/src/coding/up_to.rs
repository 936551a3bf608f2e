//! The bytes themselves, up to a length that may be more than there are.

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::transform::Transform;

/// So many more bytes, as far as they come.
pub(crate) struct UpTo {
    skip: u64,
    left: u64,
}

impl UpTo {
    /// `left` bytes behind `skip` that are left out.
    pub(crate) const fn new(skip: u64, left: u64) -> Self {
        Self { skip, left }
    }
}

impl Transform for UpTo {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        if self.skip > 0 {
            let n = usize::try_from(self.skip).unwrap_or(usize::MAX).min(input.len());
            self.skip -= n as u64;
            return (n, Decoded::More);
        }
        let n = usize::try_from(self.left).unwrap_or(usize::MAX).min(input.len());
        out.extend_from_slice(input.get(..n).unwrap_or_default());
        self.left -= n as u64;
        (n, if self.left == 0 { Decoded::End } else { Decoded::More })
    }

    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Unscannable> {
        Ok(())
    }
}
