//! Archives for tests, right ones and crafted ones.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// A gzip stream whose header has every optional field.
pub(crate) fn gzip_named(name: &str, content: &[u8]) -> Vec<u8> {
    let plain = gzip(content);
    let mut bytes = vec![0x1f, 0x8b, 8, 0b1_1110, 0, 0, 0, 0, 0, 255];
    bytes.extend_from_slice(&[3, 0, 1, 2, 3]);
    bytes.extend_from_slice(name.as_bytes());
    bytes.extend_from_slice(b"\0comment\0\x12\x34");
    bytes.extend_from_slice(&plain[10..]);
    bytes
}

pub(crate) fn zlib(content: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn brotli(content: &[u8]) -> Vec<u8> {
    let (mut packed, params) = (Vec::new(), brotli::enc::BrotliEncoderParams::default());
    brotli::BrotliCompress(&mut &content[..], &mut packed, &params).unwrap();
    packed
}

pub(crate) fn zstd(content: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(zstd_safe::compress_bound(content.len()));
    zstd_safe::compress(&mut packed, content, 3).unwrap();
    packed
}

pub(crate) fn deflate(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// How one member is written.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) content: Vec<u8>,
    pub(crate) deflated: bool,
    pub(crate) descriptor: Descriptor,
    /// Sizes in the ZIP64 extra field.
    pub(crate) wide: bool,
    /// Set over what is right, in the local header.
    pub(crate) local_flags: u16,
    pub(crate) local_method: Option<u16>,
    pub(crate) local_sizes: Option<(u32, u32)>,
    pub(crate) local_crc: Option<u32>,
    /// The same in the central one.
    pub(crate) central_flags: u16,
    pub(crate) central_method: Option<u16>,
    pub(crate) central_size: Option<u32>,
    pub(crate) central_name: Option<String>,
    pub(crate) central_offset: Option<u32>,
    pub(crate) listed: usize,
}

/// What follows the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Descriptor {
    None,
    Signed,
    Bare,
    Wide,
    /// Announced, and not there.
    Missing,
}

pub(crate) fn stored(name: &str, content: &[u8]) -> Entry {
    Entry {
        name: name.into(),
        content: content.to_vec(),
        deflated: false,
        descriptor: Descriptor::None,
        wide: false,
        local_flags: 0,
        local_method: None,
        local_sizes: None,
        local_crc: None,
        central_flags: 0,
        central_method: None,
        central_size: None,
        central_name: None,
        central_offset: None,
        listed: 1,
    }
}

pub(crate) fn deflated(name: &str, content: &[u8]) -> Entry {
    Entry { deflated: true, ..stored(name, content) }
}

/// Writes archives; what is crafted beyond members stands in the fields.
#[derive(Clone, Default)]
pub(crate) struct Zip {
    pub(crate) members: Vec<Entry>,
    /// Before the first member.
    pub(crate) prefix: Vec<u8>,
    /// Between members and directory.
    pub(crate) gap: Vec<u8>,
    /// Whether offsets count from the end of the prefix.
    pub(crate) relative: bool,
    pub(crate) wide_end: bool,
    pub(crate) end_shift: i64,
    pub(crate) comment: Vec<u8>,
}

pub(crate) fn zip(members: &[Entry]) -> Vec<u8> {
    Zip { members: members.to_vec(), ..Zip::default() }.write()
}

impl Zip {
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = self.prefix.clone();
        let origin = if self.relative { out.len() } else { 0 };
        let mut directory = Vec::new();
        let mut listed = 0;
        for entry in &self.members {
            let offset = (out.len() - origin) as u32;
            let packed = entry.write_local(&mut out);
            for _ in 0..entry.listed {
                entry.write_central(&mut directory, packed, offset);
                listed += 1;
            }
        }
        out.extend_from_slice(&self.gap);
        let offset = ((out.len() - origin) as i64 + self.end_shift) as u64;
        out.extend_from_slice(&directory);
        let bytes = directory.len() as u64;
        if self.wide_end {
            let at = out.len() as u64;
            put(&mut out, &[b"PK\x06\x06", &44u64.to_le_bytes(), &[45, 0, 45, 0], &[0; 8]]);
            for value in [listed, listed, bytes, offset] {
                out.extend_from_slice(&value.to_le_bytes());
            }
            put(&mut out, &[b"PK\x06\x07", &[0; 4], &at.to_le_bytes(), &[1, 0, 0, 0]]);
            put(&mut out, &[b"PK\x05\x06", &[0; 4], &[0xff; 12]]);
        } else {
            let n = (listed as u16).to_le_bytes();
            put(&mut out, &[b"PK\x05\x06", &[0; 4], &n, &n]);
            put(&mut out, &[&(bytes as u32).to_le_bytes(), &(offset as u32).to_le_bytes()]);
        }
        put(&mut out, &[&(self.comment.len() as u16).to_le_bytes(), &self.comment]);
        out
    }
}

