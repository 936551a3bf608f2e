//! Images of whole disks: their partitions by the tables of PCs (MBR with the chain of logical partitions), of UEFI
//! (GPT, chapter 5 of its specification) and of older Macintoshes (Apple Partition Map), each with what lies between
//! them, as it comes. What is in a partition is told by that itself.

use std::collections::BTreeMap;

use gateway_inspect::Unscannable;

use super::Member;
use super::headed::{Entry, Head, Headed, u16_at, u32_at};
use super::iso::SIGNATURE_AT;
use super::udf;
use crate::Limits;
use crate::coding::decoder::Decoder;

/// Bytes of a sector, where nothing else is said.
const SECTOR: usize = 512;
/// Bytes that tell of partitions: beside these all tables stand that are read.
const HEAD_BYTES: usize = SIGNATURE_AT as usize + udf::ID_BYTES + 2;
/// What a first sector ends with, and where.
const BOOT: &[u8] = b"\x55\xaa";
const BOOT_AT: usize = 510;
/// Where its four entries are.
const ENTRIES_AT: usize = 446;
const ENTRY_BYTES: usize = 16;
/// Types of partitions that are none: such as have others in them, and those of which a GPT tells.
const EXTENDED: [u8; 3] = [0x05, 0x0f, 0x85];
const PROTECTIVE: u8 = 0xee;
const GPT: &[u8] = b"EFI PART";
const GPT_BYTES_MIN: usize = 92;
/// What a map of Apple's begins with, and each of its entries.
const APPLE: &[u8] = b"ER";
const APPLE_ENTRY: &[u8] = b"PM\0\0";
/// Entries of a table, and links of a chain.
const ENTRIES_MAX: usize = 1_024;
const LINKS_MAX: usize = 128;
/// What lies between partitions.
const SLACK: &[u8] = b"slack";

/// An entry of the table of a PC.
struct PcEntry {
    kind: u8,
    start: u32,
    sectors: u32,
}

/// The entries of a first sector that are used, by their place in it, if it has such a table.
fn pc_entries(sector: &[u8]) -> Option<Vec<(usize, PcEntry)>> {
    let table = sector.get(ENTRIES_AT..BOOT_AT)?;
    let is_sound = table.chunks(ENTRY_BYTES).all(|entry| matches!(entry.first(), Some(0 | 0x80)));
    if !is_sound || sector.get(BOOT_AT..SECTOR) != Some(BOOT) {
        return None;
    }
    let entries = table.chunks(ENTRY_BYTES).enumerate().map(|(at, entry)| {
        let kind = entry.get(4).copied().unwrap_or(0);
        (at, PcEntry { kind, start: u32_at(entry, 8), sectors: u32_at(entry, 12) })
    });
    Some(entries.filter(|(_, entry)| entry.kind != 0).collect())
}

/// Whether a file that begins with this sector is an image of a disk.
pub(crate) fn is_disk(sector: &[u8]) -> bool {
    if sector.starts_with(APPLE) {
        let size = sector.get(2..4);
        return matches!(size, Some([2 | 4 | 8 | 16, 0])) && sector.len() >= SECTOR;
    }
    let is_sound = |(_, entry): &(usize, PcEntry)| entry.start > 0 && entry.sectors > 0;
    pc_entries(sector).is_some_and(|entries| !entries.is_empty() && entries.iter().all(is_sound))
}

/// What is expected at a place.
enum Expected {
    Partition {
        number: usize,
        bytes: u64,
    },
    /// A sector that tells of a logical partition, and of the next such sector.
    Link {
        number: usize,
    },
}

/// The format.
#[derive(Default)]
pub(crate) struct Disk {
    /// Where the next byte stands in the image, once the tables are read.
    at: Option<u64>,
    pending: BTreeMap<u64, Expected>,
    /// Where the first of the sectors of logical partitions stands.
    chain_at: u64,
    failed: Option<Unscannable>,
}

fn be(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u32::from_be_bytes(*b)).into()
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

impl Disk {
    fn fail(&mut self, reason: Unscannable) {
        self.failed = Some(self.failed.map_or(reason, |old| old.min(reason)));
    }

