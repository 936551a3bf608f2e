//! The data of a file in an archive of EGG: blocks, each with a header, packed by itself.

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use super::bounded::Bounded;
use super::bzip2::Bzip2;
use super::decoder::Decoded;
use super::held::Deflated;
use super::inflate::WINDOW;
use super::lzma_alone::{Layout, LzmaAlone};
use super::ratio::Ratio;
use super::transform::Transform;
use super::up_to::UpTo;
use crate::Limits;

/// What a block begins with, and what its header ends with.
pub(crate) const BLOCK: [u8; 4] = 0x02b5_0c13_u32.to_le_bytes();
pub(crate) const END: [u8; 4] = 0x08e2_8222_u32.to_le_bytes();
/// Signature, method, hint, sizes, checksum.
const FIXED_BYTES: usize = 18;
/// The longest header.
const HEADER_BYTES_MAX: usize = 4 << 10;
/// What stands before the properties of LZMA.
const LZMA_START_BYTES: u32 = 4;
/// Blocks of a file, and one more for each so many bytes of them: writers begin another one behind 4 GiB.
const BLOCKS_MAX: u64 = 1_024;
const BYTES_PER_BLOCK: u64 = 1_024;

/// A header of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Its length.
    pub(crate) bytes: usize,
    pub(crate) method: u8,
    pub(crate) packed: u32,
    unpacked: u32,
    crc: u32,
}

/// A field that is none of the fixed ones: a signature, flags of which the first tells how long the length is, the
/// length, and as many bytes. Where it ends, or how many bytes have to be seen to tell.
pub(crate) fn field_end(head: &[u8], at: usize) -> Result<usize, usize> {
    let flags = head.get(at + 4).copied().ok_or(at + 5)?;
    let (length, bytes) = match flags & 1 {
        0 => {
            let bytes = head.get(at + 5..).and_then(|b| b.first_chunk()).ok_or(at + 7)?;
            (usize::from(u16::from_le_bytes(*bytes)), at + 7)
        }
        _ => {
            let bytes = head.get(at + 5..).and_then(|b| b.first_chunk()).ok_or(at + 9)?;
            (usize::try_from(u32::from_le_bytes(*bytes)).unwrap_or(usize::MAX), at + 9)
        }
    };
    Ok(bytes.saturating_add(length))
}

impl Block {
    /// Reads the header that `head` begins with: none if it is no block, or how many bytes have to be seen first.
    pub(crate) fn read(head: &[u8]) -> Result<Option<Self>, usize> {
        let seen = head.len().min(BLOCK.len());
        if head.get(..seen) != BLOCK.get(..seen) {
            return Ok(None);
        }
        let Some(fixed) = head.first_chunk::<FIXED_BYTES>() else { return Err(FIXED_BYTES) };
        let mut at = FIXED_BYTES;
        loop {
            match head.get(at..at.saturating_add(END.len())) {
                Some(signature) if *signature == END => break,
                Some(_) => at = field_end(head, at)?,
                None => return Err(at.saturating_add(END.len())),
            }
        }
        let number = |at: usize| {
            let bytes = fixed.get(at..).and_then(|b| b.first_chunk());
            bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
        };
        let [_, _, _, _, method, ..] = *fixed;
        let bytes = at + END.len();
        Ok(Some(Self { bytes, method, unpacked: number(6), packed: number(10), crc: number(14) }))
    }

    /// What unpacks its data.
    fn decoder(self, limits: &Limits) -> Result<Box<dyn Transform>, Unscannable> {
        let packed = Some(u64::from(self.packed));
        Ok(match self.method {
            0 => Box::new(Bounded::new(UpTo::new(0, self.packed.into()), packed)),
            1 => Box::new(Bounded::new(Deflated::new(limits), packed)),
            2 => Box::new(Bounded::new(Bzip2::new(limits), packed)),
            4 => {
                let size = Some(u64::from(self.unpacked));
                let packed = packed.and_then(|packed| packed.checked_sub(LZMA_START_BYTES.into()));
                let lzma = LzmaAlone::new(Layout::Bare, size, limits);
                Box::new(Bounded::new(lzma, Some(packed.ok_or(Unscannable::Malformed)?)))
            }
            // The third is a method of its own.
            _ => return Err(Unscannable::Unsupported),
        })
    }
}

/// What comes next.
enum Next {
    Header,
    Data(Box<dyn Transform>),
    /// What is left of the data of a block, or stands before them.
    Skip,
}

/// The blocks of a file on their way.
pub(crate) struct EggBlocks {
    next: Next,
    /// What has come of a header, or of what follows the last block.
    head: Vec<u8>,
    block: Option<Block>,
    /// Decodes what comes behind what is skipped.
    decoder: Option<Box<dyn Transform>>,
    /// Bytes that are skipped, and those of the block that are left.
    skip: u64,
    left: u64,
    crc: crc32fast::Hasher,
    blocks: u64,
    drained: bool,
    ratio: Ratio,
    /// Those of the data of blocks.
    limits: Limits,
}

