//! Files of `lzip` (versions 0 and 1 of the format): members of LZMA, one after the other, each with its sums.

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::lzma_alone::{Layout, LzmaAlone};
use super::ratio::Ratio;
use super::transform::Transform;
use crate::Limits;

pub(crate) const MAGIC: [u8; 4] = *b"LZIP";
const HEADER_BYTES: usize = 6;
/// The properties that all members have.
const PROPERTIES: u8 = 0x5d;
/// Sizes of dictionaries, as powers of two.
const DICTIONARY_BITS: std::ops::RangeInclusive<u8> = 12..=29;

/// What comes next.
enum Next {
    Header,
    Data(Box<LzmaAlone>),
    /// Sums and sizes, of so many bytes with what is left of the data.
    Trailer(usize),
}

/// A file on its way.
pub(crate) struct Lzip {
    next: Next,
    /// Bytes that were taken and not used.
    head: Vec<u8>,
    /// Bytes of the trailer of the member at hand.
    trailer: usize,
    crc: crc32fast::Hasher,
    /// Bytes of the member, packed and not.
    packed: u64,
    unpacked: u64,
    /// Whether there was a member.
    any: bool,
    drained: bool,
    ratio: Ratio,
    /// Those of the data of members.
    limits: Limits,
}

impl Lzip {
    /// A file of which nothing was seen.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            next: Next::Header,
            head: Vec::new(),
            trailer: 0,
            crc: crc32fast::Hasher::new(),
            packed: 0,
            unpacked: 0,
            any: false,
            drained: true,
            ratio: Ratio::new(limits),
            // What comes out is counted here, over all members.
            limits: Limits { ratio_max: u32::MAX, ..limits.clone() },
        }
    }

    /// Takes bytes until `want` of what comes next are there: whether they are.
    fn fill(&mut self, input: &mut &[u8], want: usize) -> bool {
        let n = want.saturating_sub(self.head.len()).min(input.len());
        let (piece, rest) = input.split_at_checked(n).unwrap_or((input, &[]));
        self.head.extend_from_slice(piece);
        *input = rest;
        self.head.len() >= want
    }

    fn header(&mut self, input: &mut &[u8]) -> Result<Option<Decoded>, Unscannable> {
        // Whatever is behind the last member is no part of it.
        let is_whole = self.fill(input, HEADER_BYTES);
        let seen = self.head.len().min(MAGIC.len());
        if self.head.get(..seen) != MAGIC.get(..seen) {
            return if self.any { Ok(Some(Decoded::End)) } else { Err(Unscannable::Malformed) };
        }
        if !is_whole {
            return Ok(Some(Decoded::More));
        }
        let [.., version, size] = *self.head.first_chunk::<HEADER_BYTES>().unwrap_or(&[0; 6]);
        let bits = size & 0x1f;
        if version > 1 || !DICTIONARY_BITS.contains(&bits) {
            return Err(Unscannable::Malformed);
        }
        // Some sixteenths less than the power of two.
        let dictionary = (1_u32 << bits) - u32::from(size >> 5) * (1 << bits >> 4);
        self.trailer = if version == 0 { 12 } else { 20 };
        let mut data = LzmaAlone::new(Layout::Bare, None, &self.limits);
        let mut none = BytesMut::new();
        data.run(&[PROPERTIES], &mut none);
        data.run(&dictionary.to_le_bytes(), &mut none);
        self.head.drain(..HEADER_BYTES);
        self.crc = crc32fast::Hasher::new();
        (self.packed, self.unpacked) = (HEADER_BYTES as u64, 0);
        self.any = true;
        self.next = Next::Data(Box::new(data));
        Ok(None)
    }

    fn trailer(&mut self, input: &mut &[u8], want: usize) -> Result<Option<Decoded>, Unscannable> {
        if !self.fill(input, want) {
            return Ok(Some(Decoded::More));
        }
        let rest = self.head.split_off(want);
        let trailer = std::mem::replace(&mut self.head, rest);
        let left = want - self.trailer;
        let number = |from: usize, bytes: usize| {
            let from = left + from;
            let bytes = trailer.get(from..from + bytes).unwrap_or_default();
            bytes.iter().rev().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte))
        };
        let packed = self.packed + want as u64;
        let is_right = number(0, 4) == u64::from(self.crc.clone().finalize())
            && number(4, 8) == self.unpacked
            && (self.trailer < 20 || number(12, 8) == packed);
        self.next = Next::Header;
        if is_right { Ok(None) } else { Err(Unscannable::Malformed) }
    }

    /// Goes on with the data of a member.
    fn data(
        &mut self,
        input: &mut &[u8],
        out: &mut BytesMut,
    ) -> Result<Option<Decoded>, Unscannable> {
        let Next::Data(data) = &mut self.next else { return Ok(None) };
        let waiting = std::mem::take(&mut self.head);
        let before = out.len();
        // What was taken for the end of the member before comes first.
        let (used, decoded) = match waiting.is_empty() {
            true => data.run(input, out),
            false => data.run(&waiting, out),
        };
        if waiting.is_empty() {
            *input = input.get(used..).unwrap_or_default();
        } else {
            self.head = waiting.get(used..).unwrap_or_default().to_vec();
        }
        let fresh = out.get(before..).unwrap_or_default();
        self.crc.update(fresh);
        self.packed += used as u64;
        self.unpacked += fresh.len() as u64;
        match decoded {
            Decoded::More if used == 0 && fresh.is_empty() => Ok(Some(Decoded::More)),
            Decoded::More => Ok(None),
            Decoded::End => {
                let unread = data.unread().to_vec();
                self.packed -= unread.len() as u64;
                self.head.splice(..0, unread);
                self.next = Next::Trailer(self.trailer + usize::from(data.is_due()));
                Ok(None)
            }
            Decoded::Foreign { .. } => Err(Unscannable::Malformed),
            Decoded::Failed(reason) => Err(reason),
        }
    }
}

