//! PDF (ISO 32000-1): its streams, unpacked, and the text of its pages.
//!
//! Objects are found by looking for them, not by the table of references at the end: that table may
//! lie, and readers that find it broken look for the objects as well. Every stream is a member; so
//! is the text, and what looks like an archive outside of all streams.

mod font;
mod syntax;
#[cfg(test)]
mod tests;
mod text;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::{Bytes, BytesMut};
use gateway_inspect::Unscannable;
use memchr::memmem;

use self::syntax::{Parser, Value};
use crate::Limits;
use crate::allowance::Allowance;
use crate::archive::{Member, behind};
use crate::coding::decoder::Decoder;
use crate::coding::held::{Ascii85, AsciiHex, Deflated, HeldThrough};
use crate::coding::lzw::{Change, Lzw};
use crate::coding::predictor::Predictor;
use crate::coding::run_length::RunLength;
use crate::coding::transform::Transform;
use crate::declared::Declared;

/// Objects of one file, at the most; the rest: `TooMany`.
const OBJECTS_MAX: usize = 200_000;
/// Bytes that streams of objects unpack to, and those of one page's content, at the most.
const UNPACKED_MAX: usize = 8 << 20;
/// Bytes of all streams of objects together; manuals of a thousand pages have more than 8 MiB.
const OBJECT_BYTES_MAX: usize = 24 << 20;
/// Bytes that are searched in the time in which one is read.
const SEARCHED_PER_READ: usize = 16;
/// Filters that follow each other on one stream.
const FILTERS_MAX: usize = 8;

/// Where an object stands.
#[derive(Clone, Copy, Debug)]
enum Place {
    File(usize),
    /// In an unpacked stream of objects.
    Stream(usize, usize),
}

/// A stream: the number of its object, where its dictionary stands, and where its bytes.
#[derive(Clone, Copy, Debug)]
struct Stream {
    number: u32,
    at: usize,
    from: usize,
    to: usize,
}

/// A file of which all is there.
pub(super) struct Pdf {
    bytes: Bytes,
    objects: BTreeMap<u32, Place>,
    object_streams: Vec<Bytes>,
    /// Bytes of them all.
    object_bytes: usize,
    streams: VecDeque<Stream>,
    text_told: bool,
    archive_told: bool,
    failed: Option<Unscannable>,
    allowance: Allowance,
    /// Where streams begin that were unpacked for what is in them.
    unpacked_from: RefCell<BTreeSet<usize>>,
    limits: Limits,
}

impl Pdf {
    /// Looks for the objects.
    pub(super) fn open(bytes: Bytes, limits: &Limits) -> Self {
        let mut file = Self {
            allowance: Allowance::new(bytes.len()),
            unpacked_from: RefCell::default(),
            bytes,
            objects: BTreeMap::new(),
            object_streams: Vec::new(),
            object_bytes: 0,
            streams: VecDeque::new(),
            text_told: false,
            archive_told: false,
            failed: None,
            limits: limits.clone(),
        };
        file.find_objects();
        if file.is_encrypted() {
            // Strings and streams alike: nothing of it can be read.
            file.failed = Some(Unscannable::Encrypted);
            file.streams.clear();
            file.text_told = true;
        }
        file
    }

    pub(super) fn failed(&self) -> Option<Unscannable> {
        self.failed.or_else(|| self.allowance.is_spent().then_some(Unscannable::WorkExceeded))
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len() + self.object_bytes
    }

    /// The next member.
    pub(super) fn next_member(&mut self) -> Option<Member> {
        if let Some(stream) = self.streams.pop_front() {
            return Some(self.stream_member(stream));
        }
        if !std::mem::replace(&mut self.text_told, true) {
            let text = text::text(self);
            if !text.trim_ascii().is_empty() {
                let decoder = Decoder::Held(text.into());
                let member = Member::view("pdf", b"text".to_vec(), decoder);
                return Some(Member { from: Some(0), ..member });
            }
        }
        if !std::mem::replace(&mut self.archive_told, true) {
            let at = self.archive_at()?;
            let tail = self.bytes.slice(at..);
            let member = Member::stream("pdf", b"tail".to_vec(), Decoder::Held(tail));
            return Some(Member { from: Some(0), ..member });
        }
        None
    }

