//! Installers of InstallShield: the files behind the program, in both forms, and its cabinets.
//!
//! A cabinet's list of files stands in another file. Its data are a row of blocks, and a block that
//! unpacks to less than all others is the last of its file: files whose size is a multiple of that of
//! a block are shown together with the next.

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use super::Member;
use super::headed::{Entry, Head, Headed, c_string, u16_at, u32_at};
use crate::Limits;
use crate::coding::decoder::{Decoded, Decoder};
use crate::coding::held::Deflated;
use crate::coding::inflate::{Inflate, InflateState, Wrapper};
use crate::coding::keyed::{Keyed, Named};
use crate::coding::transform::Transform;

/// What begins the files of an installer of MSI packages, and bytes up to the first file.
pub(crate) const SIGNATURE: &[u8] = b"InstallShield\0";
pub(crate) const START_BYTES: usize = SIGNATURE.len() + 32;
/// Bytes of a name there, and of an entry.
const NAME_BYTES: usize = 260;
const ENTRY_BYTES: usize = NAME_BYTES + 52;
/// What the path of a file begins with that stands behind an installer of cabinets.
pub(crate) const DISK: &[u8] = b"Disk1\\";
/// The longest string there.
const STRING_BYTES_MAX: usize = 260;
/// Bytes that are looked at anew for the end of one.
const STRING_STEP: usize = 64;
/// Bytes of the header of a cabinet.
const CABINET_BYTES: usize = 512;
/// What a block unpacks to, unless it is the last of its file.
const BLOCK_BYTES: u64 = 32 << 10;

/// Files behind an installer of MSI packages.
#[derive(Default)]
pub(crate) struct Packages {
    left: Option<u32>,
}

impl Headed for Packages {
    fn read(&mut self, head: &[u8], limits: &Limits) -> Head {
        let Some(left) = self.left else {
            if head.len() < START_BYTES {
                return Head::Need(START_BYTES);
            }
            self.left = Some(u32_at(head, SIGNATURE.len()));
            return Head::Skip { bytes: START_BYTES, skip: 0 };
        };
        if left == 0 {
            return Head::End(0);
        }
        if head.len() < ENTRY_BYTES {
            return Head::Need(ENTRY_BYTES);
        }
        let name = c_string(head.get(..NAME_BYTES).unwrap_or_default()).to_vec();
        let packed = u64::from(u32_at(head, NAME_BYTES + 12)) << 32
            | u64::from(u32_at(head, NAME_BYTES + 8));
        if name.is_empty() {
            return Head::Broken(Unscannable::Malformed);
        }
        self.left = Some(left - 1);
        let inner = Box::new(Deflated::zlib(limits));
        let keyed = Keyed::new(Named::new(name.clone()), inner, packed);
        let member = Member::stream("ishield", name, Decoder::Other(Box::new(keyed)));
        let member = Member { packed_size: Some(packed), ..member };
        let (bytes, packed) = (ENTRY_BYTES, Some(packed));
        Head::Member(Box::new(Entry { bytes, packed, behind: 0, crc: None, member }))
    }

    fn may_end(&self) -> bool {
        self.left == Some(0)
    }
}

/// Files behind an installer of cabinets, from the path of the first on.
#[derive(Default)]
pub(crate) struct Disks {
    is_begun: bool,
}

/// The entry of such a file.
pub(crate) struct DiskEntry<'h> {
    /// Its length.
    bytes: usize,
    path: &'h [u8],
    size: u64,
}

/// Reads such an entry; none if it is none, or how many bytes are needed.
pub(crate) fn disk_entry(head: &[u8], names: Names) -> Result<Option<DiskEntry<'_>>, usize> {
    let mut at = 0;
    let mut strings: [&[u8]; 4] = [&[]; 4];
    let first = match names {
        Names::Before => 0,
        Names::None => 1,
    };
    for string in strings.iter_mut().skip(first) {
        // It is told by as many bytes, however many have come.
        let told = at + STRING_BYTES_MAX + 1;
        let rest = head.get(at..head.len().min(told)).unwrap_or_default();
        let Some(end) = memchr::memchr(0, rest) else {
            let need = told.min(head.len() + STRING_STEP);
            return if head.len() < told { Err(need) } else { Ok(None) };
        };
        *string = rest.get(..end).unwrap_or_default();
        at += end + 1;
    }
    let [_, path, version, size] = strings;
    let is_version = version.iter().all(|b| b.is_ascii_digit() || *b == b'.');
    let size: Option<u64> = std::str::from_utf8(size).ok().and_then(|size| size.parse().ok());
    let is_path = !path.is_empty() && path.len() <= STRING_BYTES_MAX;
    let size = size.filter(|_| is_version && is_path);
    Ok(size.map(|size| DiskEntry { bytes: at, path, size }))
}

