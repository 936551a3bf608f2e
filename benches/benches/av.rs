//! Malware signatures over generated bodies: EICAR alone, and a generated database of 10,000 body
//! and 100,000 digest signatures.

use std::fmt::Write;

use criterion::{BenchmarkId, Criterion, Throughput};
use gateway_av::{Av, DatabaseBuilder};
use gateway_benches::{CpuTime, Dice, bodies, criterion};
use gateway_inspect::{Chain, Findings, Limits, Part, PartKind, Wanted};

const BODY_BYTES: usize = 1 << 20;

fn scan(av: &Av, body: &[u8], chunk: usize) -> usize {
    let part = Part::root(PartKind::Unknown, Some(body.len() as u64));
    let mut chain = Chain::open(&av.examiners(), &part, &Wanted::all(), &Limits::default());
    let mut found = Findings::new(1_000);
    for bytes in body.chunks(chunk) {
        chain.push(bytes, &mut found);
    }
    assert_eq!(chain.finish(&mut found).unscannable, None);
    found.as_slice().len()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Bodies of 16 to 64 bytes, a third of them with a gap or a wildcard; digests of each kind, most
/// of them for a size that the bodies do not have.
fn database(bodies: usize, digests: usize) -> Av {
    let mut dice = Dice::new(11);
    let mut lines = String::new();
    for number in 0..bodies {
        let (head, tail) = (8 + dice.below(24), 8 + dice.below(24));
        let (head, tail) = (hex(&dice.bytes(head)), hex(&dice.bytes(tail)));
        let gap = dice.pick(&["", "", "", "", "??", "*", "{2-8}"]);
        let _ = writeln!(lines, "Bench.Body-{number}:0:*:{head}{gap}{tail}");
    }
    let mut builder = DatabaseBuilder::default();
    builder.add_file("bench.ndb", lines.as_bytes()).expect("valid bodies");
    lines.clear();
    for number in 0..digests {
        let digest = *dice.pick(&[16, 16, 20, 32]);
        let size = if dice.below(4) == 0 { BODY_BYTES } else { 1 + dice.below(BODY_BYTES) };
        let _ = writeln!(lines, "{}:{size}:Bench.Digest-{number}", hex(&dice.bytes(digest)));
    }
    builder.add_file("bench.hsb", lines.as_bytes()).expect("valid digests");
    builder.build()
}

fn scans(criterion: &mut Criterion<CpuTime>) {
    let bodies = bodies(BODY_BYTES);
    let sets = [
        ("av EICAR alone", DatabaseBuilder::default().build()),
        ("av 10,000 bodies", database(10_000, 0)),
        ("av 10,000 bodies and 100,000 digests", database(10_000, 100_000)),
    ];
    for (name, av) in sets {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(BODY_BYTES as u64));
        for body in &bodies {
            for chunk in [1_400, 16 << 10] {
                group.bench_function(BenchmarkId::new(body.name, chunk), |bencher| {
                    bencher.iter(|| scan(&av, &body.bytes, chunk));
                });
            }
        }
        group.finish();
    }
}

fn main() {
    let mut criterion = criterion().configure_from_args();
    scans(&mut criterion);
    criterion.final_summary();
}
