//! Containers for tests, of formats for which no encoder is at hand: each written by the plainest way
//! that its format has.

pub(crate) mod disk;
pub(crate) mod dmg;
pub(crate) mod early;
pub(crate) mod egg;
pub(crate) mod fat;
pub(crate) mod foreign;
pub(crate) mod hangul;
pub(crate) mod hfs;
pub(crate) mod lharc;
pub(crate) mod mac_binary;
pub(crate) mod quantum;
pub(crate) mod solid;
pub(crate) mod stored;
pub(crate) mod streams;
pub(crate) mod udf;

use crate::coding::keyed::{Keys, Lagged, Named, Twister};
use crate::fixture::{deflate, zlib};

/// Bits in the order of a packer.
#[derive(Default)]
struct Writer {
    bits: Vec<bool>,
}

impl Writer {
    /// The lowest `count` bits of `value`, the highest first.
    fn high(&mut self, value: usize, count: u32) {
        self.bits.extend((0..count).rev().map(|i| value >> i & 1 == 1));
    }

    /// The same, the lowest first.
    fn low(&mut self, value: usize, count: u32) {
        self.bits.extend((0..count).map(|i| value >> i & 1 == 1));
    }

    fn bytes(&self, weight: fn(usize) -> u8) -> Vec<u8> {
        let byte = |bits: &[bool]| {
            bits.iter().enumerate().map(|(i, bit)| u8::from(*bit) << weight(i)).sum()
        };
        self.bits.chunks(8).map(byte).collect()
    }
}

/// Where `content` goes on as it did `distance` bytes before: how long, if long enough.
fn repeated(content: &[u8], at: usize, distance: usize, len_max: usize) -> Option<usize> {
    let from = at.checked_sub(distance)?;
    let same = content[at..].iter().zip(&content[from..]).take_while(|(a, b)| a == b).count();
    Some(same.min(len_max)).filter(|len| *len >= 4)
}

/// One block of `-lh5-`: codes of nine bits for all symbols, and one distance of 17 to 32.
pub(crate) fn lh5(content: &[u8], distance: usize) -> Vec<u8> {
    let mut symbols = Vec::new();
    let mut at = 0;
    while at < content.len() {
        match repeated(content, at, distance, 256) {
            Some(len) => {
                symbols.push((253 + len, Some(distance - 1 - 16)));
                at += len;
            }
            None => {
                symbols.push((usize::from(content[at]), None));
                at += 1;
            }
        }
    }
    let mut out = Writer::default();
    out.high(symbols.len(), 16);
    // All lengths are 9, which is symbol 11 of the code of lengths, and its only one.
    out.high(0, 5);
    out.high(11, 5);
    out.high(510, 9);
    // The only distance symbol is the one of four more bits.
    out.high(0, 4);
    out.high(5, 4);
    for (symbol, low) in symbols {
        out.high(symbol, 9);
        if let Some(low) = low {
            out.high(low, 4);
        }
    }
    out.bytes(|i| 7 - i as u8)
}

/// An LHA archive with a header of that level.
pub(crate) fn lzh(level: u8, method: &str, name: &str, packed: &[u8], size: usize) -> Vec<u8> {
    let (packed_bytes, size) = ((packed.len() as u32).to_le_bytes(), (size as u32).to_le_bytes());
    let fixed = [method.as_bytes(), &packed_bytes, &size, &[0; 4], &[0x20, level]].concat();
    let mut out = match level {
        0 => {
            let rest = [&[name.len() as u8], name.as_bytes(), &[0, 0]].concat();
            [&[(fixed.len() + rest.len()) as u8, 0][..], &fixed, &rest].concat()
        }
        1 => {
            let rest = [&[name.len() as u8], name.as_bytes(), &[0, 0, b'U', 0, 0]].concat();
            [&[(fixed.len() + rest.len()) as u8, 0][..], &fixed, &rest].concat()
        }
        _ => {
            let extended = [&[1][..], name.as_bytes(), &[0, 0]].concat();
            let first = (extended.len() as u16 + 2).to_le_bytes();
            let all = (2 + fixed.len() + 5 + extended.len() + 2) as u16;
            let extended = [&[1][..], name.as_bytes(), &[0, 0]].concat();
            let first = [(extended.len() as u8), first[1]];
            let all = (all - 2).to_le_bytes();
            [&all[..], &fixed, &[0, 0, b'U'], &first, &extended].concat()
        }
    };
    if level < 2 {
        out[1] = out[2..].iter().fold(0, |sum, byte| sum.wrapping_add(*byte));
    }
    out.extend_from_slice(packed);
    out.push(0);
    out
}

