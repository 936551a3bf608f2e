//! Bodies that unpack to far more than they are: they stop with a reason, and little memory was
//! used. A process of its own, as it is measured as a whole.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![expect(clippy::disallowed_methods, reason = "the system tells how much memory was used")]

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use gateway_content::{BodyInfo, Budget, Limits, PartEvent, Step, Unpacker};
use gateway_inspect::{Examiner, Unscannable, Wanted};

mod quine;

/// Peak growth that is allowed, in bytes.
const GROWTH_MAX: u64 = 4 << 20;

/// A gzip file of `mib` MiB: `fill` tells one byte in each 256, the others are zeros.
fn gzip(mib: usize, mut fill: impl FnMut(usize) -> u8) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let mut block = vec![0; 256];
    for i in 0..mib << 12 {
        block[0] = fill(i);
        encoder.write_all(&block).unwrap();
    }
    encoder.finish().unwrap()
}

fn gzip_of(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn bzip2(mib: usize) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    let block = vec![0; 1 << 20];
    (0..mib).for_each(|_| encoder.write_all(&block).unwrap());
    encoder.finish().unwrap()
}

/// A gzip file of that many MiB of zeros, which are packed once: the same block again and again.
fn zeros(mib: usize) -> Vec<u8> {
    let block = zero_block();
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    // An empty block ends it; the sum is wrong, and nobody comes that far.
    [&head[..], &block.repeat(mib), &[3, 0], &[0; 8]].concat()
}

/// A MiB of zeros, deflated so that it may stand anywhere in a stream.
fn zero_block() -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![0; 1 << 20]).unwrap();
    encoder.flush().unwrap();
    encoder.get_ref().clone()
}

/// A ZIP archive of members that are deflated already, with their sizes and sums.
fn archive(members: &[(String, Vec<u8>, u32, u32)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, packed, size, crc) in members {
        let numbers = [*crc, packed.len() as u32, *size].map(u32::to_le_bytes).concat();
        let name_bytes = (name.len() as u16).to_le_bytes();
        let fields =
            [&[20, 0, 0, 0, 8, 0, 0, 0, 0, 0][..], &numbers, &name_bytes, &[0, 0]].concat();
        let at = (out.len() as u32).to_le_bytes();
        out.extend_from_slice(&[b"PK\x03\x04", &fields[..], name.as_bytes(), packed].concat());
        let entry = [b"PK\x01\x02\x14\0", &fields[..], &[0; 10], &at, name.as_bytes()].concat();
        directory.extend_from_slice(&entry);
    }
    let at = (out.len() as u32).to_le_bytes();
    let (count, bytes) = ((members.len() as u16).to_le_bytes(), directory.len() as u32);
    out.extend_from_slice(&directory);
    let end = [b"PK\x05\x06\0\0\0\0", &count[..], &count, &bytes.to_le_bytes(), &at, &[0, 0]];
    out.extend_from_slice(&end.concat());
    out
}