    fn expect(&mut self, place: u64, expected: Expected) {
        if place < self.at.unwrap_or(0).max(1) {
            return self.fail(Unscannable::Contradiction);
        }
        if let (Some(Expected::Partition { bytes: known, .. }), Expected::Partition { bytes, .. }) =
            (self.pending.get(&place), &expected)
            && known == bytes
        {
            // Two tables tell of it.
            return;
        }
        if self.pending.insert(place, expected).is_some() {
            self.fail(Unscannable::Contradiction);
        }
    }

    fn partition(&mut self, number: usize, start: u64, sectors: u64, sector: u64) {
        let (place, bytes) = (start.checked_mul(sector), sectors.checked_mul(sector));
        match (place, bytes) {
            (Some(place), Some(bytes)) if bytes > 0 => {
                self.expect(place, Expected::Partition { number, bytes });
            }
            (Some(_), Some(_)) => {}
            _ => self.fail(Unscannable::Malformed),
        }
    }

    /// Reads the tables at the start of the image.
    fn read_tables(&mut self, head: &[u8]) {
        if head.starts_with(APPLE) {
            self.read_apple(head);
        }
        let entries = pc_entries(head).unwrap_or_default();
        let is_protective = entries.iter().any(|(_, entry)| entry.kind == PROTECTIVE);
        let gpt = [512, 4_096].into_iter().find_map(|sector: usize| {
            let header = head.get(sector..sector + GPT_BYTES_MIN)?;
            header.starts_with(GPT).then_some((sector, header))
        });
        let sector = match gpt {
            Some((sector, header)) if is_protective => {
                self.read_gpt(head, header, sector);
                sector as u64
            }
            None if is_protective => {
                // There may be another at the end.
                self.fail(Unscannable::Malformed);
                SECTOR as u64
            }
            _ => SECTOR as u64,
        };
        for (at, PcEntry { kind, start, sectors }) in entries {
            match kind {
                PROTECTIVE => {}
                kind if EXTENDED.contains(&kind) => {
                    self.chain_at = u64::from(start) * sector;
                    self.expect(self.chain_at, Expected::Link { number: 5 });
                }
                _ => self.partition(at + 1, start.into(), sectors.into(), sector),
            }
        }
    }

    fn read_gpt(&mut self, head: &[u8], header: &[u8], sector: usize) {
        let table =
            usize::try_from(u64_at(header, 72)).unwrap_or(usize::MAX).saturating_mul(sector);
        let (count, bytes) = (u32_at(header, 80) as usize, u32_at(header, 84) as usize);
        let len = count.saturating_mul(bytes);
        let Some(table) = head.get(table..table.saturating_add(len)) else {
            return self.fail(Unscannable::Unsupported);
        };
        let header_bytes = (u32_at(header, 12) as usize).clamp(GPT_BYTES_MIN, SECTOR);
        let mut summed = head.get(sector..sector + header_bytes).unwrap_or(header).to_vec();
        if let Some(sum) = summed.get_mut(16..20) {
            sum.fill(0);
        }
        let is_sound = crc32fast::hash(&summed) == u32_at(header, 16)
            && crc32fast::hash(table) == u32_at(header, 88);
        if !is_sound || bytes < 128 {
            // Readers go by the one at the end then.
            self.fail(Unscannable::Contradiction);
        }
        if count > ENTRIES_MAX {
            self.fail(Unscannable::TooMany);
        }
        for (at, entry) in table.chunks(bytes.max(128)).enumerate().take(ENTRIES_MAX) {
            let (first, last) = (u64_at(entry, 32), u64_at(entry, 40));
            if entry.get(..16).is_some_and(|kind| kind.iter().any(|byte| *byte != 0)) {
                let sectors = last.saturating_add(1).saturating_sub(first);
                self.partition(at + 1, first, sectors, sector as u64);
            }
        }
    }

    fn read_apple(&mut self, head: &[u8]) {
        let told = usize::from(u16_at(head, 2).swap_bytes());
        let is_entry = |at: usize| head.get(at..).is_some_and(|e| e.starts_with(APPLE_ENTRY));
        let Some(block) = [SECTOR, told].into_iter().find(|block| is_entry(*block)) else { return };
        let count = be(head, block + 4) as usize;
        for number in 1..=count {
            let entry = head.get(number.saturating_mul(block)..).unwrap_or_default();
            if entry.len() < SECTOR || number > ENTRIES_MAX {
                return self.fail(Unscannable::TooMany);
            }
            let kind = entry.get(48..80).unwrap_or_default();
            let is_free = [&b"Apple_partition_map"[..], b"Apple_Free"]
                .iter()
                .any(|name| kind.starts_with(name));
            if !entry.starts_with(APPLE_ENTRY) {
                self.fail(Unscannable::Malformed);
            } else if !is_free {
                self.partition(number, be(entry, 8), be(entry, 12), block as u64);
            }
        }
    }

