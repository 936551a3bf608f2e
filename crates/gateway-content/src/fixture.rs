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
