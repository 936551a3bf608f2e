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

fn unpack(body: Bytes) -> (Vec<Unscannable>, u64) {
    let examiners: Arc<[Arc<dyn Examiner>]> = Arc::new([]);
    let inspect = gateway_inspect::Limits::default();
    let (info, limits) = (BodyInfo::default(), Limits::default());
    let mut unpacker = Unpacker::new(examiners, Wanted::all(), &info, &limits, &inspect);
    unpacker.push(body);
    unpacker.end();
    let mut reasons = Vec::new();
    loop {
        let step = unpacker.step(Budget::default());
        reasons.extend(unpacker.parts().filter_map(|event| match event {
            PartEvent::Ended(end) => end.outcome.unscannable,
            _ => None,
        }));
        if step == Step::Done {
            return (reasons, unpacker.scanned_bytes());
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
    use Unscannable::{Contradiction, RatioExceeded, TooDeep};
    let mut state = 1u32;
    let mut noise = |i: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8 ^ i as u8
    };
    let thousand = gzip(64, |_| 0);
    let deep = (0..3).fold(thousand.clone(), |inner, _| gzip_of(&inner));
    // As deep as an archive that holds itself is for whoever follows it.
    let endless = (0..100).fold(b"the innermost".to_vec(), |inner, _| gzip_of(&inner));
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
        ("overlapping", overlapping(5_000), Some(Contradiction)),
    ];
    // What is held by the allocator from here on it holds.
    let _ = unpack(Bytes::from(gzip(8, |_| 0)));
    for (name, body, reason) in cases {
        let body = Bytes::from(body);
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        let (_, before) = memory();
        let start = cpu_ns();
        let (reasons, scanned) = unpack(body.clone());
        let cpu_us = (cpu_ns() - start) / 1_000;
        let (peak, _) = memory();
        let growth = peak.saturating_sub(before);
        let bytes = body.len();
        println!("{name}: {bytes} bytes, {scanned} shown, {growth} bytes of memory, {cpu_us} us");
        assert_eq!(reasons.iter().find(|found| Some(**found) == reason).copied(), reason, "{name}");
        assert!(reason.is_some() || reasons.is_empty(), "{name}: {reasons:?}");
        // A block of bzip2 alone takes 3.6 MB.
        let most = if name.contains("900 kB") { 2 * GROWTH_MAX } else { GROWTH_MAX };
        assert!(growth < most, "{name}: {growth}");
        assert!(reason.is_none() || scanned < 24 << 20, "{name}: {scanned}");
        let allowed = 1_000 * CPU_MS_MAX * (bytes as u64).div_ceil(1 << 20);
        assert!(reason.is_none() || cpu_us <= allowed, "{name}: {cpu_us} us, {allowed} allowed");
    }
}
