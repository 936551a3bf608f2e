//! MacBinary (I to III): a Macintosh file as one of bytes, a header before its two forks. There is no signature;
//! the header is told by what has to be zero in it, or by its checksum.

use gateway_inspect::Unscannable;

use super::Member;
use super::headed::{Entry, Head, Headed};
use crate::Limits;
use crate::coding::decoder::Decoder;
use crate::coding::up_to::UpTo;

const HEADER_BYTES: usize = 128;
const NAME_BYTES_MAX: usize = 63;
/// What is a multiple of that each fork is filled up to.
const BLOCK_BYTES: u64 = 128;

/// The format.
#[derive(Default)]
pub(crate) struct MacBinary {
    name: Vec<u8>,
    /// What is still to come, the next last.
    left: Vec<Piece>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Data(u64),
    Resources(u64),
    /// Filled up by so many bytes, which may be left out at the end.
    Filler(u64),
    /// What no fork has.
    Rest,
}

/// Whether a file is one that begins with `first`.
pub(crate) fn is_header(first: &[u8]) -> bool {
    let Some(head) = first.get(..HEADER_BYTES) else { return false };
    let zeros = |at: std::ops::Range<usize>| {
        head.get(at).is_some_and(|bytes| bytes.iter().all(|byte| *byte == 0))
    };
    let name_bytes = head.get(1).copied().map_or(0, usize::from);
    let name = head.get(2..2 + name_bytes).unwrap_or_default();
    let is_name = (1..=NAME_BYTES_MAX).contains(&name_bytes)
        && name.iter().all(|byte| *byte >= b' ')
        && zeros(2 + name_bytes..2 + NAME_BYTES_MAX);
    let [data, resources] = forks(head);
    let has_forks = data.max(resources) > 0 && data.max(resources) < 1 << 31;
    let is_first_form = zeros(99..HEADER_BYTES);
    let sum = head.get(124..126) == Some(&crc(head.get(..124).unwrap_or_default()).to_be_bytes());
    let is_fixed = zeros(0..1) && zeros(74..75) && zeros(82..83);
    is_fixed && is_name && has_forks && (is_first_form || sum)
}

/// Bytes of the data and of the resources.
fn forks(head: &[u8]) -> [u64; 2] {
    [83, 87].map(|at| {
        let four = head.get(at..).and_then(|bytes| bytes.first_chunk());
        four.map_or(0, |bytes| u64::from(u32::from_be_bytes(*bytes)))
    })
}

/// CRC-16 as XMODEM has it.
fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| {
            crc << 1 ^ if crc & 0x8000 == 0 { 0 } else { 0x1021 }
        })
    })
}

impl Headed for MacBinary {
    fn read(&mut self, head: &[u8], _: &Limits) -> Head {
        let (name, packed): (&[u8], _) = match self.left.pop() {
            None if head.len() < HEADER_BYTES => return Head::Need(HEADER_BYTES),
            None => return self.read_header(head),
            Some(Piece::Data(0) | Piece::Resources(0) | Piece::Filler(0)) => {
                return Head::Skip { bytes: 0, skip: 0 };
            }
            Some(piece @ (Piece::Filler(_) | Piece::Rest)) if head.is_empty() => {
                self.left.push(piece);
                return Head::Need(1);
            }
            Some(Piece::Filler(bytes)) => {
                self.left.push(Piece::Filler(bytes - 1));
                return Head::Skip { bytes: 1, skip: 0 };
            }
            Some(Piece::Data(bytes)) => (b"", Some(bytes)),
            Some(Piece::Resources(bytes)) => (b"/rsrc", Some(bytes)),
            Some(Piece::Rest) => (b"/rest", None),
        };
        let decoder = match packed {
            Some(left) => Decoder::Stored { left },
            None => Decoder::Other(Box::new(UpTo::new(0, u64::MAX))),
        };
        let member = Member::stream("macbinary", [&self.name, name].concat(), decoder);
        let member = Member { size: packed, ..member };
        Head::Member(Box::new(Entry { bytes: 0, packed, behind: 0, crc: None, member }))
    }

    fn may_end(&self) -> bool {
        matches!(self.left.last(), Some(Piece::Filler(_) | Piece::Rest) | None)
    }
}

impl MacBinary {
    fn read_header(&mut self, head: &[u8]) -> Head {
        if !is_header(head) {
            return Head::Broken(Unscannable::Malformed);
        }
        let name_bytes = head.get(1).copied().map_or(0, usize::from);
        self.name = head.get(2..2 + name_bytes).unwrap_or_default().to_vec();
        let [data, resources] = forks(head);
        let filler = |bytes: u64| Piece::Filler(bytes.next_multiple_of(BLOCK_BYTES) - bytes);
        self.left = vec![
            Piece::Rest,
            filler(resources),
            Piece::Resources(resources),
            filler(data),
            Piece::Data(data),
        ];
        let more = head
            .get(120..122)
            .and_then(|two| two.first_chunk())
            .map_or(0, |two| u16::from_be_bytes(*two));
        Head::Skip { bytes: HEADER_BYTES, skip: u64::from(more).next_multiple_of(BLOCK_BYTES) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crafted::mac_binary::{Form, mac_binary};

    #[test]
    fn headers_are_told() {
        for form in [Form::First, Form::Summed] {
            let file = mac_binary(form, b"data", b"resources");
            assert!(is_header(&file));
            assert!(!is_header(&file[..HEADER_BYTES - 1]));
            for (at, byte) in [(0, 1), (1, 0), (1, 64), (2, 7), (60, 1), (74, 1), (82, 1), (100, 1)]
            {
                let mut other = file.clone();
                other[at] = byte;
                assert!(!is_header(&other), "{at}");
            }
        }
        assert!(!is_header(&[0; 512]));
        assert!(!is_header(&mac_binary(Form::First, b"", b"")));
    }
}