/// An ARJ archive of one stored member.
pub(crate) fn arj(name: &str, flags: u8, content: &[u8]) -> Vec<u8> {
    let header = |flags: u8, kind: u8, name: &str, content: &[u8]| {
        let len = (content.len() as u32).to_le_bytes();
        let crc = crc32fast::hash(content).to_le_bytes();
        let fixed =
            [&[30, 11, 1, 2, flags, 0, kind, 0][..], &[0; 4], &len, &len, &crc, &[0; 6]].concat();
        let basic = [&fixed[..], name.as_bytes(), &[0, 0]].concat();
        let (len, crc) = ((basic.len() as u16).to_le_bytes(), crc32fast::hash(&basic));
        [b"\x60\xea", &len[..], &basic, &crc.to_le_bytes(), &[0, 0]].concat()
    };
    let first = header(0, 2, "a.arj", b"");
    let member = header(flags, 0, name, content);
    [&first[..], &member, content, b"\x60\xea\0\0"].concat()
}

/// Imploded data: no tree of literals, all codes of six bits, a window of 4 KiB.
pub(crate) fn imploded(content: &[u8], distance: usize) -> Vec<u8> {
    let mut out = Writer::default();
    for _ in 0..2 {
        out.low(3, 8);
        for _ in 0..4 {
            out.low(0xf5, 8);
        }
    }
    // Of a code of equal lengths the codes are the numbers; they are written inverted.
    let code = |out: &mut Writer, value: usize| out.high(!value, 6);
    let mut at = 0;
    while at < content.len() {
        match repeated(content, at, distance, 60) {
            Some(len) => {
                out.low(0, 1);
                out.low((distance - 1) & 63, 6);
                code(&mut out, (distance - 1) >> 6);
                code(&mut out, len - 2);
                at += len;
            }
            None => {
                out.low(1, 1);
                out.low(content[at].into(), 8);
                at += 1;
            }
        }
    }
    out.bytes(|i| i as u8)
}

/// A ZIP archive of one member, packed in any way.
pub(crate) fn zip_of(method: u16, packed: &[u8], content: &[u8]) -> Vec<u8> {
    let crc = crc32fast::hash(content).to_le_bytes();
    let sizes = [(packed.len() as u32).to_le_bytes(), (content.len() as u32).to_le_bytes()];
    let fields =
        [&[10, 0, 0, 0][..], &method.to_le_bytes(), &[0; 4], &crc, sizes.as_flattened(), &[1, 0]];
    let fields = fields.concat();
    let mut out = [b"PK\x03\x04", &fields[..], &[0, 0], b"a", packed].concat();
    let at = (out.len() as u32).to_le_bytes();
    out.extend_from_slice(&[b"PK\x01\x02\x0a\0", &fields[..], &[0; 16], b"a"].concat());
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x2f\0\0\0");
    out.extend_from_slice(&[&at[..], &[0, 0]].concat());
    out
}

/// A file of `compress.exe`, in literals and matches of one distance.
pub(crate) fn szdd(content: &[u8], distance: usize) -> Vec<u8> {
    let mut out = b"SZDD\x88\xf0\x27\x33A\0".to_vec();
    out.extend_from_slice(&(content.len() as u32).to_le_bytes());
    let mut at = 0;
    while at < content.len() {
        let flags_at = out.len();
        out.push(0);
        for i in 0..8 {
            match content.get(at..).filter(|rest| !rest.is_empty()) {
                None => break,
                Some(_) if repeated(content, at, distance, 18).is_some() => {
                    let len = repeated(content, at, distance, 18).unwrap();
                    let place = (at + 4_096 - 16 - distance) % 4_096;
                    out.extend_from_slice(&[
                        place as u8,
                        (place >> 4 & 0xf0) as u8 | (len - 3) as u8,
                    ]);
                    at += len;
                }
                Some(rest) => {
                    out[flags_at] |= 1 << i;
                    out.push(rest[0]);
                    at += 1;
                }
            }
        }
    }
    out
}

