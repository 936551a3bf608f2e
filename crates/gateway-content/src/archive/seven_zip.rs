//! 7z archives (7zFormat.txt of the LZMA SDK): their index comes last, so they are gathered. Folders
//! packed by LZMA, LZMA2, PPMd, bzip2, deflate, Deflate64 or not at all, with any of the filters.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use gateway_inspect::Unscannable;

use super::Member;
use super::headed::Headed;
use super::sliced::{Slice, Sliced};
use crate::Limits;
use crate::coding::bcj2::Bcj2;
use crate::coding::branch;
use crate::coding::bzip2::Bzip2;
use crate::coding::decoder::{Decoded, Decoder};
use crate::coding::deflate64::Deflate64;
use crate::coding::held::{Deflated, HeldThrough};
use crate::coding::lzma_alone::{Layout, LzmaAlone};
use crate::coding::ppmd::Ppmd;
use crate::coding::transform::Transform;
use crate::coding::xz::Xz;

const SIGNATURE: &[u8] = b"7z\xbc\xaf\x27\x1c";
const SIGNATURE_BYTES: usize = 32;
/// Indexes that unpack to more are none.
const INDEX_BYTES_MAX: usize = 4 << 20;
/// An index may be packed, and its packed form as well.
const PACKED_INDEXES_MAX: u8 = 4;

/// Places that are tried for the index where the archive does not say it.
const INDEXES_MAX: usize = 16;
/// Files, folders and coders, at the most.
const COUNT_MAX: u64 = 100_000;

const BCJ2: &[u8] = &[0x03, 0x03, 0x01, 0x1b];
const AES: &[u8] = &[0x06, 0xf1, 0x07, 0x01];
/// Streams that go into one coder: BCJ2 has four.
const INPUTS_MAX: u64 = 4;

/// An archive of which all is there.
pub(crate) struct SevenZip {
    bytes: Bytes,
    folders: VecDeque<Folder>,
    failed: Option<Unscannable>,
}

#[derive(Clone, Debug, Default)]
struct Folder {
    coders: Vec<Coder>,
    /// Which coder takes which one's output, by the numbers of their streams.
    bonds: Vec<(u64, u64)>,
    sizes: Vec<u64>,
    /// Which streams are packed bytes, by their number, and where these are.
    packed: Vec<u64>,
    spans: Vec<(usize, usize)>,
    streams: u64,
    slices: Vec<Slice>,
}

#[derive(Clone, Debug, Default)]
struct Coder {
    method: Vec<u8>,
    properties: Vec<u8>,
    /// The number of its first input, and how many there are.
    first: u64,
    inputs: u64,
}

/// What the streams of an index tell.
#[derive(Default)]
struct Streams {
    packed: Vec<u64>,
    position: u64,
    folders: Vec<Folder>,
    /// Sizes of the files in all folders, in order.
    sizes: Vec<u64>,
}

