//! Universal programs of macOS (`<mach-o/fat.h>`): one program for each kind of processor, by a table at
//! the start.

use std::collections::VecDeque;

use gateway_inspect::Unscannable;

use super::Member;
use super::headed::{Entry, Head, Headed};
use crate::Limits;
use crate::coding::decoder::Decoder;

/// What they begin with, by the width of offsets.
const MAGIC: &[u8] = b"\xca\xfe\xba\xbe";
const MAGIC_64: &[u8] = b"\xca\xfe\xba\xbf";
/// Bytes before the table, and of its entries.
const HEAD_BYTES: usize = 8;
const ENTRY_BYTES: usize = 20;
const ENTRY_BYTES_64: usize = 32;
/// Programs, at the most. With more it is a class of Java.
const PROGRAMS_MAX: usize = 44;
/// What lies between programs.
const SLACK: &[u8] = b"slack";

/// Whether a file that begins with `first` is one.
pub(crate) fn is_universal(first: &[u8]) -> bool {
    first.starts_with(MAGIC) || first.starts_with(MAGIC_64)
}

/// The format.
#[derive(Default)]
pub(crate) struct Universal {
    /// What is to come: names and lengths, in the order of the file.
    pieces: Option<VecDeque<(Vec<u8>, u64)>>,
    failed: Option<Unscannable>,
}

impl Headed for Universal {
    fn read(&mut self, head: &[u8], _: &Limits) -> Head {
        let Some(pieces) = &mut self.pieces else {
            let count = number(head, 4, 4) as usize;
            let is_wide = head.starts_with(MAGIC_64);
            let entry_bytes = if is_wide { ENTRY_BYTES_64 } else { ENTRY_BYTES };
            if head.len() < HEAD_BYTES {
                return Head::Need(HEAD_BYTES);
            }
            if count > PROGRAMS_MAX {
                (self.pieces, self.failed) = (Some(VecDeque::new()), Some(Unscannable::Malformed));
                return Head::Skip { bytes: HEAD_BYTES, skip: 0 };
            }
            let bytes = HEAD_BYTES + count * entry_bytes;
            let Some(table) = head.get(HEAD_BYTES..bytes) else { return Head::Need(bytes) };
            self.lay_out(table.chunks_exact(entry_bytes), bytes as u64);
            return Head::Skip { bytes, skip: 0 };
        };
        let (name, size) = match pieces.pop_front() {
            Some((name, size)) => (name, Some(size)),
            None if head.is_empty() => return Head::Need(1),
            // Whatever follows the last.
            None => (SLACK.to_vec(), None),
        };
        let decoder = Decoder::Stored { left: size.unwrap_or(u64::MAX) };
        let member = Member::stream("macho", name, decoder);
        let member = Member { size, packed_size: size, ..member };
        Head::Member(Box::new(Entry { bytes: 0, packed: size, behind: 0, crc: None, member }))
    }

    fn may_end(&self) -> bool {
        self.pieces.as_ref().is_some_and(VecDeque::is_empty)
    }

    fn failed(&self) -> Option<Unscannable> {
        self.failed
    }
}

impl Universal {
    /// Puts programs, and what lies between them, in the order of the file, of which the table ends at
    /// `start`.
    fn lay_out<'a>(&mut self, entries: impl Iterator<Item = &'a [u8]>, start: u64) {
        let mut programs: Vec<(u64, u64, Vec<u8>)> = entries
            .map(|entry| {
                let name = name(number(entry, 0, 4));
                match entry.len() {
                    ENTRY_BYTES => (number(entry, 8, 4), number(entry, 12, 4), name),
                    _ => (number(entry, 8, 8), number(entry, 16, 8), name),
                }
            })
            .collect();
        programs.sort();
        let mut pieces = VecDeque::new();
        let mut at = start;
        for (from, size, name) in programs.into_iter().filter(|(_, size, _)| *size > 0) {
            let (Some(gap), Some(end)) = (from.checked_sub(at), from.checked_add(size)) else {
                // Programs that share bytes. What the later ones have besides is slack.
                self.failed = Some(Unscannable::Contradiction);
                continue;
            };
            if gap > 0 {
                pieces.push_back((SLACK.to_vec(), gap));
            }
            pieces.push_back((name, size));
            at = end;
        }
        self.pieces = Some(pieces);
    }
}

/// The name of a kind of processor, or its number.
fn name(processor: u64) -> Vec<u8> {
    let name = match processor {
        7 => "i386",
        12 => "arm",
        18 => "ppc",
        0x0100_0007 => "x86_64",
        0x0100_000c => "arm64",
        0x0100_0012 => "ppc64",
        0x0200_000c => "arm64_32",
        other => return other.to_string().into_bytes(),
    };
    name.as_bytes().to_vec()
}

/// The bytes at `at` as a number, the highest first.
fn number(bytes: &[u8], at: usize, width: usize) -> u64 {
    let bytes = bytes.get(at..at + width).unwrap_or_default();
    bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}