/// `winmail.dat` with one attachment.
pub(crate) fn tnef(content: &[u8]) -> Vec<u8> {
    let mut out = b"\x78\x9f\x3e\x22\x01\0".to_vec();
    for (level, name, data) in [
        (1, 0x0008_9006u32, &[0, 0, 1, 0][..]),
        (2, 0x0006_800f, content),
        (2, 0x0001_8010, b"a\0"),
    ] {
        out.push(level);
        out.extend_from_slice(&name.to_le_bytes());
        out.extend_from_slice(&(data.len() as u32).to_le_bytes());
        out.extend_from_slice(data);
        out.extend_from_slice(&[0, 0]);
    }
    out
}

/// A Macintosh file in BinHex 4; runs of blanks are packed.
pub(crate) fn binhex(name: &str, content: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
    let len = (content.len() as u32).to_be_bytes();
    let mut file = [&[name.len() as u8], name.as_bytes(), b"\0TEXTttxt\0\0"].concat();
    file.extend_from_slice(&[&len[..], &[0; 4], &[0, 0], content, &[0; 4]].concat());
    let mut packed = Vec::new();
    for run in file.chunk_by(|a, b| a == b) {
        match (run[0], run.len()) {
            (0x90, n) => (0..n).for_each(|_| packed.extend_from_slice(&[0x90, 0])),
            (byte, n @ 4..256) => packed.extend_from_slice(&[byte, 0x90, n as u8]),
            (byte, n) => packed.extend(std::iter::repeat_n(byte, n)),
        }
    }
    let mut bits = Writer::default();
    packed.iter().for_each(|byte| bits.high((*byte).into(), 8));
    let digits = bits.bits.chunks(6).map(|six| {
        let value =
            six.iter().enumerate().map(|(i, bit)| usize::from(*bit) << (5 - i)).sum::<usize>();
        DIGITS[value]
    });
    let mut out = b"(This file must be converted with BinHex 4.0)\r\n\r\n:".to_vec();
    for (i, digit) in digits.enumerate() {
        if i % 64 == 63 {
            out.extend_from_slice(b"\r\n");
        }
        out.push(digit);
    }
    out.extend_from_slice(b":\r\n");
    out
}

/// A program for Windows with one section.
pub(crate) fn program(section: &[u8]) -> Vec<u8> {
    sections(&[(section.len() as u32, section)], 0x1000)
}

/// The same with several, each at 4 KiB more in memory, entered at `entry`.
fn sections(sections: &[(u32, &[u8])], entry: u32) -> Vec<u8> {
    let mut out = b"MZ".to_vec();
    out.resize(60, 0);
    out.extend_from_slice(&64u32.to_le_bytes());
    out.extend_from_slice(b"PE\0\0\x4c\x01");
    out.extend_from_slice(&(sections.len() as u16).to_le_bytes());
    out.extend_from_slice(&[0; 12]);
    out.extend_from_slice(&[0xe0, 0, 2, 1, 0x0b, 1]);
    out.resize(64 + 24 + 16, 0);
    out.extend_from_slice(&entry.to_le_bytes());
    out.resize(64 + 24 + 28, 0);
    out.extend_from_slice(&0x0040_0000u32.to_le_bytes());
    out.resize(64 + 24 + 0xe0, 0);
    let mut at = 512;
    for (i, (memory, bytes)) in sections.iter().enumerate() {
        let numbers = [*memory, 0x1000 * (i as u32 + 1), bytes.len() as u32, at];
        out.extend_from_slice(b".section");
        numbers.iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
        out.extend_from_slice(&[0; 16]);
        at += (bytes.len() as u32).next_multiple_of(512);
    }
    for (_, bytes) in sections {
        out.resize(out.len().next_multiple_of(512), 0);
        out.extend_from_slice(bytes);
    }
    out
}

