//! Movies of Adobe Flash that are packed (SWF file format specification, chapter 2): the header as it is, then
//! zlib (`CWS`) or LZMA (`ZWS`). What comes out is the movie as it would be unpacked, its header included,
//! so that what is looked for in one is found in the other.

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use super::Member;
use super::headed::{Entry, Head, Headed, u32_at};
use crate::Limits;
use crate::coding::decoder::Decoder;
use crate::coding::held::Deflated;
use crate::coding::inflate::{self, Wrapper};
use crate::coding::lzma_alone::{Layout, LzmaAlone};
use crate::sniff::{SNIFF_BYTES_MAX, is_binary};

const PLAIN: u8 = b'F';
const BY_ZLIB: u8 = b'C';
const BY_LZMA: u8 = b'Z';
/// Signature, version, length of the movie when it is unpacked.
const HEADER_BYTES: usize = 8;
/// Behind it: the length of what LZMA packed, which nobody needs.
const LZMA_LENGTH_BYTES: usize = 4;
/// Where the first byte of what LZMA packed stands, which is zero: behind five of properties.
const LZMA_DATA_AT: usize = HEADER_BYTES + LZMA_LENGTH_BYTES + 5;
/// Bytes of which no text has all.
const PLAIN_BYTES: usize = 16;

/// Whether a part that begins with the letters of a movie is one; nothing while it is too short to tell.
pub(crate) fn may_be(first: &[u8]) -> Option<bool> {
    let first = first.get(..SNIFF_BYTES_MAX).unwrap_or(first);
    match *first.first()? {
        BY_ZLIB => match first.get(HEADER_BYTES..) {
            Some(data @ [_, _, ..]) => inflate::may_begin(Wrapper::Zlib, data),
            _ => None,
        },
        BY_LZMA => {
            let properties = *first.get(HEADER_BYTES + LZMA_LENGTH_BYTES)?;
            Some(properties < 9 * 5 * 5 && *first.get(LZMA_DATA_AT)? == 0)
        }
        _ => {
            let head = first.get(..PLAIN_BYTES).unwrap_or(first);
            let is_movie = head.iter().copied().any(is_binary);
            (is_movie || head.len() == PLAIN_BYTES).then_some(is_movie)
        }
    }
}

/// Whether one that is too short to tell, or breaks farther on than is asked for, is taken for one.
pub(crate) fn is_begun(first: &[u8]) -> bool {
    first.first() == Some(&BY_ZLIB) && first.len() >= HEADER_BYTES + 2
}

/// Whether a movie that begins with `first` is packed.
pub(crate) fn is_packed(first: &[u8]) -> bool {
    matches!(first.first(), Some(&(BY_ZLIB | BY_LZMA)))
}

/// The format.
#[derive(Default)]
pub(crate) struct Swf {
    is_read: bool,
}

impl Headed for Swf {
    fn read(&mut self, head: &[u8], limits: &Limits) -> Head {
        if self.is_read {
            return Head::End(0);
        }
        let by_lzma = head.first() == Some(&BY_LZMA);
        let bytes = HEADER_BYTES + if by_lzma { LZMA_LENGTH_BYTES } else { 0 };
        let Some(header) = head.get(..bytes).and_then(|head| head.first_chunk::<HEADER_BYTES>())
        else {
            return Head::Need(bytes.max(head.len() + 1));
        };
        self.is_read = true;
        let size = u64::from(u32_at(header, 4));
        let Some(rest) = size.checked_sub(HEADER_BYTES as u64) else {
            return Head::Broken(Unscannable::Malformed);
        };
        let decoder = if by_lzma {
            Decoder::Other(Box::new(LzmaAlone::new(Layout::Bare, Some(rest), limits)))
        } else {
            Decoder::Other(Box::new(Deflated::zlib(limits)))
        };
        let mut primed = BytesMut::from(&[PLAIN][..]);
        primed.extend_from_slice(header.get(1..).unwrap_or_default());
        let member = Member::stream("swf", Vec::new(), decoder);
        let member = Member { size: Some(size), primed, ..member };
        Head::Member(Box::new(Entry { bytes, packed: None, behind: 0, crc: None, member }))
    }

    fn may_end(&self) -> bool {
        self.is_read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn movies_are_told_from_texts() {
        for (first, want) in [
            (&b"F"[..], None),
            (b"FWS\x09\x41\x41\x41\x41", None),
            (b"FWS\x09\x41\0", Some(true)),
            (b"FWS and the number of 1", Some(false)),
            (b"CWS\x0a\x41\x41\x41\x41\x78", None),
            (b"CWS\x0a\x41\x41\x41\x41\x78\x9d", Some(false)),
            (b"CWS\x0a\x41\x41\x41\x41\x78\x01\x07", Some(false)),
            (b"CWS\x0a\x41\x41\x41\x41\x78\x9c\x4b", None),
            (b"CWS a text of which this is a line", Some(false)),
            (b"ZWS\x0d\x41\x41\x41\x41\0\0\0\0\x5d\0\0\x20\0", None),
            (b"ZWS\x0d\x41\x41\x41\x41\0\0\0\0\x5d\0\0\x20\0\0", Some(true)),
            (b"ZWS\x0d\x41\x41\x41\x41\0\0\0\0\x5d\0\0\x20\0\x01", Some(false)),
            (b"ZWS\x0d\x41\x41\x41\x41\0\0\0\0\xe1\0\0\x20\0\0", Some(false)),
            (b"ZWS, a text of which this is a line", Some(false)),
        ] {
            assert_eq!(may_be(first), want, "{}", first.escape_ascii());
        }
    }
}
