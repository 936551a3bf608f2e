//! Microsoft Cabinet files ([MS-CAB]), stored or packed by MSZIP, Quantum or LZX. Gathered, as the list of files
//! stands before the data and names them by folder.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use gateway_inspect::Unscannable;

use super::Member;
use super::headed::Headed;
use super::sliced::{Slice, Sliced};
use crate::Limits;
use crate::allowance::Allowance;
use crate::coding::decoder::{Decoded, Decoder};
use crate::coding::held::HeldThrough;
use crate::coding::inflate::{Inflate, InflateState, Wrapper};
use crate::coding::lzx::LzxFrames;
use crate::coding::quantum::{FRAME_END, Quantum};
use crate::coding::stepped::{Sizes, Stepped};
use crate::coding::transform::Transform;

const SIGNATURE: &[u8] = b"MSCF";
/// Bytes before what varies.
const HEADER_BYTES: usize = 36;
/// Bytes of the header of a block, before what is reserved.
const BLOCK_BYTES: usize = 8;
/// Bytes that are read in the time that an empty block takes.
const BLOCK_COST: usize = 64;
/// Bytes of an entry of the list of folders, before what is reserved.
const FOLDER_BYTES: usize = 8;
const PREVIOUS: u16 = 1;
const NEXT: u16 = 2;
const RESERVES: u16 = 4;
/// Windows of Quantum, as powers of two.
const QUANTUM_BITS: std::ops::RangeInclusive<u32> = 10..=21;

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u16::from_le_bytes(*b))
}

fn u32_at(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u32::from_le_bytes(*b) as usize)
}

/// A cabinet of which all is there.
pub(crate) struct Cab {
    bytes: Bytes,
    folders: VecDeque<Folder>,
    allowance: Allowance,
    failed: Option<Unscannable>,
}

struct Folder {
    at: usize,
    blocks: u16,
    method: u16,
    reserve: usize,
    /// Where each file begins in the unpacked folder.
    files: Vec<(u64, Slice)>,
}

impl Folder {
    /// Bytes of its files.
    fn size(&self) -> u64 {
        self.files.iter().map(|(at, slice)| at + slice.size).max().unwrap_or(0)
    }

    /// Size of the window that it is unpacked in, as a power of two.
    fn window_bits(&self) -> u32 {
        u32::from(self.method >> 8 & 31)
    }
}

impl Cab {
    /// Reads the lists of folders and files.
    pub(crate) fn open(bytes: Bytes) -> Result<Self, Unscannable> {
        if !bytes.starts_with(SIGNATURE) || bytes.len() < HEADER_BYTES {
            return Err(Unscannable::Malformed);
        }
        let (folders, files, flags) = (u16_at(&bytes, 26), u16_at(&bytes, 28), u16_at(&bytes, 30));
        let mut at = HEADER_BYTES;
        let (mut folder_reserve, mut reserve) = (0, 0);
        if flags & RESERVES != 0 {
            folder_reserve = usize::from(bytes.get(at + 2).copied().unwrap_or(0));
            reserve = usize::from(bytes.get(at + 3).copied().unwrap_or(0));
            at += 4 + usize::from(u16_at(&bytes, at));
        }
        for _ in 0..2 * (u16::count_ones(flags & (PREVIOUS | NEXT))) {
            at = string_end(&bytes, at).ok_or(Unscannable::Malformed)?;
        }
        let allowance = Allowance::new(bytes.len());
        let mut cabinet = Self { folders: VecDeque::new(), allowance, failed: None, bytes };
        let bytes = &cabinet.bytes;
        for _ in 0..folders {
            if bytes.len() < at + FOLDER_BYTES {
                cabinet.failed = Some(Unscannable::Malformed);
                break;
            }
            cabinet.folders.push_back(Folder {
                at: u32_at(bytes, at),
                blocks: u16_at(bytes, at + 4),
                method: u16_at(bytes, at + 6),
                reserve,
                files: Vec::new(),
            });
            at += FOLDER_BYTES + folder_reserve;
        }
        let mut at = u32_at(bytes, 16);
        for _ in 0..files {
            let name = at + 16;
            let end = string_end(bytes, name).ok_or(Unscannable::Malformed)?;
            let slice = Slice {
                name: bytes.get(name..end - 1).unwrap_or_default().to_vec(),
                size: u32_at(bytes, at) as u64,
            };
            match cabinet.folders.get_mut(usize::from(u16_at(bytes, at + 8))) {
                Some(folder) => folder.files.push((u32_at(bytes, at + 4) as u64, slice)),
                // It goes on in another cabinet, or began in one.
                None => cabinet.failed = Some(Unscannable::Unsupported),
            }
            at = end;
        }
        Ok(cabinet)
    }