/// A program that UPX packed by its method NRV2B, with its header or without.
pub(crate) fn upx(header: bool, content: &[u8]) -> Vec<u8> {
    // Bytes only, and the mark of the end: words of bits stand before the bytes that they need.
    let (mut words, mut bytes_at): (Vec<bool>, Vec<(usize, u8)>) = (Vec::new(), Vec::new());
    for byte in content {
        words.push(true);
        bytes_at.push((words.len(), *byte));
    }
    words.push(false);
    let value = 0x0100_0002u32;
    for i in (0..24).rev() {
        words.extend([value >> i & 1 == 1, i == 0]);
    }
    bytes_at.push((words.len(), 0xff));
    words.resize(words.len().next_multiple_of(32), false);
    let mut packed = Vec::new();
    let mut bytes = bytes_at.into_iter().peekable();
    for (i, word) in words.chunks(32).enumerate() {
        while let Some((_, byte)) = bytes.next_if(|(at, _)| *at <= 32 * i) {
            packed.push(byte);
        }
        let word = word.iter().fold(0u32, |word, bit| word << 1 | u32::from(*bit));
        packed.extend_from_slice(&word.to_le_bytes());
    }
    packed.extend(bytes.map(|(_, byte)| byte));
    let mut section = vec![0; 64];
    if header {
        section[..4].copy_from_slice(b"UPX!");
        section[6] = 2;
    }
    let stub = section.len() as u32;
    section.extend_from_slice(b"\x60\xbe");
    section.extend_from_slice(&(0x0040_2000 + stub + 16).to_le_bytes());
    section.resize(stub as usize + 16, 0x90);
    section.extend_from_slice(&packed);
    sections(&[(0x1000, b""), (section.len() as u32, &section)], 0x2000 + stub)
}

/// What an installer of NSIS has behind its program: a block that is packed, one that is not.
pub(crate) fn nsis(first: &[u8], second: &[u8]) -> Vec<u8> {
    let packed = deflate(first);
    let blocks = [
        &(packed.len() as u32 | 1 << 31).to_le_bytes()[..],
        &packed,
        &(second.len() as u32).to_le_bytes(),
        second,
        b"crc!",
    ]
    .concat();
    let lens = [(first.len() as u32).to_le_bytes(), (blocks.len() as u32 + 28).to_le_bytes()];
    [&[0; 4][..], b"\xef\xbe\xad\xdeNullsoftInst", lens.as_flattened(), &blocks].concat()
}

/// A compiled script of AutoIt with one file, packed or not.
pub(crate) fn autoit(version: u8, is_packed: bool, content: &[u8]) -> Vec<u8> {
    let cover = |keys: &mut dyn Keys, bytes: &[u8]| -> Vec<u8> {
        bytes.iter().map(|byte| keys.uncover(*byte)).collect()
    };
    let keys = |seed: u32| -> Box<dyn Keys> {
        if version == 5 { Box::new(Twister::new(seed)) } else { Box::new(Lagged::new(seed)) }
    };
    let (magic, names, size, data) = if version == 5 {
        (0xceb0_6dffu32, [(0x29bcu32, 0xa25e), (0x29ac, 0xf25e)], 0x45aau32, 0x22af + 16 * 7)
    } else {
        (0x52ca_436b, [(0xadbc, 0xb33f), (0xf820, 0xf479)], 0x87bc, 0x2477)
    };
    let mut packed = content.to_vec();
    if is_packed {
        let mut bits = Writer::default();
        for byte in content {
            bits.high(usize::from(version == 6), 1);
            bits.high((*byte).into(), 8);
        }
        let size = (content.len() as u32).to_be_bytes();
        packed = [b"EA0", &[b'0' + version][..], &size, &bits.bytes(|i| 7 - i as u8)].concat();
        packed.resize(packed.len().next_multiple_of(2), 0);
    }
    let mut out =
        b"\xa3\x48\x4b\xbe\x98\x6c\x4a\xa9\x99\x4c\x53\x0a\x86\xd6\x48\x7dAU3!EA0".to_vec();
    out.push(b'0' + version);
    out.extend_from_slice(&[7; 16]);
    out.extend_from_slice(&magic.to_le_bytes());
    for (mask, seed) in names {
        let name: &[u8] = if version == 5 { b"ab" } else { b"a\0b\0" };
        out.extend_from_slice(&(2 ^ mask).to_le_bytes());
        out.extend_from_slice(&cover(&mut *keys(2 + seed), name));
    }
    out.push(u8::from(is_packed));
    out.extend_from_slice(&(packed.len() as u32 ^ size).to_le_bytes());
    out.extend_from_slice(&(content.len() as u32 ^ size).to_le_bytes());
    out.extend_from_slice(&[0; 20]);
    out.extend_from_slice(&cover(&mut *keys(data), &packed));
    out.extend_from_slice(b"AU3!EA05");
    out
}