impl EggBlocks {
    /// A file of which nothing was seen.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            next: Next::Header,
            head: Vec::new(),
            block: None,
            decoder: None,
            skip: 0,
            left: 0,
            crc: crc32fast::Hasher::new(),
            blocks: 0,
            drained: true,
            ratio: Ratio::new(limits),
            // What comes out is counted here, over all blocks.
            limits: Limits { ratio_max: u32::MAX, ..limits.clone() },
        }
    }

    /// Takes as much of the header as there is: whether it is over with that.
    fn header(&mut self, input: &mut &[u8]) -> Result<Option<Decoded>, Unscannable> {
        loop {
            let want = match Block::read(&self.head) {
                Ok(None) => return Ok(Some(Decoded::End)),
                Ok(Some(block)) => {
                    self.begin(block)?;
                    return Ok(None);
                }
                Err(want) if want > HEADER_BYTES_MAX => return Err(Unscannable::Malformed),
                Err(want) => want,
            };
            if input.is_empty() {
                return Ok(Some(Decoded::More));
            }
            // What is no block is told by its first bytes.
            let want = if self.head.len() < BLOCK.len() { self.head.len() + 1 } else { want };
            let n = (want - self.head.len()).min(input.len());
            let (piece, rest) = input.split_at_checked(n).unwrap_or((input, &[]));
            self.head.extend_from_slice(piece);
            *input = rest;
        }
    }

    fn begin(&mut self, block: Block) -> Result<(), Unscannable> {
        if self.blocks > BLOCKS_MAX + self.ratio.packed() / BYTES_PER_BLOCK {
            return Err(Unscannable::WorkExceeded);
        }
        self.blocks += 1;
        self.head.clear();
        self.decoder = Some(block.decoder(&self.limits)?);
        self.crc = crc32fast::Hasher::new();
        self.left = block.packed.into();
        self.skip = if block.method == 4 { LZMA_START_BYTES.into() } else { 0 };
        self.block = Some(block);
        self.next = Next::Skip;
        Ok(())
    }

    /// Passes over what is no data.
    fn pass(&mut self, input: &mut &[u8]) -> Option<Decoded> {
        let n = usize::try_from(self.skip).unwrap_or(usize::MAX).min(input.len());
        *input = input.get(n..).unwrap_or_default();
        (self.skip, self.left) = (self.skip - n as u64, self.left.saturating_sub(n as u64));
        if self.skip > 0 {
            return Some(Decoded::More);
        }
        self.next = self.decoder.take().map_or(Next::Header, Next::Data);
        None
    }

    fn data(
        &mut self,
        input: &mut &[u8],
        out: &mut BytesMut,
    ) -> Result<Option<Decoded>, Unscannable> {
        let Next::Data(data) = &mut self.next else { return Ok(None) };
        let (before, work) = (out.len(), data.work());
        let (used, decoded) = data.run(input, out);
        *input = input.get(used..).unwrap_or_default();
        self.left = self.left.saturating_sub(used as u64);
        let fresh = out.get(before..).unwrap_or_default();
        self.crc.update(fresh);
        match decoded {
            Decoded::More if used == 0 && fresh.is_empty() && data.work() == work => {
                Ok(Some(Decoded::More))
            }
            Decoded::More => Ok(None),
            Decoded::End => {
                let sum = self.crc.clone().finalize();
                if self.block.is_some_and(|block| block.crc != sum) {
                    return Err(Unscannable::Malformed);
                }
                (self.skip, self.next) = (self.left, Next::Skip);
                Ok(None)
            }
            Decoded::Foreign { .. } => Err(Unscannable::Malformed),
            Decoded::Failed(reason) => Err(reason),
        }
    }
}

impl Transform for EggBlocks {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let input = self.ratio.of_step(input, self.drained);
        let (before, mut rest) = (out.len(), input);
        let decoded = loop {
            let step = match self.next {
                Next::Header => self.header(&mut rest),
                Next::Data(_) => self.data(&mut rest, out),
                Next::Skip => Ok(self.pass(&mut rest)),
            };
            self.drained = matches!(step, Ok(Some(_)));
            match step {
                Ok(None) if out.len() - before < WINDOW => {}
                Ok(None) => break Decoded::More,
                Ok(Some(decoded)) => break decoded,
                Err(reason) => break Decoded::Failed(reason),
            }
        };
        let used = input.len() - rest.len();
        match self.ratio.add(used, out.len() - before, out) {
            Ok(()) => (used, decoded),
            Err(reason) => (used, Decoded::Failed(reason)),
        }
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        match &mut self.next {
            Next::Header if self.head.is_empty() => Ok(()),
            Next::Data(data) => {
                // What is there of a block that is cut is shown.
                let _ = data.finish(out);
                Err(Unscannable::Malformed)
            }
            Next::Header | Next::Skip => Err(Unscannable::Malformed),
        }
    }

    fn is_drained(&self) -> bool {
        self.drained
    }

    fn lag(&self) -> usize {
        let inside = if let Next::Data(data) = &self.next { data.lag() } else { 0 };
        inside + self.head.len()
    }

    fn expands(&self) -> bool {
        true
    }

    fn is_checked(&self) -> bool {
        false
    }

    fn work(&self) -> u64 {
        self.ratio.work()
    }

    fn unread(&self) -> &[u8] {
        &self.head
    }

    fn memory_max(&self) -> usize {
        self.limits.window_bytes_max + HEADER_BYTES_MAX + (64 << 10)
    }
}
