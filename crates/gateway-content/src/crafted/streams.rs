//! Compressed files by the plainest encoders that use all of their formats.

use std::collections::HashMap;

use super::repeated;
use crate::coding::xxh32::Xxh32;
use crate::fixture::zlib;
use crate::packed;

/// A file of `compress` with codes of up to `width_max` bits; with `clears` the table begins anew once it is full.
pub(crate) fn compressed(content: &[u8], width_max: u32, clears: Clears) -> Vec<u8> {
    let first = if clears == Clears::Yes { 257 } else { 256 };
    let mut out = vec![0x1f, 0x9d, width_max as u8 | if clears == Clears::Yes { 0x80 } else { 0 }];
    // Codes of one width, which come in groups of eight.
    let mut group: Vec<usize> = Vec::new();
    let (mut width, mut codes) = (9, HashMap::new());
    let flush = |group: &mut Vec<usize>, width: u32, out: &mut Vec<u8>, is_last: bool| {
        let bits = group.iter().flat_map(|code| (0..width).map(move |i| code >> i & 1 == 1));
        let mut bits: Vec<bool> = bits.collect();
        if !is_last {
            bits.resize(bits.len().next_multiple_of(8 * width as usize), false);
        }
        let byte = |bits: &[bool]| bits.iter().rev().fold(0, |sum, bit| sum << 1 | u8::from(*bit));
        out.extend(bits.chunks(8).map(byte));
        group.clear();
    };
    let mut next = first;
    let mut at: Option<usize> = None;
    for byte in content {
        let Some(code) = at else {
            at = Some((*byte).into());
            continue;
        };
        if let Some(longer) = codes.get(&(code, *byte)) {
            at = Some(*longer);
            continue;
        }
        group.push(code);
        at = Some((*byte).into());
        if next < 1 << width_max {
            codes.insert((code, *byte), next);
            next += 1;
            // The reader has one entry less.
            if next > 1 << width && width < width_max {
                flush(&mut group, width, &mut out, false);
                width += 1;
            }
        } else if clears == Clears::Yes {
            group.push(256);
            flush(&mut group, width, &mut out, false);
            (width, next) = (9, first);
            codes.clear();
        }
    }
    group.extend(at);
    flush(&mut group, width, &mut out, true);
    out
}

/// Whether the table is cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clears {
    No,
    Yes,
}

/// One block of LZ4: what is the same `distance` bytes before is a match.
fn block(content: &[u8], from: usize, to: usize, distance: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut at, mut literals) = (from, from);
    let more = |out: &mut Vec<u8>, left: usize| {
        out.extend(std::iter::repeat_n(255, left / 255));
        out.push((left % 255) as u8);
    };
    loop {
        let len = repeated(&content[..to], at, distance, usize::MAX);
        if len.is_none() && at < to {
            at += 1;
            continue;
        }
        let count = at - literals;
        out.push((count.min(15) << 4 | len.map_or(0, |len| (len - 4).min(15))) as u8);
        if count >= 15 {
            more(&mut out, count - 15);
        }
        out.extend_from_slice(&content[literals..at]);
        let Some(len) = len else { return out };
        out.extend_from_slice(&(distance as u16).to_le_bytes());
        if len >= 19 {
            more(&mut out, len - 19);
        }
        at += len;
        literals = at;
    }
}

/// A frame of LZ4 with the size and the sum of its content, in blocks of `size` bytes, each with a sum of its own;
/// every third block is stored.
pub(crate) fn lz4(content: &[u8], size: usize, distance: usize) -> Vec<u8> {
    let mut header = vec![0x5c, 0x40];
    header.extend_from_slice(&(content.len() as u64).to_le_bytes());
    let mut out = [&[0x04, 0x22, 0x4d, 0x18][..], &header, &[(sum(&header) >> 8) as u8]].concat();
    for (i, from) in (0..content.len()).step_by(size).enumerate() {
        let to = content.len().min(from + size);
        let (data, flag) = match i % 3 {
            2 => (content[from..to].to_vec(), 1 << 31),
            _ => (block(content, from, to, distance), 0),
        };
        out.extend_from_slice(&(data.len() as u32 | flag).to_le_bytes());
        out.extend_from_slice(&data);
        out.extend_from_slice(&sum(&data).to_le_bytes());
    }
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&sum(content).to_le_bytes());
    out
}

/// The form before frames.
pub(crate) fn lz4_legacy(content: &[u8], distance: usize) -> Vec<u8> {
    let data = block(content, 0, content.len(), distance);
    [&[0x02, 0x21, 0x4c, 0x18][..], &(data.len() as u32).to_le_bytes(), &data].concat()
}

fn sum(bytes: &[u8]) -> u32 {
    let mut sum = Xxh32::new();
    sum.update(bytes);
    sum.finish()
}

/// A member of lzip with the content of [`packed`].
pub(crate) fn lzip() -> Vec<u8> {
    let lzma = packed::bytes(packed::LZMA);
    let content = packed::content();
    let mut out = [b"LZIP\x01\x17", &lzma[13..]].concat();
    let member = out.len() as u64 + 20;
    out.extend_from_slice(&crc32fast::hash(&content).to_le_bytes());
    out.extend_from_slice(&(content.len() as u64).to_le_bytes());
    out.extend_from_slice(&member.to_le_bytes());
    out
}

/// A movie of Flash, and the same packed by zlib.
pub(crate) fn swf(content: &[u8]) -> [Vec<u8>; 2] {
    let header = movie_header(content.len());
    [[b"F", &header[..], content].concat(), [b"C", &header[..], &zlib(content)].concat()]
}

/// The same with the content of [`packed`], packed by LZMA.
pub(crate) fn swf_lzma() -> [Vec<u8>; 2] {
    let (lzma, content) = (packed::bytes(packed::LZMA), packed::content());
    let (header, length) = (movie_header(content.len()), lzma.len() as u32 - 13);
    let packed = [b"Z", &header[..], &length.to_le_bytes(), &lzma[..5], &lzma[13..]].concat();
    [[b"F", &header[..], &content].concat(), packed]
}

/// What is behind the first letter: version 13, and the length.
fn movie_header(content_bytes: usize) -> Vec<u8> {
    [b"WS\x0d", &(content_bytes as u32 + 8).to_le_bytes()[..]].concat()
}
