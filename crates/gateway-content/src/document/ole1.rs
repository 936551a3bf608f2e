//! Objects of OLE 1.0 ([MS-OLEDS], section 2.2), as RTF has them: a header, then the data of the
//! program that made them; those of the packager hold a file.

use gateway_inspect::Unscannable;

use crate::Limits;
use crate::archive::binary::BinaryWalk;
use crate::archive::{Member, Walked, Walker};
use crate::coding::decoder::Decoder;
use crate::inbox::Inbox;

/// Longest header that is read, with the names in it.
const HEADER_BYTES_MAX: usize = 4 << 10;

/// The walk.
pub(crate) struct Ole1Walk {
    head: Vec<u8>,
    opened: bool,
    failed: Option<Unscannable>,
    limits: Limits,
}

/// What stands before the data.
struct Header {
    bytes: usize,
    name: Vec<u8>,
    size: u64,
}

impl Ole1Walk {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { head: Vec::new(), opened: false, failed: None, limits: limits.clone() }
    }

    pub(crate) fn failed(&self) -> Option<Unscannable> {
        self.failed
    }

    pub(crate) fn end(&mut self) {
        if !self.opened {
            self.failed = Some(Unscannable::Malformed);
        }
    }

    /// What follows the data may hold anything like any file.
    pub(crate) fn member_ended(&self) -> Box<BinaryWalk> {
        Box::new(BinaryWalk::following(&self.limits))
    }

    pub(crate) fn walk(&mut self, inbox: &mut Inbox) -> Walked {
        let before = self.head.len();
        let front = inbox.front();
        let n = (HEADER_BYTES_MAX - before).min(front.len());
        self.head.extend_from_slice(front.get(..n).unwrap_or_default());
        let Some(header) = header(&self.head) else {
            inbox.advance(n);
            if self.head.len() < HEADER_BYTES_MAX {
                return Walked::On;
            }
            self.failed = Some(Unscannable::Malformed);
            return Walked::Become(Box::new(Walker::Binary(self.member_ended())));
        };
        inbox.advance(header.bytes.saturating_sub(before));
        self.opened = true;
        Walked::from(Some(Member {
            size: Some(header.size),
            ..Member::stream("ole", header.name, Decoder::Stored { left: header.size })
        }))
    }
}

/// Reads the header, once all of it is there.
fn header(head: &[u8]) -> Option<Header> {
    let u32_at = |at: usize| head.get(at..)?.first_chunk::<4>().map(|b| u32::from_le_bytes(*b));
    let mut at = 8;
    let mut class = Vec::new();
    for i in 0..3 {
        let len = usize::try_from(u32_at(at)?).ok()?;
        let text = head.get(at + 4..(at + 4).checked_add(len)?)?;
        if i == 0 {
            class = text.strip_suffix(b"\0").unwrap_or(text).to_vec();
        }
        at += 4 + len;
    }
    let size = u32_at(at)?;
    at += 4;
    if class != b"Package" {
        return Some(Header { bytes: at, name: class, size: size.into() });
    }
    // Of a package the file in it is the member.
    let data = head.get(at..)?;
    let (start, name, size) = package_header(data)?;
    Some(Header { bytes: at + start, name, size })
}

/// Where the file begins in a package, its name and its size.
fn package_header(data: &[u8]) -> Option<(usize, Vec<u8>, u64)> {
    let mut at = 2;
    let string = |at: usize| {
        let rest = data.get(at..)?;
        memchr::memchr(0, rest).and_then(|end| rest.get(..end))
    };
    let label = string(at)?;
    at += label.len() + 1;
    at += string(at)?.len() + 1;
    at += 4;
    let path = data.get(at..)?.first_chunk::<4>().map(|b| u32::from_le_bytes(*b))?;
    at = at.checked_add(4)?.checked_add(usize::try_from(path).ok()?)?;
    let size = data.get(at..)?.first_chunk::<4>().map(|b| u32::from_le_bytes(*b))?;
    Some((at + 4, label.to_vec(), size.into()))
}

/// The file in a package, with its name.
pub(super) fn package(data: &[u8]) -> Option<(String, &[u8])> {
    let (start, name, size) = package_header(data)?;
    let rest = data.get(start..)?;
    let file = rest.get(..usize::try_from(size).ok()?).unwrap_or(rest);
    Some((String::from_utf8_lossy(&name).into_owned(), file))
}
