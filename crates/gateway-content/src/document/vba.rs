//! The source of macros in Office documents, as it is packed ([MS-OVBA], section 2.4.1).
//!
//! A module is a stream: what was compiled of it, then its source. Where that begins another stream
//! tells, which may lie; so it is looked for.

use std::collections::BTreeSet;

use bytes::BytesMut;
use gateway_inspect::Unscannable::{self, Malformed as MALFORMED};
use memchr::memmem;

use crate::Limits;
use crate::coding::decoder::Decoded;
use crate::coding::inflate::WINDOW;
use crate::coding::ratio::Ratio;
use crate::coding::transform::Transform;

/// The first byte of packed source.
const SIGNATURE: u8 = 1;
/// Bytes that a chunk unpacks to, at the most.
const CHUNK: usize = 4 << 10;
/// Bytes of the header of a chunk.
const HEADER: usize = 2;
/// Places of one stream that are taken for the beginning of source, of either kind.
const PLACES_MAX: usize = 4;
/// What the source of a module begins with: eight bytes as they are, of `Attribute VB_Name`.
const ATTRIBUTE: &[u8] = b"\0Attribut";

/// Where packed source may begin in the stream of a module.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    /// The first ones of either kind.
    pub(super) at: BTreeSet<usize>,
    /// Whether there are others, from which something else comes out.
    pub(super) are_more: bool,
}

/// Finds them: where a first chunk begins as those of a module do, and where chunks follow each other to the end of
/// the stream. What was compiled may look so as well, but not often.
pub(super) fn source_at(stream: &[u8]) -> Places {
    let is_module =
        |at: &usize| stream.get(*at) == Some(&SIGNATURE) && chunk_len(stream, at + 1).is_some();
    let attribute = memmem::find_iter(stream, ATTRIBUTE).filter_map(|at| at.checked_sub(3));
    let mut attribute = attribute.filter(is_module);
    let chains = chains(stream);
    let is_chain = |at: &usize| chains.get(at + 1).copied().unwrap_or(false);
    let mut starts = memchr::memchr_iter(SIGNATURE, stream).filter(is_chain);
    let first = attribute.by_ref().take(PLACES_MAX);
    let at: BTreeSet<usize> = first.chain(starts.by_ref().take(PLACES_MAX)).collect();
    let mut others = attribute.chain(starts).filter(|other| !at.contains(other)).peekable();
    let are_more = others.peek().is_some() && {
        // Chunks do not depend on those before: what begins behind a chunk that is shown is shown.
        let shown = shown(stream, &at);
        others.any(|other| !shown.get(other + 1).copied().unwrap_or(false))
    };
    Places { at, are_more }
}

/// For each byte of a stream whether a chunk begins there that others follow to the end.
fn chains(stream: &[u8]) -> Vec<bool> {
    let mut chains = vec![false; stream.len()];
    for at in (0..stream.len()).rev() {
        let follows = |end: usize| end == stream.len() || chains.get(end).copied().unwrap_or(false);
        let is_chunk = chunk_len(stream, at).is_some_and(|len| follows(at + len));
        if let Some(chain) = chains.get_mut(at) {
            *chain = is_chunk;
        }
    }
    chains
}

/// For each byte of a stream whether a chunk begins there of source at one of those places.
fn shown(stream: &[u8], places: &BTreeSet<usize>) -> Vec<bool> {
    let mut shown = vec![false; stream.len()];
    for place in places {
        let mut at = place + 1;
        while let Some(len) = chunk_len(stream, at)
            && let Some(shown @ false) = shown.get_mut(at)
        {
            *shown = true;
            at += len;
        }
    }
    shown
}

/// The length of the chunk at `at` with its header, if that is one.
fn chunk_len(stream: &[u8], at: usize) -> Option<usize> {
    let header = u16::from_le_bytes(*stream.get(at..)?.first_chunk::<2>()?);
    (header >> 12 & 7 == 3).then_some(usize::from(header & 0xfff) + 3)
}

/// Packed source on its way: chunk by chunk, each at once.
pub(crate) struct Source {
    is_begun: bool,
    /// What has come of the chunk at hand, its header included.
    held: Vec<u8>,
    chunk: Chunk,
    ratio: Ratio,
}

