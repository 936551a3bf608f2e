//! A stored member of a ZIP archive whose length only its data descriptor tells.
//!
//! Writers that cannot seek make these. The data end where a descriptor fits them: it has its
//! signature, and says the CRC-32 and the length of all that came before it. A file that holds
//! such a thing to deceive ends early here, and contradicts the directory.

use std::sync::LazyLock;

use bytes::BytesMut;
use crc32fast::Hasher;
use memchr::memmem::Finder;

use super::decoder::Decoded;

/// What a descriptor begins with.
const SIGNATURE: &[u8] = b"PK\x07\x08";
/// Bytes of the longest form: signature, CRC-32, two sizes of 64 bits.
const WIDE_BYTES: usize = 24;
/// Bytes of the form with 32-bit sizes.
const NARROW_BYTES: usize = 16;

/// Made once: there may be many members.
static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(SIGNATURE));

/// The data on their way.
pub(crate) struct Delimited {
    /// Bytes from the first that may be a descriptor on.
    held: Vec<u8>,
    crc: Hasher,
    len: u64,
}

impl Delimited {
    /// Data of which nothing was seen.
    pub(crate) fn new() -> Self {
        Self { held: Vec::with_capacity(WIDE_BYTES), crc: Hasher::new(), len: 0 }
    }

    /// Whether more has to come before anything is decided.
    pub(crate) const fn is_drained(&self) -> bool {
        self.held.len() < WIDE_BYTES
    }

    /// Whether all that was taken is out.
    pub(crate) const fn is_settled(&self) -> bool {
        self.held.is_empty()
    }

    /// Takes the next step through `input`. At the end the bytes behind the descriptor that were
    /// taken with it are to be [put back](Self::into_unread).
    pub(crate) fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        if self.held.is_empty() {
            let data = FINDER.find(input).unwrap_or_else(|| input.len() - begun(input));
            let (data, rest) = input.split_at_checked(data).unwrap_or((input, &[]));
            self.emit(data, out);
            let rest = rest.get(..WIDE_BYTES).unwrap_or(rest);
            self.held.extend_from_slice(rest);
            return (data.len() + rest.len(), Decoded::More);
        }
        let more = WIDE_BYTES.saturating_sub(self.held.len()).min(input.len());
        self.held.extend_from_slice(input.get(..more).unwrap_or_default());
        if self.held.len() == WIDE_BYTES && self.descriptor_bytes().is_some() {
            return (more, Decoded::End);
        }
        let is_signature = self.held.iter().zip(SIGNATURE).all(|(a, b)| a == b);
        if self.held.len() == WIDE_BYTES || !is_signature {
            self.realign(out);
        }
        (more, Decoded::More)
    }

    /// After the end: what was taken behind the descriptor.
    pub(crate) fn unread(&self) -> &[u8] {
        self.held.get(self.descriptor_bytes().unwrap_or(0)..).unwrap_or_default()
    }

    /// The bytes held begin no descriptor; a later one among them may.
    fn realign(&mut self, out: &mut BytesMut) {
        let held = std::mem::take(&mut self.held);
        let rest = held.get(1..).unwrap_or_default();
        let next = FINDER.find(rest).unwrap_or_else(|| rest.len() - begun(rest));
        let (data, rest) = held.split_at_checked(1 + next).unwrap_or((&held, &[]));
        self.emit(data, out);
        self.held.extend_from_slice(rest);
    }

    fn emit(&mut self, data: &[u8], out: &mut BytesMut) {
        self.crc.update(data);
        self.len += data.len() as u64;
        out.extend_from_slice(data);
    }

    /// The length of the descriptor that the held bytes begin with, if they do and it fits.
    fn descriptor_bytes(&self) -> Option<usize> {
        let rest = self.held.strip_prefix(SIGNATURE)?;
        let (crc, sizes) = rest.split_first_chunk::<4>()?;
        if u32::from_le_bytes(*crc) != self.crc.clone().finalize() {
            return None;
        }
        let (wide, narrow) = (self.len.to_le_bytes(), u32::try_from(self.len).ok());
        if sizes == [wide, wide].concat() {
            return Some(WIDE_BYTES);
        }
        let narrow = narrow?.to_le_bytes();
        sizes.starts_with(&[narrow, narrow].concat()).then_some(NARROW_BYTES)
    }
}

/// How many of the last bytes may begin the signature.
fn begun(bytes: &[u8]) -> usize {
    (1..SIGNATURE.len())
        .rev()
        .find(|n| bytes.ends_with(SIGNATURE.get(..*n).unwrap_or_default()))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn descriptor(data: &[u8]) -> Vec<u8> {
        let len = (data.len() as u32).to_le_bytes();
        [SIGNATURE, &crc32fast::hash(data).to_le_bytes(), &len, &len].concat()
    }

    fn check(data: &[u8]) {
        let stream = [data, &descriptor(data), b"PK\x01\x02 and what else follows"].concat();
        for cut in [1, 2, 3, 7, 16, 25, stream.len()] {
            let (mut delimited, mut out) = (Delimited::new(), BytesMut::new());
            let mut at = 0;
            loop {
                let to = (at + cut).min(stream.len());
                let (n, decoded) = delimited.run(&stream[at..to], &mut out);
                at += n;
                if decoded == Decoded::End {
                    break;
                }
                assert!(at < stream.len(), "{data:?} has no end");
            }
            assert_eq!(out, data, "pieces of {cut}");
            assert_eq!(at - delimited.unread().len(), data.len() + NARROW_BYTES);
        }
    }

    #[test]
    fn data_end_at_the_descriptor_that_fits() {
        for data in [
            &b""[..],
            b"data",
            b"PK\x07\x08",
            b"PPKPK\x07PK\x07\x08PK\x07\x08 and PK",
            b"P",
            &[b'P'; 40],
            &descriptor(b"other data"),
            &[&descriptor(b"not this one")[..], &descriptor(b"nor that"), b"PK\x07"].concat(),
        ] {
            check(data);
        }
    }
}