impl SevenZip {
    /// Reads the index.
    pub(crate) fn open(bytes: Bytes, limits: &Limits) -> Result<Self, Unscannable> {
        if !bytes.starts_with(SIGNATURE) || bytes.len() < SIGNATURE_BYTES {
            return Err(Unscannable::Malformed);
        }
        let u64_at = |at: usize| {
            bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u64::from_le_bytes(*b))
        };
        // Offset, length and sum of the index.
        let is_known = bytes.get(12..SIGNATURE_BYTES).is_some_and(|at| at.iter().any(|b| *b != 0));
        if is_known || bytes.len() == SIGNATURE_BYTES {
            let span = span(u64_at(12), u64_at(20), bytes.len()).ok_or(Unscannable::Malformed)?;
            return Self::with_index(bytes, span, limits);
        }
        let mut opened = Err(Unscannable::Malformed);
        for at in indexes_at_end(&bytes).take(INDEXES_MAX) {
            opened = Self::with_index(bytes.clone(), (at, bytes.len()), limits);
            match &opened {
                // What has no folders is no index by chance.
                Ok(file) if file.folders.is_empty() => opened = Err(Unscannable::Malformed),
                Err(Unscannable::Malformed) => {}
                _ => break,
            }
        }
        opened
    }

    /// Reads the index that stands in this stretch.
    fn with_index(
        bytes: Bytes,
        (from, to): (usize, usize),
        limits: &Limits,
    ) -> Result<Self, Unscannable> {
        let mut index = bytes.slice(from..to);
        let mut file = Self { bytes, folders: VecDeque::new(), failed: None };
        for _ in 0..PACKED_INDEXES_MAX {
            let mut reader = Reader(&index);
            match reader.byte() {
                // An archive of nothing.
                None => return Ok(file),
                Some(0x01) => {
                    file.read_header(&mut reader).ok_or(Unscannable::Malformed)?;
                    return Ok(file);
                }
                Some(0x17) => {
                    let mut streams = Streams::default();
                    reader.streams(&mut streams).ok_or(Unscannable::Malformed)?;
                    place(&mut streams, file.bytes.len()).ok_or(Unscannable::Malformed)?;
                    let folder = streams.folders.first().ok_or(Unscannable::Malformed)?;
                    index = file.unpack(folder, limits)?;
                }
                Some(_) => return Err(Unscannable::Malformed),
            }
        }
        Err(Unscannable::TooDeep)
    }

    pub(crate) fn failed(&self) -> Option<Unscannable> {
        self.failed
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The next folder, whose files are its members.
    pub(crate) fn next_member(&mut self, limits: &Limits) -> Option<Member> {
        let folder = self.folders.pop_front()?;
        let member = Member::stream("7z", Vec::new(), Decoder::Stored { left: 0 });
        let decoder = self.source(&folder, limits).map(|source| Decoder::Other(Box::new(source)));
        let encrypted = matches!(decoder, Err(Unscannable::Encrypted));
        let slices = folder.slices;
        // Of what cannot be unpacked there are no files.
        let inner = decoder.is_ok();
        let inner = inner.then(|| Box::new(Sliced::new("7z", slices)) as Box<dyn Headed>);
        let packed_size = Some(folder.spans.iter().map(|(from, to)| (to - from) as u64).sum());
        Some(Member { decoder, encrypted, packed_size, from: Some(0), inner, ..member })
    }

    fn source(&self, folder: &Folder, limits: &Limits) -> Result<HeldThrough, Unscannable> {
        if folder.coders.iter().any(|coder| coder.method == AES) {
            return Err(Unscannable::Encrypted);
        }
        let taken: Vec<u64> = folder.bonds.iter().map(|(_, output)| *output).collect();
        let last = (0..folder.coders.len()).find(|i| !taken.contains(&(*i as u64)));
        self.output(folder, last.ok_or(Unscannable::Malformed)?, 0, limits)
    }

    /// What comes out of the coder `i`, which is `depth` coders from the last.
    fn output(
        &self,
        folder: &Folder,
        i: usize,
        depth: usize,
        limits: &Limits,
    ) -> Result<HeldThrough, Unscannable> {
        let (Some(coder), Some(size)) = (folder.coders.get(i), folder.sizes.get(i)) else {
            return Err(Unscannable::Malformed);
        };
        if depth > folder.coders.len() {
            return Err(Unscannable::Malformed);
        }
        let input = |nth: u64| self.input(folder, coder.first + nth, depth, limits);
        let transform: Box<dyn Transform> = match &*coder.method {
            BCJ2 if coder.inputs == 4 => {
                let streams = [input(0)?, input(1)?, input(2)?, input(3)?];
                return Ok(HeldThrough::new(
                    Bytes::new(),
                    vec![Box::new(Bcj2::new(streams, *size))],
                ));
            }
            _ if coder.inputs != 1 => return Err(Unscannable::Unsupported),
            [0x00] => return input(0),
            [0x03, 0x01, 0x01] if coder.properties.len() >= 5 => {
                let mut head = BytesMut::from(coder.properties.get(..5).unwrap_or_default());
                head.extend_from_slice(&size.to_le_bytes());
                let lzma = LzmaAlone::new(Layout::File, None, limits);
                return Ok(input(0)?.behind(&head).through(Box::new(lzma)));
            }
            [0x03, 0x04, 0x01] => Box::new(Ppmd::seven_zip(&coder.properties, *size, limits)?),
            [0x21] => {
                let bits = coder.properties.first().copied().unwrap_or(0);
                Box::new(Xz::chunks(bits, limits))
            }
            [0x04, 0x02, 0x02] => Box::new(Bzip2::new(limits)),
            [0x04, 0x01, 0x08] => Box::new(Deflated::new(limits)),
            [0x04, 0x01, 0x09] => Box::new(Deflate64::new(limits)),
            method => filter_number(method)
                .and_then(|number| branch::filter(number, &coder.properties))
                .ok_or(Unscannable::Unsupported)?,
        };
        Ok(input(0)?.through(transform))
    }

    /// What goes in by the number `input`: packed bytes, or what another coder puts out.
    fn input(
        &self,
        folder: &Folder,
        input: u64,
        depth: usize,
        limits: &Limits,
    ) -> Result<HeldThrough, Unscannable> {
        if let Some((_, output)) = folder.bonds.iter().find(|(bound, _)| *bound == input) {
            let coder = usize::try_from(*output).map_err(|_| Unscannable::Malformed)?;
            return self.output(folder, coder, depth + 1, limits);
        }
        let nth = folder.packed.iter().position(|packed| *packed == input);
        let span = nth.and_then(|nth| folder.spans.get(nth)).ok_or(Unscannable::Malformed)?;
        Ok(HeldThrough::new(self.bytes.slice(span.0..span.1), Vec::new()))
    }

    /// All that a folder unpacks to, for an index.
    fn unpack(&self, folder: &Folder, limits: &Limits) -> Result<Bytes, Unscannable> {
        let (mut source, mut out) = (self.source(folder, limits)?, BytesMut::new());
        loop {
            match source.run(&[], &mut out).1 {
                Decoded::End => return Ok(out.freeze()),
                Decoded::Failed(reason) => return Err(reason),
                _ if out.len() > INDEX_BYTES_MAX => return Err(Unscannable::TooLarge),
                _ => {}
            }
        }
    }

    fn read_header(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let mut streams = Streams::default();
        let mut names = Vec::new();
        let mut empty = Vec::new();
        loop {
            match reader.byte()? {
                0x00 => break,
                0x02 => {
                    while reader.byte()? != 0 {
                        let len = reader.number()?;
                        reader.take(len)?;
                    }
                }
                0x04 => reader.streams(&mut streams)?,
                0x05 => (names, empty) = reader.files()?,
                _ => return None,
            }
        }
        place(&mut streams, self.bytes.len())?;
        let mut with_data =
            names.into_iter().zip(empty).filter(|(_, empty)| !empty).map(|(name, _)| name);
        let mut sizes = streams.sizes.into_iter();
        for mut folder in streams.folders {
            for _ in 0..folder.streams {
                let (name, size) = (with_data.next().unwrap_or_default(), sizes.next()?);
                folder.slices.push(Slice { name, size });
            }
            self.folders.push_back(folder);
        }
        Some(())
    }
}

