//! A cpio archive in each of its four forms: binary of either byte order, `odc` and `newc`.

use gateway_inspect::Unscannable;

use super::{Member, Walked, Walker};
use crate::Limits;
use crate::coding::decoder::Decoder;
use crate::inbox::Inbox;
use crate::text::walk::TextWalk;

/// Longest name that is read.
const NAME_BYTES_MAX: usize = 4 << 10;
/// The name that ends an archive.
const LAST: &[u8] = b"TRAILER!!!";

/// The walk.
pub(crate) struct CpioWalk {
    state: State,
    head: Vec<u8>,
    /// Whether the name was met with which it ends.
    ended: bool,
    failed: Option<Unscannable>,
    limits: Limits,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Header,
    Member { padding: u64 },
    Skip { left: u64 },
}

/// What a header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Header {
    /// Its length, and that of the name with its zero and padding.
    bytes: usize,
    name: usize,
    padded_name: usize,
    size: u64,
    padding: u64,
}

/// Bytes that the longest of the four headers has.
const HEADER_BYTES_MAX: usize = 110;

impl CpioWalk {
    /// A walk through an archive, at its first byte.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            state: State::Header,
            head: Vec::new(),
            ended: false,
            failed: None,
            limits: limits.clone(),
        }
    }

    pub(crate) fn failed(&self) -> Option<Unscannable> {
        self.failed
    }

    /// The part is over, before the archive was.
    pub(crate) fn end(&mut self) {
        if self.ended && self.state == State::Header {
            return;
        }
        self.failed = Some(self.failed.unwrap_or(Unscannable::Malformed));
    }

    /// The member that was opened last is over.
    pub(crate) fn member_ended(&mut self) {
        if let State::Member { padding } = self.state {
            self.state = State::Skip { left: padding };
        }
    }

    /// Walks on through the front of `inbox`, up to the next member.
    pub(crate) fn walk(&mut self, inbox: &mut Inbox) -> Walked {
        match self.state {
            State::Member { .. } => self.member_ended(),
            State::Skip { left } => {
                let n = usize::try_from(left).unwrap_or(usize::MAX).min(inbox.front().len());
                inbox.advance(n);
                let left = left - n as u64;
                self.state = if left == 0 { State::Header } else { State::Skip { left } };
            }
            State::Header => return self.read(inbox),
        }
        Walked::On
    }

    fn fill(&mut self, inbox: &mut Inbox, want: usize) -> bool {
        let n = want.saturating_sub(self.head.len()).min(inbox.front().len());
        self.head.extend_from_slice(inbox.front().get(..n).unwrap_or_default());
        inbox.advance(n);
        self.head.len() >= want
    }

    fn read(&mut self, inbox: &mut Inbox) -> Walked {
        if !self.fill(inbox, 6) {
            return Walked::On;
        }
        let zeros = self.head.iter().take_while(|byte| **byte == 0).count();
        if self.ended && zeros > 0 {
            // Archives are padded, and another one may follow.
            inbox.unread(self.head.get(zeros..).unwrap_or_default());
            self.head.clear();
            return Walked::On;
        }
        let Some(bytes) = header_bytes(&self.head) else { return self.give_up(inbox) };
        self.ended = false;
        if !self.fill(inbox, bytes) {
            return Walked::On;
        }
        let Some(header) = header(&self.head).filter(|h| h.name <= NAME_BYTES_MAX) else {
            return self.give_up(inbox);
        };
        if !self.fill(inbox, header.bytes + header.padded_name) {
            return Walked::On;
        }
        let head = std::mem::take(&mut self.head);
        let name = head.get(header.bytes..header.bytes + header.name).unwrap_or_default();
        let name = name.strip_suffix(b"\0").unwrap_or(name);
        if name == LAST {
            self.ended = true;
            return Walked::On;
        }
        if header.size == 0 {
            return Walked::On;
        }
        self.state = State::Member { padding: header.padding };
        Walked::from(Some(Member {
            size: Some(header.size),
            packed_size: Some(header.size),
            ..Member::stream("cpio", name.to_vec(), Decoder::Stored { left: header.size })
        }))
    }

    fn give_up(&mut self, inbox: &mut Inbox) -> Walked {
        debug_assert!(self.head.len() <= HEADER_BYTES_MAX, "no more than a header was read");
        if !self.ended {
            self.failed = Some(Unscannable::Malformed);
        }
        inbox.unread(&self.head);
        Walked::Become(Box::new(Walker::Text(Box::new(TextWalk::plain(&self.limits)))))
    }
}

/// The length of the header that begins so.
fn header_bytes(head: &[u8]) -> Option<usize> {
    match head {
        [0x71, 0xc7, ..] | [0xc7, 0x71, ..] => Some(26),
        _ if head.starts_with(b"070707") => Some(76),
        _ if head.starts_with(b"070701") || head.starts_with(b"070702") => Some(110),
        _ => None,
    }
}

/// Whether an archive with binary headers begins so: a type of file that there is, and a name. `None`
/// where the header is not all there.
pub(crate) fn may_begin(first: &[u8]) -> Option<bool> {
    let word = |at: usize| {
        let pair = *first.get(at..)?.first_chunk::<2>()?;
        let is_little = first.first() == Some(&0xc7);
        Some(if is_little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
    };
    // The bits of POSIX's `S_IFMT`; the last header of an archive has none.
    let is_known = matches!(word(6)? >> 12, 0 | 1 | 2 | 4 | 6 | 8 | 10 | 12);
    let name = usize::from(word(20)?);
    if !is_known || name == 0 || name > NAME_BYTES_MAX {
        return Some(false);
    }
    first.get(..26 + name).map(|_| true)
}

fn header(head: &[u8]) -> Option<Header> {
    let digits = |from: usize, count: usize, radix: u32| {
        let text = std::str::from_utf8(head.get(from..from + count)?).ok()?;
        u64::from_str_radix(text, radix).ok()
    };
    let bytes = header_bytes(head)?;
    let (name, size, step) = match (bytes, head) {
        (76, _) => (digits(59, 6, 8)?, digits(65, 11, 8)?, 1),
        (110, _) => (digits(94, 8, 16)?, digits(54, 8, 16)?, 4),
        (_, [first, ..]) => {
            let word = |at: usize| -> Option<u64> {
                let pair = *head.get(at..)?.first_chunk::<2>()?;
                let word = if *first == 0xc7 {
                    u16::from_le_bytes(pair)
                } else {
                    u16::from_be_bytes(pair)
                };
                Some(word.into())
            };
            (word(20)?, word(22)? << 16 | word(24)?, 2)
        }
        _ => return None,
    };
    let name = usize::try_from(name).ok()?;
    let end = bytes.checked_add(name)?;
    let padded_name = name + (step - end % step) % step;
    let padding = (step as u64 - size % step as u64) % step as u64;
    Some(Header { bytes, name, padded_name, size, padding })
}