fn deflate(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// An archive of `width` archives, of as many each, and so on; at the end are `mib` MiB of zeros.
fn nest(levels: usize, width: usize, mib: usize) -> Vec<u8> {
    let packed = [zero_block().repeat(mib), vec![3, 0]].concat();
    let member = |i: usize, packed: &[u8], size: usize, crc: u32| {
        (i.to_string(), packed.to_vec(), size as u32, crc)
    };
    let mut crc = crc32fast::Hasher::new();
    (0..mib).for_each(|_| crc.update(&vec![0; 1 << 20]));
    let crc = crc.finalize();
    let leaves: Vec<_> = (0..width).map(|i| member(i, &packed, mib << 20, crc)).collect();
    (1..levels).fold(archive(&leaves), |inner, _| {
        let (packed, crc) = (deflate(&inner), crc32fast::hash(&inner));
        let all: Vec<_> = (0..width).map(|i| member(i, &packed, inner.len(), crc)).collect();
        archive(&all)
    })
}

/// An archive of one stored member that its directory lists `count` times.
fn overlapping(count: u16) -> Vec<u8> {
    let content: Vec<u8> = (0..200_000u32).map(|i| (i.wrapping_mul(i) >> 7) as u8).collect();
    let (crc, size) =
        (crc32fast::hash(&content).to_le_bytes(), (content.len() as u32).to_le_bytes());
    let fields = [&[20, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &crc, &size, &size, &[1, 0, 0, 0]].concat();
    let mut out = [b"PK\x03\x04", &fields[..], b"a", &content].concat();
    let at = out.len() as u32;
    for _ in 0..count {
        out.extend_from_slice(&[b"PK\x01\x02\x14\0", &fields[..], &[0; 14], b"a"].concat());
    }
    let bytes = (out.len() as u32 - at).to_le_bytes();
    let count = count.to_le_bytes();
    out.extend_from_slice(
        &[b"PK\x05\x06\0\0\0\0", &count[..], &count, &bytes, &at.to_le_bytes(), &[0, 0]].concat(),
    );
    out
}

/// 10 GiB of zeros as a zstd stream: blocks of 128 KiB that are one byte again and again.
fn zstd_zeros() -> Vec<u8> {
    // No size, no sum, a window of 128 KiB.
    let head = [0x28, 0xb5, 0x2f, 0xfd, 0, 0x38];
    let block = ((128u32 << 10) << 3 | 1 << 1).to_le_bytes();
    let [block @ .., _] = block;
    [&head[..], &[&block[..], &[0]].concat().repeat(80 << 10), &[1, 0, 0]].concat()
}

/// 10 GiB of zeros as an xz stream: a block of a MiB again and again. Its index is missing, and nobody
/// comes that far.
fn xz_zeros() -> Vec<u8> {
    const HEAD: &str = "fd377a585a000000ff12d941";
    const BLOCK: &str = "0200210110000000a8708e86efffff00d95d00006ffdffffa3b7ff473e4815723961\
        51b89228e6a38607f9eee41e82d32fc53a3c014bb17ec98a8a4d2fa30dd97fa6e38c231153e05918c5758ae2\
        77f8b6947f0c6ac0de744964e2e95c53b204d8f7440cab5f0d6d46e9e5c37688b79657acb64de1691d6ffb4b\
        88106c42cb883f5c008fd04eaf262894711f3d8f24e1709ea7235fec28cb85d195988a7e2a91f22775f719c0\
        06984d98fdd8afd5900fc42553f8f591363105a5b0ee6fc1704d470cd19111aaad601dbaceb127185c5986e9\
        665258bee976ac59e4e55b0508f9c7daadfcfb522af7e495250000000000";
    let bytes = |hex: &str| -> Vec<u8> {
        let digit = |digit: &u8| (*digit as char).to_digit(16).unwrap() as u8;
        let pairs = hex.as_bytes().chunks(2);
        pairs.map(|pair| digit(&pair[0]) << 4 | digit(&pair[1])).collect()
    };
    [bytes(HEAD), bytes(BLOCK).repeat(10 << 10)].concat()
}

/// A Windows program that starts with `code`, in a section that it may write to, behind an empty one.
fn program(code: &[u8]) -> Vec<u8> {
    let mut file = b"MZ".to_vec();
    file.resize(0x200, 0);
    let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    put(64, b"PE\0\0\x4c\x01\x02\0");
    let optional = [(60, 64), (84, 0xe0), (88, 0x010b), (104, 0x3000), (116, 0x40_0000)];
    let sizes = [(120, 0x1000), (124, 0x200), (144, 0x4000), (148, 0x200)];
    // Bytes in memory, where there, bytes in the file, where there, flags.
    let empty = [(320, 0x2000), (324, 0x1000), (348, 0xe000_0080)];
    let full = [(360, 0x1000), (364, 0x3000), (368, 0x200), (372, 0x200), (388, 0xe000_0020)];
    for (at, value) in optional.iter().chain(&sizes).chain(&empty).chain(&full) {
        put(*at, &u32::to_le_bytes(*value));
    }
    file.extend_from_slice(code);
    file.resize(0x400, 0);
    file
}

/// `head`, and so many MiB of zeros behind it, which are there once.
fn padded(head: Vec<u8>, mib: usize) -> Vec<Bytes> {
    let zeros = std::iter::repeat_n(Bytes::from_static(&[0; 64 << 10]), mib << 4);
    [Bytes::from(head)].into_iter().chain(zeros).collect()
}

fn unpack(body: Vec<Bytes>) -> (Vec<Unscannable>, u64) {
    let examiners: Arc<[Arc<dyn Examiner>]> = Arc::new([]);
    let inspect = gateway_inspect::Limits::default();
    let (info, limits) = (BodyInfo::default(), Limits::default());
    let mut unpacker = Unpacker::new(examiners, Wanted::all(), &info, &limits, &inspect);
    let mut reasons = Vec::new();
    let mut pieces = body.into_iter();
    loop {
        let step = unpacker.step(Budget::default());
        reasons.extend(unpacker.parts().filter_map(|event| match event {
            PartEvent::Ended(end) => end.outcome.unscannable,
            _ => None,
        }));
        match step {
            Step::Done => return (reasons, unpacker.scanned_bytes()),
            Step::NeedInput => match pieces.next() {
                Some(piece) => unpacker.push(piece),
                None => unpacker.end(),
            },
            Step::Again | Step::Full => {}
        }
    }
}

/// The most memory that the process had since it was reset, and what it has now, in bytes.
fn memory() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
    };
    (field("VmHWM"), field("VmRSS"))
}