/// The number of a filter, by the method that it is in an archive.
fn filter_number(method: &[u8]) -> Option<u64> {
    match method {
        [number @ 3..=10] => Some((*number).into()),
        [0x03, 0x03, 0x01, 0x03] => Some(4),
        [0x03, 0x03, 0x02, 0x05] => Some(5),
        [0x03, 0x03, 0x04, 0x01] => Some(6),
        [0x03, 0x03, 0x05, 0x01] => Some(7),
        [0x03, 0x03, 0x07, 0x01] => Some(8),
        [0x03, 0x03, 0x08, 0x05] => Some(9),
        _ => None,
    }
}

/// Where the index may stand of an archive whose writer had no time to say it, the last place first: readers take
/// the last that looks like one among the last bytes, and two bytes within one may look so.
fn indexes_at_end(bytes: &[u8]) -> impl Iterator<Item = usize> {
    const BYTES_MAX: usize = 500;
    let from = bytes.len().saturating_sub(BYTES_MAX).max(SIGNATURE_BYTES);
    let tail = bytes.get(from..).unwrap_or_default();
    let places = tail.windows(2).enumerate().rev();
    places.filter(|(_, two)| matches!(two, [0x17, 6] | [1, 4])).map(move |(at, _)| from + at)
}

/// A stretch of so many bytes behind the signature header.
fn span(offset: u64, len: u64, bytes: usize) -> Option<(usize, usize)> {
    let from = SIGNATURE_BYTES.checked_add(usize::try_from(offset).ok()?)?;
    let to = from.checked_add(usize::try_from(len).ok()?)?;
    (to <= bytes).then_some((from, to))
}

