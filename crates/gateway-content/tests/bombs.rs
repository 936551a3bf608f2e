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

#[test]
fn bombs_stop_with_a_reason_and_take_little_memory() {
    use Unscannable::{Contradiction, RatioExceeded};
    let mut state = 1u32;
    let mut noise = |i: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8 ^ i as u8
    };
    let thousand = gzip(64, |_| 0);
    let deep = (0..3).fold(thousand.clone(), |inner, _| gzip_of(&inner));
    let cases = [
        ("less than 200 to 1", gzip(8, &mut noise), None),
        ("1,000 to 1", thousand.clone(), Some(RatioExceeded)),
        ("100,000 to 1", gzip_of(&thousand), Some(RatioExceeded)),
        ("nested", deep, Some(RatioExceeded)),
        ("1,000,000 to 1, in blocks of 900 kB", bzip2(256), Some(RatioExceeded)),
        ("overlapping", overlapping(5_000), Some(Contradiction)),
    ];
    // What is held by the allocator from here on it holds.
    let _ = unpack(Bytes::from(gzip(8, |_| 0)));
    for (name, body, reason) in cases {
        let body = Bytes::from(body);
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        let (_, before) = memory();
        let (reasons, scanned) = unpack(body.clone());
        let (peak, _) = memory();
        let growth = peak.saturating_sub(before);
        println!("{name}: {} bytes, {scanned} shown, {growth} bytes of memory", body.len());
        assert_eq!(reasons.first().copied(), reason, "{name}");
        // A block of bzip2 alone takes 3.6 MB.
        let most = if name.contains("900 kB") { 2 * GROWTH_MAX } else { GROWTH_MAX };
        assert!(growth < most, "{name}: {growth}");
        assert!(reason.is_none() || scanned < 16 << 20, "{name}: {scanned}");
    }
}