impl Entry {
    fn packed(&self) -> Vec<u8> {
        if self.deflated { deflate(&self.content) } else { self.content.clone() }
    }

    fn method(&self) -> u16 {
        if self.deflated { 8 } else { 0 }
    }

    fn flags(&self) -> u16 {
        if self.descriptor == Descriptor::None { 0 } else { 1 << 3 }
    }

    /// Writes header and data; the packed size.
    fn write_local(&self, out: &mut Vec<u8>) -> u32 {
        let packed = self.packed();
        let late = self.descriptor != Descriptor::None;
        let (mut crc, mut sizes) =
            (crc32fast::hash(&self.content), (packed.len() as u32, self.content.len() as u32));
        if late {
            (crc, sizes) = (0, (0, 0));
        }
        let crc = self.local_crc.unwrap_or(crc);
        let sizes = self.local_sizes.unwrap_or(sizes);
        let extra = if self.wide {
            [
                &[1, 0, 16, 0][..],
                &u64::from(sizes.1).to_le_bytes(),
                &u64::from(sizes.0).to_le_bytes(),
            ]
            .concat()
        } else {
            Vec::new()
        };
        let sizes = if self.wide { (u32::MAX, u32::MAX) } else { sizes };
        put(out, &[b"PK\x03\x04\x14\0"]);
        put(out, &[&(self.flags() | self.local_flags).to_le_bytes()]);
        put(out, &[&self.local_method.unwrap_or_else(|| self.method()).to_le_bytes(), &[0; 4]]);
        put(out, &[&crc.to_le_bytes(), &sizes.0.to_le_bytes(), &sizes.1.to_le_bytes()]);
        put(out, &[&(self.name.len() as u16).to_le_bytes(), &(extra.len() as u16).to_le_bytes()]);
        put(out, &[self.name.as_bytes(), &extra, &packed]);
        let crc = crc32fast::hash(&self.content).to_le_bytes();
        let (a, b) = (packed.len() as u32, self.content.len() as u32);
        match self.descriptor {
            Descriptor::None | Descriptor::Missing => {}
            Descriptor::Signed => {
                put(out, &[b"PK\x07\x08", &crc, &a.to_le_bytes(), &b.to_le_bytes()]);
            }
            Descriptor::Bare => put(out, &[&crc, &a.to_le_bytes(), &b.to_le_bytes()]),
            Descriptor::Wide => {
                put(out, &[b"PK\x07\x08", &crc]);
                put(out, &[&u64::from(a).to_le_bytes(), &u64::from(b).to_le_bytes()]);
            }
        }
        a
    }

    fn write_central(&self, out: &mut Vec<u8>, packed: u32, offset: u32) {
        let name = self.central_name.as_ref().unwrap_or(&self.name);
        let crc = crc32fast::hash(&self.content);
        let size = self.central_size.unwrap_or(self.content.len() as u32);
        put(out, &[b"PK\x01\x02\x14\0\x14\0"]);
        put(out, &[&(self.flags() | self.central_flags).to_le_bytes()]);
        put(out, &[&self.central_method.unwrap_or_else(|| self.method()).to_le_bytes(), &[0; 4]]);
        put(out, &[&crc.to_le_bytes(), &packed.to_le_bytes(), &size.to_le_bytes()]);
        put(out, &[&(name.len() as u16).to_le_bytes(), &[0; 12]]);
        put(out, &[&self.central_offset.unwrap_or(offset).to_le_bytes(), name.as_bytes()]);
    }
}

fn put(out: &mut Vec<u8>, pieces: &[&[u8]]) {
    pieces.iter().for_each(|piece| out.extend_from_slice(piece));
}

/// One header of a tar archive with the data behind it; `magic` is that of its flavour.
pub(crate) fn tar_entry(name: &str, kind: u8, magic: &[u8], content: &[u8]) -> Vec<u8> {
    let mut head = vec![0; 512];
    let mut set = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
    set(0, name.as_bytes());
    set(100, b"0000644\0");
    set(124, format!("{:011o}\0", content.len()).as_bytes());
    set(136, b"00000000000\0");
    set(148, b"        ");
    set(156, &[kind]);
    set(257, magic);
    let sum: u32 = head.iter().map(|b| u32::from(*b)).sum();
    head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    head.extend_from_slice(content);
    head.resize(head.len().next_multiple_of(512), 0);
    head
}