/// CPU time of this thread so far, in nanoseconds.
fn cpu_ns() -> u64 {
    // The system counts it when the thread is taken off.
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse().unwrap()
}

/// CPU time that a MB of a bomb may take; smaller ones may take as much.
const CPU_MS_MAX: u64 = 50;

#[test]
fn bombs_stop_with_a_reason_and_take_little_memory() {
    use Unscannable::{Contradiction, RatioExceeded, TooDeep, WorkExceeded};
    let mut state = 1u32;
    let mut noise = |i: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8 ^ i as u8
    };
    let thousand = gzip(64, |_| 0);
    let deep = (0..3).fold(thousand.clone(), |inner, _| gzip_of(&inner));
    // As deep as an archive that holds itself is for whoever follows it.
    let endless = (0..100).fold(b"the innermost".to_vec(), |inner, _| gzip_of(&inner));
    // It goes to where it is.
    let endless_program = program(&[0xeb, 0xfe]);
    let cases = [
        ("less than 200 to 1", gzip(8, &mut noise), None),
        ("1,000 to 1", thousand.clone(), Some(RatioExceeded)),
        ("100,000 to 1", gzip_of(&thousand), Some(RatioExceeded)),
        ("nested", deep, Some(RatioExceeded)),
        ("a hundred levels", endless, Some(TooDeep)),
        ("16 to the power of 5 archives of 64 MiB of zeros", nest(6, 16, 64), Some(RatioExceeded)),
        ("10,000 members of a MiB of zeros", nest(1, 9_990, 1), Some(RatioExceeded)),
        ("10 GiB of zeros", zeros(10 << 10), Some(RatioExceeded)),
        ("1,000,000 to 1, in blocks of 900 kB", bzip2(256), Some(RatioExceeded)),
        ("10 GiB of zeros, in blocks of 900 kB", bzip2(256).repeat(40), Some(RatioExceeded)),
        ("10 GiB of zeros by zstd", zstd_zeros(), Some(RatioExceeded)),
        ("10 GiB of zeros by xz", xz_zeros(), Some(RatioExceeded)),
        ("overlapping", overlapping(5_000), Some(Contradiction)),
        ("itself", quine::quine(), Some(TooDeep)),
        ("a program that never ends", endless_program.clone(), Some(WorkExceeded)),
    ];
    let cases = cases.map(|(name, body, reason)| (name, vec![Bytes::from(body)], reason));
    let long = ("a program of 120 MiB", padded(endless_program, 120), Some(WorkExceeded));
    // What is held by the allocator from here on it holds.
    let _ = unpack(vec![Bytes::from(gzip(8, |_| 0))]);
    for (name, body, reason) in cases.into_iter().chain([long]) {
        let bytes: usize = body.iter().map(Bytes::len).sum();
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        let (_, before) = memory();
        let start = cpu_ns();
        let (reasons, scanned) = unpack(body);
        let cpu_us = (cpu_ns() - start) / 1_000;
        let (peak, _) = memory();
        let growth = peak.saturating_sub(before);
        println!("{name}: {bytes} bytes, {scanned} shown, {growth} bytes of memory, {cpu_us} us");
        assert_eq!(reasons.iter().find(|found| Some(**found) == reason).copied(), reason, "{name}");
        assert!(reason.is_some() || reasons.is_empty(), "{name}: {reasons:?}");
        // A block of bzip2 alone takes 3.6 MB.
        let most = if name.contains("900 kB") { 2 * GROWTH_MAX } else { GROWTH_MAX };
        assert!(growth < most, "{name}: {growth}");
        let most = bytes as u64 + (24 << 20);
        assert!(reason.is_none() || scanned < most, "{name}: {scanned}");
        let allowed = 1_000 * CPU_MS_MAX * (bytes as u64).div_ceil(1 << 20);
        assert!(reason.is_none() || cpu_us <= allowed, "{name}: {cpu_us} us, {allowed} allowed");
    }
}
