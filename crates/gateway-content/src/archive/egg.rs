//! EGG archives (as ALZip writes them; ESTsoft's specification of the format, version 1.0): files of one or more
//! blocks, each stored or packed by deflate, bzip2 or LZMA. A solid archive has the blocks of all files behind
//! their headers: what these unpack to is a part, of which the files are parts. ALZip's own method, AZO, is
//! `Unsupported`.

use gateway_inspect::Unscannable;

use super::Member;
use super::headed::{Entry, Head, Headed, u16_at, u32_at};
use super::sliced::{Slice, Sliced};
use crate::Limits;
use crate::coding::decoder::Decoder;
use crate::coding::egg_blocks::{BLOCK, Block, END, EggBlocks, field_end};

const SIGNATURE: &[u8] = b"EGGA";
const FILE: [u8; 4] = 0x0a85_90e3_u32.to_le_bytes();
const NAME: [u8; 4] = 0x0a85_91ac_u32.to_le_bytes();
const COMMENT: [u8; 4] = 0x04c6_3672_u32.to_le_bytes();
const ENCRYPTED: [u8; 4] = 0x08d1_470f_u32.to_le_bytes();
const ALL_ENCRYPTED: [u8; 4] = 0x08d1_44a8_u32.to_le_bytes();
/// Fills up a volume.
const DUMMY: [u8; 4] = 0x0746_3307_u32.to_le_bytes();
const SOLID: [u8; 4] = 0x24e5_a060_u32.to_le_bytes();
const SPLIT: [u8; 4] = 0x24f5_a262_u32.to_le_bytes();
const SIGNATURE_BYTES: usize = 4;
/// Signature, version, a number, zero.
const HEADER_BYTES: usize = 14;
/// Signature, a number, the size.
const FILE_BYTES: usize = 16;
/// A field with the numbers of the volumes before and behind.
const SPLIT_BYTES: usize = 15;
/// Flags of a name: its code page stands before it, or the number of the folder that it is in.
const HAS_CODE_PAGE: u8 = 8;
const IS_RELATIVE: u8 = 16;
/// Fields of an archive, or of a file, at the most: a few are in use. More: `TooMany`.
const FIELDS_MAX: u32 = 1_024;
/// What is kept of files of a solid archive, at the most: their names and this for each. More: `TooMany`.
const SLICES_BYTES_MAX: usize = 1 << 20;
const SLICE_BYTES: usize = 64;

/// The format.
#[derive(Default)]
pub(crate) struct Egg {
    next: Next,
    is_solid: bool,
    are_encrypted: bool,
    file: File,
    /// Fields that were met of what is read.
    fields: u32,
    /// Whether the data of the file that was met last are not read.
    is_refused: bool,
    /// Files of a solid archive whose data are to come, and how much of them is kept.
    slices: Vec<Slice>,
    slices_bytes: usize,
    failed: Option<Unscannable>,
}

/// What comes next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Next {
    #[default]
    Header,
    /// What is told of the archive.
    Archive,
    /// Files, or the end.
    Files,
    /// What is told of a file.
    File,
    /// The blocks of the file.
    Blocks,
}

/// What is told of a file.
#[derive(Default)]
struct File {
    name: Vec<u8>,
    size: u64,
    is_encrypted: bool,
}

impl Headed for Egg {
    fn read(&mut self, head: &[u8], limits: &Limits) -> Head {
        let Some(signature) = head.first_chunk::<SIGNATURE_BYTES>() else {
            return Head::Need(SIGNATURE_BYTES);
        };
        if self.fields > FIELDS_MAX {
            return Head::Broken(Unscannable::TooMany);
        }
        match self.next {
            Next::Header if head.len() < HEADER_BYTES => Head::Need(HEADER_BYTES),
            Next::Header if !head.starts_with(SIGNATURE) => Head::Broken(Unscannable::Malformed),
            Next::Header => self.go_to(Next::Archive, HEADER_BYTES),
            Next::Archive => self.of_archive(*signature, head),
            Next::Files => self.of_files(*signature, head, limits),
            Next::File => self.of_file(*signature, head, limits),
            Next::Blocks => self.blocks(head, limits),
        }
    }

    /// There is a mark of the end.
    fn may_end(&self) -> bool {
        false
    }

    fn kept(&self) -> usize {
        self.slices_bytes
    }

    fn failed(&self) -> Option<Unscannable> {
        self.failed
    }
}

impl Egg {
    fn go_to(&mut self, next: Next, bytes: usize) -> Head {
        self.next = next;
        self.fields = 0;
        Head::Skip { bytes, skip: 0 }
    }

    fn fail(&mut self, reason: Unscannable) {
        self.failed = Some(self.failed.map_or(reason, |old| old.min(reason)));
    }

    /// Passes over a field.
    fn passed(&mut self, head: &[u8]) -> Head {
        match field_end(head, 0) {
            Ok(end) => {
                self.fields += 1;
                let is_wide = head.get(SIGNATURE_BYTES).is_some_and(|flags| flags & 1 == 1);
                let bytes = if is_wide { 9 } else { 7 };
                Head::Skip { bytes, skip: end.saturating_sub(bytes) as u64 }
            }
            Err(need) => Head::Need(need),
        }
    }

