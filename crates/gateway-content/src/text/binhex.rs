//! BinHex 4 (RFC 1741): a Macintosh file as text. Digits of six bits, behind those runs of bytes,
//! behind those a header and the two forks of the file.

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;

use crate::Limits;
use crate::archive::Member;
use crate::archive::headed::{Entry, Head, Headed};
use crate::coding::bytewise::{ByteDecoder, Bytewise};
use crate::coding::decoder::{Decoded, Decoder};

const DIGITS: &[u8; 64] = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
/// What begins a run, or stands for itself before a zero.
const RUN: u8 = 0x90;
/// Bytes of the header behind the name.
const HEADER_BYTES: usize = 21;
const CHECKSUM_BYTES: u64 = 2;

/// From the text to what the digits stand for.
pub(crate) struct BinHex {
    state: State,
    bits: u32,
    have: u32,
    last: Option<u8>,
    in_run: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the colon that begins the digits.
    Before,
    Digits,
}

impl BinHex {
    pub(crate) fn new(limits: &Limits) -> Bytewise<Self> {
        let hex = Self { state: State::Before, bits: 0, have: 0, last: None, in_run: false };
        Bytewise::new(hex, limits)
    }

    /// One byte that the digits stand for.
    fn byte(&mut self, byte: u8, out: &mut BytesMut) -> Result<(), Unscannable> {
        if self.in_run {
            self.in_run = false;
            match (byte, self.last) {
                (0, _) => {
                    out.put_u8(RUN);
                    self.last = Some(RUN);
                }
                (count, Some(last)) => out.put_bytes(last, usize::from(count) - 1),
                (_, None) => return Err(Unscannable::Malformed),
            }
        } else if byte == RUN {
            self.in_run = true;
        } else {
            out.put_u8(byte);
            self.last = Some(byte);
        }
        Ok(())
    }

    fn digit(&mut self, value: usize, out: &mut BytesMut) -> Result<(), Unscannable> {
        // A digit has six bits.
        self.bits = self.bits << 6 | value as u32;
        self.have += 6;
        if self.have >= 8 {
            self.have -= 8;
            let byte = (self.bits >> self.have) as u8;
            self.byte(byte, out)?;
        }
        Ok(())
    }
}

impl ByteDecoder for BinHex {
    #[inline]
    fn push(&mut self, byte: u8, out: &mut BytesMut) -> Decoded {
        match (self.state, byte) {
            (State::Before, b':') => self.state = State::Digits,
            (State::Before, _) | (State::Digits, b'\r' | b'\n' | b'\t' | b' ') => {}
            (State::Digits, b':') => return Decoded::End,
            (State::Digits, _) => {
                let value = DIGITS.iter().position(|digit| *digit == byte);
                let done = value.ok_or(Unscannable::Malformed);
                if let Err(reason) = done.and_then(|value| self.digit(value, out)) {
                    return Decoded::Failed(reason);
                }
            }
        }
        Decoded::More
    }

    fn finish(&self) -> Result<(), Unscannable> {
        Err(Unscannable::Malformed)
    }
}

/// A file in BinHex 4, whose only member is what the digits stand for.
pub(crate) fn member(limits: &Limits) -> Member {
    let decoder = Decoder::Other(Box::new(BinHex::new(limits)));
    Member { inner: Some(Box::new(Forks::default())), ..Member::stream("hqx", Vec::new(), decoder) }
}

/// The header and the forks.
#[derive(Default)]
struct Forks {
    name: Vec<u8>,
    forks: Option<[u64; 2]>,
    next: usize,
}

impl Headed for Forks {
    fn read(&mut self, head: &[u8], _: &Limits) -> Head {
        let Some(forks) = self.forks else { return self.read_header(head) };
        let Some(len) = forks.get(self.next).copied() else { return Head::End(0) };
        self.next += 1;
        if len == 0 {
            return Head::Skip { bytes: 0, skip: CHECKSUM_BYTES };
        }
        let mut name = self.name.clone();
        if self.next == 2 {
            name.extend_from_slice(b"/rsrc");
        }
        let member = Member::stream("hqx", name, Decoder::Stored { left: len });
        Head::Member(Box::new(Entry {
            bytes: 0,
            packed: Some(len),
            behind: CHECKSUM_BYTES,
            crc: None,
            member: Member { size: Some(len), ..member },
        }))
    }

    fn may_end(&self) -> bool {
        self.next == 2
    }
}

impl Forks {
    fn read_header(&mut self, head: &[u8]) -> Head {
        let Some(name_bytes) = head.first().copied().map(usize::from) else { return Head::Need(1) };
        let bytes = 1 + name_bytes + HEADER_BYTES;
        let Some(header) = head.get(..bytes) else { return Head::Need(bytes) };
        self.name = header.get(1..=name_bytes).unwrap_or_default().to_vec();
        let len_at = |at: usize| {
            let four = header.get(name_bytes + 1 + at..).and_then(|b| b.first_chunk());
            four.map_or(0, |b| u64::from(u32::from_be_bytes(*b)))
        };
        self.forks = Some([len_at(11), len_at(15)]);
        Head::Skip { bytes, skip: 0 }
    }
}
