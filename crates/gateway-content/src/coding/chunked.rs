//! Files of images of Windows that are packed: a table of where chunks begin, and each chunk by itself, by
//! XPRESS or by LZX.

use bytes::{Buf, Bytes, BytesMut};
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::inflate::WINDOW;
use super::lzx::unpack_chunk;
use super::ratio::Ratio;
use super::transform::Transform;
use super::xpress;
use crate::Limits;

/// How chunks are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Lzx,
    Xpress,
}

impl Packing {
    /// Bytes that a chunk unpacks to, as powers of two.
    fn chunk_bits(self) -> std::ops::RangeInclusive<u32> {
        match self {
            Self::Lzx => 15..=21,
            Self::Xpress => 12..=16,
        }
    }
}

/// Such a file, of which all is there; of the stream below nothing is taken.
pub(crate) struct Chunked {
    packing: Packing,
    /// Bytes that a chunk unpacks to.
    chunk: usize,
    /// Where the chunks end that are not unpacked, counted from the first of them.
    ends: std::vec::IntoIter<u64>,
    begins: u64,
    data: Bytes,
    /// Bytes to come of the file.
    left: u64,
    /// What was unpacked and is not out.
    ready: Bytes,
    failed: Option<Unscannable>,
    ratio: Ratio,
    limits: Limits,
}

impl Chunked {
    /// A file of `size` bytes in chunks of `chunk`.
    pub(crate) fn new(
        packing: Packing,
        chunk: u32,
        bytes: Bytes,
        size: u64,
        limits: &Limits,
    ) -> Result<Self, Unscannable> {
        if !chunk.is_power_of_two() || !packing.chunk_bits().contains(&chunk.ilog2()) {
            return Err(Unscannable::Unsupported);
        }
        // The first begins behind the table.
        let count = size.div_ceil(chunk.into()).saturating_sub(1);
        let width = if size > u32::MAX.into() { 8 } else { 4 };
        let table = usize::try_from(count).ok().and_then(|count| count.checked_mul(width));
        let (table, mut data) = table
            .filter(|table| *table <= bytes.len())
            .map(|table| (bytes.slice(..table), bytes.slice(table..)))
            .ok_or(Unscannable::Malformed)?;
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |sum, b| sum << 8 | u64::from(*b));
        let mut ends: Vec<u64> = table.chunks_exact(width).map(number).collect();
        if size > 0 {
            ends.push(data.len() as u64);
        } else {
            data.clear();
        }
        Ok(Self {
            packing,
            chunk: chunk as usize,
            ends: ends.into_iter(),
            begins: 0,
            data,
            left: size,
            ready: Bytes::new(),
            failed: None,
            ratio: Ratio::new(limits),
            limits: limits.clone(),
        })
    }

    /// Unpacks the next chunk, or as much of it as can be.
    fn unpack(&mut self) -> Result<(), Unscannable> {
        let end = self.ends.next().ok_or(Unscannable::Malformed)?;
        let len = end.checked_sub(self.begins).and_then(|len| usize::try_from(len).ok());
        let len = len.filter(|len| *len <= self.data.len()).ok_or(Unscannable::Malformed)?;
        self.begins = end;
        let packed = self.data.split_to(len);
        let size = usize::try_from(self.left).map_or(self.chunk, |left| left.min(self.chunk));
        self.left -= size as u64;
        if len == size {
            self.ready = packed;
            return Ok(());
        }
        let mut out = Vec::new();
        let whole = match self.packing {
            Packing::Xpress => xpress::unpack(&packed, size, &mut out),
            Packing::Lzx => unpack_chunk(self.chunk.ilog2(), &packed, size, &self.limits, &mut out),
        };
        self.ready = out.into();
        whole
    }
}

impl Transform for Chunked {
    fn run(&mut self, _input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let mut packed = 0;
        if self.ready.is_empty() && self.failed.is_none() && self.left > 0 {
            let before = self.data.len();
            self.failed = self.unpack().err();
            packed = before - self.data.len();
        }
        let n = self.ready.len().min(WINDOW);
        out.extend_from_slice(self.ready.get(..n).unwrap_or_default());
        self.ready.advance(n);
        if let Err(reason) = self.ratio.add(packed, n, out) {
            return (0, Decoded::Failed(reason));
        }
        let decoded = match self.failed {
            _ if !self.ready.is_empty() => Decoded::More,
            Some(reason) => Decoded::Failed(reason),
            None if self.left > 0 => Decoded::More,
            // What is behind the last chunk no reader looks at.
            None => Decoded::End,
        };
        (0, decoded)
    }

    fn is_drained(&self) -> bool {
        false
    }

    fn is_settled(&self) -> bool {
        false
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.ratio.work().saturating_mul(4)
    }

    fn memory_max(&self) -> usize {
        self.data.len() + 3 * self.chunk
    }
}