    fn of_archive(&mut self, signature: [u8; 4], head: &[u8]) -> Head {
        match signature {
            END => return self.go_to(Next::Files, SIGNATURE_BYTES),
            ALL_ENCRYPTED => self.are_encrypted = true,
            SOLID => self.is_solid = true,
            SPLIT if head.len() < SPLIT_BYTES => return Head::Need(SPLIT_BYTES),
            SPLIT => {
                let [before, behind] = [7, 11].map(|at| u32_at(head, at));
                if before != 0 {
                    // What it begins with is the rest of a file.
                    return Head::Broken(Unscannable::Unsupported);
                }
                if behind != 0 {
                    self.fail(Unscannable::Unsupported);
                }
            }
            // Others may come to be.
            _ => {}
        }
        self.passed(head)
    }

    fn of_files(&mut self, signature: [u8; 4], head: &[u8], limits: &Limits) -> Head {
        match signature {
            FILE if head.len() < FILE_BYTES => Head::Need(FILE_BYTES),
            FILE => {
                let size = u64::from(u32_at(head, 12)) << 32 | u64::from(u32_at(head, 8));
                self.file = File { size, is_encrypted: self.are_encrypted, ..File::default() };
                self.go_to(Next::File, FILE_BYTES)
            }
            BLOCK if self.is_solid && !self.slices.is_empty() => self.blocks(head, limits),
            BLOCK if self.is_refused => match Block::read(head) {
                Ok(Some(block)) => Head::Skip { bytes: block.bytes, skip: block.packed.into() },
                Ok(None) => Head::Broken(Unscannable::Malformed),
                Err(need) => Head::Need(need),
            },
            COMMENT | DUMMY => self.passed(head),
            END => Head::End(SIGNATURE_BYTES),
            _ => Head::Broken(Unscannable::Malformed),
        }
    }

    fn of_file(&mut self, signature: [u8; 4], head: &[u8], limits: &Limits) -> Head {
        match signature {
            NAME => match field_end(head, 0) {
                Ok(end) if head.len() >= end => {
                    self.fields += 1;
                    self.file.name = name(head.get(..end).unwrap_or_default());
                    Head::Skip { bytes: end, skip: 0 }
                }
                Ok(need) | Err(need) => Head::Need(need),
            },
            ENCRYPTED => {
                self.file.is_encrypted = true;
                self.passed(head)
            }
            END if self.is_solid => {
                self.slice(limits);
                self.go_to(Next::Files, SIGNATURE_BYTES)
            }
            END => self.go_to(Next::Blocks, SIGNATURE_BYTES),
            _ => self.passed(head),
        }
    }

    /// Notes a file of a solid archive.
    fn slice(&mut self, limits: &Limits) {
        let File { mut name, size, is_encrypted } = std::mem::take(&mut self.file);
        self.are_encrypted |= is_encrypted;
        name.truncate(limits.name_bytes_max);
        let bytes = self.slices_bytes + SLICE_BYTES + name.len();
        if size == 0 {
            return;
        }
        if bytes > SLICES_BYTES_MAX {
            self.fail(Unscannable::TooMany);
            // Where those begin that follow is not known any more.
            self.slices_bytes = SLICES_BYTES_MAX;
            return;
        }
        self.slices_bytes = bytes;
        self.slices.push(Slice { name, size });
    }

    /// At the blocks of the file, or of all files, if there are any.
    fn blocks(&mut self, head: &[u8], limits: &Limits) -> Head {
        let block = match Block::read(head) {
            Ok(block) => block,
            Err(need) => return Head::Need(need),
        };
        self.next = Next::Files;
        let Some(Block { bytes, method, packed, .. }) = block else {
            if self.file.size > 0 {
                self.fail(Unscannable::Malformed);
            }
            return Head::Skip { bytes: 0, skip: 0 };
        };
        let File { name, size, is_encrypted } = std::mem::take(&mut self.file);
        let encrypted = is_encrypted || self.are_encrypted;
        let refusal = match method {
            _ if encrypted => Some(Unscannable::Encrypted),
            0..=2 | 4 => None,
            _ => Some(Unscannable::Unsupported),
        };
        self.is_refused = refusal.is_some();
        let slices = std::mem::take(&mut self.slices);
        let is_solid = std::mem::take(&mut self.slices_bytes) > 0;
        let decoder = Decoder::Other(Box::new(EggBlocks::new(limits)));
        let mut member = Member { encrypted, ..Member::stream("egg", name, decoder) };
        if is_solid && refusal.is_none() {
            member.inner = Some(Box::new(Sliced::new("egg", slices)));
        } else if !is_solid {
            member.size = Some(size);
        }
        let (bytes, packed) = match refusal {
            Some(reason) => {
                member.decoder = Err(reason);
                (bytes, Some(packed.into()))
            }
            None => (0, None),
        };
        Head::Member(Box::new(Entry { bytes, packed, behind: 0, crc: None, member }))
    }
}

/// The name that a field has, in UTF-8 where its code page is known.
fn name(field: &[u8]) -> Vec<u8> {
    let flags = field.get(SIGNATURE_BYTES).copied().unwrap_or(0);
    let mut at = if flags & 1 == 1 { 9 } else { 7 };
    let mut code_page = None;
    if flags & HAS_CODE_PAGE != 0 {
        code_page = match u16_at(field, at) {
            932 => Some(encoding_rs::SHIFT_JIS),
            949 => Some(encoding_rs::EUC_KR),
            _ => None,
        };
        at += 2;
    }
    if flags & IS_RELATIVE != 0 {
        at += 4;
    }
    let name = field.get(at..).unwrap_or_default();
    match code_page {
        Some(code_page) => code_page.decode(name).0.into_owned().into_bytes(),
        None => name.to_vec(),
    }
}