    /// Finds `12 0 obj`, and the streams behind their dictionaries.
    fn find_objects(&mut self) {
        let bytes = self.bytes.clone();
        let mut at = 0;
        while let Some(found) = memmem::find(bytes.get(at..).unwrap_or_default(), b"obj") {
            let keyword = at + found;
            at = keyword + 3;
            let Some(number) = number_before(&bytes, keyword) else { continue };
            if self.objects.len() >= OBJECTS_MAX {
                self.failed = Some(Unscannable::TooMany);
                return;
            }
            if self.allowance.is_spent() {
                return;
            }
            self.objects.insert(number, Place::File(at));
            let (value, mut parser) = self.read(&bytes, at);
            let Some(from) = parser.stream_start() else { continue };
            let to = self.stream_end(&value, from);
            self.streams.push_back(Stream { number, at, from, to });
            at = to;
            if value.name("Type") == Some(b"ObjStm") {
                self.unpack_objects(&value, from, to);
            }
        }
    }

    /// Where a stream ends: where its length says so, if that is true.
    fn stream_end(&self, dictionary: &Value, from: usize) -> usize {
        const KEYWORD: &[u8] = b"endstream";
        let rest = self.bytes.get(from..).unwrap_or_default();
        let declared = dictionary.get("Length").and_then(Value::integer);
        if let Some(len) = declared.and_then(|len| usize::try_from(len).ok())
            && let Some(after) = rest.get(len..)
        {
            let blanks = after.iter().take(2).take_while(|b| b.is_ascii_whitespace()).count();
            if after.get(blanks..).is_some_and(|after| after.starts_with(KEYWORD)) {
                return from + len;
            }
        }
        let end = memmem::find(rest, KEYWORD);
        self.allowance.spend(end.unwrap_or(rest.len()) / SEARCHED_PER_READ);
        let Some(end) = end else { return self.bytes.len() };
        let data = rest.get(..end).unwrap_or_default();
        let data = data.strip_suffix(b"\n").unwrap_or(data);
        from + data.strip_suffix(b"\r").unwrap_or(data).len()
    }

    /// The objects in a stream of them.
    fn unpack_objects(&mut self, dictionary: &Value, from: usize, to: usize) {
        let Some(bytes) = self.unpacked(dictionary, from, to) else { return };
        if self.object_bytes + bytes.len() > OBJECT_BYTES_MAX {
            self.failed = Some(Unscannable::TooLarge);
            return;
        }
        let integer = |key| dictionary.get(key).and_then(Value::integer);
        let (count, first) = (integer("N").unwrap_or(0), integer("First").unwrap_or(0));
        let stream = self.object_streams.len();
        let mut parser = Parser::new(&bytes, 0);
        for _ in 0..count {
            let (Some(number), Some(offset)) = (parser.value().integer(), parser.value().integer())
            else {
                break;
            };
            let (Ok(number), Ok(at)) = (u32::try_from(number), usize::try_from(first + offset))
            else {
                continue;
            };
            if self.objects.len() >= OBJECTS_MAX {
                break;
            }
            self.objects.insert(number, Place::Stream(stream, at));
        }
        self.object_bytes += bytes.len();
        self.object_streams.push(bytes);
    }

    /// Whether a dictionary outside of streams, or that of a table of references, tells of a key.
    fn is_encrypted(&self) -> bool {
        memmem::find_iter(&self.bytes, b"/Encrypt").any(|at| {
            let after = self.bytes.get(at + 8..).unwrap_or_default();
            // They stand in their order.
            let before = self.streams.partition_point(|stream| stream.from <= at);
            let last = before.checked_sub(1).and_then(|i| self.streams.get(i));
            let in_stream = last.is_some_and(|stream| at < stream.to);
            !in_stream && !after.first().is_some_and(u8::is_ascii_alphanumeric)
        })
    }