/// Files behind an installer of packages by InstallShield.
pub(crate) fn packages(name: &str, content: &[u8]) -> Vec<u8> {
    // What is covered twice by the same keys, its halves swapped in between, is as it was.
    let (mut keys, packed) = (Named::new(name.as_bytes().to_vec()), zlib(content));
    let key = |keys: &mut Named| keys.uncover(0);
    let covered: Vec<u8> =
        packed.iter().map(|byte| (byte ^ key(&mut keys)).rotate_left(4)).collect();
    let mut out = b"InstallShield\0\x01\0\0\0".to_vec();
    out.resize(14 + 32, 0);
    out.extend_from_slice(name.as_bytes());
    out.resize(14 + 32 + 260, 0);
    out.extend_from_slice(&[6, 0, 0, 0, 0, 0, 0, 0]);
    out.extend_from_slice(&(covered.len() as u64).to_le_bytes());
    out.extend_from_slice(&[0; 36]);
    out.extend_from_slice(&covered);
    out
}

/// Files behind an installer of cabinets.
pub(crate) fn disks(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in [("a.ini", &b"x"[..]), ("b.dat", content)] {
        let head = format!("{name}\0Disk1\\{name}\01.0.0.0\0{}\0", content.len());
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(content);
    }
    out
}

/// A cabinet of InstallShield with two files, the first of two blocks.
pub(crate) fn install_shield(content: &[u8]) -> Vec<u8> {
    let mut out = b"ISc(\0\x95\0\x01\0\0\0\0\0\x02\0\0\0\0\0\0".to_vec();
    out.resize(512, 0);
    let first = vec![b'x'; (32 << 10) + 100];
    for block in first.chunks(32 << 10).chain([content]) {
        let packed = deflate(block);
        out.extend_from_slice(&(packed.len() as u16).to_le_bytes());
        out.extend_from_slice(&packed);
    }
    out
}

/// An image of ISO 9660 with a file in a folder.
pub(crate) fn iso(content: &[u8]) -> Vec<u8> {
    iso_of(content, &[(21, content.len())])
}

/// The same with the file in sections, each with its sector and length.
pub(crate) fn iso_of(content: &[u8], sections: &[(u32, usize)]) -> Vec<u8> {
    let record = |sector: u32, len: usize, flags: u8, name: &[u8]| {
        let mut out = vec![0; 33];
        out[2..6].copy_from_slice(&sector.to_le_bytes());
        out[10..14].copy_from_slice(&(len as u32).to_le_bytes());
        out[25] = flags;
        out[32] = name.len() as u8;
        out.extend_from_slice(name);
        out.resize(out.len().next_multiple_of(2), 0);
        out[0] = out.len() as u8;
        out
    };
    let pad = |out: &mut Vec<u8>| out.resize(out.len().next_multiple_of(2_048), 0);
    let mut out = vec![0; 16 * 2_048];
    out.extend_from_slice(b"\x01CD001\x01");
    out.resize(16 * 2_048 + 156, 0);
    out.extend_from_slice(&record(18, 2_048, 2, b"\0"));
    pad(&mut out);
    out.extend_from_slice(b"\xffCD001\x01");
    pad(&mut out);
    out.extend_from_slice(&record(18, 2_048, 2, b"\0"));
    out.extend_from_slice(&record(18, 2_048, 2, b"\x01"));
    out.extend_from_slice(&record(19, 2_048, 2, b"F"));
    pad(&mut out);
    out.extend_from_slice(&record(19, 2_048, 2, b"\0"));
    for (i, (sector, len)) in sections.iter().enumerate() {
        let flags = if i + 1 < sections.len() { 0x80 } else { 0 };
        out.extend_from_slice(&record(*sector, *len, flags, b"A.TXT;1"));
    }
    pad(&mut out);
    out.resize(21 * 2_048, 0);
    out.extend_from_slice(content);
    pad(&mut out);
    out
}

/// A RAR archive in its older form, of one member.
pub(crate) fn rar4(method: u8, flags: u16, content: &[u8]) -> Vec<u8> {
    let len = (content.len() as u32).to_le_bytes();
    let crc = crc32fast::hash(content).to_le_bytes();
    let flags = (flags | 0x8000).to_le_bytes();
    let head =
        [&[0, 0, 0x74][..], &flags, &[33, 0], &len, &len, &[2], &crc, &[0; 4], &[29, method]];
    let head = [&head.concat()[..], &[1, 0], &[0; 4], b"a"].concat();
    [b"Rar!\x1a\x07\0", &[0, 0, 0x73, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0][..], &head, content].concat()
}