    pub(crate) fn failed(&self) -> Option<Unscannable> {
        self.failed
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The next folder, whose files are its members.
    pub(crate) fn next_member(&mut self, limits: &Limits) -> Option<Member> {
        let mut folder = self.folders.pop_front()?;
        if !self.pay(&folder) {
            // Folders share blocks over and over.
            self.failed = Some(Unscannable::WorkExceeded);
            self.folders.clear();
            return None;
        }
        let decoder = match folder.method & 15 {
            0 | 1 => {
                let bytes = self.bytes.slice(folder.at.min(self.bytes.len())..);
                let blocks = Blocks::new(&folder, limits);
                Ok(Decoder::Other(Box::new(HeldThrough::new(bytes, vec![Box::new(blocks)]))))
            }
            2 => self.quantum(&folder, limits),
            3 => self.lzx(&folder, limits),
            _ => Err(Unscannable::Unsupported),
        };
        folder.files.sort_by_key(|(at, _)| *at);
        let mut end = 0;
        for (at, slice) in &folder.files {
            if *at != end {
                // Files that share bytes, or a gap between them.
                self.failed = Some(Unscannable::Contradiction);
            }
            end = at + slice.size;
        }
        let slices = folder.files.into_iter().map(|(_, slice)| slice).collect();
        let member = Member::stream("cab", Vec::new(), Decoder::Stored { left: 0 });
        // Of what cannot be unpacked there are no files.
        let inner = decoder.is_ok();
        let inner = inner.then(|| Box::new(Sliced::new("cab", slices)) as Box<dyn Headed>);
        Some(Member { decoder, from: Some(0), inner, ..member })
    }
}

impl Cab {
    /// Counts the blocks of a folder as read: whether they may be.
    fn pay(&self, folder: &Folder) -> bool {
        let mut at = folder.at;
        for _ in 0..folder.blocks {
            let Some(head) = self.bytes.get(at..).and_then(|rest| rest.get(..BLOCK_BYTES)) else {
                break;
            };
            let bytes = BLOCK_BYTES + folder.reserve + usize::from(u16_at(head, 4));
            // What a block costs however small it is.
            if !self.allowance.take(bytes.max(BLOCK_COST)) {
                return false;
            }
            at += bytes;
        }
        true
    }

    /// A folder packed by LZX: the data of its blocks are one stream.
    fn lzx(&self, folder: &Folder, limits: &Limits) -> Result<Decoder, Unscannable> {
        let lzx = LzxFrames::new(folder.window_bits(), None, folder.size(), limits)?;
        Ok(self.blocks_through(folder, Box::new(lzx), limits))
    }

    /// A folder packed by Quantum: the data of its blocks are one stream, with marks between.
    fn quantum(&self, folder: &Folder, limits: &Limits) -> Result<Decoder, Unscannable> {
        if !QUANTUM_BITS.contains(&folder.window_bits()) {
            return Err(Unscannable::Unsupported);
        }
        let sizes = Sizes { packed: None, unpacked: folder.size() };
        let quantum = Stepped::new(Quantum::new(folder.window_bits()), sizes, limits);
        Ok(self.blocks_through(folder, Box::new(quantum), limits))
    }

    /// The blocks of a folder through what unpacks them.
    fn blocks_through(
        &self,
        folder: &Folder,
        unpacking: Box<dyn Transform>,
        limits: &Limits,
    ) -> Decoder {
        let bytes = self.bytes.slice(folder.at.min(self.bytes.len())..);
        let stages: Vec<Box<dyn Transform>> =
            vec![Box::new(Blocks::new(folder, limits)), unpacking];
        Decoder::Other(Box::new(HeldThrough::new(bytes, stages)))
    }
}

/// Where the string at `at` ends, its zero included.
fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    bytes.get(at..).and_then(|rest| memchr::memchr(0, rest)).map(|len| at + len + 1)
}

/// The data blocks of a folder.
struct Blocks {
    inflate: Option<Inflate>,
    /// What is put behind each block, if anything.
    mark: Option<u8>,
    left: u16,
    reserve: usize,
    head: Vec<u8>,
    /// Packed bytes of the block at hand that are still to come.
    packed: usize,
    /// Whether a block is being unpacked.
    inside: bool,
    drained: bool,
    work: u64,
}

