//! XAR archives, as packages of macOS are: a table in compressed XML, then the data of files, each stored
//! or packed by zlib, bzip2 or LZMA.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use gateway_inspect::Unscannable;
use memchr::memmem;

use super::Member;
use crate::Limits;
use crate::allowance::Allowance;
use crate::coding::bzip2::Bzip2;
use crate::coding::decoder::{Decoded, Decoder};
use crate::coding::held::{Deflated, HeldThrough};
use crate::coding::lzma_alone::{Layout, LzmaAlone};
use crate::coding::transform::Transform;
use crate::coding::xz::Xz;

const HEADER_BYTES_MIN: usize = 28;
/// Tables that unpack to more are none.
const TABLE_BYTES_MAX: usize = 8 << 20;
/// What stands before the name of a file.
const NAME: &[u8] = b"<name>";
/// Files, at the most; the rest: `TooMany`.
const FILES_MAX: usize = 100_000;

/// An archive of which all is there.
pub(crate) struct Xar {
    bytes: Bytes,
    files: VecDeque<File>,
    allowance: Allowance,
    failed: Option<Unscannable>,
}

/// A file that has data.
struct File {
    name: Vec<u8>,
    from: usize,
    to: usize,
    style: Vec<u8>,
}

impl Xar {
    /// Reads the table.
    pub(crate) fn open(bytes: Bytes, limits: &Limits) -> Result<Self, Unscannable> {
        let number = |at: usize| {
            let eight = bytes.get(at..).and_then(|b| b.first_chunk());
            eight.map_or(0, |b| u64::from_be_bytes(*b))
        };
        let header = bytes.get(4..6).and_then(|b| b.first_chunk());
        let header = usize::from(header.map_or(0, |b| u16::from_be_bytes(*b)));
        let packed = usize::try_from(number(8)).map_err(|_| Unscannable::Malformed)?;
        let heap = header.checked_add(packed).filter(|heap| *heap <= bytes.len());
        let heap = heap.filter(|_| header >= HEADER_BYTES_MIN).ok_or(Unscannable::Malformed)?;
        let table = unpack(bytes.slice(header..heap), limits)?;
        let allowance = Allowance::new(bytes.len());
        let mut archive = Self { bytes, files: VecDeque::new(), allowance, failed: None };
        archive.list(&table, heap, limits.name_bytes_max);
        Ok(archive)
    }

    pub(crate) fn failed(&self) -> Option<Unscannable> {
        self.failed
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Lists every element `data`, of files and of their attributes alike. None has another one in it.
    fn list(&mut self, table: &[u8], heap: usize, name_bytes_max: usize) {
        let mut starts = memmem::find_iter(table, b"<data>").peekable();
        let mut ends = memmem::find_iter(table, b"</data>").peekable();
        let mut names = memmem::find_iter(table, NAME).peekable();
        while let Some(at) = starts.next() {
            while ends.next_if(|end| *end < at).is_some() {}
            let next = starts.peek().copied().unwrap_or(table.len());
            let end = ends.peek().copied().filter(|end| *end < next);
            let element = end.and_then(|end| table.get(at..end));
            let file = element.and_then(|element| read(element, heap));
            match file.filter(|file| file.to <= self.bytes.len()) {
                Some(_) if self.files.len() >= FILES_MAX => {
                    self.failed = Some(Unscannable::TooMany);
                    return;
                }
                Some(file) => {
                    while names.next_if(|name| Some(*name) < end).is_some() {}
                    let name = names.peek().and_then(|name| table.get(name + NAME.len()..));
                    let name = name.unwrap_or_default().iter().take(name_bytes_max);
                    let name = name.take_while(|byte| **byte != b'<').copied().collect();
                    self.files.push_back(File { name, ..file });
                }
                None => self.failed = Some(Unscannable::Malformed),
            }
        }
    }

    /// The next file.
    pub(crate) fn next_member(&mut self, limits: &Limits) -> Option<Member> {
        let file = self.files.pop_front()?;
        if !self.allowance.take(file.to - file.from) {
            // Files may share bytes, but not over and over.
            self.failed = Some(Unscannable::WorkExceeded);
            self.files.clear();
            return None;
        }
        let bytes = self.bytes.slice(file.from..file.to);
        let through = |transform: Box<dyn Transform>| {
            let through = HeldThrough::new(bytes.clone(), vec![transform]);
            Ok(Decoder::Other(Box::new(through)))
        };
        let decoder = match &*file.style {
            b"application/octet-stream" | b"" => Ok(Decoder::Held(bytes.clone())),
            b"application/x-gzip" => through(Box::new(Deflated::zlib(limits))),
            b"application/x-bzip2" => through(Box::new(Bzip2::new(limits))),
            b"application/x-lzma" => through(Box::new(LzmaAlone::new(Layout::File, None, limits))),
            b"application/x-xz" => through(Box::new(Xz::new(limits))),
            _ => Err(Unscannable::Unsupported),
        };
        let member = Member::stream("xar", file.name, Decoder::Stored { left: 0 });
        let packed_size = Some((file.to - file.from) as u64);
        Some(Member { decoder, packed_size, from: Some(0), ..member })
    }
}

/// All that the table unpacks to.
fn unpack(packed: Bytes, limits: &Limits) -> Result<Bytes, Unscannable> {
    let mut source = HeldThrough::new(packed, vec![Box::new(Deflated::zlib(limits))]);
    let mut out = BytesMut::new();
    loop {
        match source.run(&[], &mut out).1 {
            Decoded::End => return Ok(out.freeze()),
            Decoded::Failed(reason) => return Err(reason),
            _ if out.len() > TABLE_BYTES_MAX => return Err(Unscannable::TooLarge),
            _ => {}
        }
    }
}

/// An element `data`, whose file has no name yet.
fn read(element: &[u8], heap: usize) -> Option<File> {
    let number = |name: &[u8]| {
        let digits = std::str::from_utf8(text(element, name)?.trim_ascii()).ok()?;
        digits.parse::<usize>().ok()
    };
    let from = heap.checked_add(number(b"offset")?)?;
    let to = from.checked_add(number(b"length")?)?;
    let style = memmem::find(element, b"style=").and_then(|at| element.get(at + 6..));
    let style = style.and_then(|rest| {
        let (quote, rest) = rest.split_first()?;
        rest.split(|byte| byte == quote).next()
    });
    Some(File { name: Vec::new(), from, to, style: style.unwrap_or_default().to_vec() })
}

/// What stands in the first element of that name.
fn text<'a>(xml: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let open = [b"<", name, b">"].concat();
    let rest = xml.get(memmem::find(xml, &open)? + open.len()..)?;
    rest.split(|byte| *byte == b'<').next()
}