    /// Where an archive seems to begin outside of all streams.
    fn archive_at(&self) -> Option<usize> {
        let mut spans: Vec<(usize, usize)> = Vec::new();
        for place in self.objects.values() {
            if let Place::File(at) = place {
                let (value, mut parser) = self.read(&self.bytes, *at);
                if let Some(from) = parser.stream_start() {
                    spans.push((from, self.stream_end(&value, from)));
                }
            }
        }
        spans.sort_unstable();
        let is_outside = |at: &usize| {
            let before = spans.partition_point(|(from, _)| from <= at);
            before.checked_sub(1).and_then(|i| spans.get(i)).is_none_or(|(_, to)| to <= at)
        };
        let zip = memmem::find_iter(&self.bytes, b"PK\x03\x04").find(is_outside);
        let others = behind::SIGNATURES.iter().filter_map(|signature| {
            let begins =
                |at: &usize| behind::told(self.bytes.get(*at..).unwrap_or_default()) == Some(true);
            memmem::find_iter(&self.bytes, signature).filter(begins).find(is_outside)
        });
        zip.into_iter().chain(others).min()
    }

    /// The value at `at`, and what reads on behind it; nothing once as much was read as may be.
    fn read<'b>(&self, bytes: &'b [u8], at: usize) -> (Value, Parser<'b>) {
        if self.allowance.is_spent() {
            return (Value::Null, Parser::new(&[], 0));
        }
        let mut parser = Parser::new(bytes, at);
        let value = parser.value();
        self.allowance.spend(parser.at().saturating_sub(at));
        (value, parser)
    }

    /// The object of that number.
    fn object(&self, number: u32) -> (Value, Option<(usize, usize)>) {
        match self.objects.get(&number) {
            None => (Value::Null, None),
            Some(Place::File(at)) => {
                let (value, mut parser) = self.read(&self.bytes, *at);
                let span = parser.stream_start().map(|from| (from, self.stream_end(&value, from)));
                (value, span)
            }
            Some(Place::Stream(stream, at)) => {
                let bytes = self.object_streams.get(*stream).map_or(&[][..], |bytes| bytes);
                (self.read(bytes, *at).0, None)
            }
        }
    }

    /// What a value stands for, if it refers to an object.
    fn resolved<'v>(&self, value: &'v Value) -> Cow<'v, Value> {
        match value {
            Value::Reference(number) => Cow::Owned(self.object(*number).0),
            other => Cow::Borrowed(other),
        }
    }

    /// A stream as a member.
    fn stream_member(&self, stream: Stream) -> Member {
        let Stream { number, at, from, to } = stream;
        // Not by its number, which several objects may have.
        let dictionary = Parser::new(&self.bytes, at).value();
        let bytes = self.bytes.slice(from..to.max(from));
        let name = number.to_string().into_bytes();
        let decoder = match self.filters(&dictionary) {
            Ok(filters) if filters.is_empty() => Ok(Decoder::Held(bytes)),
            Ok(filters) => Ok(Decoder::Other(Box::new(HeldThrough::new(bytes, filters)))),
            Err(reason) => Err(reason),
        };
        let member = Member::stream("pdf", name, Decoder::Stored { left: 0 });
        // What pages and forms show has no type of its own.
        let shows_strings = dictionary.name("Type").is_none_or(|name| name == b"XObject");
        let declared = Declared { shows_strings, ..Declared::default() };
        let packed_size = Some((to - from) as u64);
        Member { decoder, declared, from: Some(0), packed_size, ..member }
    }

    /// What undoes the filters of a stream up to one of an image, whose bytes are taken as they are.
    fn filters(&self, dictionary: &Value) -> Result<Vec<Box<dyn Transform>>, Unscannable> {
        let either = |long, short| dictionary.get(long).or_else(|| dictionary.get(short));
        let names = self.listed(either("Filter", "F"));
        let parameters = self.listed(either("DecodeParms", "DP"));
        if names.len() > FILTERS_MAX {
            return Err(Unscannable::TooDeep);
        }
        let mut filters: Vec<Box<dyn Transform>> = Vec::new();
        for (i, name) in names.iter().enumerate() {
            let Value::Name(name) = name else { continue };
            let limits = &self.limits;
            match &**name {
                b"FlateDecode" | b"Fl" => filters.push(Box::new(Deflated::zlib_cut(limits))),
                b"LZWDecode" | b"LZW" => {
                    let change = parameters.get(i).and_then(|p| p.get("EarlyChange"));
                    let early = change.and_then(Value::integer) != Some(0);
                    let early = if early { Change::Early } else { Change::Late };
                    filters.push(Box::new(Lzw::new(early, limits)));
                }
                b"RunLengthDecode" | b"RL" => filters.push(Box::new(RunLength::new(limits))),
                b"ASCIIHexDecode" | b"AHx" => filters.push(Box::new(AsciiHex::default())),
                b"ASCII85Decode" | b"A85" => filters.push(Box::new(Ascii85::default())),
                b"DCTDecode" | b"DCT" | b"JPXDecode" | b"CCITTFaxDecode" | b"CCF"
                | b"JBIG2Decode" => break,
                b"Crypt" => return Err(Unscannable::Encrypted),
                _ => return Err(Unscannable::Unsupported),
            }
            let is_predicted = matches!(&**name, b"FlateDecode" | b"Fl" | b"LZWDecode" | b"LZW");
            if is_predicted && let Some(predictor) = parameters.get(i).and_then(predictor) {
                filters.push(Box::new(predictor));
            }
        }
        Ok(filters)
    }

    /// A value that may be an array of such values, or refer to one: no more of them than show that there are too many.
    fn listed(&self, value: Option<&Value>) -> Vec<Value> {
        match value.map(|value| self.resolved(value).into_owned()) {
            Some(Value::Array(values)) => {
                let values = values.iter().take(FILTERS_MAX + 1);
                values.map(|v| self.resolved(v).into_owned()).collect()
            }
            Some(value) => vec![value],
            None => Vec::new(),
        }
    }

    /// All that a stream unpacks to, as far as there is room for it.
    fn unpacked(&self, dictionary: &Value, from: usize, to: usize) -> Option<Bytes> {
        let is_again = !self.unpacked_from.borrow_mut().insert(from);
        if is_again && self.allowance.is_spent() {
            return None;
        }
        let bytes = self.bytes.slice(from..to.max(from));
        let filters = self.filters(dictionary).ok()?;
        if is_again {
            self.allowance.spend(bytes.len());
        }
        if filters.is_empty() {
            return Some(bytes);
        }
        let mut source = HeldThrough::new(bytes, filters);
        let mut out = BytesMut::new();
        while out.len() < UNPACKED_MAX {
            let (_, decoded) = source.run(&[], &mut out);
            if decoded != crate::coding::decoder::Decoded::More {
                break;
            }
        }
        if is_again {
            // It is read as well.
            self.allowance.spend(2 * out.len());
        }
        out.truncate(UNPACKED_MAX);
        Some(out.freeze())
    }
}