    /// The sector of a logical partition.
    fn read_link(&mut self, here: u64, number: usize, sector: &[u8]) {
        let Some(entries) = pc_entries(sector) else {
            return self.fail(Unscannable::Malformed);
        };
        for (_, PcEntry { kind, start, sectors }) in entries {
            let start = u64::from(start);
            if !EXTENDED.contains(&kind) {
                let place = here / SECTOR as u64 + start;
                self.partition(number, place, sectors.into(), SECTOR as u64);
            } else if number > LINKS_MAX {
                self.fail(Unscannable::TooMany);
            } else {
                let place = self.chain_at.saturating_add(start * SECTOR as u64);
                self.expect(place, Expected::Link { number: number + 1 });
            }
        }
    }

    fn member(name: Vec<u8>, bytes: Option<u64>) -> Head {
        let decoder = Decoder::Stored { left: bytes.unwrap_or(u64::MAX) };
        let member = Member::stream("disk", name, decoder);
        let member = Member { size: bytes, packed_size: bytes, ..member };
        Head::Member(Box::new(Entry { bytes: 0, packed: bytes, behind: 0, crc: None, member }))
    }

    fn next(&mut self, at: u64, head: &[u8]) -> Head {
        let Some((place, expected)) = self.pending.pop_first() else {
            // Whatever follows the last.
            return if head.is_empty() {
                Head::Need(1)
            } else {
                Self::member(SLACK.to_vec(), None)
            };
        };
        if place > at {
            self.at = Some(place);
            self.pending.insert(place, expected);
            return Self::member(SLACK.to_vec(), Some(place - at));
        }
        if place < at {
            // Partitions that share bytes.
            self.fail(Unscannable::Contradiction);
            return Head::Skip { bytes: 0, skip: 0 };
        }
        match expected {
            Expected::Partition { number, bytes } => {
                self.at = Some(at.saturating_add(bytes));
                Self::member(number.to_string().into_bytes(), Some(bytes))
            }
            Expected::Link { number } => {
                let Some(sector) = head.get(..SECTOR) else {
                    self.pending.insert(place, Expected::Link { number });
                    return Head::Need(SECTOR);
                };
                self.at = Some(at + SECTOR as u64);
                self.read_link(at, number, sector);
                Head::Skip { bytes: SECTOR, skip: 0 }
            }
        }
    }
}

impl Headed for Disk {
    fn read(&mut self, head: &[u8], _: &Limits) -> Head {
        if let Some(at) = self.at {
            return self.next(at, head);
        }
        if head.len() < HEAD_BYTES {
            return Head::Need(HEAD_BYTES);
        }
        let id = head.get(SIGNATURE_AT as usize..).and_then(|id| id.get(..udf::ID_BYTES));
        if id.is_some_and(|id| id == b"CD001" || udf::is_descriptor(id)) {
            // It is one of an optical disc, of which partitions show the same or what boots it.
            return Head::End(0);
        }
        self.read_tables(head);
        self.at = Some(SECTOR as u64);
        if self.pending.is_empty() {
            return Head::End(0);
        }
        Head::Skip { bytes: SECTOR, skip: 0 }
    }

    fn may_end(&self) -> bool {
        self.at.is_some() && self.pending.is_empty()
    }

    /// A first sector by itself, of which the partitions are elsewhere.
    fn is_nothing(&self, whole: &[u8]) -> bool {
        let entries = pc_entries(whole).unwrap_or_default();
        let is_elsewhere = |(_, entry): &(usize, PcEntry)| match entry.kind {
            PROTECTIVE => whole.len() <= 2 * SECTOR,
            _ => u64::from(entry.start) * SECTOR as u64 >= whole.len() as u64,
        };
        let is_map = whole.get(SECTOR..).is_some_and(|next| next.starts_with(APPLE_ENTRY));
        self.at.is_none() && !is_map && entries.iter().all(is_elsewhere)
    }

    fn head_bytes_max(&self) -> usize {
        HEAD_BYTES
    }

    fn failed(&self) -> Option<Unscannable> {
        self.failed
    }
}
