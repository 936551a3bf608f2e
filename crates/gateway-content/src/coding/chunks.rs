//! A disk in an image of Apple's: chunks of its sectors, each packed by itself or zeros, from bytes that were gathered.

use std::collections::VecDeque;

use bytes::{BufMut, Bytes, BytesMut};
use gateway_inspect::Unscannable;

use super::adc::Adc;
use super::bzip2::Bzip2;
use super::decoder::Decoded;
use super::held::{Deflated, HeldThrough};
use super::inflate::WINDOW;
use super::ratio::Ratio;
use super::transform::Transform;
use super::xz::Xz;
use crate::Limits;

/// How a chunk is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Adc,
    Bzip2,
    Stored,
    Unsupported,
    Xz,
    Zeros,
    Zlib,
}

/// A chunk.
#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    pub(crate) packing: Packing,
    pub(crate) packed: Bytes,
    /// What it unpacks to, in bytes.
    pub(crate) size: u64,
}

/// The chunks, one behind the other.
pub(crate) struct Chunks {
    chunks: VecDeque<Chunk>,
    /// What unpacks the first of them, and what of that is to come.
    open: Option<HeldThrough>,
    left: u64,
    waiting: BytesMut,
    ratio: Ratio,
    work: u64,
    limits: Limits,
}

impl Chunks {
    pub(crate) fn new(chunks: VecDeque<Chunk>, limits: &Limits) -> Self {
        Self {
            chunks,
            open: None,
            left: 0,
            waiting: BytesMut::new(),
            ratio: Ratio::new(limits),
            work: 0,
            limits: limits.clone(),
        }
    }

    /// Begins the next chunk: whether there is one.
    fn begin(&mut self) -> Result<bool, Unscannable> {
        let Some(chunk) = self.chunks.pop_front() else { return Ok(false) };
        let limits = &self.limits;
        let through = |transform: Option<Box<dyn Transform>>| {
            Some(HeldThrough::new(chunk.packed.clone(), transform.into_iter().collect()))
        };
        self.left = chunk.size;
        self.open = match chunk.packing {
            Packing::Adc => through(Some(Box::<Adc>::default())),
            Packing::Bzip2 => through(Some(Box::new(Bzip2::new(limits)))),
            Packing::Stored => through(None),
            Packing::Unsupported => return Err(Unscannable::Unsupported),
            Packing::Xz => through(Some(Box::new(Xz::new(limits)))),
            Packing::Zeros => None,
            Packing::Zlib => through(Some(Box::new(Deflated::zlib(limits)))),
        };
        // A stream yields something only for what it takes.
        self.ratio.add(chunk.packed.len(), 0, &mut BytesMut::new())?;
        Ok(true)
    }

    /// What is to come next of the chunk at hand.
    fn go_on(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        let before = out.len();
        if let Some(open) = &mut self.open {
            let spent = open.work();
            let decoded = open.run(&[], &mut self.waiting).1;
            self.work += open.work().saturating_sub(spent);
            let n = usize::try_from(self.left).unwrap_or(usize::MAX).min(self.waiting.len());
            out.extend_from_slice(self.waiting.get(..n).unwrap_or_default());
            // Of a chunk no more is read than it says.
            self.waiting.clear();
            self.left -= n as u64;
            match decoded {
                Decoded::Failed(reason) => return Err(reason),
                Decoded::End if self.left > 0 => return Err(Unscannable::Malformed),
                _ => {}
            }
        } else {
            let n = usize::try_from(self.left).unwrap_or(usize::MAX).min(WINDOW);
            out.put_bytes(0, n);
            self.left -= n as u64;
        }
        let n = out.len() - before;
        self.work += n as u64;
        self.ratio.add(0, n, out)
    }
}

impl Transform for Chunks {
    fn run(&mut self, _input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let before = out.len();
        while out.len() - before < WINDOW {
            let went_on = if self.left > 0 { self.go_on(out).map(|()| true) } else { self.begin() };
            // Each takes its time, however small.
            self.work += 64;
            match went_on {
                Ok(true) => {}
                Ok(false) => return (0, Decoded::End),
                Err(reason) => return (0, Decoded::Failed(reason)),
            }
        }
        (0, Decoded::More)
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
        self.work
    }

    fn memory_max(&self) -> usize {
        let open = self.open.as_ref().map_or(0, HeldThrough::memory_max);
        // The longest of the windows that one may have.
        open + self.limits.window_bytes_max + self.chunks.len() * size_of::<Chunk>()
    }
}