impl Source {
    pub(crate) fn new(limits: &Limits) -> Self {
        let chunk = Chunk { bytes: Box::new([0; CHUNK]), len: 0 };
        Self { is_begun: false, held: Vec::new(), chunk, ratio: Ratio::new(limits) }
    }

    /// Takes bytes up to the end of a chunk and unpacks it, once all of it has come: how many were taken.
    fn take(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        if !self.is_begun {
            self.is_begun = true;
            let is_source = input.first() == Some(&SIGNATURE);
            return (1, if is_source { Decoded::More } else { Decoded::Failed(MALFORMED) });
        }
        if self.held.is_empty()
            && let Some(len) = chunk_len(input, 0)
            && let Some(chunk) = input.get(..len)
        {
            return (len, self.chunk.unpack(chunk, out));
        }
        // What is held is no header that readers stop at.
        let whole = chunk_len(&self.held, 0).unwrap_or(HEADER);
        let more = whole.saturating_sub(self.held.len()).min(input.len());
        self.held.extend_from_slice(input.get(..more).unwrap_or_default());
        if self.held.len() < whole {
            return (more, Decoded::More);
        }
        let decoded = match chunk_len(&self.held, 0) {
            // Readers stop here.
            None => Decoded::End,
            Some(len) if self.held.len() < len => Decoded::More,
            Some(_) => {
                let decoded = self.chunk.unpack(&self.held, out);
                self.held.clear();
                decoded
            }
        };
        (more, decoded)
    }
}

impl Transform for Source {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let input = self.ratio.of_step(input, true);
        let before = out.len();
        let (mut used, mut decoded) = (0, Decoded::More);
        while used < input.len() && decoded == Decoded::More && out.len() - before < WINDOW {
            let taken;
            (taken, decoded) = self.take(input.get(used..).unwrap_or_default(), out);
            used += taken;
        }
        match self.ratio.add(used, out.len() - before, out) {
            Ok(()) => (used, decoded),
            Err(reason) => (used, Decoded::Failed(reason)),
        }
    }

    /// Of a chunk that is cut off as much is shown as has come.
    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        let before = out.len();
        let decoded = match chunk_len(&self.held, 0) {
            Some(_) => self.chunk.unpack(&self.held, out),
            None => Decoded::More,
        };
        self.ratio.add(0, out.len() - before, out)?;
        if let Decoded::Failed(reason) = decoded { Err(reason) } else { Ok(()) }
    }

    fn lag(&self) -> usize {
        self.held.len()
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.ratio.work()
    }

    fn memory_max(&self) -> usize {
        2 * CHUNK + HEADER
    }
}

/// What has come out of a chunk.
struct Chunk {
    bytes: Box<[u8; CHUNK]>,
    len: usize,
}

impl Chunk {
    /// Unpacks a chunk, or what has come of one: a header, and bytes as they are or items.
    fn unpack(&mut self, chunk: &[u8], out: &mut BytesMut) -> Decoded {
        let (header, data) = chunk.split_at_checked(HEADER).unwrap_or_default();
        if header.last().is_none_or(|high| high & 0x80 == 0) {
            out.extend_from_slice(data);
            return Decoded::More;
        }
        self.len = 0;
        let whole = self.items(data);
        out.extend_from_slice(self.bytes.get(..self.len).unwrap_or_default());
        if whole.is_some() { Decoded::More } else { Decoded::Failed(MALFORMED) }
    }

    /// Up to eight items behind the bits that tell which of them are references; nothing if one refers to what is
    /// not there.
    fn items(&mut self, mut data: &[u8]) -> Option<()> {
        while let Some((flags, rest)) = data.split_first() {
            data = rest;
            if *flags == 0 {
                let (bytes, rest) = data.split_at_checked(8).unwrap_or((data, &[]));
                self.put(bytes);
                data = rest;
                continue;
            }
            for bit in 0..8 {
                if flags >> bit & 1 == 0 {
                    let Some((_, rest)) = data.split_first() else { return Some(()) };
                    self.put(data.get(..1).unwrap_or_default());
                    data = rest;
                } else {
                    let Some((reference, rest)) = data.split_first_chunk() else { return Some(()) };
                    self.refer(u16::from_le_bytes(*reference).into())?;
                    data = rest;
                }
            }
        }
        Some(())
    }