impl Blocks {
    fn new(folder: &Folder, limits: &Limits) -> Self {
        let inflate = (folder.method & 15 == 1).then(|| Inflate::new(Wrapper::Raw, limits));
        let (left, reserve) = (folder.blocks, folder.reserve);
        Self {
            inflate,
            mark: (folder.method & 15 == 2).then_some(FRAME_END),
            left,
            reserve,
            head: Vec::new(),
            packed: 0,
            inside: false,
            drained: true,
            work: 0,
        }
    }

    /// Bytes before the data of a block: checksum, sizes, what is reserved, and `CK`.
    fn head_bytes(&self) -> usize {
        BLOCK_BYTES + self.reserve + if self.inflate.is_some() { 2 } else { 0 }
    }

    fn end_block(&mut self) {
        self.inside = false;
        self.left -= 1;
        self.head.clear();
    }
}

impl Transform for Blocks {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        if !self.inside {
            if self.left == 0 {
                return (0, Decoded::End);
            }
            let want = self.head_bytes() - self.head.len();
            let piece = input.get(..want).unwrap_or(input);
            self.head.extend_from_slice(piece);
            if self.head.len() < self.head_bytes() {
                return (piece.len(), Decoded::More);
            }
            self.packed = usize::from(u16_at(&self.head, 4));
            self.inside = true;
            if let Some(inflate) = &mut self.inflate {
                if !self.head.ends_with(b"CK") || self.packed < 2 {
                    return (piece.len(), Decoded::Failed(Unscannable::Malformed));
                }
                self.packed -= 2;
                inflate.restart_behind();
            } else if self.packed == 0 {
                self.end_block();
            }
            return (piece.len(), Decoded::More);
        }
        let piece = input.get(..self.packed).unwrap_or(input);
        let Some(inflate) = &mut self.inflate else {
            out.extend_from_slice(piece);
            self.packed -= piece.len();
            if self.packed == 0 {
                out.extend(self.mark);
                self.end_block();
            }
            return (piece.len(), Decoded::More);
        };
        let inflated = inflate.run(piece, out);
        self.work = inflate.work();
        self.packed -= inflated.consumed;
        self.drained = inflate.is_drained();
        match inflated.state {
            InflateState::Failed(reason) => return (inflated.consumed, Decoded::Failed(reason)),
            InflateState::End => {
                // What is left of the block is padding.
                let rest = self.packed.min(piece.len() - inflated.consumed);
                self.packed -= rest;
                self.drained = true;
                if self.packed > 0 {
                    return (inflated.consumed + rest, Decoded::Failed(Unscannable::Malformed));
                }
                self.end_block();
                return (inflated.consumed + rest, Decoded::More);
            }
            InflateState::More if self.packed == 0 && self.drained => {
                return (inflated.consumed, Decoded::Failed(Unscannable::Malformed));
            }
            InflateState::More => {}
        }
        (inflated.consumed, Decoded::More)
    }

    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Unscannable> {
        if self.left == 0 { Ok(()) } else { Err(Unscannable::Malformed) }
    }

    fn is_drained(&self) -> bool {
        self.drained
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.work
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::deflate;

    fn block(content: &[u8]) -> Vec<u8> {
        let packed = deflate(content);
        let mut block = vec![0; 4];
        block.extend_from_slice(&(packed.len() as u16 + 2).to_le_bytes());
        block.extend_from_slice(&(content.len() as u16).to_le_bytes());
        block.extend_from_slice(b"CK");
        block.extend_from_slice(&packed);
        block
    }

    /// A block may unpack to as many bytes as one turn of its decoder yields: its end is told by the next.
    #[test]
    fn blocks_of_mszip_may_be_full() {
        let contents = [vec![0; 32 << 10], b"hello".repeat(1_000), vec![1; 32 << 10]];
        let blocks: Vec<Vec<u8>> = contents.iter().map(|content| block(content)).collect();
        for count in 1..=3 {
            let folder =
                Folder { at: 0, blocks: count as u16, method: 1, reserve: 0, files: Vec::new() };
            let decoder = Box::new(Blocks::new(&folder, &Limits::default()));
            let mut held = HeldThrough::new(blocks[..count].concat().into(), vec![decoder]);
            let mut out = BytesMut::new();
            let end = loop {
                match held.run(&[], &mut out).1 {
                    Decoded::More => {}
                    end => break end,
                }
            };
            assert_eq!(end, Decoded::End, "{count} blocks");
            assert!(out == contents[..count].concat(), "{count} blocks");
        }
    }
}