impl Transform for Lzip {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let input = self.ratio.of_step(input, self.drained);
        let (before, mut rest) = (out.len(), input);
        let decoded = loop {
            let step = match self.next {
                Next::Header => self.header(&mut rest),
                Next::Data(_) => self.data(&mut rest, out),
                Next::Trailer(bytes) => self.trailer(&mut rest, bytes),
            };
            self.drained = matches!(step, Ok(Some(_)));
            match step {
                Ok(None) if out.len() == before => {}
                Ok(None) => break Decoded::More,
                Ok(Some(decoded)) => break decoded,
                Err(reason) => break Decoded::Failed(reason),
            }
        };
        let used = input.len() - rest.len();
        match self.ratio.add(used, out.len() - before, out) {
            Ok(()) => (used, decoded),
            Err(reason) => (used, Decoded::Failed(reason)),
        }
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        if let Next::Data(data) = &mut self.next {
            let before = out.len();
            let whole = data.finish(out);
            let fresh = out.get(before..).unwrap_or_default();
            self.crc.update(fresh);
            self.unpacked += fresh.len() as u64;
            whole?;
            let unread = data.unread().to_vec();
            self.packed -= unread.len() as u64;
            self.head.splice(..0, unread);
            self.next = Next::Trailer(self.trailer + usize::from(data.is_due()));
        }
        if let Next::Trailer(bytes) = self.next
            && self.trailer(&mut &[][..], bytes)?.is_some()
        {
            return Err(Unscannable::Malformed);
        }
        let begins = self.head.get(..MAGIC.len()).unwrap_or(&self.head);
        let is_over = self.any && (begins.is_empty() || !MAGIC.starts_with(begins));
        if is_over { Ok(()) } else { Err(Unscannable::Malformed) }
    }

    fn is_drained(&self) -> bool {
        self.drained
    }

    fn lag(&self) -> usize {
        let inside = if let Next::Data(data) = &self.next { data.lag() } else { 0 };
        inside + self.head.len()
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.ratio.work()
    }

    fn unread(&self) -> &[u8] {
        &self.head
    }

    fn memory_max(&self) -> usize {
        self.limits.window_bytes_max + (64 << 10)
    }
}
