//! ALZ archives (as ALZip writes them): members stored, deflated, or packed by bzip2. Its own form of
//! bzip2, whose blocks begin otherwise, is `Unsupported`.

use gateway_inspect::Unscannable;

use super::Member;
use super::headed::{Entry, Head, Headed, u16_at, u32_at};
use crate::Limits;
use crate::coding::bounded::Bounded;
use crate::coding::bzip2::Bzip2;
use crate::coding::decoder::Decoder;
use crate::coding::inflate::{Inflate, Wrapper};

const SIGNATURE: &[u8] = b"ALZ\x01";
const MEMBER: &[u8] = b"BLZ\x01";
const DIRECTORY: &[u8] = b"CLZ\x01";
const END: &[u8] = b"CLZ\x02";
const SIGNATURE_BYTES: usize = 4;
/// Signature and a number.
const START_BYTES: usize = 8;
/// Up to the lengths of the sizes.
const HEADER_BYTES: usize = 13;
/// Behind the name of a member that is encrypted.
const KEY_BYTES: usize = 12;
/// Bytes in which a signature is looked for at once.
const SEARCH_BYTES: usize = 512;
/// What a block begins with in its own form of bzip2.
const OWN_BLOCK: &[u8] = b"DLZ";

/// The format.
#[derive(Default)]
pub(crate) struct Alz {
    next: Next,
}

/// What comes next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Next {
    #[default]
    Start,
    Member,
    /// Behind the directory, whose length nothing tells: the end, or another member.
    Signature,
}

/// What a header says.
struct Header {
    bytes: usize,
    method: u8,
    crc: u32,
    packed: u64,
    unpacked: u64,
    is_encrypted: bool,
    name: Vec<u8>,
}

impl Headed for Alz {
    fn read(&mut self, head: &[u8], limits: &Limits) -> Head {
        let Some(signature) = head.get(..SIGNATURE_BYTES) else {
            return Head::Need(SIGNATURE_BYTES);
        };
        match (self.next, signature) {
            (Next::Start, _) if head.len() < START_BYTES => Head::Need(START_BYTES),
            (Next::Start, SIGNATURE) => {
                self.next = Next::Member;
                Head::Skip { bytes: START_BYTES, skip: 0 }
            }
            (Next::Member | Next::Signature, MEMBER) => {
                self.next = Next::Member;
                match read(head) {
                    Ok(Some(header)) => entry(head, header, limits),
                    Ok(None) => Head::Broken(Unscannable::Malformed),
                    Err(need) => Head::Need(need),
                }
            }
            (Next::Member | Next::Signature, END) => Head::End(SIGNATURE_BYTES),
            (Next::Member, DIRECTORY) => {
                self.next = Next::Signature;
                Head::Skip { bytes: SIGNATURE_BYTES, skip: 0 }
            }
            // Where it ends is looked for in more than a few bytes at once, if they are there.
            (Next::Signature, _) => match next_signature(head) {
                Some(bytes) => Head::Skip { bytes, skip: 0 },
                None => Head::Need(head.len() + SEARCH_BYTES),
            },
            _ => Head::Broken(Unscannable::Malformed),
        }
    }

    fn may_end(&self) -> bool {
        self.next != Next::Start
    }

    fn is_searching(&self) -> bool {
        self.next == Next::Signature
    }
}

/// How many bytes of `head`, behind the first, come before what may be a signature; none if more have to be seen.
fn next_signature(head: &[u8]) -> Option<usize> {
    let mut windows = head.windows(SIGNATURE_BYTES).skip(1);
    let found = windows.position(|window| matches!(window, MEMBER | END)).map(|at| at + 1);
    found.or_else(|| (head.len() >= SEARCH_BYTES).then(|| head.len() + 1 - SIGNATURE_BYTES))
}

/// The header that `head` begins with; how many bytes are needed if they are not there, none if it
/// makes no sense.
fn read(head: &[u8]) -> Result<Option<Header>, usize> {
    if head.len() < HEADER_BYTES {
        return Err(HEADER_BYTES);
    }
    let name_bytes = usize::from(u16_at(head, 4));
    let flags = head.get(11).copied().unwrap_or(0);
    let width = usize::from(flags >> 4);
    if !matches!(width, 0 | 1 | 2 | 4 | 8) || flags & 8 != 0 {
        return Ok(None);
    }
    let sizes = if width == 0 { HEADER_BYTES } else { HEADER_BYTES + 6 };
    let name = sizes + 2 * width;
    let is_encrypted = flags & 1 != 0;
    let bytes = name + name_bytes + if is_encrypted { KEY_BYTES } else { 0 };
    if head.len() < bytes {
        return Err(bytes);
    }
    let size = |at: usize| {
        let digits = head.get(at..at + width).unwrap_or_default();
        digits.iter().rev().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte))
    };
    Ok(Some(Header {
        bytes,
        method: head.get(HEADER_BYTES).copied().filter(|_| width > 0).unwrap_or(0),
        crc: u32_at(head, HEADER_BYTES + 2),
        packed: size(sizes),
        unpacked: size(sizes + width),
        is_encrypted,
        name: head.get(name..name + name_bytes).unwrap_or_default().to_vec(),
    }))
}

fn entry(head: &[u8], header: Header, limits: &Limits) -> Head {
    let Header { bytes, method, crc, packed, unpacked, is_encrypted, name } = header;
    if packed == 0 {
        return Head::Skip { bytes, skip: 0 };
    }
    let decoder = match method {
        _ if is_encrypted => Err(Unscannable::Encrypted),
        0 => Ok(Decoder::Stored { left: packed }),
        1 if packed >= OWN_BLOCK.len() as u64 && head.len() < bytes + OWN_BLOCK.len() => {
            return Head::Need(bytes + OWN_BLOCK.len());
        }
        1 if head.get(bytes..).is_some_and(|data| data.starts_with(OWN_BLOCK)) => {
            Err(Unscannable::Unsupported)
        }
        1 => Ok(Decoder::Other(Box::new(Bounded::new(Bzip2::new(limits), Some(packed))))),
        2 => {
            let inflate = Inflate::new(Wrapper::Raw, limits);
            Ok(Decoder::Member { inflate, left: Some(packed) })
        }
        _ => Err(Unscannable::Unsupported),
    };
    let member = Member {
        size: Some(unpacked),
        packed_size: Some(packed),
        encrypted: is_encrypted,
        decoder,
        ..Member::stream("alz", name, Decoder::Stored { left: 0 })
    };
    let entry = Entry { bytes, packed: Some(packed), behind: 0, crc: Some(crc), member };
    Head::Member(Box::new(entry))
}