pub(crate) fn tar(name: &str, content: &[u8]) -> Vec<u8> {
    [tar_entry(name, b'0', b"ustar\x0000", content), vec![0; 1024]].concat()
}

/// A cpio archive in the form that begins with `magic`.
pub(crate) fn cpio(magic: &[u8], name: &str, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in [(name, content), ("TRAILER!!!", &b""[..])] {
        let (n, size) = (name.len() + 1, content.len());
        let step = match magic {
            b"070701" | b"070702" => {
                let fields = [1, 0o100_644, 0, 0, 1, 0, size, 0, 0, 0, 0, n, 0];
                out.extend_from_slice(magic);
                fields.iter().for_each(|f| out.extend_from_slice(format!("{f:08x}").as_bytes()));
                4
            }
            b"070707" => {
                out.extend_from_slice(magic);
                out.extend_from_slice(format!("{:053o}{n:06o}{size:011o}", 0).as_bytes());
                1
            }
            _ => {
                let words = [0, 0, 0, 0, 0, 0, 0, 0, 0, n as u16, (size >> 16) as u16, size as u16];
                out.extend_from_slice(magic);
                for word in words {
                    let little = magic[0] == 0xc7;
                    out.extend_from_slice(&if little {
                        word.to_le_bytes()
                    } else {
                        word.to_be_bytes()
                    });
                }
                2
            }
        };
        out.extend_from_slice(name.as_bytes());
        out.push(0);
        out.resize(out.len().next_multiple_of(step), 0);
        out.extend_from_slice(content);
        out.resize(out.len().next_multiple_of(step), 0);
    }
    out
}

pub(crate) fn bzip2(content: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// An xz file whose only block has stored chunks.
pub(crate) fn xz_stored(content: &[u8]) -> Vec<u8> {
    let crc = |bytes: &[u8]| crc32fast::hash(bytes).to_le_bytes();
    let mut out = b"\xfd7zXZ\0\x00\x01".to_vec();
    out.extend_from_slice(&crc(&[0, 1]));
    let block = [2, 0, 0x21, 1, 0x16, 0, 0, 0];
    out.extend_from_slice(&block);
    out.extend_from_slice(&crc(&block));
    let start = out.len();
    for (i, chunk) in content.chunks(1 << 16).enumerate() {
        put(
            &mut out,
            &[&[if i == 0 { 1 } else { 2 }], &((chunk.len() - 1) as u16).to_be_bytes(), chunk],
        );
    }
    out.push(0);
    let unpadded = out.len() - start + block.len() + 4 + 4;
    out.resize(start + (out.len() - start).next_multiple_of(4), 0);
    out.extend_from_slice(&crc(content));
    let mut index = vec![0, 1];
    for mut number in [unpadded, content.len()] {
        while number >= 0x80 {
            index.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        index.push(number as u8);
    }
    index.resize(index.len().next_multiple_of(4), 0);
    out.extend_from_slice(&index);
    out.extend_from_slice(&crc(&index));
    let footer = [&((index.len() as u32 + 4) / 4 - 1).to_le_bytes()[..], &[0, 1]].concat();
    put(&mut out, &[&crc(&footer), &footer, b"YZ"]);
    out
}

pub(crate) fn base64(content: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    for group in content.chunks(3) {
        let byte = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * i) & 63) as usize];
            out.push(if i > group.len() { b'=' } else { digit });
        }
    }
    out
}

pub(crate) fn hex(content: &[u8]) -> Vec<u8> {
    content.iter().flat_map(|b| format!("{b:02x}").into_bytes()).collect()
}

/// Every byte as `%XX`, or as another escape that begins with `mark`.
pub(crate) fn escaped(mark: &str, content: &[u8]) -> Vec<u8> {
    content.iter().flat_map(|b| format!("{mark}{b:02X}").into_bytes()).collect()
}

pub(crate) fn uuencoded(name: &str, content: &[u8]) -> Vec<u8> {
    let mut out = format!("begin 644 {name}\n").into_bytes();
    for line in content.chunks(45) {
        out.push(b' ' + line.len() as u8);
        for group in line.chunks(3) {
            let byte = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
            let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
            for i in 0..4 {
                let value = (bits >> (18 - 6 * i) & 63) as u8;
                out.push(if value == 0 { b'`' } else { b' ' + value });
            }
        }
        out.push(b'\n');
    }
    out.extend_from_slice(b"`\nend\n");
    out
}