    /// Appends bytes; of a chunk no reader has more than it holds.
    fn put(&mut self, bytes: &[u8]) {
        let rest = self.bytes.get_mut(self.len..).unwrap_or_default();
        let count = bytes.len().min(rest.len());
        if let Some((room, bytes)) = rest.get_mut(..count).zip(bytes.get(..count)) {
            room.copy_from_slice(bytes);
        }
        self.len += count;
    }

    /// Repeats what a reference tells of, which may be what it appends.
    fn refer(&mut self, reference: usize) -> Option<()> {
        // The further on in a chunk, the more bits tell how far back.
        let behind = self.len.checked_sub(1)?;
        let bits = (usize::BITS - behind.leading_zeros()).clamp(4, 12);
        let len = (reference & (0xffff >> bits)) + 3;
        let from = self.len.checked_sub((reference >> (16 - bits)) + 1)?;
        let end = (self.len + len).min(CHUNK);
        while self.len < end {
            // What was repeated once is repeated as a whole.
            let piece = (end - self.len).min(self.len - from);
            self.bytes.copy_within(from..from + piece, self.len);
            self.len += piece;
        }
        // What stands behind the last byte is not there.
        (from + len <= CHUNK).then_some(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// `source` packed: each chunk by references to what came before in it, where they fit.
    pub(crate) fn packed(source: &[u8]) -> Vec<u8> {
        let mut out = vec![SIGNATURE];
        for chunk in source.chunks(CHUNK) {
            let (mut items, mut at) = (Vec::new(), 0);
            while at < chunk.len() {
                let bits = (usize::BITS - (at.max(1) - 1).leading_zeros()).clamp(4, 12);
                let max = ((0xffff >> bits) + 3).min(chunk.len() - at);
                let fits = |back: &usize| chunk[at - back..].starts_with(&chunk[at..at + 3]);
                match (1..=at).filter(|_| max >= 3).find(fits) {
                    Some(back) => {
                        let same = |i: &usize| chunk[at - back + i] == chunk[at + i];
                        let len = (0..max).take_while(same).count();
                        let item = (back - 1) << (16 - bits) | (len - 3);
                        items.push((item as u16).to_le_bytes().to_vec());
                        at += len;
                    }
                    None => {
                        items.push(vec![chunk[at]]);
                        at += 1;
                    }
                }
            }
            let mut data = Vec::new();
            for run in items.chunks(8) {
                data.push((0..).zip(run).map(|(i, item)| u8::from(item.len() == 2) << i).sum());
                run.iter().for_each(|item| data.extend_from_slice(item));
            }
            assert!(data.len() <= CHUNK);
            out.extend_from_slice(&(0xb000 | (data.len() - 1) as u16).to_le_bytes());
            out.extend_from_slice(&data);
        }
        out
    }

    /// Places where source may begin, first those that are like nothing else and then those like a module, whose
    /// first chunk reaches over as many bytes behind all of them.
    pub(crate) fn starts(plain: usize, attribute: usize, covered: usize) -> Vec<u8> {
        let heads = [vec![[0xff; 9]; plain], vec![*b"\0Attribut"; attribute]].concat();
        let start = |(i, head): (usize, [u8; 9])| {
            let len = 12 * (plain + attribute - i) - 3 + covered;
            assert!(len <= CHUNK);
            [&[SIGNATURE][..], &(0x3000 | (len - 1) as u16).to_le_bytes(), &head].concat()
        };
        heads.into_iter().enumerate().flat_map(start).collect()
    }

    fn unpack(packed: &[u8], cut: usize) -> (Vec<u8>, Decoded) {
        let (mut source, mut out) = (Source::new(&Limits::default()), BytesMut::new());
        for piece in packed.chunks(cut) {
            let mut rest = piece;
            while !rest.is_empty() {
                let (used, decoded) = source.run(rest, &mut out);
                rest = &rest[used..];
                if decoded != Decoded::More {
                    return (out.to_vec(), decoded);
                }
            }
        }
        (out.to_vec(), source.finish(&mut out).map_or_else(Decoded::Failed, |()| Decoded::End))
    }

    fn module() -> Vec<u8> {
        let lines = (0..200).map(|i| format!("  Shell \"calc {i} MALWARE\"\r\n"));
        format!("Attribute VB_Name = \"A\"\r\nSub A()\r\n{}End Sub\r\n", lines.collect::<String>())
            .into_bytes()
    }

    #[test]
    fn source_comes_out_of_its_chunks() {
        let source = module();
        assert!(source.len() > CHUNK);
        let packed = packed(&source);
        assert!(packed.len() < source.len() / 2);
        // A chunk that is stored, and what no chunk begins with.
        let last = [&packed[..], &[0x03, 0x30], b"tail", &[0, 0, 1]].concat();
        for cut in [1, 2, 7, last.len()] {
            assert_eq!(unpack(&packed, cut), (source.clone(), Decoded::End), "pieces of {cut}");
            let (out, decoded) = unpack(&last, cut);
            assert_eq!((out, decoded), ([&source[..], b"tail"].concat(), Decoded::End));
        }
    }

    #[test]
    fn references_to_nothing_are_faults() {
        let malformed = Decoded::Failed(Unscannable::Malformed);
        assert_eq!(unpack(&[1, 2, 0xb0, 1, 0, 0], 1), (Vec::new(), malformed));
        assert_eq!(unpack(&[1, 3, 0xb0, 2, b'a', 0, 0x10], 1), (b"a".to_vec(), malformed));
        assert_eq!(unpack(&[2], 1), (Vec::new(), malformed));
    }

    #[test]
    fn source_is_found_behind_what_was_compiled() {
        let packed = packed(&module());
        let compiled =
            [&[1, 0x16, 3, 0, 1, 0xf0][..], &[0xff; 50], b"\x01\x07\xb0\0Attrib"].concat();
        let stream = [&compiled[..], &packed].concat();
        let found = |stream: &[u8]| source_at(stream).at.contains(&compiled.len());
        assert!(found(&stream));
        // With something behind it, or another beginning.
        assert!(found(&[&stream[..], b"\0\0\0"].concat()));
        let plain = self::packed(&b"Sub A() ".repeat(40));
        assert!(found(&[&compiled[..], &plain].concat()));
        assert_eq!(source_at(&compiled), Places::default());
        assert_eq!(source_at(b""), Places::default());
        // What was compiled looks like a chunk that reaches to the end.
        let decoy = [&[1, 0x31 + packed.len() as u8, 0x30 | (packed.len() >> 8) as u8][..]];
        let stream = [decoy[0], &[0xff; 0x31], &packed].concat();
        assert!(source_at(&stream).at.contains(&(3 + 0x31)), "{:?}", source_at(&stream));
    }

    #[test]
    fn what_begins_elsewhere_as_well_is_told() {
        let of = |plain: usize, source: &[u8]| {
            let stream = [starts(plain, 0, source.len()), source.to_vec()].concat();
            let places = source_at(&stream);
            (places.at.contains(&(stream.len() - source.len())), places.are_more)
        };
        let source = packed(b"Sub A() MALWARE");
        assert_eq!(of(PLACES_MAX - 1, &source), (true, false));
        assert_eq!(of(PLACES_MAX, &source), (false, true));
        // Those that are like a module are counted by themselves.
        assert_eq!(of(PLACES_MAX, &packed(&module())), (true, false));
        assert!(!source_at(&starts(0, PLACES_MAX, 0)).are_more);
        assert!(source_at(&starts(0, 2 * PLACES_MAX + 1, 0)).are_more);
        // Chunks that end in what source begins with, one after the other.
        let chunks = [&[SIGNATURE][..], &b"\x01\x30a\x01".repeat(2 * PLACES_MAX)].concat();
        let places = source_at(&chunks);
        assert_eq!((places.at, places.are_more), (BTreeSet::from([0, 4, 8, 12]), false));
    }

    #[test]
    fn a_full_chunk_takes_no_more() {
        let malformed = Decoded::Failed(Unscannable::Malformed);
        let of = |reference: u16| {
            let fill = [&[0b110, b'a'][..], &0x0ffc_u16.to_le_bytes(), &reference.to_le_bytes()];
            let chunk = fill.concat();
            let header = 0xb000 | (chunk.len() - 1) as u16;
            unpack(&[&[SIGNATURE][..], &header.to_le_bytes(), &chunk].concat(), 1)
        };
        let full = vec![b'a'; CHUNK];
        // Three bytes from the fourth to last on, and from the last but one on.
        assert_eq!(of(3 << 4), (full.clone(), Decoded::End));
        assert_eq!(of(1 << 4), (full, malformed));
    }
}