/// The number in `12 0 ` before a keyword.
fn number_before(bytes: &[u8], keyword: usize) -> Option<u32> {
    let before = bytes.get(keyword.saturating_sub(24)..keyword)?;
    let back =
        |text: &[u8], fits: fn(&u8) -> bool| text.iter().rev().take_while(|b| fits(b)).count();
    let text = before.get(..before.len() - back(before, u8::is_ascii_whitespace))?;
    let generation = back(text, u8::is_ascii_digit);
    let text = text.get(..text.len() - generation)?;
    let blanks = back(text, u8::is_ascii_whitespace);
    let text = text.get(..text.len() - blanks)?;
    let digits = back(text, u8::is_ascii_digit);
    if generation == 0 || blanks == 0 || digits == 0 {
        return None;
    }
    let digits = text.get(text.len() - digits..)?;
    // Of a number that is too large the last digits count.
    let digit = |sum: u32, b: &u8| sum.wrapping_mul(10).wrapping_add(u32::from(b - b'0'));
    Some(digits.iter().fold(0, digit))
}

/// What is undone behind the decompressor, by its parameters.
fn predictor(parameters: &Value) -> Option<Predictor> {
    let number = |key, default| {
        let value = parameters.get(key).and_then(Value::integer);
        value.and_then(|value| usize::try_from(value).ok()).unwrap_or(default)
    };
    let (kind, bits) = (number("Predictor", 1), number("BitsPerComponent", 8));
    Predictor::new(kind, number("Colors", 1), bits, number("Columns", 1))
}