/// Gives each folder its packed bytes.
fn place(streams: &mut Streams, bytes: usize) -> Option<()> {
    let mut offset = streams.position;
    let mut packed = streams.packed.iter();
    for folder in &mut streams.folders {
        for _ in 0..folder.packed.len() {
            let len = *packed.next()?;
            folder.spans.push(span(offset, len, bytes)?);
            offset = offset.checked_add(len)?;
        }
    }
    Some(())
}

/// Reads an index.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn take(&mut self, len: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(len).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number whose first byte tells how many follow.
    fn number(&mut self) -> Option<u64> {
        let first = self.byte()?;
        let more = first.leading_ones();
        let mut value = 0;
        for i in 0..more {
            value |= u64::from(self.byte()?) << (8 * i);
        }
        if more < 8 {
            let high = u64::from(first & (0x7f_u8 >> more));
            value |= high << (8 * more);
        }
        Some(value)
    }

    fn count(&mut self) -> Option<u64> {
        self.number().filter(|count| *count <= COUNT_MAX)
    }

    fn numbers(&mut self, count: u64) -> Option<Vec<u64>> {
        (0..count).map(|_| self.number()).collect()
    }

    fn bits(&mut self, count: u64) -> Option<Vec<bool>> {
        let bytes = self.take(count.div_ceil(8))?;
        let bit = |i: u64| bytes.get((i / 8) as usize).is_some_and(|b| b & (0x80 >> (i % 8)) != 0);
        Some((0..count).map(bit).collect())
    }

    /// Checksums of those of `count` that have one: which.
    fn digests(&mut self, count: u64) -> Option<Vec<bool>> {
        let defined =
            if self.byte()? == 0 { self.bits(count)? } else { vec![true; count as usize] };
        self.take(4 * defined.iter().filter(|defined| **defined).count() as u64)?;
        Some(defined)
    }

    fn streams(&mut self, streams: &mut Streams) -> Option<()> {
        let mut defined = Vec::new();
        loop {
            match self.byte()? {
                0x00 => break,
                0x06 => {
                    streams.position = self.number()?;
                    let count = self.count()?;
                    loop {
                        match self.byte()? {
                            0x00 => break,
                            0x09 => streams.packed = self.numbers(count)?,
                            0x0a => drop(self.digests(count)?),
                            _ => return None,
                        }
                    }
                }
                0x07 => defined = self.folders(streams)?,
                0x08 => {
                    return self
                        .substreams(streams, &defined)
                        .and_then(|()| (self.byte()? == 0).then_some(()));
                }
                _ => return None,
            }
        }
        for folder in &mut streams.folders {
            folder.streams = 1;
            streams.sizes.push(folder.size());
        }
        Some(())
    }

    fn folders(&mut self, streams: &mut Streams) -> Option<Vec<bool>> {
        (self.byte()? == 0x0b).then_some(())?;
        let count = self.count()?;
        (self.byte()? == 0).then_some(())?;
        for _ in 0..count {
            streams.folders.push(self.folder()?);
        }
        let mut defined = vec![false; count as usize];
        loop {
            match self.byte()? {
                0x00 => return Some(defined),
                0x0c => {
                    for folder in &mut streams.folders {
                        folder.sizes = self.numbers(folder.coders.len() as u64)?;
                    }
                }
                0x0a => defined = self.digests(count)?,
                _ => return None,
            }
        }
    }

    fn folder(&mut self) -> Option<Folder> {
        let mut folder = Folder { streams: 1, ..Folder::default() };
        let coders = self.number().filter(|count| (1..=32).contains(count))?;
        let mut first = 0;
        for _ in 0..coders {
            let flags = self.byte()?;
            let method = self.take(u64::from(flags & 15))?.to_vec();
            let (mut inputs, mut outputs) = (1, 1);
            if flags & 0x10 != 0 {
                (inputs, outputs) = (self.number()?, self.number()?);
            }
            let mut properties = Vec::new();
            if flags & 0x20 != 0 {
                let len = self.number()?;
                properties = self.take(len)?.to_vec();
            }
            // No coder puts out more than one stream.
            ((1..=INPUTS_MAX).contains(&inputs) && outputs == 1).then_some(())?;
            folder.coders.push(Coder { method, properties, first, inputs });
            first += inputs;
        }
        for _ in 1..coders {
            folder.bonds.push((self.number()?, self.number()?));
        }
        let mut outputs: Vec<u64> = folder.bonds.iter().map(|(_, output)| *output).collect();
        outputs.sort_unstable();
        // What comes out goes into one other coder, or is the file.
        outputs.windows(2).all(|pair| pair.first() != pair.last()).then_some(())?;
        let packed = first.checked_sub(folder.bonds.len() as u64)?;
        folder.packed = if packed == 1 {
            let is_bound = |input: &u64| folder.bonds.iter().any(|(bound, _)| bound == input);
            vec![(0..first).find(|input| !is_bound(input))?]
        } else {
            self.numbers(packed)?
        };
        Some(folder)
    }

    fn substreams(&mut self, streams: &mut Streams, defined: &[bool]) -> Option<()> {
        let mut kind = self.byte()?;
        if kind == 0x0d {
            for folder in &mut streams.folders {
                folder.streams = self.count()?;
            }
            kind = self.byte()?;
        }
        let has_sizes = kind == 0x09;
        for folder in &streams.folders {
            let mut left = folder.size();
            for i in 0..folder.streams {
                let size = if i + 1 == folder.streams {
                    left
                } else if has_sizes {
                    self.number()?
                } else {
                    return None;
                };
                left = left.checked_sub(size)?;
                streams.sizes.push(size);
            }
        }
        if has_sizes {
            kind = self.byte()?;
        }
        if kind == 0x0a {
            let known = |(folder, defined): (&Folder, &bool)| folder.streams == 1 && *defined;
            let without =
                streams.folders.iter().zip(defined).filter(|pair| !known((pair.0, pair.1)));
            let count = without.map(|(folder, _)| folder.streams).sum();
            self.digests(count)?;
            kind = self.byte()?;
        }
        (kind == 0).then_some(())
    }

    /// The names of files, and which of them have no data.
    fn files(&mut self) -> Option<(Vec<Vec<u8>>, Vec<bool>)> {
        let count = self.count()?;
        let (mut names, mut empty) = (Vec::new(), vec![false; count as usize]);
        loop {
            let kind = self.byte()?;
            if kind == 0 {
                break;
            }
            let len = self.number()?;
            let mut body = Reader(self.take(len)?);
            match kind {
                0x0e => empty = body.bits(count)?,
                0x11 => {
                    (body.byte()? == 0).then_some(())?;
                    let units = body.0.as_chunks::<2>().0.iter().map(|b| u16::from_le_bytes(*b));
                    let units: Vec<u16> = units.collect();
                    let name = |units: &[u16]| String::from_utf16_lossy(units).into_bytes();
                    names = units.split(|unit| *unit == 0).map(name).collect();
                }
                _ => {}
            }
        }
        names.resize(count as usize, Vec::new());
        Some((names, empty))
    }
}

impl Folder {
    /// Size of what comes out of the coder that none takes from.
    fn size(&self) -> u64 {
        let taken = |i: usize| self.bonds.iter().any(|(_, output)| *output == i as u64);
        let last = (0..self.sizes.len()).find(|i| !taken(*i));
        last.and_then(|i| self.sizes.get(i).copied()).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crafted::stored;

    /// The letter Ё in a name is in UTF-16 what an index begins with.
    #[test]
    fn what_looks_like_an_index_within_one_is_passed_over() {
        let mut archive = stored::seven_zip(b"content");
        let name = archive.len() - 6;
        archive[name..name + 2].copy_from_slice(&0x0401u16.to_le_bytes());
        archive[8..SIGNATURE_BYTES].fill(0);
        let limits = Limits::default();
        let mut opened = SevenZip::open(archive.into(), &limits).unwrap();
        assert!(opened.next_member(&limits).is_some_and(|member| member.decoder.is_ok()));
        assert!(opened.next_member(&limits).is_none() && opened.failed().is_none());
    }
}
