//! Packages of Symbian before its version 9 (SIS): files whose places a list tells, packed by zlib
//! since EPOC 6. Gathered.

use bytes::Bytes;
use gateway_inspect::Unscannable;

use super::Member;
use super::headed::{u16_at, u32_at};
use crate::Limits;
use crate::allowance::Allowance;
use crate::coding::decoder::Decoder;
use crate::coding::held::{Deflated, HeldThrough};
use crate::coding::transform::Transform;

/// The third number of the header, and where it stands.
pub(crate) const SIGNATURE: &[u8] = b"\x19\x04\x00\x10";
pub(crate) const SIGNATURE_AT: u64 = 8;
/// The second one, of EPOC 6 and of those before.
const EPOC_6: u32 = 0x1000_3a12;
const EPOC_5: u32 = 0x1000_006d;
const HEADER_BYTES: usize = 68;
/// The files are not packed.
const FLAG_PLAIN: u16 = 8;
/// Records of a file, and of one in several languages.
const FILE: u32 = 0;
const FILES_BY_LANGUAGE: u32 = 1;
/// Languages, at the most.
const LANGUAGES_MAX: usize = 256;

/// A package of which all is there.
pub(crate) struct Sis {
    bytes: Bytes,
    is_packed: bool,
    is_late: bool,
    languages: usize,
    /// Records that are left, and where the next one stands.
    records: u16,
    at: usize,
    /// Which language of the record is next.
    language: usize,
    allowance: Allowance,
    failed: Option<Unscannable>,
}

/// Whether the first bytes are those of a package.
pub(crate) fn is_package(first: &[u8]) -> bool {
    matches!(u32_at(first, 4), EPOC_5 | EPOC_6)
}

impl Sis {
    /// Reads the header.
    pub(crate) fn open(bytes: Bytes) -> Result<Self, Unscannable> {
        if bytes.len() < HEADER_BYTES {
            return Err(Unscannable::Malformed);
        }
        let is_late = u32_at(&bytes, 4) == EPOC_6;
        let languages = usize::from(u16_at(&bytes, 18));
        if languages > LANGUAGES_MAX {
            return Err(Unscannable::TooMany);
        }
        Ok(Self {
            is_packed: is_late && u16_at(&bytes, 36) & FLAG_PLAIN == 0,
            is_late,
            languages: languages.max(1),
            records: u16_at(&bytes, 20),
            at: u32_at(&bytes, 52) as usize,
            language: 0,
            allowance: Allowance::new(bytes.len()),
            failed: None,
            bytes,
        })
    }

    pub(crate) fn failed(&self) -> Option<Unscannable> {
        self.failed
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    fn slice(&self, at: usize, len: u32) -> Option<Bytes> {
        let to = at.checked_add(len as usize)?;
        (to <= self.bytes.len()).then(|| self.bytes.slice(at..to))
    }

    /// The next file.
    pub(crate) fn next_member(&mut self, limits: &Limits) -> Option<Member> {
        while self.records > 0 {
            let at = self.at;
            if at.saturating_add(28) > self.bytes.len() {
                self.failed = Some(Unscannable::Malformed);
                self.records = 0;
                break;
            }
            let count = match u32_at(&self.bytes, at) {
                FILE => 1,
                FILES_BY_LANGUAGE => self.languages,
                // Conditions and questions: what is behind them is not looked at.
                _ => {
                    self.failed = Some(Unscannable::Unsupported);
                    self.records = 0;
                    break;
                }
            };
            if self.allowance.is_spent() {
                // Files share bytes over and over.
                self.failed = Some(Unscannable::WorkExceeded);
                self.records = 0;
                break;
            }
            if self.language < count {
                let member = self.member(at, count, limits);
                self.language += 1;
                return Some(member);
            }
            self.language = 0;
            self.records -= 1;
            self.at += 28 + if self.is_late { 12 * count + 8 } else { 8 * count };
        }
        None
    }

    /// A file of the record at `at`, which has `count`.
    fn member(&self, at: usize, count: usize, limits: &Limits) -> Member {
        let field = |i: usize| u32_at(&self.bytes, at + 28 + 4 * i);
        let (len, place) = (field(self.language), field(count + self.language) as usize);
        let name_place = u32_at(&self.bytes, at + 16) as usize;
        let name = self.slice(name_place, u32_at(&self.bytes, at + 12)).unwrap_or_default();
        // Of a longer one no more is kept.
        let name = name.get(..2 * limits.name_bytes_max).unwrap_or(&name);
        let units = name.as_chunks::<2>().0.iter().map(|b| u16::from_le_bytes(*b));
        let name = if self.is_late {
            String::from_utf16_lossy(&units.collect::<Vec<_>>()).into_bytes()
        } else {
            name.to_vec()
        };
        let slice = self.slice(place, len);
        self.allowance.spend(slice.as_ref().map_or(0, Bytes::len));
        let decoder = match slice {
            None => Err(Unscannable::Malformed),
            Some(bytes) if self.is_packed => {
                let inflate: Box<dyn Transform> = Box::new(Deflated::zlib(limits));
                Ok(Decoder::Other(Box::new(HeldThrough::new(bytes, vec![inflate]))))
            }
            Some(bytes) => Ok(Decoder::Held(bytes)),
        };
        let member = Member::stream("sis", name, Decoder::Stored { left: 0 });
        Member { decoder, from: Some(0), packed_size: Some(len.into()), ..member }
    }
}