/// A form with a file in it.
pub(crate) fn form(boundary: &str, file: &str, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let line = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"f\"; filename=\"{file}\"\r\n"
    );
    put(&mut out, &[line.as_bytes(), b"Content-Type: application/octet-stream\r\n\r\n", content]);
    put(&mut out, &[format!("\r\n--{boundary}--\r\n").as_bytes()]);
    out
}

/// A mail with an attachment in base64.
pub(crate) fn mail(boundary: &str, file: &str, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, &[b"From: a@example.com\r\nSubject: s\r\nMIME-Version: 1.0\r\n"]);
    let line = format!("Content-Type: multipart/mixed;\r\n boundary=\"{boundary}\"\r\n\r\n");
    put(&mut out, &[line.as_bytes(), b"preamble\r\n"]);
    put(&mut out, &[format!("--{boundary}\r\n\r\nhello\r\n--{boundary}\r\n").as_bytes()]);
    let disposition = format!("Content-Disposition: attachment; filename={file}\r\n");
    put(&mut out, &[disposition.as_bytes(), b"Content-Transfer-Encoding: base64\r\n\r\n"]);
    for line in base64(content).chunks(76) {
        put(&mut out, &[line, b"\r\n"]);
    }
    put(&mut out, &[format!("--{boundary}--\r\n").as_bytes()]);
    out
}

/// A JSON document with `content`, which is text, as a string in which some characters are escaped.
pub(crate) fn json(content: &[u8]) -> Vec<u8> {
    let mut out = b"{\"note\":\"".to_vec();
    for (i, byte) in content.iter().enumerate() {
        match byte {
            b'"' | b'\\' | b'/' => put(&mut out, &[&[b'\\', *byte]]),
            b'\n' => put(&mut out, &[b"\\n"]),
            b'\r' => put(&mut out, &[b"\\r"]),
            byte if i % 5 == 0 || *byte < b' ' => {
                put(&mut out, &[format!("\\u{byte:04x}").as_bytes()]);
            }
            byte => out.push(*byte),
        }
    }
    put(&mut out, &[b"\"}"]);
    out
}

/// A text document of Office Open XML with `content` in two runs.
pub(crate) fn docx(content: &str) -> Vec<u8> {
    let (a, b) = content.split_at(content.len() / 2);
    let runs = format!(
        "<w:p><w:r><w:t>{a}</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>{b}</w:t></w:r></w:p>"
    );
    let xml = format!("<?xml version=\"1.0\"?><w:document><w:body>{runs}</w:body></w:document>");
    let types = b"<?xml version=\"1.0\"?><Types/>";
    zip(&[deflated("[Content_Types].xml", types), deflated("word/document.xml", xml.as_bytes())])
}