/// The same in its newer form.
pub(crate) fn rar5(packing: &[u8], content: &[u8]) -> Vec<u8> {
    let block = |body: &[u8]| {
        let sized = [&[body.len() as u8], body].concat();
        [&crc32fast::hash(&sized).to_le_bytes()[..], &sized].concat()
    };
    assert!(content.len() < 128);
    let len = content.len() as u8;
    let crc = crc32fast::hash(content).to_le_bytes();
    let file = [&[2, 2, len, 4, len, 0][..], &crc, packing, &[1, 1, b'a']].concat();
    let (main, file, end) = (block(&[1, 0, 0]), block(&file), block(&[5, 0, 0]));
    [b"Rar!\x1a\x07\x01\0", &main[..], &file, content, &end].concat()
}

/// A cabinet with one file, packed by LZX in a block of bytes as they are.
pub(crate) fn cab_lzx(content: &[u8]) -> Vec<u8> {
    let mut bits = Writer::default();
    bits.high(0, 1);
    bits.high(3, 3);
    bits.high(content.len() >> 8, 16);
    bits.high(content.len() & 255, 8);
    bits.high(0, 4);
    let head = bits.bytes(|i| 7 - i as u8);
    let mut packed: Vec<u8> = head.chunks(2).flat_map(|pair| [pair[1], pair[0]]).collect();
    packed.extend_from_slice(&[1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
    packed.extend_from_slice(content);
    packed.resize(packed.len().next_multiple_of(2), 0);
    let size = content.len() as u32;
    let data =
        [&[0; 4][..], &(packed.len() as u16).to_le_bytes(), &(size as u16).to_le_bytes(), &packed]
            .concat();
    let file =
        [&size.to_le_bytes()[..], &[0; 4], &[0, 0], &[0; 4], &[0x20, 0], b"a.txt\0"].concat();
    let at = 36 + 8 + file.len() as u32;
    let all = (at + data.len() as u32).to_le_bytes();
    let head = [b"MSCF\0\0\0\0", &all[..], &[0; 4], &44u32.to_le_bytes(), &[0; 4]].concat();
    let head = [&head[..], &[3, 1, 1, 0, 1, 0], &[0; 6]].concat();
    [&head[..], &at.to_le_bytes(), &[1, 0, 3, 15], &file, &data].concat()
}

/// A universal program of those for some kinds of processors, by offsets of 32 or 64 bits.
pub(crate) fn universal(width: usize, programs: &[(u32, &[u8])]) -> Vec<u8> {
    let place = |number: usize| number.to_be_bytes()[8 - width..].to_vec();
    let (magic, rest) = if width == 4 { (0xbe, 4) } else { (0xbf, 8) };
    let mut out = vec![0xca, 0xfe, 0xba, magic, 0, 0, 0, programs.len() as u8];
    let mut at = 256;
    for (processor, program) in programs {
        out.extend(processor.to_be_bytes());
        out.extend([&[0; 4][..], &place(at), &place(program.len()), &vec![0; rest]].concat());
        at += program.len().next_multiple_of(64);
    }
    out.resize(256, 0);
    for (_, program) in programs {
        out.extend_from_slice(program);
        out.resize(out.len().next_multiple_of(64), 0);
    }
    out
}

/// Notes of OneNote with a file in them.
pub(crate) fn notes(content: &[u8]) -> Vec<u8> {
    let mut out = b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3".to_vec();
    out.resize(1_024, 0);
    out.extend_from_slice(b"\xe7\x16\xe3\xbd\x65\x26\x11\x45\xa4\xc4\x8d\x4d\x0b\x7a\x9e\xac");
    out.extend_from_slice(&(content.len() as u64).to_le_bytes());
    out.extend_from_slice(&[0; 12]);
    out.extend_from_slice(content);
    out.extend_from_slice(&[0; 40]);
    out
}

/// A package of Symbian with one file.
pub(crate) fn sis(content: &[u8]) -> Vec<u8> {
    let packed = zlib(content);
    let mut out = vec![0, 0, 0, 1, 0x12, 0x3a, 0, 0x10, 0x19, 4, 0, 0x10];
    out.resize(100, 0);
    (out[18], out[20], out[52]) = (1, 1, 70);
    let at = 70 + 28 + 20;
    let mut record = vec![0; 28 + 20];
    record[12] = 2;
    record[16] = at;
    record[28..32].copy_from_slice(&(packed.len() as u32).to_le_bytes());
    record[32] = at + 2;
    out.truncate(70);
    out.extend_from_slice(&record);
    out.extend_from_slice(b"a\0");
    out.extend_from_slice(&packed);
    out
}