/// Whether the name of a file stands before its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    Before,
    None,
}

impl Headed for Disks {
    fn read(&mut self, head: &[u8], _: &Limits) -> Head {
        let names = if self.is_begun { Names::Before } else { Names::None };
        match disk_entry(head, names) {
            Err(need) => Head::Need(need),
            Ok(None) => Head::End(0),
            Ok(Some(DiskEntry { bytes, path, size })) => {
                self.is_begun = true;
                let decoder = Decoder::Stored { left: size };
                let member = Member::stream("ishield", path.to_vec(), decoder);
                let member = Member { size: Some(size), ..member };
                let packed = Some(size);
                Head::Member(Box::new(Entry { bytes, packed, behind: 0, crc: None, member }))
            }
        }
    }

    fn may_end(&self) -> bool {
        true
    }
}

/// A cabinet, or the list of files of one.
#[derive(Default)]
pub(crate) struct Cabinet {
    is_begun: bool,
    count: u32,
}

impl Headed for Cabinet {
    fn read(&mut self, head: &[u8], limits: &Limits) -> Head {
        if !self.is_begun {
            if head.len() < CABINET_BYTES {
                return Head::Need(CABINET_BYTES);
            }
            self.is_begun = true;
            let data = u64::from(u32_at(head, 20));
            let skip = data.saturating_sub(CABINET_BYTES as u64);
            return Head::Skip { bytes: CABINET_BYTES, skip };
        }
        if head.is_empty() {
            return Head::Need(1);
        }
        let name = self.count.to_string().into_bytes();
        self.count += 1;
        let decoder = Decoder::Other(Box::new(Blocks::new(limits)));
        let member = Member::stream("iscab", name, decoder);
        Head::Member(Box::new(Entry { bytes: 0, packed: None, behind: 0, crc: None, member }))
    }

    fn may_end(&self) -> bool {
        self.is_begun
    }
}

/// The blocks of one file.
struct Blocks {
    inflate: Inflate,
    head: Vec<u8>,
    /// Packed bytes of the block at hand that are left, and what came out of it.
    packed: usize,
    unpacked: u64,
}

impl Blocks {
    fn new(limits: &Limits) -> Self {
        let inflate = Inflate::new(Wrapper::Raw, limits);
        Self { inflate, head: Vec::new(), packed: 0, unpacked: 0 }
    }
}

impl Transform for Blocks {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        if self.head.len() < 2 {
            let piece = input.get(..2 - self.head.len()).unwrap_or(input);
            self.head.extend_from_slice(piece);
            self.packed = usize::from(u16_at(&self.head, 0));
            self.unpacked = 0;
            return (piece.len(), Decoded::More);
        }
        let before = out.len();
        let inflated = self.inflate.run(input.get(..self.packed).unwrap_or(input), out);
        self.packed -= inflated.consumed;
        self.unpacked += (out.len() - before) as u64;
        let decoded = match inflated.state {
            InflateState::Failed(reason) => Decoded::Failed(reason),
            InflateState::End if self.packed > 0 => Decoded::Failed(Unscannable::Malformed),
            InflateState::End if self.unpacked < BLOCK_BYTES => Decoded::End,
            InflateState::End => {
                self.head.clear();
                self.inflate.restart();
                Decoded::More
            }
            InflateState::More if self.packed == 0 && self.inflate.is_drained() => {
                Decoded::Failed(Unscannable::Malformed)
            }
            InflateState::More => Decoded::More,
        };
        (inflated.consumed, decoded)
    }

    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Unscannable> {
        // The last file of all may end with a full block.
        if self.head.is_empty() { Ok(()) } else { Err(Unscannable::Malformed) }
    }

    fn is_drained(&self) -> bool {
        self.head.len() < 2 || self.inflate.is_drained()
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.inflate.work()
    }
}
