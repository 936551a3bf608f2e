//! Compiled scripts of AutoIt 3, as they stand behind its interpreter: the script and the files that
//! it brings. What covers them is no secret; a password of the author's covers nothing.

use gateway_inspect::Unscannable;

use super::Member;
use super::headed::{Entry, Head, Headed, u32_at};
use crate::Limits;
use crate::coding::autoit::{AutoIt, Version};
use crate::coding::decoder::Decoder;
use crate::coding::keyed::{Keyed, Keys, Lagged, Plain, Twister};
use crate::coding::stepped::{Sizes, Stepped};
use crate::coding::transform::Transform;

/// What begins it, up to its version.
pub(crate) const SIGNATURE: &[u8] =
    b"\xa3\x48\x4b\xbe\x98\x6c\x4a\xa9\x99\x4c\x53\x0a\x86\xd6\x48\x7dAU3!EA0";
/// Signature with version, and the bytes of a checksum.
const START_BYTES: usize = 24 + 16;
/// Bytes of an entry behind its names: how it is packed, sizes, checksum, two times.
const ENTRY_BYTES: usize = 13 + 16;
/// The longest name, in characters.
const NAME_MAX: usize = 4 << 10;

/// The numbers by which the fields of a version are covered.
struct Masks {
    magic: u32,
    names: [(u32, u32); 2],
    size: u32,
    width: usize,
}

const EA05: Masks = Masks {
    magic: 0xceb0_6dff,
    names: [(0x29bc, 0xa25e), (0x29ac, 0xf25e)],
    size: 0x45aa,
    width: 1,
};
const EA06: Masks = Masks {
    magic: 0x52ca_436b,
    names: [(0xadbc, 0xb33f), (0xf820, 0xf479)],
    size: 0x87bc,
    width: 2,
};

/// The format.
#[derive(Default)]
pub(crate) struct Script {
    version: Option<Version>,
    /// Sum of the bytes of the checksum.
    sum: u32,
}

impl Headed for Script {
    fn read(&mut self, head: &[u8], limits: &Limits) -> Head {
        match self.version {
            Some(version) => self.entry(version, head, limits),
            None if head.len() < START_BYTES => Head::Need(START_BYTES),
            None => {
                self.version = match head.get(SIGNATURE.len()) {
                    Some(b'5') => Some(Version::Ea05),
                    Some(b'6') => Some(Version::Ea06),
                    _ => return Head::Broken(Unscannable::Unsupported),
                };
                let sum = head.get(24..START_BYTES).unwrap_or_default();
                self.sum = sum.iter().map(|byte| u32::from(*byte)).sum();
                Head::Skip { bytes: START_BYTES, skip: 0 }
            }
        }
    }

    fn may_end(&self) -> bool {
        self.version.is_some()
    }
}

impl Script {
    fn entry(&self, version: Version, head: &[u8], limits: &Limits) -> Head {
        let masks = match version {
            Version::Ea05 => &EA05,
            Version::Ea06 => &EA06,
        };
        if head.len() < 4 {
            return Head::Need(4);
        }
        if u32_at(head, 0) != masks.magic {
            return Head::End(0);
        }
        let (mut at, mut name) = (4, Vec::new());
        for (mask, seed) in masks.names {
            if head.len() < at + 4 {
                return Head::Need(at + 4);
            }
            let len = u32_at(head, at) ^ mask;
            let bytes = match usize::try_from(len) {
                Ok(len) if len <= NAME_MAX => len * masks.width,
                _ => return Head::Broken(Unscannable::Malformed),
            };
            at += 4;
            let Some(covered) = head.get(at..at + bytes) else { return Head::Need(at + bytes) };
            name = read_name(version, len.wrapping_add(seed), covered);
            at += bytes;
        }
        let bytes = at + ENTRY_BYTES;
        if head.len() < bytes {
            return Head::Need(bytes);
        }
        let (packed, size) = (u32_at(head, at + 1) ^ masks.size, u32_at(head, at + 5) ^ masks.size);
        let sizes = Sizes { packed: Some(packed.into()), unpacked: size.into() };
        let inner: Box<dyn Transform> = match head.get(at) {
            Some(1) => Box::new(Stepped::new(AutoIt::new(version, size), sizes, limits)),
            _ => Box::new(Plain),
        };
        let packed = u64::from(packed);
        let decoder: Box<dyn Transform> = match version {
            Version::Ea05 => {
                Box::new(Keyed::new(Twister::new(self.sum.wrapping_add(0x22af)), inner, packed))
            }
            Version::Ea06 => Box::new(Keyed::new(Lagged::new(0x2477), inner, packed)),
        };
        let member = Member::stream("autoit", name, Decoder::Other(decoder));
        let member = Member { size: Some(size.into()), packed_size: Some(packed), ..member };
        Head::Member(Box::new(Entry { bytes, packed: Some(packed), behind: 0, crc: None, member }))
    }
}

fn read_name(version: Version, seed: u32, covered: &[u8]) -> Vec<u8> {
    match version {
        Version::Ea05 => {
            let mut keys = Twister::new(seed);
            covered.iter().map(|byte| keys.uncover(*byte)).collect()
        }
        Version::Ea06 => {
            let mut keys = Lagged::new(seed);
            let bytes: Vec<u8> = covered.iter().map(|byte| keys.uncover(*byte)).collect();
            let units: Vec<u16> =
                bytes.as_chunks::<2>().0.iter().map(|b| u16::from_le_bytes(*b)).collect();
            String::from_utf16_lossy(&units).into_bytes()
        }
    }
}