/// A Compound File with one stream.
pub(crate) fn cfb(name: &str, content: &[u8]) -> Vec<u8> {
    let padded = content.len().max(4_096).next_multiple_of(512);
    let sectors = padded / 512;
    let mut head = vec![0; 512];
    let mut set = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
    set(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    set(24, &[0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0]);
    set(44, &1u32.to_le_bytes());
    set(48, &1u32.to_le_bytes());
    set(56, &4_096u32.to_le_bytes());
    set(60, &0xffff_fffe_u32.to_le_bytes());
    set(68, &0xffff_fffe_u32.to_le_bytes());
    set(76, &[0xff; 436]);
    set(76, &0u32.to_le_bytes());
    // Sector 0 is the table, 1 the directory, the others the stream.
    let mut table = vec![0xffff_fffd_u32, 0xffff_fffe];
    table.extend((0..sectors as u32).map(|i| i + 3));
    *table.last_mut().unwrap() = 0xffff_fffe;
    table.resize(128, 0xffff_ffff);
    assert!(sectors + 2 <= 128);
    table.iter().for_each(|entry| head.extend_from_slice(&entry.to_le_bytes()));
    for (name, kind, child, start, size) in [
        ("Root Entry", 5u8, 1u32, 0xffff_fffe_u32, 0),
        (name, 2, u32::MAX, 2, content.len().max(4_096)),
    ] {
        let mut entry = vec![0; 128];
        let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry[..units.len()].copy_from_slice(&units);
        entry[64..66].copy_from_slice(&(units.len() as u16 + 2).to_le_bytes());
        entry[66] = kind;
        entry[68..76].copy_from_slice(&[0xff; 8]);
        entry[76..80].copy_from_slice(&child.to_le_bytes());
        entry[116..120].copy_from_slice(&start.to_le_bytes());
        entry[120..124].copy_from_slice(&(size as u32).to_le_bytes());
        head.extend_from_slice(&entry);
    }
    head.resize(512 * 3, 0);
    head.extend_from_slice(content);
    head.resize(512 * 3 + padded, 0);
    head
}

/// Text in UTF-16 with a byte order mark.
pub(crate) fn utf16(content: &[u8], big: bool) -> Vec<u8> {
    let text = std::str::from_utf8(content).unwrap();
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
}

/// A PDF file with a page that shows `content` in two strings, in a compressed stream.
pub(crate) fn pdf(content: &[u8]) -> Vec<u8> {
    let shown = |text: &[u8]| -> Vec<u8> {
        text.iter()
            .flat_map(|b| if b"()\\".contains(b) { vec![b'\\', *b] } else { vec![*b] })
            .collect()
    };
    let (a, b) = content.split_at(content.len() / 2);
    let page =
        [&b"BT /F1 12 Tf 10 20 Td [("[..], &shown(a), b") -20 (", &shown(b), b")] TJ ET"].concat();
    let mut out = b"%PDF-1.4\n".to_vec();
    put(&mut out, &[b"1 0 obj\n<< /Type /Page /Contents 2 0 R /Resources << /Font << /F1 3 0 R >> >> >>\nendobj\n"]);
    let packed = zlib(&page);
    put(
        &mut out,
        &[format!("2 0 obj\n<< /Length {} /Filter /FlateDecode >>\nstream\n", packed.len())
            .as_bytes()],
    );
    put(
        &mut out,
        &[
            &packed,
            b"\nendstream\nendobj\n3 0 obj\n<< /Type /Font /Subtype /Type1 >>\nendobj\n%%EOF\n",
        ],
    );
    out
}

/// A PDF file with an attached file.
pub(crate) fn pdf_with(content: &[u8]) -> Vec<u8> {
    let packed = zlib(content);
    let mut out = pdf(b"see the attached file");
    put(&mut out, &[format!("7 0 obj\n<< /Type /EmbeddedFile /Length {} /Filter [/ASCIIHexDecode /FlateDecode] >>\nstream\n", 2 * packed.len() + 1).as_bytes()]);
    put(&mut out, &[&hex(&packed), b">\nendstream\nendobj\n"]);
    out
}

/// `content` as LZWDecode takes it, as plain as can be: each byte is a code of its own, and the table
/// begins anew in time. Codes become longer so many entries before they have to.
pub(crate) fn lzw(content: &[u8], early: usize) -> Vec<u8> {
    let mut bits = Vec::new();
    let mut put = |code: usize, entries: usize| {
        let next = 258 + entries + early;
        let width = (usize::BITS - next.leading_zeros()).clamp(9, 12);
        bits.extend((0..width).rev().map(|i| code >> i & 1 == 1));
    };
    let mut before = 0;
    for stretch in content.chunks(3_800) {
        put(256, before);
        for (i, byte) in stretch.iter().enumerate() {
            // The first code behind a clear adds no entry, and the others one each, when read.
            put(usize::from(*byte), i.saturating_sub(1));
        }
        before = stretch.len() - 1;
    }
    put(257, before);
    let byte =
        |bits: &[bool]| bits.iter().enumerate().map(|(i, bit)| u8::from(*bit) << (7 - i)).sum();
    bits.chunks(8).map(byte).collect()
}

/// `content` as RunLengthDecode takes it: a run for each byte and what repeats it.
pub(crate) fn run_lengths(content: &[u8]) -> Vec<u8> {
    let runs = content.chunk_by(|a, b| a == b).flat_map(|run| run.chunks(128));
    let packed = runs.flat_map(|run| match run.len() as u8 {
        1 => [0, run[0]],
        n => [n.wrapping_neg().wrapping_add(1), run[0]],
    });
    packed.chain([128]).collect()
}

/// A PDF file with a stream that is packed by these filters.
pub(crate) fn pdf_packed(filters: &str, packed: &[u8]) -> Vec<u8> {
    let mut out = pdf(b"see the other stream");
    let head = format!("9 0 obj\n<< /Length {} {filters} >>\nstream\n", packed.len());
    put(&mut out, &[head.as_bytes(), packed, b"\nendstream\nendobj\n"]);
    out
}
