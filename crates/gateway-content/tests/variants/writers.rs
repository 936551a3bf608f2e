//! Writes what several variants need: ZIP archives of which every field can be set, encodings.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

pub(crate) fn deflate(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zlib(content: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn bzip2(content: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// base64 in one line.
pub(crate) fn base64(content: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in content.chunks(3) {
        let byte = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * i) & 63) as usize];
            out.push(if i <= group.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

/// The same in lines of `width`.
pub(crate) fn base64_lines(content: &[u8], width: usize) -> String {
    let text = base64(content);
    let lines: Vec<&str> =
        text.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join("\r\n") + "\r\n"
}

/// What a local or central header says about a member.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) version: u16,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) crc: u32,
    pub(crate) packed: u32,
    pub(crate) unpacked: u32,
    pub(crate) name: Vec<u8>,
    pub(crate) extra: Vec<u8>,
}

/// A member.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) local: Header,
    pub(crate) data: Vec<u8>,
    /// Behind the data.
    pub(crate) descriptor: Vec<u8>,
    /// In the directory, if it is listed.
    pub(crate) central: Option<Header>,
    pub(crate) comment: Vec<u8>,
    /// Added to the offset in the directory.
    pub(crate) shift: u32,
}

impl Entry {
    pub(crate) fn new(name: &str, method: u16, data: Vec<u8>, content: &[u8]) -> Self {
        let header = Header {
            version: 20,
            flags: 0,
            method,
            crc: crc32fast::hash(content),
            packed: data.len() as u32,
            unpacked: content.len() as u32,
            name: name.into(),
            extra: Vec::new(),
        };
        Self {
            local: header.clone(),
            data,
            descriptor: Vec::new(),
            central: Some(header),
            comment: Vec::new(),
            shift: 0,
        }
    }

    pub(crate) fn stored(name: &str, content: &[u8]) -> Self {
        Self::new(name, 0, content.to_vec(), content)
    }

    pub(crate) fn deflated(name: &str, content: &[u8]) -> Self {
        Self::new(name, 8, deflate(content), content)
    }

    /// Lets its sizes stand behind its data, with a signature if there is one.
    pub(crate) fn streamed(mut self, signature: &[u8]) -> Self {
        let Header { crc, packed, unpacked, .. } = self.local;
        self.descriptor =
            [signature, &crc.to_le_bytes(), &packed.to_le_bytes(), &unpacked.to_le_bytes()]
                .concat();
        (self.local.crc, self.local.packed, self.local.unpacked) = (0, 0, 0);
        self.local.flags |= 8;
        if let Some(central) = &mut self.central {
            central.flags |= 8;
        }
        self
    }
}

/// An archive; fields that are set differ from what is right.
#[derive(Clone, Debug, Default)]
pub(crate) struct Zip {
    pub(crate) prefix: Vec<u8>,
    pub(crate) entries: Vec<Entry>,
    /// Between the last member and the directory.
    pub(crate) gap: Vec<u8>,
    /// Whether offsets count from the end of the prefix.
    pub(crate) is_relative: bool,
    pub(crate) count: Option<u16>,
    pub(crate) directory_bytes: Option<u32>,
    pub(crate) directory_at: Option<u32>,
    pub(crate) disk: u16,
    /// Between directory and end record.
    pub(crate) before_end: Vec<u8>,
    pub(crate) comment: Vec<u8>,
    /// What the end record says of its comment's length.
    pub(crate) comment_bytes: Option<u16>,
    pub(crate) suffix: Vec<u8>,
}

impl Zip {
    pub(crate) fn of(entries: &[Entry]) -> Self {
        Self { entries: entries.to_vec(), ..Self::default() }
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = self.prefix.clone();
        let base = if self.is_relative { out.len() as u32 } else { 0 };
        let mut directory = Vec::new();
        let mut count = 0u16;
        for entry in &self.entries {
            let at = out.len() as u32;
            out.extend_from_slice(b"PK\x03\x04");
            put(&mut out, &entry.local);
            out.extend_from_slice(&(entry.local.name.len() as u16).to_le_bytes());
            out.extend_from_slice(&(entry.local.extra.len() as u16).to_le_bytes());
            out.extend_from_slice(&entry.local.name);
            out.extend_from_slice(&entry.local.extra);
            out.extend_from_slice(&entry.data);
            out.extend_from_slice(&entry.descriptor);
            let Some(central) = &entry.central else { continue };
            count = count.wrapping_add(1);
            directory.extend_from_slice(b"PK\x01\x02\x14\0");
            put(&mut directory, central);
            for len in [central.name.len(), central.extra.len(), entry.comment.len()] {
                directory.extend_from_slice(&(len as u16).to_le_bytes());
            }
            directory.extend_from_slice(&[0; 8]);
            let offset = (at - base).wrapping_add(entry.shift);
            directory.extend_from_slice(&offset.to_le_bytes());
            directory.extend_from_slice(&central.name);
            directory.extend_from_slice(&central.extra);
            directory.extend_from_slice(&entry.comment);
        }
        out.extend_from_slice(&self.gap);
        let at = self.directory_at.unwrap_or(out.len() as u32 - base);
        let bytes = self.directory_bytes.unwrap_or(directory.len() as u32);
        out.extend_from_slice(&directory);
        out.extend_from_slice(&self.before_end);
        let count = self.count.unwrap_or(count).to_le_bytes();
        out.extend_from_slice(b"PK\x05\x06");
        out.extend_from_slice(&self.disk.to_le_bytes());
        out.extend_from_slice(&self.disk.to_le_bytes());
        out.extend_from_slice(&[count, count].concat());
        out.extend_from_slice(&bytes.to_le_bytes());
        out.extend_from_slice(&at.to_le_bytes());
        let comment = self.comment_bytes.unwrap_or(self.comment.len() as u16);
        out.extend_from_slice(&comment.to_le_bytes());
        out.extend_from_slice(&self.comment);
        out.extend_from_slice(&self.suffix);
        out
    }
}

/// Writes what both headers share up to the sizes.
fn put(out: &mut Vec<u8>, header: &Header) {
    for number in [header.version, header.flags, header.method, 0, 0x5821] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    for number in [header.crc, header.packed, header.unpacked] {
        out.extend_from_slice(&number.to_le_bytes());
    }
}

/// An archive of the file alone.
pub(crate) fn zip(content: &[u8]) -> Vec<u8> {
    Zip::of(&[Entry::deflated("a.exe", content)]).write()
}
